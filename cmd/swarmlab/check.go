package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"swarmlab/report"
	"swarmlab/results"
	"swarmlab/scenarios"
)

// baselinesDir is where baselines are kept, seen from the project that is checked.
var baselinesDir = filepath.Join("results", "baselines")

// checkFlags are what the user may say about a check.
type checkFlags struct {
	runFlags
	thresholds []string
	metrics    []string
	baseline   string
	update     bool
	junit      string
	bench      string
	actionDir  string
}

func newCheck(s streams) *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check SCENARIO",
		Short: "Run a scenario and fail if it is worse than its thresholds or its baseline",
		Long: `Run a scenario with several seeds, hold the results against thresholds and against a baseline, and exit with 99 if
any is crossed. A threshold is crossed if the mean over the seeds does not meet it. A metric is worse than its baseline
if chance does not explain the difference and it is large enough to matter (results/docs/comparing.md has the table).

The baseline is results/baselines/SCENARIO.json unless --baseline names another. --update-baseline writes it.
With GITHUB_STEP_SUMMARY set, a summary is added to it; with GITHUB_ACTIONS set, each crossing is an ::error:: line.`,
		Example: `  swarmlab check live
  swarmlab check match.yaml --seeds 10 --threshold 'p95(httpLatencyMs{group:home}) < 800'
  swarmlab check match.yaml --update-baseline
  swarmlab check live --junit check.xml --bench check.txt`,
		Args: oneArg("a scenario: a preset's name or a YAML file"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.check(cmd, s, args[0]) },
	}
	f.addScenarioFlags(cmd)
	fl := cmd.Flags()
	fl.IntVar(&f.repeat, "seeds", 5, "run with K seeds, from the seed on, side by side")
	fl.StringArrayVar(&f.thresholds, "threshold", nil, "a condition besides the scenario's, such as 'p2pRatio > 0.7'; may be repeated")
	fl.StringVar(&f.baseline, "baseline", "", "the baseline's file (default results/baselines/SCENARIO.json)")
	fl.BoolVar(&f.update, "update-baseline", false, "write what was measured as the new baseline, instead of comparing with the old one")
	fl.StringSliceVar(&f.metrics, "metrics", nil, "metrics to compare with the baseline, with commas between (default "+strings.Join(results.GatedMetrics(), ",")+")")
	fl.StringVar(&f.junit, "junit", "", "write JUnit XML to this file")
	fl.StringVar(&f.bench, "bench", "", "write the Go benchmark format (for benchstat) to this file")
	fl.StringVar(&f.actionDir, "action-json", "", "write bigger-is-better.json and smaller-is-better.json (for github-action-benchmark) to this folder")
	fl.StringVar(&f.out, "out", "", "folder for the runs (default results/runs/check-SCENARIO-TIME)")
	fl.BoolVar(&f.json, "json", false, "print what was found as JSON on standard output, and nothing else there")
	return cmd
}

// planned is everything a check needs, known to be good before anything runs.
type planned struct {
	scenario   *scenarios.Scenario
	conditions []results.Condition
	baseline   *results.Evidence // nil: none
	file       string            // of the baseline
}

func (f *checkFlags) check(cmd *cobra.Command, s streams, name string) error {
	plan, err := f.plan(cmd, name)
	if err != nil {
		return err
	}
	if f.out == "" {
		f.out = filepath.Join("results", "runs", "check-"+plan.scenario.Name+"-"+time.Now().Format("20060102-150405"))
	}
	begun := time.Now()
	now, err := f.measure(cmd.Context(), s, plan.scenario)
	if err != nil {
		return err
	}
	checked, err := results.NewChecked(now, plan.conditions, plan.baseline, f.metrics)
	if err != nil {
		return err
	}
	checked.WallSeconds = time.Since(begun).Seconds()
	if err := f.write(s, checked, plan); err != nil {
		return err
	}
	if n := len(report.Crossings(checked)); n > 0 {
		return fmt.Errorf("%w: %d, listed above", errCrossed, n)
	}
	return nil
}

