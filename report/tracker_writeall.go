package report

import (
	"io"

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
	of := func(f func(io.Writer, *results.TrackerRun) error) func(io.Writer) error {
		return func(w io.Writer) error { return f(w, r) }
	}
	return writeDrawn(dir, []drawn{{"summary.md", of(TrackerMarkdown)}, {"report.html", of(TrackerHTML)}}, TrackerPlots(r))
}
