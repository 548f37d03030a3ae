package results

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// WriteTracker keeps a benchmark of trackers as result.json in dir, which is made if need be. The file appears whole or not at
// all.
func WriteTracker(dir string, r *TrackerRun) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { // results are for everybody
		return fmt.Errorf("make the output folder: %w", err)
	}
	return WriteFile(filepath.Join(dir, ResultFile), func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", " ")
		return enc.Encode(r)
	})
}

// ReadTracker reads a benchmark of trackers from its folder or its file.
func ReadTracker(path string) (*TrackerRun, error) {
	r := &TrackerRun{}
	if err := readJSON(path, ResultFile, TrackerSchema, r); err != nil {
		return nil, err
	}
	for i, t := range r.Targets {
		if t.Name == "" {
			return nil, fmt.Errorf("read %s: target %d has no name", path, i+1)
		}
	}
	return r, nil
}

// IsTracker says whether path is a benchmark of trackers, by its schema alone.
func IsTracker(path string) bool {
	file, err := within(path, ResultFile)
	if err != nil {
		return false
	}
	_, schema, err := readFile(file)
	return err == nil && kindOf(schema) == kindOf(TrackerSchema)
}