// plan reads and checks all that the user named.
func (f *checkFlags) plan(cmd *cobra.Command, name string) (planned, error) {
	var p planned
	var err error
	if f.repeat < 1 || f.repeat > 1000 {
		return p, usagef("--seeds %d: must be between 1 and 1000", f.repeat)
	}
	if f.clock != "virtual" {
		return p, usagef("--clock %s: a check runs its seeds side by side, which only the virtual clock allows", f.clock)
	}
	if p.scenario, err = f.scenario(cmd, name); err != nil {
		return p, err
	}
	if p.conditions, err = f.conditions(p.scenario); err != nil {
		return p, err
	}
	if p.file = f.baseline; p.file == "" {
		p.file = filepath.Join(baselinesDir, p.scenario.Name+".json")
	}
	if f.update {
		return p, nil
	}
	if p.baseline, err = f.readBaseline(p.file); err != nil {
		return p, err
	}
	if p.baseline == nil && len(p.conditions) == 0 {
		return p, usagef("there is nothing to check: %s has no thresholds, --threshold gives none, and there is no baseline %s (--update-baseline writes it)", name, p.file)
	}
	return p, f.checkMetrics(p.baseline)
}

// readBaseline is nil if there is none and none was asked for.
func (f *checkFlags) readBaseline(file string) (*results.Evidence, error) {
	e, err := results.ReadBaseline(file)
	switch {
	case errors.Is(err, os.ErrNotExist) && f.baseline == "":
		return nil, nil
	case err != nil:
		return nil, usagef("--baseline: %w", err)
	}
	return e, nil
}

func (f *checkFlags) checkMetrics(baseline *results.Evidence) error {
	if f.metrics == nil {
		return nil
	}
	if baseline == nil {
		return usagef("--metrics says what to compare with a baseline, and there is none")
	}
	if _, err := results.Against(baseline, baseline, f.metrics); err != nil {
		return usagef("--metrics: %w", err)
	}
	return nil
}

// conditions are the scenario's thresholds and the command line's, each one that can be evaluated.
func (f *checkFlags) conditions(scenario *scenarios.Scenario) ([]results.Condition, error) {
	var out []results.Condition
	for i, text := range slices.Concat(scenario.Thresholds, f.thresholds) {
		where := fmt.Sprintf("thresholds[%d] of %s", i, scenario.Name)
		if i >= len(scenario.Thresholds) {
			where = "--threshold"
		}
		c, err := condition(text)
		if err != nil {
			return nil, usagef("%s: %w", where, err)
		}
		if err := labelsExist(scenario, c); err != nil {
			return nil, usagef("%s: %s: %w", where, text, err)
		}
		out = append(out, c)
	}
	return out, nil
}

// condition turns a threshold's syntax, which scenarios know, into what results can evaluate.
func condition(text string) (results.Condition, error) {
	t, err := scenarios.ParseThreshold(text)
	if err != nil {
		return results.Condition{}, err
	}
	c := results.Condition{Text: t.String(), Func: t.Func, Percentile: t.Percentile, Metric: t.Metric, Op: t.Op, Value: t.Value}
	for _, l := range t.Selector {
		c.Labels = append(c.Labels, results.Label{Key: l.Key, Value: l.Value})
	}
	return c, c.Check()
}

// labelsExist finds the misspelt group before an hour of runs does. A link may be an object without a name, so links are not known
// before.
func labelsExist(scenario *scenarios.Scenario, c results.Condition) error {
	for _, l := range c.Labels {
		var there []string
		for _, g := range scenario.Peers.Groups {
			there = append(there, map[string]string{"group": g.Name, "nat": g.NAT, "region": g.Region, "link": l.Value}[l.Key])
		}
		if !slices.Contains(there, l.Value) {
			return fmt.Errorf("no viewer has %s %q; there is %s", l.Key, l.Value, strings.Join(there, ", "))
		}
	}
	return nil
}

// measure runs all seeds. A seed that fails is no evidence, and without it the others are not what was asked for.
func (f *checkFlags) measure(ctx context.Context, s streams, scenario *scenarios.Scenario) (*results.Evidence, error) {
	r, err := newRepeats(s, &f.runFlags, scenario, f.out)
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(r.scenarioFile) }() // a hidden file left behind harms nobody
	finished, err := r.all(ctx, f.repeat)
	if err := errors.Join(err, context.Cause(ctx)); err != nil {
		return nil, err
	}
	aggregate, err := results.Aggregate(finished)
	if err != nil {
		return nil, err
	}
	if err := report.WriteRepeats(f.out, aggregate, finished, commandLine()); err != nil {
		return nil, err
	}
	return results.NewEvidence(f.out, finished)
}
