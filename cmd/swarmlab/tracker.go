package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"swarmlab/report"
	"swarmlab/results"
	"swarmlab/sim/trackerbench"
	"swarmlab/sim/trackerbench/faults"
	"swarmlab/sim/trackerbench/load"
	"swarmlab/sim/trackerbench/profile"
	"swarmlab/sim/trackerbench/suite"
)

// Bounds of a benchmark: it loads somebody's tracker.
const (
	maxTrackerPeers    = 200_000
	maxTrackerRate     = 200_000
	maxTrackerDuration = 10 * time.Minute
	maxTrackerRounds   = 20
)

// embedded, in the place of a URL, is our own tracker.
const embedded = "embedded"

type trackerFlags struct {
	load     load.Load
	swarms   string
	arrival  string
	timers   string
	offers   int
	repeat   int
	profiles []string
	pids     []int
	emulate  string
	findMax  bool
	limitP99 time.Duration
	drain    time.Duration
	faults   bool
	insecure bool
	owned    bool
	out      string
	json     bool
}

func newTracker(s streams) *cobra.Command {
	var f trackerFlags
	cmd := &cobra.Command{
		Use:   "tracker URL|embedded...",
		Short: "Benchmark WebTorrent trackers, side by side",
		Long: `Benchmark WebTorrent trackers: several in turn, round by round, under the same load. It reports which deliver, how fast,
and at what cost: latency from the due time to p99.99, offers and answers lost, processor time per announce, memory per
connection, and the graph that each one's choice of peers makes.

"embedded" is swarmlab's own tracker, in a process of its own. A tracker on this machine is watched through /proc, found by
its port or by --pid. What each tracker needs and owes is a profile, detected by harmless questions or named by --profile:
` + strings.Join(profile.Names(), ", ") + `.

The load goes to this machine and to private networks only, unless --i-own-this-tracker is given. A measurement whose
bottleneck was the load itself is called invalid, and ends with exit code 1.`,
		Example: `  swarmlab tracker ws://127.0.0.1:8000 ws://127.0.0.1:3000 embedded
  swarmlab tracker embedded --rate 2000 --peers 5000 --duration 30s --swarms zipf:50 --answers 1 --repeat 3
  swarmlab tracker --find-max ws://127.0.0.1:8000`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("%s needs at least one tracker: a ws:// or wss:// URL, or %s", cmd.CommandPath(), embedded)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), s, args) },
	}
	f.addFlags(cmd)
	return cmd
}

// addFlags are the load's, and what is done with it.
func (f *trackerFlags) addFlags(cmd *cobra.Command) {
	f.addLoadFlags(cmd)
	fl := cmd.Flags()
	fl.IntVar(&f.repeat, "repeat", 1, fmt.Sprintf("rounds of each tracker, taken in turns; at most %d", maxTrackerRounds))
	fl.StringArrayVar(&f.profiles, "profile", nil, "what the tracker needs and owes, instead of detecting it; once for all, or once for each tracker in order")
	fl.IntSliceVar(&f.pids, "pid", nil, "process of the tracker, if its port does not lead to it; one for each URL in order, 0 to find it")
	fl.StringVar(&f.emulate, "emulate", "", "let the embedded tracker behave as another one: "+strings.Join(profile.Names()[:3], ", "))
	fl.BoolVar(&f.findMax, "find-max", false, "search the highest rate at which 99.9 % is delivered, within --limit-p99")
	fl.DurationVar(&f.limitP99, "limit-p99", 100*time.Millisecond, "with --find-max: 99 % of the first offers arrive within this")
	fl.BoolVar(&f.faults, "faults", false, "then misbehave, one fault after the other, and see what it does to the tracker and to others: it may die")
	fl.BoolVar(&f.insecure, "insecure", false, "take any TLS certificate")
	fl.BoolVar(&f.owned, "i-own-this-tracker", false, "allow public hosts: you run them, or may load them")
	fl.StringVar(&f.out, "out", "", "folder for the result (default results/runs/tracker-TIME)")
	fl.BoolVar(&f.json, "json", false, "print the result's summary as JSON on standard output, and nothing else there")
}

