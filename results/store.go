package results

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Names within an output folder.
const (
	ResultFile  = "result.json"
	RepeatsFile = "repeats.json"
)

// Write keeps a result as result.json in dir, which is made if need be. The file appears whole or not at all. A folder is of one run or of
// repeats: an older repeats.json goes, the runs that it was of stay.
func Write(dir string, r *Result) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { // results are for everybody
		return fmt.Errorf("make the output folder: %w", err)
	}
	if err := notThe(RepeatsFile, dir); err != nil { // before, since who reads the folder looks for that first
		return err
	}
	return WriteFile(filepath.Join(dir, ResultFile), r.encode)
}

// notThe removes what would make a folder another than it is now.
func notThe(name, dir string) error {
	if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove an older %s: %w", name, err)
	}
	return nil
}

// WriteFile makes a file that appears whole or not at all, whatever happens in between: it is written beside its place under
// another name, brought to the disk, and only then renamed. If write fails, nothing is left; a kill leaves at worst a hidden
// file named .<name>.tmp-*, which nobody reads.
func WriteFile(path string, write func(io.Writer) error) (err error) {
	dir, name := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	f, err := os.CreateTemp(dir, "."+name+".tmp-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = f.Close() // closed already, or of no interest any more
			_ = os.Remove(f.Name())
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	w := bufio.NewWriterSize(f, 1<<16)
	if err = write(w); err != nil {
		return err
	}
	if err = w.Flush(); err != nil {
		return err
	}
	// CreateTemp makes files for the owner alone; a result is to be read by others.
	if err = f.Chmod(0o644); err != nil {
		return err
	}
	// Without it a crash of the machine could leave the name without the content (man 2 rename, "delayed allocation").
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir brings a rename to the disk. Some file systems cannot, which costs nothing but certainty.
func syncDir(dir string) error {
	d, err := os.Open(dir) // the caller's own folder
	if err != nil {
		return err
	}
	_ = d.Sync()
	return d.Close()
}

// encode writes JSON for machines that people can still read: one line per sample and viewer. Indented throughout, an hour of
// 500 viewers would be mostly spaces.
func (r *Result) encode(w io.Writer) error {
	type head struct {
		Schema     string          `json:"schema"`
		Run        Run             `json:"run"`
		Scenario   json.RawMessage `json:"scenario,omitempty"`
		Summary    Summary         `json:"summary"`
		Invariants []Check         `json:"invariants"`
	}
	top, err := json.MarshalIndent(head{r.Schema, r.Run, r.Scenario, r.Summary, r.Invariants}, "", "  ")
	if err != nil {
		return err
	}
	// The head without its closing brace; lists follow.
	if _, err := w.Write(top[:len(top)-2]); err != nil {
		return err
	}
	histograms, err := json.Marshal(r.Histograms)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, ",\n  \"histograms\": %s", histograms); err != nil {
		return err
	}
	if r.Overlay != nil {
		overlay, err := json.Marshal(r.Overlay)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, ",\n  \"overlay\": %s", overlay); err != nil {
			return err
		}
	}
	if r.Cohorts != nil {
		if err := encodeLines(w, "cohorts", r.Cohorts); err != nil {
			return err
		}
	}
	if err := encodeLines(w, "timeline", r.Timeline); err != nil {
		return err
	}
	if err := encodeLines(w, "peers", r.Peers); err != nil {
		return err
	}
	_, err = io.WriteString(w, "\n}\n")
	return err
}

func encodeLines[T any](w io.Writer, key string, items []T) error {
	if _, err := fmt.Fprintf(w, ",\n  %q: [", key); err != nil {
		return err
	}
	separator := "\n    "
	for _, item := range items {
		line, err := json.Marshal(item)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s%s", separator, line); err != nil {
			return err
		}
		separator = ",\n    "
	}
	_, err := io.WriteString(w, "]")
	return err
}
