package sweep

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// FuzzJournal: whatever is in the folder, reading it ends, with whole lines or with an error of ours, and never takes what it did not
// read for read.
func FuzzJournal(f *testing.F) {
	head := []byte(`{"schema":"x"}`)
	for _, seed := range []string{
		"", "{", `{"schema":"x"}`, "{\"schema\":\"x\"}\n", "{\"schema\":\"x\"}\n{\"place\":[0,1],\"seed\":1,\"values\":{\"p2pRatio\":0.5}}\n{\"pla",
		"{\"schema\":\"x\"}\n\n", "{\"schema\":\"x\"}\nnull\n", "{\"schema\":\"y\"}\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lines, end, err := readJournal(bytes.NewReader(data), head)
		if err != nil {
			if !errors.Is(err, ErrInput) {
				t.Errorf("%v", err)
			}
			return
		}
		if end > int64(len(data)) || end > 0 && data[end-1] != '\n' || bytes.Count(data[:end], []byte("\n")) != len(lines)+min(1, int(end)) {
			t.Errorf("%d lines end at %d of %d", len(lines), end, len(data))
		}
	})
}

// TestJournalOfAnotherPlan: a run that the plan does not have is not taken in.
func TestJournalOfAnotherPlan(t *testing.T) {
	dir := t.TempDir()
	if _, err := sweepOnce(t, dir, &world{}, t.Context()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, journalFile)
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(`{"place":[7,7],"seed":1,"values":{}}` + "\n"); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	plan, err := NewPlan(config(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plan.Run(t.Context(), Options{Dir: dir, Evaluate: (&world{}).evaluate}); !errors.Is(err, ErrInput) {
		t.Errorf("%v", err)
	}
}
