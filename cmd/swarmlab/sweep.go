package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"swarmlab/report"
	"swarmlab/results"
	"swarmlab/scenarios"
	"swarmlab/sim/sweep"
)

// sweepFlags are what the user may say about a sweep.
type sweepFlags struct {
	runFlags
	over    []string
	metrics []string
	most    int
}

func newSweep(s streams) *cobra.Command {
	var f sweepFlags
	cmd := &cobra.Command{
		Use:   "sweep SCENARIO --over path=a,b,c",
		Short: "Run a scenario for every combination of some settings, and draw the grid",
		Long: `Run a scenario for every combination of some fields' values, each combination with the same seeds, and draw a table; of one
setting also a line with its spread, of two a heat map. Finished runs are kept as they finish: the same command with the same
--out goes on where it was.

Values are a list, or from:to:step: 4:20:2, 10s:60s:10s. The flow tier is the default here, for it is cheap.`,
		Example: `  swarmlab sweep live --over p2pml.core.highDemandTimeWindow=4:20:4 --seeds 5
  swarmlab sweep vod --over p2pml.core.highDemandTimeWindow=5,10,15 --over p2pml.core.simultaneousP2PDownloads=1:5:2
  swarmlab sweep live --over peers.count=10,100,1000 --metric p2pRatio,stallRatio --out grid`,
		Args: oneArg("a scenario: a preset's name or a YAML file"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.sweep(cmd, s, args[0]) },
	}
	f.addScenarioFlags(cmd)
	fl := cmd.Flags()
	fl.Lookup("tier").DefValue = "flow"
	f.tier = "flow"
	_ = fl.MarkHidden("clock") // real time and runs side by side do not go together
	fl.StringArrayVar(&f.over, "over", nil, "a field and its values: path=a,b,c or path=from:to:step; once for each setting")
	fl.IntVar(&f.repeat, "seeds", 3, "run every combination with K seeds, from the seed on")
	fl.StringSliceVar(&f.metrics, "metric", []string{"p2pRatio", "stallRatio"}, "metrics to show, with commas between: p2pRatio, startupMs.p95, ...")
	fl.IntVar(&f.most, "max-runs", 1000, "refuse a larger grid")
	fl.StringVar(&f.out, "out", "", "folder for the grid; one that has a part of it is gone on with (default results/runs/sweep-SCENARIO-TIME)")
	fl.BoolVar(&f.json, "json", false, "print the grid as JSON on standard output, and nothing else there")
	return cmd
}

func (f *sweepFlags) sweep(cmd *cobra.Command, s streams, name string) error {
	plan, err := f.plan(cmd, name)
	if err != nil {
		return err
	}
	p := &gridProgress{s: s, start: time.Now(), last: time.Now()}
	o := sweep.Options{Dir: f.out, Evaluate: sweep.InProcess(f.tier), Progress: p.show}
	if f.tier == "packet" {
		o.Evaluate = func(ctx context.Context, s *scenarios.Scenario, _ func(float64)) (*results.Result, error) {
			return f.inChild(ctx, s)
		}
	}
	grid, err := plan.Run(cmd.Context(), o)
	p.end()
	if grid == nil || grid.Finished() == 0 {
		return sweepError(err)
	}
	if writeErr := report.WriteSweep(f.out, grid); writeErr != nil {
		return errors.Join(sweepError(err), writeErr)
	}
	return errors.Join(sweepError(err), showSweep(s, grid, f.out, f.json))
}

func (f *sweepFlags) plan(cmd *cobra.Command, name string) (*sweep.Plan, error) {
	switch {
	case f.repeat < 1 || f.repeat > 1000:
		return nil, usagef("--seeds %d: must be between 1 and 1000", f.repeat)
	case f.most < 1:
		return nil, usagef("--max-runs %d: must be at least 1", f.most)
	case f.clock != "virtual":
		return nil, usagef("--clock %s: runs of a sweep go side by side, which only the virtual clock allows", f.clock)
	}
	scenario, err := f.scenario(cmd, name)
	if err != nil {
		return nil, err
	}
	c := sweep.Config{
		Scenario: scenario, Seeds: f.repeat, Tier: f.tier, Metrics: f.metrics, MostRuns: f.most,
		Version: version(), Command: commandLine(),
	}
	for _, text := range f.over {
		axis, err := sweep.ParseAxis(text)
		if err != nil {
			return nil, usagef("--over: %w", err)
		}
		c.Axes = append(c.Axes, axis)
	}
	plan, err := sweep.NewPlan(c)
	if errors.Is(err, sweep.ErrTooLarge) {
		return nil, usagef("%w; --max-runs allows more", err)
	}
	if err != nil {
		return nil, sweepError(err)
	}
	if f.out == "" {
		f.out = filepath.Join("results", "runs", "sweep-"+scenario.Name+"-"+time.Now().Format("20060102-150405"))
	}
	return plan, nil
}

// sweepError makes bad input of what the sweep calls so.
func sweepError(err error) error {
	if errors.Is(err, sweep.ErrInput) {
		return usageError{err}
	}
	return err
}

// showSweep speaks of a grid to whoever listens.
func showSweep(s streams, grid *results.Sweep, out string, asJSON bool) error {
	if asJSON {
		if err := indented(s.out, grid); err != nil {
			return err
		}
	}
	fmt.Fprintln(s.err)
	if err := report.SweepTerminal(s.err, grid, s.terminalOptions()); err != nil {
		return err
	}
	names := []string{"sweep.csv", "sweep.md"}
	for _, p := range report.SweepPlots(grid) {
		names = append(names, filepath.Join(report.PlotsDir, p.Name+".svg"))
	}
	fmt.Fprintf(s.err, "\nGrid: %s, with %s\n", filepath.Join(out, results.SweepFile), strings.Join(names[:min(4, len(names))], ", "))
	return nil
}

// gridProgress shows how far a sweep is: a line that is written over on a terminal, plain lines elsewhere.
type gridProgress struct {
	s           streams
	start, last time.Time
	had         float64 // share that was on disk already, and took no time today
	begun       bool
	drawn       bool
}

func (p *gridProgress) show(share float64, finished, all int) {
	if !p.begun {
		p.begun, p.had = true, share
	}
	since, every := time.Since(p.start), plainEvery
	if p.s.terminal {
		every = 250 * time.Millisecond
	}
	if since < quietFor || time.Since(p.last) < every {
		return
	}
	p.last = time.Now()
	text := fmt.Sprintf("%3.0f %%  %d of %d runs done, about %v to go", 100*share, finished, all,
		remaining(since, (share-p.had)/max(1e-9, 1-p.had)))
	if p.s.terminal {
		p.drawn = true
		fmt.Fprintf(p.s.err, "\r\033[K%s", text)
	} else {
		fmt.Fprintln(p.s.err, text)
	}
}

func (p *gridProgress) end() {
	if p.drawn {
		fmt.Fprint(p.s.err, "\r\033[K")
	}
}

// drawSweep draws a stored grid again.
func drawSweep(s streams, path, out string) error {
	grid, err := results.ReadSweep(path)
	if err != nil {
		return usageError{err}
	}
	folder, draw := folderOf(path), report.WriteSweepReports
	if out != "" {
		folder, draw = out, report.WriteSweep
	}
	if err := draw(folder, grid); err != nil {
		return err
	}
	return showSweep(s, grid, folder, false)
}
