package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"swarmlab/results"
	"swarmlab/sim/sweep"
)

// metric is what the guide looks for.
const metric = "p2pRatio"

// guards must not get worse by more than what matters.
var guards = []string{"stallRatio", "startupMs.p95", "neverStarted"}

// find searches a case and judges what it found.
func (c guideCase) find(ctx context.Context, runs string, workers int, judge string) (outcome, error) {
	dir := filepath.Join(runs, c.id())
	grid, err := c.grid(ctx, filepath.Join(dir, "search"), "flow", 1, c.searchSeeds(), c.axes, workers)
	if err != nil {
		return outcome{}, err
	}
	defaults := defaultsOf(grid)
	best := pick(grid, defaults)
	o := outcome{Case: c.id(), Title: c.title, Viewers: c.viewers, Combinations: len(grid.Cells), SearchSeeds: c.searchSeeds(), Picked: []results.Setting{}}
	tier, seeds := c.judge(judge)
	o.Tier, o.Seeds = tier, seeds
	with := c.fixed(grid, defaults)
	before, err := c.grid(ctx, filepath.Join(dir, "defaults-"+tier), tier, firstFreshSeed, seeds, with, workers)
	if err != nil {
		return outcome{}, err
	}
	o.Defaults = sideOf(before)
	if best == defaults {
		o.Verdict = nothingBetter
		return o, nil
	}
	for i, axis := range grid.Axes {
		if value := grid.Settings(grid.Cells[best])[i]; value != grid.Settings(grid.Cells[defaults])[i] {
			o.Picked = append(o.Picked, results.Setting{Path: axis.Path, Value: value})
		}
	}
	after, err := c.grid(ctx, filepath.Join(dir, tier+"-"+folderName(o.Picked)), tier, firstFreshSeed, seeds, c.fixed(grid, best), workers)
	if err != nil {
		return outcome{}, err
	}
	o.Winner = sideOf(after)
	o.judge(before.Cells[0], after.Cells[0])
	return o, nil
}

// grid runs a grid, with progress.
func (c guideCase) grid(
	ctx context.Context, dir, tier string, seed uint64, seeds int, axes []results.Axis, workers int,
) (*results.Sweep, error) {
	s, err := c.scenario(seed)
	if err != nil {
		return nil, err
	}
	plan, err := sweep.NewPlan(sweep.Config{
		Scenario: s, Axes: axes, Seeds: seeds, Tier: tier, Metrics: []string{metric}, MostRuns: 100_000, Version: "guide",
	})
	if err != nil {
		return nil, err
	}
	begun, last := time.Now(), time.Now()
	grid, err := plan.Run(ctx, sweep.Options{
		Dir: dir, Evaluate: sweep.InProcess(tier), Workers: workers,
		Progress: func(share float64, finished, all int) {
			if time.Since(last) < 20*time.Second || share <= 0 {
				return
			}
			last = time.Now()
			left := time.Duration(float64(time.Since(begun)) * (1 - share) / share).Round(time.Second)
			fmt.Fprintf(os.Stderr, "%s %s: %d of %d runs, about %v to go\n", c.id(), filepath.Base(dir), finished, all, left)
		},
	})
	if err != nil {
		return nil, err
	}
	return grid, nil
}

// fixed are axes of one value each: a single combination.
func (c guideCase) fixed(grid *results.Sweep, cell int) []results.Axis {
	out := make([]results.Axis, len(grid.Axes))
	for i, value := range grid.Settings(grid.Cells[cell]) {
		out[i] = results.Axis{Path: grid.Axes[i].Path, Values: []string{value}}
	}
	return out
}

// defaultsOf is the cell with the library's defaults.
func defaultsOf(grid *results.Sweep) int {
	defaults := map[string]string{
		core + "highDemandTimeWindow": "15", core + "simultaneousP2PDownloads": "3",
		core + "httpDownloadTimeWindow": "3000", core + "p2pDownloadTimeWindow": "6000",
	}
	for i, c := range grid.Cells {
		same := true
		for k, value := range grid.Settings(c) {
			same = same && defaults[grid.Axes[k].Path] == value
		}
		if same {
			return i
		}
	}
	return -1 // a test holds the spaces to having it
}

// pick is the best combination that hurts nobody. Of those that are as good as the best, for all that matters, it is the one that changes
// the fewest settings: what gains nothing need not be pasted.
func pick(grid *results.Sweep, defaults int) int {
	mean := func(i int) float64 { s, _ := grid.Cells[i].Spread(metric); return s.Mean }
	best := defaults
	var fit []int
	for i := range grid.Cells {
		if !hurts(grid.Cells[defaults], grid.Cells[i]) {
			fit = append(fit, i)
			if mean(i) > mean(best) {
				best = i
			}
		}
	}
	const little = 0.003 // of the ratio: a third of what matters
	top := mean(best)
	for _, i := range fit {
		if mean(i) < top-little {
			continue
		}
		if a, b := changes(grid, i, defaults), changes(grid, best, defaults); a < b || a == b && mean(i) > mean(best) {
			best = i
		}
	}
	return best
}

func changes(grid *results.Sweep, i, defaults int) (n int) {
	for k := range grid.Axes {
		if grid.Cells[i].Place[k] != grid.Cells[defaults].Place[k] {
			n++
		}
	}
	return n
}

// hurts: a guard is worse than with the defaults, by as much as matters.
func hurts(defaults, cell results.SweepCell) bool { return len(hurtIn(defaults, cell)) > 0 }

func hurtIn(defaults, cell results.SweepCell) (names []string) {
	for _, name := range guards {
		was, ok := defaults.Spread(name)
		is, measured := cell.Spread(name)
		if ok && measured && is.Mean-was.Mean > smallest(name, was.Mean) {
			names = append(names, name)
		}
	}
	return names
}

// smallest is the smallest difference that matters, as comparisons have it.
func smallest(name string, from float64) float64 {
	for _, j := range results.JudgedMetrics() {
		if j.Name == name {
			return max(j.Least, j.Share*from)
		}
	}
	return 0
}

func folderName(settings []results.Setting) string {
	var parts []string
	for _, s := range settings {
		parts = append(parts, strings.TrimPrefix(s.Path, core)+"-"+s.Value)
	}
	return strings.Join(parts, "-")
}
