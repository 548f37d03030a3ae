package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"swarmlab/results"
	"swarmlab/sim/sweep"
)

// metric is what the guide looks for.
const metric = "p2pRatio"

// guards must not get worse by more than what matters.
var guards = []string{"stallRatio", "startupMs.p95", "neverStarted"}

// bench is what the cases are worked on with.
type bench struct {
	runs    string // folder
	workers int
	judge   string // tier, or auto
	known   []outcome
}

// find searches a case and judges what it found.
func (c guideCase) find(ctx context.Context, on bench) (outcome, error) {
	how := c.course(on.judge)
	from, err := c.searched(how, on.known)
	if err != nil {
		return outcome{}, err
	}
	grid, err := from.part(ctx, on, "search", "flow", searchSeed, from.course(on.judge).searchSeeds, nil)
	if err != nil {
		return outcome{}, err
	}
	defaults := defaultsOf(grid)
	o := outcome{
		Case: c.id(), Title: c.title, Viewers: c.viewers, Combinations: len(grid.Cells), SearchViewers: from.viewers, SearchSeeds: len(grid.Seeds),
		Hurting: hurting(grid, defaults), Tier: how.tier, Seeds: how.seeds, Picked: []results.Setting{},
	}
	best := pick(grid, defaults, every(grid))
	if how.candidates > 0 {
		if best, err = c.tryOut(ctx, on, how, grid, &o); err != nil {
			return outcome{}, err
		}
	}
	cells := []int{defaults}
	if best != defaults {
		cells = append(cells, best)
	}
	judged, err := c.part(ctx, on, "judge-"+how.tier, how.tier, judgeSeed, how.seeds, cells)
	if err != nil {
		return outcome{}, err
	}
	o.Defaults = sideOf(judged.Cells[defaults])
	if best == defaults {
		o.Verdict = nothingBetter
		return o, nil
	}
	o.Picked, o.Winner = changed(grid, best, defaults), sideOf(judged.Cells[best])
	o.judge(judged.Cells[defaults], judged.Cells[best])
	return o, nil
}

// searched is the case whose grid is searched: the case itself, or the one with the next smaller audience that has been run.
func (c guideCase) searched(how course, known []outcome) (guideCase, error) {
	if how.searchSeeds > 0 {
		return c, nil
	}
	from := 0
	for _, o := range known {
		if o.Title == c.title && o.SearchViewers == o.Viewers && o.Viewers < c.viewers {
			from = max(from, o.Viewers)
		}
	}
	if from == 0 {
		return c, fmt.Errorf("%d viewers are too many for a grid, and none has been run with fewer; run -audiences 100 -only %s first", c.viewers, c.name)
	}
	return guideCase{c.stream, from}, nil
}

// tryOut runs the best few of the grid and the defaults with the case's own audience and tier, and picks again.
func (c guideCase) tryOut(ctx context.Context, on bench, how course, grid *results.Sweep, o *outcome) (int, error) {
	defaults := defaultsOf(grid)
	few := shortlist(grid, defaults, how.candidates)
	o.CandidateSeeds = how.candidateSeeds
	if len(few) == 0 {
		return defaults, nil
	}
	tried, err := c.part(ctx, on, "candidates-"+how.tier, how.tier, candidateSeed, how.candidateSeeds, append([]int{defaults}, few...))
	if err != nil {
		return 0, err
	}
	for _, i := range few {
		s, _ := tried.Cells[i].Spread(metric)
		o.Tried = append(o.Tried, candidate{changed(grid, i, defaults), s.Mean, hurtIn(tried.Cells[defaults], tried.Cells[i])})
	}
	return pick(tried, defaults, few), nil
}

