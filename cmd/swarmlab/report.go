package main

import (
	"errors"
	"fmt"
	"io/fs"
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
		Long:  "Draw the report of a stored result again: RESULT is the folder of a run, or its result.json.",
		Args:  oneArg("a result: a run's folder or its result.json"),
		RunE: func(_ *cobra.Command, args []string) error {
			result, err := results.Read(args[0])
			if errors.Is(err, fs.ErrNotExist) || errors.Is(err, results.ErrSchema) {
				return usageError{err}
			}
			if err != nil {
				return err
			}
			folder := out
			if folder == "" {
				folder = folderOf(args[0])
			}
			if err := report.WriteAll(folder, result); err != nil {
				return err
			}
			if err := report.Terminal(s.err, result, s.terminalOptions()); err != nil {
				return err
			}
			fmt.Fprintf(s.err, "\nReport: %s\n", filepath.Join(folder, "report.html"))
			return nil
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "folder for what is drawn (default: the result's own)")
	return cmd
}

func folderOf(result string) string {
	if filepath.Ext(result) == ".json" {
		return filepath.Dir(result)
	}
	return result
}
