package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"swarmlab/report"
	"swarmlab/results"
	"swarmlab/scenarios"
	"swarmlab/sim"
)

// runFlags are what the user may say about a run.
type runFlags struct {
	peers  int
	seed   uint64
	repeat int
	tier   string
	clock  string
	set    []string
	urls   []string // --tracker
	owned  bool     // --i-own-this-tracker
	out    string
	json   bool

	oneSeed []string // the command that runs one seed of it, less --seed
}

func newRun(s streams) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run SCENARIO",
		Short: "Simulate a scenario and draw its report",
		Long: `Simulate a scenario, a preset's name or a YAML file, and draw its report.

Presets: ` + strings.Join(scenarios.Names(), ", ") + `.`,
		Example: `  swarmlab run vod
  swarmlab run live --peers 200 --set run.duration=3m
  swarmlab run match.yaml --repeat 5 --set p2pml.core.highDemandTimeWindow=8
  swarmlab run vod --tracker ws://127.0.0.1:8000`,
		Args: oneArg("a scenario: a preset's name or a YAML file"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, s, args[0]) },
	}
	f.addScenarioFlags(cmd)
	fl := cmd.Flags()
	fl.IntVar(&f.repeat, "repeat", 1, "run K times, with K seeds from the seed on, side by side")
	fl.StringVar(&f.out, "out", "", "folder for the result (default results/runs/SCENARIO-TIME)")
	fl.BoolVar(&f.json, "json", false, "print the result's summary as JSON on standard output, and nothing else there")
	f.addTrackerFlags(cmd)
	return cmd
}

// addScenarioFlags are the flags of every command that runs a scenario.
func (f *runFlags) addScenarioFlags(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.IntVar(&f.peers, "peers", 0, "number of viewers, instead of the scenario's (short for --set peers.count=N)")
	fl.Uint64Var(&f.seed, "seed", 0, "seed of every random draw (short for --set run.seed=S)")
	fl.StringVar(&f.tier, "tier", "packet", "how the network is simulated: "+strings.Join(sim.Tiers(), ", "))
	fl.StringVar(&f.clock, "clock", "virtual", "virtual: simulated, as fast as it goes; real: this machine's clock and loopback, where links, NATs and regions mean nothing")
	fl.StringArrayVar(&f.set, "set", nil, "set any field of the scenario: path=value; may be repeated")
}

// oneArg asks for exactly one argument and says what it is.
func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usagef("%s needs %s; got %d arguments", cmd.CommandPath(), what, len(args))
		}
		return nil
	}
}

func (f *runFlags) run(cmd *cobra.Command, s streams, name string) error {
	scenario, err := f.scenario(cmd, name)
	if err != nil {
		return err
	}
	out := f.out
	if out == "" {
		out = filepath.Join("results", "runs", scenario.Name+"-"+time.Now().Format("20060102-150405"))
	}
	if f.repeat > 1 {
		return f.repeats(cmd.Context(), s, scenario, out)
	}
	return f.once(cmd.Context(), s, scenario, out)
}

// scenario reads the scenario and applies the flags to it. Nothing is written before all of it is known to be good.
func (f *runFlags) scenario(cmd *cobra.Command, name string) (*scenarios.Scenario, error) {
	if f.repeat < 1 || f.repeat > 1000 {
		return nil, usagef("--repeat %d: must be between 1 and 1000", f.repeat)
	}
	if f.repeat > 1 && f.clock == "real" {
		return nil, usagef("--repeat with --clock real: repeats run side by side, and would slow each other down; run one after the other")
	}
	if err := sim.CheckOptions(sim.Options{Tier: f.tier, Clock: f.clock}); err != nil {
		return nil, err
	}
	scenario, err := scenarios.Load(name)
	if err != nil {
		return nil, err
	}
	sets := f.set
	if cmd.Flags().Changed("peers") {
		sets = append(sets, fmt.Sprintf("peers.count=%d", f.peers))
	}
	if cmd.Flags().Changed("seed") {
		sets = append(sets, fmt.Sprintf("run.seed=%d", f.seed))
	}
	if err := scenario.SetAll(sets); err != nil {
		return nil, err
	}
	if err := f.realTrackers(cmd, scenario); err != nil {
		return nil, err
	}
	if err := sim.CheckFor(scenario, sim.Options{Clock: f.clock}); err != nil {
		return nil, err
	}
	f.oneSeed = f.oneSeedCommand(cmd, name)
	return scenario, nil
}

