package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// streams are where the command line speaks. Results for programs go to out; everything for people goes to err.
type streams struct {
	out, err io.Writer
	terminal bool // err is one: bars and colours are welcome
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// color says whether colours are welcome (https://no-color.org).
func (s streams) color() bool { return s.terminal && os.Getenv("NO_COLOR") == "" }

// run is the command line, testable in-process: it returns the exit code.
func run(ctx context.Context, args []string, s streams) int {
	root := &cobra.Command{
		Use:   "swarmlab",
		Short: "Simulate swarms of P2P Media Loader viewers and measure what they save",
		Long: `swarmlab spawns virtual viewers (real WebRTC on an emulated network) that watch an HLS stream as
P2P Media Loader does, and reports how much of the video came from other viewers, how fast,
at what cost to the origin, and whether anybody's picture stalled.

Exit codes: 0 good, 1 the run failed, 2 bad input, 99 a threshold was crossed, 130 interrupted.`,
		SilenceErrors: true, SilenceUsage: true,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no command %q; swarmlab --help lists them", args[0])
			}
			return cmd.Help()
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetArgs(args)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return flagError(err) })
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return checkOut(cmd) }
	root.AddCommand(newRun(s), newScenarios(s), newReport(s), newJoin(s), newServe(s))
	root.AddCommand(newCompare(s), newCheck(s))
	root.AddCommand(newSweep(s), newTune(s))
	root.AddCommand(newTracker(s))
	err := root.ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintf(s.err, "swarmlab: %v\n", err)
	}
	return exitCode(err)
}
