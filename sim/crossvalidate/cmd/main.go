// Command cmd runs the scenarios of the packet tier in both tiers and sets them side by side.
//
//	go run ./sim/crossvalidate/cmd -cases 'vod|live' -seeds 5
//	go run ./sim/crossvalidate/cmd -baselines results/baselines
//
// With -baselines the packet tier's figures are those of the presets' baselines, which have up to ten seeds, and only the flow tier
// runs: minutes instead of an hour.
//
// Every run is a process of its own on one core, as many at a time as the machine has cores, and in virtual time: the machine may do
// something else meanwhile. Runs of the packet tier are kept in a folder and not done again until -again asks for it; those of the flow
// tier cost nothing. It writes what it finds as Markdown and JSON, and exits with 1 if a bound is broken.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"

	"swarmlab/results"
	"swarmlab/sim/crossvalidate"
)

func main() { os.Exit(run()) }

// options are the command's flags.
type options struct {
	cases     string
	seeds     int
	keep      string
	again     bool
	baselines string // folder; "": the packet tier runs
	markdown  string
	json      string
	one       string // in a child process: the run to do
}

func run() int {
	var o options
	flag.StringVar(&o.cases, "cases", ".", "regular expression of the scenarios' names")
	flag.IntVar(&o.seeds, "seeds", 5, "runs of each scenario in each tier")
	flag.StringVar(&o.keep, "keep", "results/runs/crossvalidate", "folder of the runs")
	flag.BoolVar(&o.again, "again", false, "do the packet tier's runs again, whatever is kept")
	flag.StringVar(&o.baselines, "baselines", "", "folder of baselines to take the packet tier's figures from, with their seeds")
	flag.StringVar(&o.markdown, "markdown", "", "write the tables to this file, beside printing them")
	flag.StringVar(&o.json, "json", "", "write all figures to this file")
	flag.StringVar(&o.one, "one", "", "do one run, as CASE/TIER/SEED; for the command's own use")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if o.one != "" {
		return report(single(ctx, o.keep, o.one))
	}
	wanted, err := regexp.Compile(o.cases)
	if err != nil || o.seeds < 1 || flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "crossvalidate: want a regular expression for -cases, at least one seed, and no further words (%v)\n", err)
		return 2
	}
	return report(compare(ctx, o, wanted))
}

func report(err error) int {
	if err != nil {
		fmt.Fprintf(os.Stderr, "crossvalidate: %v\n", err)
		return 1
	}
	return 0
}

func compare(ctx context.Context, o options, wanted *regexp.Regexp) error {
	runs := runAll
	if o.baselines != "" {
		runs = runAgainst
	}
	all, err := runs(ctx, o, wanted)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return fmt.Errorf("nothing is compared: no scenario's name matches %q, or none that does has a baseline", o.cases)
	}
	if err := crossvalidate.Markdown(os.Stdout, all); err != nil {
		return err
	}
	if err := write(o, all); err != nil {
		return err
	}
	broken := 0
	for _, a := range all {
		for _, sentence := range a.Broken() {
			fmt.Fprintln(os.Stderr, sentence)
			broken++
		}
	}
	if broken > 0 {
		return fmt.Errorf("%d bounds are broken", broken)
	}
	return nil
}

func write(o options, all []*crossvalidate.Agreement) error {
	if o.markdown != "" {
		if err := results.WriteFile(o.markdown, func(w io.Writer) error {
			_, err := fmt.Fprint(w, "# The tiers side by side\n\nWritten by `make crossvalidate`: means over the seeds ± their standard deviation.\n\n")
			if err != nil {
				return err
			}
			return crossvalidate.Markdown(w, all)
		}); err != nil {
			return err
		}
	}
	if o.json == "" {
		return nil
	}
	return results.WriteFile(o.json, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(all)
	})
}