// addLoadFlags are what the viewers do.
func (f *trackerFlags) addLoadFlags(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.Float64Var(&f.load.Rate, "rate", 1000, fmt.Sprintf("announces a second of all viewers together, at most %d", maxTrackerRate))
	fl.IntVar(&f.load.Peers, "peers", 1000, fmt.Sprintf("viewers present, each with a connection, at most %d", maxTrackerPeers))
	fl.StringVar(&f.swarms, "swarms", "20", "how the viewers spread: one, a number of equal swarms, or zipf:N[:s]")
	fl.IntVar(&f.load.SwarmsPerSocket, "swarms-per-socket", 1, "swarms that each viewer is in")
	fl.DurationVar(&f.load.Window, "duration", 10*time.Second, fmt.Sprintf("measured time of a round, at most %v", maxTrackerDuration))
	fl.StringVar(&f.arrival, "arrival", string(load.ArriveEvenly), "how viewers come: constant, poisson, flash (a crowd at once) or storm (all reconnect)")
	fl.DurationVar(&f.load.ArriveOver, "arrive-over", 0, "how long arriving takes (default: 1000 viewers a second)")
	fl.StringVar(&f.timers, "timers", string(load.TimersConstant), "a viewer's gaps between announces: constant or poisson")
	fl.IntVar(&f.offers, "offers", 5, fmt.Sprintf("offers of an announce, 0 to %d; the real client has 5", load.MostOffers))
	fl.Float64Var(&f.load.Answer, "answers", 1, "share of offers that are answered, 0 to 1")
	fl.DurationVar(&f.load.Think, "think", 0, "mean time before an answer")
	fl.Float64Var(&f.load.LeaveRate, "leaves", 0, "viewers a second that leave, each followed by another")
	fl.Float64Var(&f.load.ScrapeRate, "scrapes", 0, "scrapes a second")
	fl.DurationVar(&f.drain, "drain", 3*time.Second, "after the measured time, how long to wait for what is under way, at most 1m")
	fl.Uint64Var(&f.load.Seed, "seed", 1, "seed of every random draw")
}

func (f *trackerFlags) run(ctx context.Context, s streams, args []string) error {
	options, err := f.options()
	if err != nil {
		return err
	}
	places, err := f.places(args)
	if err != nil {
		return err
	}
	limits := suite.RaiseLimits()
	for _, p := range places {
		if err := limits.Check(f.load.Peers, p.address); err != nil {
			return usageError{err}
		}
	}
	targets, stop, err := f.targets(ctx, s, places)
	defer stop()
	if err != nil {
		return err
	}
	run := &results.TrackerRun{
		Schema: results.TrackerSchema, Version: version(), Started: time.Now().UTC().Truncate(time.Second), Command: commandLine(), Machine: suite.Machine(),
	}
	p := newTrackerProgress(s)
	options.Progress = p.show
	err = suite.Run(ctx, run, targets, options)
	p.end()
	return errors.Join(err, f.keep(s, run), suite.Verdict(run))
}

// options checks the flags. Nothing is started before all of them are known to be good.
func (f *trackerFlags) options() (o suite.Options, err error) {
	for _, c := range []struct {
		flag        string
		value       float64
		least, most float64
	}{
		{"--peers", float64(f.load.Peers), 1, maxTrackerPeers},
		{"--rate", f.load.Rate, 0.01, maxTrackerRate},
		{"--repeat", float64(f.repeat), 1, maxTrackerRounds},
		{"--offers", float64(f.offers), 0, load.MostOffers},
		{"--duration (seconds)", f.load.Window.Seconds(), 0.1, maxTrackerDuration.Seconds()},
		{"--drain (seconds)", f.drain.Seconds(), 0.001, 60},
		{"--limit-p99 (seconds)", f.limitP99.Seconds(), 0.001, 60},
	} {
		if !(c.value >= c.least && c.value <= c.most) { // also catches what is not a number
			return o, usagef("%s %g: must be %g to %g", c.flag, c.value, c.least, c.most)
		}
	}
	for _, name := range append(f.profiles, nonEmpty(f.emulate)...) {
		if _, err := profile.ByName(name); err != nil {
			return o, usageError{err}
		}
	}
	l := f.load
	l.Arrival, l.Timers, l.Offers = load.Arrival(f.arrival), load.Timers(f.timers), f.offers
	if f.offers == 0 {
		l.Offers = load.NoOffers
	}
	if l.Swarms, err = load.ParseSwarms(f.swarms); err != nil {
		return o, usagef("--swarms: %w", err)
	}
	if l, err = l.WithDefaults(); err != nil {
		return o, usageError{err}
	}
	o = suite.Options{Measure: trackerbench.Options{Load: l, Drain: f.drain}, Repeat: f.repeat}
	if f.findMax {
		o.Search = &trackerbench.Search{P99: f.limitP99}
	}
	if f.faults {
		o.Faults = &faults.Options{Seed: l.Seed}
	}
	return o, nil
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// keep writes a result and shows it; of nothing there is nothing to keep.
func (f *trackerFlags) keep(s streams, run *results.TrackerRun) error {
	rounds := 0
	for _, t := range run.Targets {
		rounds += len(t.Rounds)
	}
	if rounds == 0 {
		return nil
	}
	if run.Interrupted {
		fmt.Fprintf(s.err, "\ninterrupted after %d rounds, which are kept\n", rounds)
	}
	out := f.out
	if out == "" {
		out = filepath.Join("results", "runs", "tracker-"+time.Now().Format("20060102-150405"))
	}
	if err := report.WriteTracker(out, run); err != nil {
		return err
	}
	if f.json {
		enc := json.NewEncoder(s.out)
		enc.SetIndent("", "  ")
		if err := enc.Encode(run.Summary()); err != nil {
			return err
		}
	}
	return showTracker(s, run, out)
}

func showTracker(s streams, run *results.TrackerRun, out string) error {
	fmt.Fprintln(s.err)
	if err := report.TrackerTerminal(s.err, run, s.terminalOptions()); err != nil {
		return err
	}
	fmt.Fprintf(s.err, "\nReport: %s\n", filepath.Join(out, "report.html"))
	return nil
}
