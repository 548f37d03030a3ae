package scenarios

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"swarmlab/netem"
)

var update = flag.Bool("update", false, "write the goldens and the table in README.md")

// golden compares a text with a stored one.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got, -update writes it):\n%s", file, diff)
	}
}

func TestBadFilesAreExplained(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) < 25 {
		t.Fatalf("only %d bad files: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Parse(filepath.Base(file), text)
			if !errors.Is(err, ErrInvalid) {
				t.Fatalf("want an ErrInvalid, got %v", err)
			}
			var all Errors
			if !errors.As(err, &all) {
				t.Fatalf("want Errors, got %T", err)
			}
			for _, e := range all {
				if e.File() == "" || e.Problem() == "" || strings.Contains(e.Error(), "\n") {
					t.Errorf("not one sentence with a place: %q", e.Error())
				}
			}
			// Whoever adds a link preset to netem should not have to come here.
			message := strings.ReplaceAll(err.Error(), list(netem.LinkPresetNames()), "(link presets)")
			golden(t, strings.TrimSuffix(file, ".yaml")+".golden", message+"\n")
		})
	}
}
