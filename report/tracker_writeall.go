package report

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"swarmlab/results"
)

// WriteTracker writes a benchmark of trackers and all its reports into dir, each file whole or not at all, result.json first.
func WriteTracker(dir string, r *results.TrackerRun) error {
	if err := results.WriteTracker(dir, r); err != nil {
		return err
	}
	return WriteTrackerReports(dir, r)
}

// WriteTrackerReports draws a benchmark that is kept already.
func WriteTrackerReports(dir string, r *results.TrackerRun) error {
	if err := os.MkdirAll(filepath.Join(dir, PlotsDir), 0o755); err != nil { // results are for everybody
		return fmt.Errorf("make the folder of plots: %w", err)
	}
	write := func(name string, f func(io.Writer, *results.TrackerRun) error) error {
		return results.WriteFile(filepath.Join(dir, name), func(w io.Writer) error { return f(w, r) })
	}
	if err := write("summary.md", TrackerMarkdown); err != nil {
		return err
	}
	for _, p := range TrackerPlots(r) {
		path := filepath.Join(dir, PlotsDir, p.Name)
		if err := results.WriteFile(path+".svg", p.SVG); err != nil {
			return err
		}
		if err := results.WriteFile(path+".png", p.PNG); err != nil {
			return err
		}
	}
	return write("report.html", TrackerHTML)
}
