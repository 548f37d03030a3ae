package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"swarmlab/report"
	"swarmlab/results"
	"swarmlab/scenarios"
)

// winnersConfiguration is what has to be set in a player so that it does as the winner's viewers do: the scenario's own options that
// differ from the library's, and the winner's. It is empty without a winner.
func winnersConfiguration(t *results.Tuning) (results.Configuration, error) {
	c := results.Configuration{Why: report.TuningWhy(t)}
	if t.Verdict.Winner == nil {
		return c, nil
	}
	var s scenarios.Scenario
	if err := json.Unmarshal(t.Scenario, &s); err != nil {
		return c, fmt.Errorf("read the tuning's scenario: %w", err)
	}
	trial, ok := t.Trial(*t.Verdict.Winner)
	if !ok {
		return c, fmt.Errorf("the tuning has no trial %d", *t.Verdict.Winner)
	}
	var sets []string
	for _, setting := range trial.Settings {
		sets = append(sets, setting.Path+"="+setting.Value)
	}
	if err := s.SetAll(sets); err != nil {
		return c, err
	}
	for _, o := range s.PlayerOptions() {
		c.Options = append(c.Options, results.ConfigOption{Object: o.Object, Name: o.Name, Value: o.Value, Unit: o.Unit, Before: o.Default})
	}
	return c, nil
}

// drawTuning draws a tuning into its folder, and speaks of it.
func drawTuning(s streams, t *results.Tuning, folder string) error {
	c, err := winnersConfiguration(t)
	if err != nil {
		return err
	}
	if err := errors.Join(report.WriteTuning(folder, t, c), report.TuningTerminal(s.err, t, c, s.terminalOptions())); err != nil {
		return err
	}
	fmt.Fprintf(s.err, "\nReport: %s\n", filepath.Join(folder, "report.html"))
	return nil
}

// redrawTuning draws a stored tuning again.
func redrawTuning(s streams, path, out string) error {
	t, err := results.ReadTuning(path)
	if err != nil {
		return usageError{err}
	}
	folder := folderOf(path)
	if out != "" {
		folder = out
		if err := results.WriteTuning(folder, t); err != nil {
			return err
		}
	}
	return drawTuning(s, t, folder)
}

// holds tells whether path is that file of a result, or a folder with it.
func holds(path, name string) bool {
	if filepath.Base(path) == name {
		return true
	}
	_, err := os.Stat(filepath.Join(path, name))
	return err == nil
}
