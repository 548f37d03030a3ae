package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// asCommand has the test binary be the command, which starts itself again.
const asCommand = "SWARMLAB_CALIBRATE_TEST"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(run())
	}
	os.Exit(m.Run())
}

// TestAlone: the command measures where there is nothing but loopback, which is up, or says that the system would not let it.
func TestAlone(t *testing.T) {
	cmd := exec.Command(os.Args[0], "--cases", "^vod-2$", "--ways", "real", "--repeats", "0")
	cmd.Env = append(os.Environ(), asCommand+"=yes")
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	if refused := strings.Contains(said.String(), "no network of its own"); !refused && !strings.Contains(out.String(), "Networks: lo.\n") {
		t.Errorf("it measured elsewhere:\n%s%s", out.String(), said.String())
	}
}

// TestAloneFails: what goes wrong in there is what went wrong.
func TestAloneFails(t *testing.T) {
	cmd := exec.Command(os.Args[0], "--cases", "(")
	cmd.Env = append(os.Environ(), asCommand+"=yes")
	out, err := cmd.CombinedOutput()
	if err == nil || cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "missing closing )") {
		t.Errorf("%v\n%s", err, out)
	}
}
