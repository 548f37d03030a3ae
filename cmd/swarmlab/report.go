package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"swarmlab/report"
	"swarmlab/results"
)

func newReport(s streams) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "report RESULT",
		Short: "Draw a stored result again",
		Long:  "Draw the report of a stored result again: RESULT is the folder of a run, of repeats, of a sweep or of a tuning, or its file.",
		Args:  oneArg("a result: the folder of a run or of repeats, or a result.json"),
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case holds(args[0], results.SweepFile):
				return drawSweep(s, args[0], out)
			case holds(args[0], results.TuningFile):
				return redrawTuning(s, args[0], out)
			}
			if results.IsTracker(args[0]) {
				return drawTracker(s, args[0], out)
			}
			e, err := results.ReadEvidence(args[0])
			if err != nil {
				return usageError{err}
			}
			// In its own place a result is kept as it is, byte for byte: it may have been written by another version.
			folder, draw, drawAll := folderOf(args[0]), report.WriteReports, report.WriteRepeatsReport
			if out != "" {
				folder, draw, drawAll = out, report.WriteAll, report.WriteRepeats
			}
			switch e.Kind {
			case results.KindRun:
				err = errors.Join(draw(folder, e.Runs[0]), report.Terminal(s.err, e.Runs[0], s.terminalOptions()))
			case results.KindRepeats:
				err = errors.Join(drawSeeds(folder, e.Runs, draw), drawRepeats(s, args[0], folder, e.Runs, drawAll))
			default:
				return usagef("%s is a baseline, which keeps no run to draw; swarmlab compare sets it beside one", args[0])
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(s.err, "\nReport: %s\n", filepath.Join(folder, "report.html"))
			return nil
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "folder for what is drawn (default: the result's own)")
	return cmd
}

// drawTracker draws a benchmark of trackers.
func drawTracker(s streams, path, out string) error {
	run, err := results.ReadTracker(path)
	if err != nil {
		return usageError{err}
	}
	if out != "" {
		err = report.WriteTracker(out, run)
	} else {
		out = folderOf(path)
		err = report.WriteTrackerReports(out, run)
	}
	if err != nil {
		return err
	}
	return showTracker(s, run, out)
}

func drawSeeds(folder string, runs []*results.Result, draw func(string, *results.Result) error) error {
	for _, r := range runs {
		if err := draw(results.RepeatDir(folder, r.Run.Seed), r); err != nil {
			return err
		}
	}
	return nil
}

// drawRepeats draws what the seeds have in common.
func drawRepeats(
	s streams, from, folder string, runs []*results.Result, draw func(string, *results.Repeats, []*results.Result, string) error,
) error {
	aggregate, err := results.Aggregate(runs)
	if err != nil {
		return err
	}
	kept, err := results.ReadRepeats(from)
	if err != nil {
		return err
	}
	aggregate.Expect(kept.Wanted)
	// The command of them all was not kept; each seed has its own.
	if err := draw(folder, aggregate, runs, ""); err != nil {
		return err
	}
	return report.TerminalRepeats(s.err, aggregate, s.terminalOptions())
}

func folderOf(result string) string {
	if filepath.Ext(result) == ".json" {
		return filepath.Dir(result)
	}
	return result
}
