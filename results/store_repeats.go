package results

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// RepeatDir is the folder of the run with that seed, within the folder of its repeats.
func RepeatDir(dir string, seed uint64) string {
	return filepath.Join(dir, fmt.Sprintf("seed-%d", seed))
}

// WriteRepeats keeps every run in a folder of its own within dir, and what they have in common as repeats.json. That one comes
// last: where it is, the runs are.
func WriteRepeats(dir string, runs []*Result) (*Repeats, error) {
	all, err := Aggregate(runs)
	if err != nil {
		return nil, err
	}
	for _, r := range runs {
		if err := Write(RepeatDir(dir, r.Run.Seed), r); err != nil {
			return nil, err
		}
	}
	return all, WriteAggregate(dir, all)
}

// WriteAggregate keeps repeats.json alone, for runs that are in their folders already. An older run's result.json in dir itself goes.
func WriteAggregate(dir string, a *Repeats) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { // results are for everybody
		return fmt.Errorf("make the output folder: %w", err)
	}
	if err := WriteFile(filepath.Join(dir, RepeatsFile), func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(a)
	}); err != nil {
		return err
	}
	return notThe(ResultFile, dir)
}

// ReadRepeats reads repeats.json from its folder or its file.
func ReadRepeats(path string) (*Repeats, error) {
	a := &Repeats{}
	if err := readJSON(path, RepeatsFile, RepeatsSchema, a); err != nil {
		return nil, err
	}
	return a, nil
}
