package report

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"swarmlab/results"
)

// PlotsDir is the folder of the pictures within an output folder.
const PlotsDir = "plots"

// WriteAll writes a result and all its reports into dir, each file whole or not at all. result.json comes first: whatever
// happens later, the reports can be drawn again from it.
func WriteAll(dir string, r *results.Result) error {
	if err := results.Write(dir, r); err != nil {
		return err
	}
	return WriteReports(dir, r)
}

// WriteReports draws a result that is kept already.
func WriteReports(dir string, r *results.Result) error {
	of := func(f func(io.Writer, *results.Result) error) func(io.Writer) error {
		return func(w io.Writer) error { return f(w, r) }
	}
	files := []drawn{{"peers.csv", of(PeersCSV)}, {"timeline.csv", of(TimelineCSV)}, {"summary.md", of(Markdown)}, {"report.html", of(HTML)}}
	return writeDrawn(dir, files, Plots(r))
}

// drawn is a file of an output folder, and what makes it.
type drawn struct {
	name  string
	write func(io.Writer) error
}

// writeDrawn writes files into dir, and pictures into its folder of plots as SVG and PNG.
func writeDrawn(dir string, files []drawn, plots []Plot) error {
	if err := os.MkdirAll(filepath.Join(dir, PlotsDir), 0o755); err != nil { // results are for everybody
		return fmt.Errorf("make the folder of plots: %w", err)
	}
	for _, p := range plots {
		files = append(files, drawn{filepath.Join(PlotsDir, p.Name+".svg"), p.SVG}, drawn{filepath.Join(PlotsDir, p.Name+".png"), p.PNG})
	}
	return writeFiles(dir, files)
}

// writeFiles writes files into a folder that is there, each whole or not at all.
func writeFiles(dir string, files []drawn) error {
	for _, f := range files {
		if err := results.WriteFile(filepath.Join(dir, f.name), f.write); err != nil {
			return err
		}
	}
	return nil
}