func (f *runFlags) oneSeedCommand(cmd *cobra.Command, name string) []string {
	words := []string{"swarmlab", "run", name}
	for _, flag := range []string{"peers", "tier"} {
		if given := cmd.Flags().Lookup(flag); given.Changed {
			words = append(words, "--"+flag, given.Value.String())
		}
	}
	for _, set := range f.set {
		words = append(words, "--set", set)
	}
	return words
}

// once runs the scenario in this process, writes its result and shows it.
func (f *runFlags) once(ctx context.Context, s streams, scenario *scenarios.Scenario, out string) error {
	result, runErr := f.simulate(ctx, s, scenario)
	return keep(s, result, runErr, out, f.json)
}

// keep writes a result and shows it. It passes the run's own error on.
func keep(s streams, result *results.Result, runErr error, out string, asJSON bool) error {
	if result == nil {
		return runErr
	}
	if result.Run.Interrupted {
		fmt.Fprintf(s.err, "\ninterrupted after %.0f simulated seconds; what there is, is kept\n", result.Run.SimulatedSeconds)
	}
	if err := report.WriteAll(out, result); err != nil {
		return errors.Join(runErr, err)
	}
	if err := show(s, result, out, asJSON); err != nil {
		return errors.Join(runErr, err)
	}
	return runErr
}

func show(s streams, result *results.Result, out string, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(s.out)
		enc.SetIndent("", "  ")
		if err := enc.Encode(result.Summary); err != nil {
			return err
		}
	}
	if s.machine() {
		return nil // a repeat's parent shows them all together
	}
	fmt.Fprintln(s.err)
	if err := report.Terminal(s.err, result, s.terminalOptions()); err != nil {
		return err
	}
	fmt.Fprintf(s.err, "\nReport: %s\n", filepath.Join(out, "report.html"))
	return nil
}

// simulate runs the scenario with progress on standard error.
func (f *runFlags) simulate(ctx context.Context, s streams, scenario *scenarios.Scenario) (*results.Result, error) {
	if f.tier == "flow" && !s.machine() {
		fmt.Fprintln(s.err, sim.EstimateOf(scenario, f.tier))
	}
	f.doubt(s, scenario)
	p := newProgress(s, scenario)
	defer p.end()
	return sim.Run(ctx, scenario, sim.Options{
		Tier: f.tier, Clock: f.clock, PublicTrackers: f.owned, Progress: p.show, Version: version(), Command: commandLine(),
	})
}

// doubt says before a run what its tier is known to get wrong. The parent of repeats says it once for all.
func (f *runFlags) doubt(s streams, scenario *scenarios.Scenario) {
	if s.machine() {
		return
	}
	for _, d := range sim.Doubts(scenario, f.tier) {
		fmt.Fprintf(s.err, "doubtful: %s; the packet tier knows better\n", d)
	}
}

// commandOfParent, in the environment of a repeat's child, is the command that gives the child's result when typed.
const commandOfParent = "SWARMLAB_COMMAND"

// commandLine is the command as typed, so that a report can say how it was made.
func commandLine() string {
	if given := os.Getenv(commandOfParent); given != "" {
		return given
	}
	return quoted(append([]string{"swarmlab"}, os.Args[1:]...))
}

// quoted are words as a shell takes them.
func quoted(words []string) string {
	var out []string
	for _, w := range words {
		if w == "" || strings.ContainsAny(w, " \t\n'\"\\$&|;<>()*?[]{}!#~`") {
			w = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		out = append(out, w)
	}
	return strings.Join(out, " ")
}
