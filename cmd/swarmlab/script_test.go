package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write the expected output in the scripts anew")

// wantExit runs a command and wants its exit code, or one of several: exit 2 swarmlab run nothing; exit 0,1 swarmlab tracker embedded.
func wantExit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exit CODE COMMAND [ARG...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if !slices.Contains(strings.Split(args[0], ","), strconv.Itoa(got)) {
		ts.Fatalf("%s: exit code %d, want %s", strings.Join(args[1:], " "), got, args[0])
	}
}

// wantJSON wants a number in a JSON file (or stdout) to be in a range: json stdout p2pRatio 0.4 0.5.
func wantJSON(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: json FILE PATH LOW HIGH")
	}
	var doc any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &doc))
	at := doc
	for _, key := range strings.Split(args[1], ".") {
		object, ok := at.(map[string]any)
		if !ok {
			ts.Fatalf("%s: nothing at %q of %s", args[0], key, args[1])
		}
		at = object[key]
	}
	got, ok := at.(float64)
	if !ok {
		ts.Fatalf("%s: %s is %v, not a number", args[0], args[1], at)
	}
	low, err1 := strconv.ParseFloat(args[2], 64)
	high, err2 := strconv.ParseFloat(args[3], 64)
	ts.Check(errors.Join(err1, err2))
	if got < low || got > high {
		ts.Fatalf("%s", fmt.Sprintf("%s is %v, want %v to %v", args[1], got, low, high))
	}
}
