package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"swarmlab/results"
	"swarmlab/scenarios"
	"swarmlab/sim"
	"swarmlab/sim/tune"
)

// tuneFlags are what the user may say about a tuning.
type tuneFlags struct {
	runFlags
	space                 string
	objectives, subjectTo []string
	trials                int
	budget                time.Duration
	confirm, confirmSeeds int
	confirmPeers          int
}

// Trials to make if nobody says how many, without and with a budget that ends them.
const (
	defaultTrials  = 120
	budgetedTrials = 1000
)

func newTune(s streams) *cobra.Command {
	var f tuneFlags
	cmd := &cobra.Command{
		Use:   "tune SCENARIO",
		Short: "Search for settings that suit an audience better than the defaults",
		Long: `Search for settings that suit an audience better than the defaults: many cheap trials in the flow tier, then the best few and
the defaults in the packet tier, with seeds that the search never used. A setting wins only if chance does not explain its
advantage; the winner is then tried on other audiences.

Without --space it is the options of P2P Media Loader that matter for the stream's kind, without --objective 'max offload', and
without --subject-to stalls, startup and viewers who never see a picture must be no worse than with the defaults. 'defaults' in a
condition is what the defaults have with the same seeds: --subject-to 'p95(startupMs) <= 1.2*defaults'.

Every finished run is kept: after Ctrl-C, a crash or a power cut the same command goes on where it was, to the same answer.`,
		Example: `  swarmlab tune live
  swarmlab tune vod --trials 300 --peers 500
  swarmlab tune my.yaml --space space.yaml --objective 'max p2pRatio' --subject-to 'stallRatio < 0.005' --budget 30m
  swarmlab tune live --objective 'max offload' --objective 'min p50(liveLatencyMs)'`,
		Args: oneArg("a scenario: a preset's name or a YAML file"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.tune(cmd, s, args[0]) },
	}
	f.repeat = 1
	f.addScenarioFlags(cmd)
	fl := cmd.Flags()
	_ = fl.MarkHidden("tier") // each part of a tuning has its own
	_ = fl.MarkHidden("clock")
	fl.StringVar(&f.space, "space", "", "a YAML file with the fields to search and their ranges (default: by the stream's kind)")
	fl.StringArrayVar(&f.objectives, "objective", nil, "max or min and a figure, such as 'max p2pRatio' or 'min p95(startupMs)'; several give a Pareto front")
	fl.StringArrayVar(&f.subjectTo, "subject-to", nil, "a condition that settings must keep to, instead of the usual ones; may be repeated; 'nothing' for none")
	fl.IntVar(&f.trials, "trials", 0, fmt.Sprintf("settings to try in the search (default %d, with a budget at most %d)", defaultTrials, budgetedTrials))
	fl.DurationVar(&f.budget, "budget", 0, "wall time to plan for, such as 30m; the search leaves enough of it for what follows")
	fl.IntVar(&f.confirm, "confirm", 3, "how many of the best to confirm in the packet tier; 0 for none")
	fl.IntVar(&f.confirmSeeds, "confirm-seeds", 8, "fresh seeds for each of them and for the defaults")
	fl.IntVar(&f.confirmPeers, "confirm-peers", 0, "viewers in the packet tier, where they are dear (default: the scenario's)")
	fl.StringVar(&f.out, "out", "", "folder of the tuning; one that has a part of it is gone on with (default results/runs/tune-SCENARIO-ID)")
	fl.BoolVar(&f.json, "json", false, "print the tuning as JSON on standard output, and nothing else there")
	return cmd
}