// part runs cells of the case's grid (nil: all), with progress.
func (c guideCase) part(ctx context.Context, on bench, name, tier string, seed uint64, seeds int, cells []int) (*results.Sweep, error) {
	s, err := c.scenario(seed)
	if err != nil {
		return nil, err
	}
	plan, err := sweep.NewPlan(sweep.Config{
		Scenario: s, Axes: c.axes, Only: cells, Seeds: seeds, Tier: tier, Metrics: []string{metric}, MostRuns: 100_000, Version: bookSchema,
	})
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(on.runs, c.id(), name)
	begun, last, had := time.Now(), time.Now(), -1.0
	grid, err := plan.Run(ctx, sweep.Options{
		Dir: dir, Evaluate: sweep.InProcess(tier), Workers: on.workers,
		Progress: func(share float64, finished, all int) {
			if had < 0 {
				had = share // from disk: it took no time today
			}
			if time.Since(last) < 20*time.Second || share <= had {
				return
			}
			last = time.Now()
			left := time.Duration(float64(time.Since(begun)) * (1 - share) / (share - had)).Round(time.Second)
			fmt.Fprintf(os.Stderr, "%s %s: %d of %d runs, about %v to go\n", c.id(), name, finished, all, left)
		},
	})
	if errors.Is(err, sweep.ErrInput) {
		return nil, fmt.Errorf("%w (remove %s to run it anew)", err, dir)
	}
	return grid, err
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

// every is all cells of a grid.
func every(grid *results.Sweep) (cells []int) {
	for i := range grid.Cells {
		cells = append(cells, i)
	}
	return cells
}

// little is a difference of the ratio that nothing is changed for: a third of what matters.
const little = 0.003

// pick is the best of some combinations that hurts nobody; the defaults if none is better. Of those that are as good as the best, for
// all that matters, it is the one that changes the fewest settings: what gains nothing need not be pasted.
func pick(grid *results.Sweep, defaults int, among []int) int {
	best := defaults
	var fit []int
	for _, i := range among {
		if !hurts(grid.Cells[defaults], grid.Cells[i]) {
			fit = append(fit, i)
			if ratioOf(grid, i) > ratioOf(grid, best) {
				best = i
			}
		}
	}
	top := ratioOf(grid, best)
	for _, i := range fit {
		if ratioOf(grid, i) < top-little {
			continue
		}
		a, b := len(changed(grid, i, defaults)), len(changed(grid, best, defaults))
		if a < b || a == b && ratioOf(grid, i) > ratioOf(grid, best) {
			best = i
		}
	}
	return best
}

// shortlist is the pick among the combinations of each high-demand window, the best first and at most n. That window decides most: the
// best few of all would be one window with others of no consequence.
func shortlist(grid *results.Sweep, defaults, n int) (few []int) {
	for value := range grid.Axes[0].Values {
		var among []int
		for i, c := range grid.Cells {
			if c.Place[0] == value {
				among = append(among, i)
			}
		}
		if best := pick(grid, defaults, among); best != defaults && ratioOf(grid, best) > ratioOf(grid, defaults)+little {
			few = append(few, best)
		}
	}
	slices.SortStableFunc(few, func(a, b int) int { return cmp.Compare(ratioOf(grid, b), ratioOf(grid, a)) })
	return few[:min(n, len(few))]
}

func ratioOf(grid *results.Sweep, cell int) float64 {
	s, _ := grid.Cells[cell].Spread(metric)
	return s.Mean
}

// changed are a combination's settings that the defaults do not have.
func changed(grid *results.Sweep, cell, defaults int) (out []results.Setting) {
	for k, value := range grid.Settings(grid.Cells[cell]) {
		if grid.Cells[cell].Place[k] != grid.Cells[defaults].Place[k] {
			out = append(out, results.Setting{Path: grid.Axes[k].Path, Value: value})
		}
	}
	return out
}

// hurting counts the combinations that hurt somebody.
func hurting(grid *results.Sweep, defaults int) (n int) {
	for i := range grid.Cells {
		if hurts(grid.Cells[defaults], grid.Cells[i]) {
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
