package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"swarmlab/report"
	"swarmlab/results"
)

// write says what was found in every form that was asked for, and to everybody who listens.
func (f *checkFlags) write(s streams, c *results.Checked, plan planned) error {
	if f.json {
		if err := indented(s.out, c); err != nil {
			return err
		}
	}
	fmt.Fprintln(s.err)
	if err := report.CheckTerminal(s.err, c, s.terminalOptions()); err != nil {
		return err
	}
	if err := f.files(c); err != nil {
		return err
	}
	fmt.Fprintf(s.err, "\nRuns: %s\n", f.out)
	switch {
	case f.update:
		if err := updateBaseline(plan.file, c.Now); err != nil {
			return err
		}
		fmt.Fprintf(s.err, "Baseline: %s is written; look at it, and keep it with the code\n", plan.file)
	case plan.baseline == nil:
		fmt.Fprintf(s.err, "There is no baseline %s; --update-baseline writes it.\n", plan.file)
	}
	return github(s, c)
}

// files are written whole or not at all.
func (f *checkFlags) files(c *results.Checked) error {
	type file struct {
		path  string
		write func(io.Writer) error
	}
	files := []file{
		{filepath.Join(f.out, "check.json"), func(w io.Writer) error { return indented(w, c) }},
		{filepath.Join(f.out, "check.md"), func(w io.Writer) error { return report.CheckMarkdown(w, c) }},
	}
	if c.Gate != nil {
		pair, err := results.Compare([]*results.Evidence{c.Gate.Baseline, c.Now})
		if err != nil {
			return err
		}
		files = append(files, file{filepath.Join(f.out, "comparison.html"), func(w io.Writer) error { return report.CompareHTML(w, pair) }})
	}
	if f.junit != "" {
		files = append(files, file{f.junit, func(w io.Writer) error { return report.JUnit(w, c) }})
	}
	if f.bench != "" {
		files = append(files, file{f.bench, func(w io.Writer) error { return report.GoBenchmark(w, c.Now) }})
	}
	if f.actionDir != "" {
		files = append(files,
			file{filepath.Join(f.actionDir, "bigger-is-better.json"), func(w io.Writer) error { return report.ActionBenchmark(w, c.Now, results.Up) }},
			file{filepath.Join(f.actionDir, "smaller-is-better.json"), func(w io.Writer) error { return report.ActionBenchmark(w, c.Now, results.Down) }})
	}
	for _, file := range files {
		if err := os.MkdirAll(filepath.Dir(file.path), 0o755); err != nil { // reports are for everybody
			return err
		}
		if err := results.WriteFile(file.path, file.write); err != nil {
			return err
		}
	}
	return nil
}

func updateBaseline(file string, now *results.Evidence) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { // baselines are for everybody
		return err
	}
	return results.WriteBaseline(file, results.NewBaseline(now))
}

// github speaks to GitHub Actions, if that is where we are.
func github(s streams, c *results.Checked) error {
	if os.Getenv("GITHUB_ACTIONS") != "" {
		if err := report.Annotations(s.err, c); err != nil {
			return err
		}
	}
	path := os.Getenv("GITHUB_STEP_SUMMARY")
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644) // GitHub's own file, which its runner reads
	if err != nil {
		return fmt.Errorf("GITHUB_STEP_SUMMARY: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	// The limit is the step's, and somebody may have written before us.
	var b bytes.Buffer
	err = report.StepSummary(&b, c, int(max(0, report.StepSummaryLimit-info.Size())))
	if err == nil {
		_, err = f.Write(b.Bytes())
	}
	return errors.Join(err, f.Close())
}