func (f *tuneFlags) tune(cmd *cobra.Command, s streams, name string) error {
	plan, err := f.plan(cmd, name)
	if err != nil {
		return err
	}
	if f.out == "" {
		f.out = filepath.Join("results", "runs", "tune-"+plan.Scenario.Name+"-"+plan.ID())
	}
	p := &tuneProgress{s: s, start: time.Now(), last: time.Now()}
	tuning, err := tune.Run(cmd.Context(), *plan, tune.Options{
		Dir: f.out, Simulate: f.simulateIn, Parallel: runtime.NumCPU(), Progress: p.show,
	})
	p.end()
	if err != nil && !errors.Is(err, tune.ErrInput) {
		fmt.Fprintf(s.err, "\nWhat is finished is kept in %s; the same command goes on from there.\n", f.out)
	}
	if tuning == nil {
		return tuneError(err)
	}
	if writeErr := results.WriteTuning(f.out, tuning); writeErr != nil {
		return errors.Join(tuneError(err), writeErr)
	}
	return errors.Join(tuneError(err), showTuning(s, tuning, f.out, f.json))
}

// plan reads and checks all that the user named. Nothing is written before all of it is known to be good.
func (f *tuneFlags) plan(cmd *cobra.Command, name string) (*tune.Plan, error) {
	for _, flag := range []string{"tier", "clock"} {
		if cmd.Flags().Changed(flag) {
			return nil, usagef("--%s: a tuning searches in the flow tier and confirms in the packet tier, both on the virtual clock", flag)
		}
	}
	scenario, err := f.scenario(cmd, name)
	if err != nil {
		return nil, err
	}
	if cmd.Flags().Changed("budget") && f.budget <= 0 {
		return nil, usagef("--budget %v: must be positive, such as 30m", f.budget)
	}
	if !cmd.Flags().Changed("trials") {
		f.trials = defaultTrials
		if f.budget > 0 {
			f.trials = budgetedTrials
		}
	}
	p := &tune.Plan{
		Scenario: scenario, Seed: scenario.Run.Seed, Trials: f.trials, Budget: f.budget, Confirm: f.confirm, ConfirmSeeds: f.confirmSeeds,
		ConfirmPeers: f.confirmPeers, Version: version(), Command: commandLine(),
	}
	if err := f.goals(p); err != nil {
		return nil, tuneError(err)
	}
	return p, tuneError(p.Check())
}

// goals reads the space, the objectives and the constraints.
func (f *tuneFlags) goals(p *tune.Plan) error {
	space, err := tune.DefaultSpace(p.Scenario.Stream.Kind)
	if f.space != "" {
		space, err = tune.ReadSpace(f.space)
	}
	if err != nil {
		return err
	}
	if p.Space, err = space.For(p.Scenario); err != nil {
		return err
	}
	objectives, constraints := f.objectives, f.subjectTo
	if len(objectives) == 0 {
		objectives = tune.DefaultObjectives()
	}
	if len(constraints) == 0 {
		constraints = tune.DefaultConstraints()
	}
	for _, text := range objectives {
		o, err := tune.ParseObjective(text)
		if err != nil {
			return fmt.Errorf("--objective: %w", err)
		}
		p.Objectives = append(p.Objectives, o)
	}
	if len(constraints) == 1 && strings.TrimSpace(constraints[0]) == "nothing" {
		return nil
	}
	for _, text := range constraints {
		c, err := tune.ParseConstraint(text)
		if err != nil {
			return fmt.Errorf("--subject-to: %w", err)
		}
		p.Constraints = append(p.Constraints, c)
	}
	return nil
}

// tuneError makes bad input of what the tuning calls so.
func tuneError(err error) error {
	if errors.Is(err, tune.ErrInput) {
		return usageError{err}
	}
	return err
}

// simulateIn runs a scenario in a tier: the flow tier is one goroutine, and runs here; the packet tier gets a process of its own, as
// repeats do.
func (f *tuneFlags) simulateIn(ctx context.Context, tier string, scenario *scenarios.Scenario) (*results.Result, error) {
	if tier == "flow" {
		return sim.Run(ctx, scenario, sim.Options{Tier: tier})
	}
	child := runFlags{tier: tier, out: os.TempDir()}
	return child.inChild(ctx, scenario)
}
