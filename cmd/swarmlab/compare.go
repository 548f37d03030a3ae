package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"swarmlab/report"
	"swarmlab/results"
)

func newCompare(s streams) *cobra.Command {
	var out string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "compare A B...",
		Short: "Set results side by side, with significance",
		Long: `Set results side by side: every other one against the first, metric by metric, with spread, difference,
interval and p-value, and a verdict only where chance does not explain the difference.

Each is the folder of a run or of repeats (run --repeat), a result.json, or a baseline.`,
		Example: `  swarmlab run live --repeat 10 --out before
  swarmlab run live --repeat 10 --out after --set p2pml.core.highDemandTimeWindow=8
  swarmlab compare before after --out comparison`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usagef("%s needs two results or more: folders of runs or of repeats, result.json files, or baselines; got %d", cmd.CommandPath(), len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			c, err := comparison(args)
			if err != nil {
				return err
			}
			return showComparison(s, c, out, asJSON)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "folder for comparison.html, .md and .json (default: only the terminal)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the comparison as JSON on standard output, and nothing else there")
	return cmd
}

// comparison reads all sides before it says anything. Whatever cannot be read is the user's to mend.
func comparison(paths []string) (*results.Comparison, error) {
	var sides []*results.Evidence
	var failures []error
	for _, path := range paths {
		e, err := results.ReadEvidence(path)
		sides, failures = append(sides, e), append(failures, err)
	}
	if err := errors.Join(failures...); err != nil {
		return nil, usageError{err}
	}
	c, err := results.Compare(sides)
	if err != nil {
		return nil, usageError{err}
	}
	return c, nil
}

func showComparison(s streams, c *results.Comparison, out string, asJSON bool) error {
	if asJSON {
		if err := indented(s.out, c); err != nil {
			return err
		}
	}
	if err := report.CompareTerminal(s.err, c, s.terminalOptions()); err != nil {
		return err
	}
	if out == "" {
		return nil
	}
	if err := os.MkdirAll(out, 0o755); err != nil { // results are for everybody
		return err
	}
	for name, write := range map[string]func(io.Writer) error{
		"comparison.json": func(w io.Writer) error { return indented(w, c) },
		"comparison.md":   func(w io.Writer) error { return report.CompareMarkdown(w, c) },
		"comparison.html": func(w io.Writer) error { return report.CompareHTML(w, c) },
	} {
		if err := results.WriteFile(filepath.Join(out, name), write); err != nil {
			return err
		}
	}
	fmt.Fprintf(s.err, "\nComparison: %s\n", filepath.Join(out, "comparison.html"))
	return nil
}

func indented(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
