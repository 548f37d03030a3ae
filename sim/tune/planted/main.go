// Command planted measures how good the search is: on a scenario whose optimum an exhaustive grid has found, how far below it does tune
// end, with a tenth of the grid's trials? README.md of package tune has the table that it prints.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"swarmlab/results"
	"swarmlab/scenarios"
	"swarmlab/sim"
	"swarmlab/sim/tune"
)

// The scenario is the shipped one in which settings matter most, made small.
const scenarioName = "live-low-latency"

var changes = []string{"peers.count=16", "run.duration=60s"}

// The grid has 10 x 8 x 6 places.
var grid = []struct {
	path   string
	values []string
}{
	{"p2pml.core.highDemandTimeWindow", []string{"1", "1.5", "2", "3", "4", "5", "6.5", "8", "11", "15"}},
	{"p2pml.core.simultaneousP2PDownloads", []string{"1", "2", "3", "4", "5", "6", "7", "8"}},
	{"p2pml.core.httpDownloadTimeWindow", []string{"2", "4", "7", "13", "25", "60"}},
}

// space is the box that the grid fills.
const space = `dimensions:
  - {path: p2pml.core.highDemandTimeWindow, kind: log, from: 1, to: 15}
  - {path: p2pml.core.simultaneousP2PDownloads, kind: int, from: 1, to: 8}
  - {path: p2pml.core.httpDownloadTimeWindow, kind: log, from: 2, to: 60}
`

const (
	objective = "max p2pRatio"
	// judging is the number of seeds behind each place of the grid and behind each answer; neither is one that a search uses.
	judging      = 4
	firstJudging = 5_000_000
)

func main() {
	seeds := flag.Int("seeds", 10, "searches")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := experiment(ctx, *seeds)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "planted:", err)
		os.Exit(1)
	}
}

func experiment(ctx context.Context, seeds int) error {
	scenario, err := scenarios.Load(scenarioName)
	if err != nil {
		return err
	}
	if err := scenario.SetAll(changes); err != nil {
		return err
	}
	places := product()
	begun := time.Now()
	truth, err := judge(ctx, scenario, places)
	if err != nil {
		return err
	}
	order := slices.Clone(truth)
	slices.Sort(order)
	best := slices.Index(truth, slices.Max(truth))
	fmt.Printf("%s, %v: a grid of %d settings with %d seeds each (%.0f s). The best is %v, P2P ratio %.4f; the median is %.4f, and "+
		"%d settings are within a point of the best.\n\n", scenarioName, changes, len(places), judging, time.Since(begun).Seconds(),
		places[best], truth[best], order[len(order)/2], within(truth, truth[best]))
	fmt.Println("| seed | trials | answer | P2P ratio | below the best |")
	fmt.Println("|---|---|---|---|---|")
	good := 0
	for seed := range seeds {
		below, err := search(ctx, *scenario, uint64(seed+1), len(places)/10, truth[best])
		if err != nil {
			return err
		}
		if below <= 0.01 {
			good++
		}
	}
	fmt.Printf("\nWithin a point of the best: %d of %d. All of it took %.0f s.\n", good, seeds, time.Since(begun).Seconds())
	return nil
}

// product are all places of the grid.
func product() [][]string {
	out := [][]string{nil}
	for _, axis := range grid {
		var next [][]string
		for _, place := range out {
			for _, value := range axis.values {
				next = append(next, append(slices.Clone(place), axis.path+"="+value))
			}
		}
		out = next
	}
	return out
}

func within(truth []float64, best float64) (n int) {
	for _, x := range truth {
		if x >= best-0.01 {
			n++
		}
	}
	return n
}

// search is one row of the table.
func search(ctx context.Context, scenario scenarios.Scenario, seed uint64, trials int, best float64) (below float64, err error) {
	dir, err := os.MkdirTemp("", "planted-*")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a folder left behind harms nobody
	p := tune.Plan{Scenario: &scenario, Seed: seed, Trials: trials}
	o, err := tune.ParseObjective(objective)
	if err != nil {
		return 0, err
	}
	p.Objectives = []tune.Objective{o}
	whole, err := tune.ParseSpace("planted", []byte(space))
	if err != nil {
		return 0, err
	}
	if p.Space, err = whole.For(&scenario); err != nil {
		return 0, err
	}
	found, err := tune.Run(ctx, p, tune.Options{Dir: dir, Parallel: runtime.NumCPU(), Simulate: simulate})
	if err != nil {
		return 0, err
	}
	answer := found.Trials[found.Front[0]]
	var settings []string
	for _, s := range answer.Settings {
		settings = append(settings, s.Path+"="+s.Value)
	}
	ratio, err := judge(ctx, &scenario, [][]string{settings})
	if err != nil {
		return 0, err
	}
	fmt.Printf("| %d | %d | %s | %.4f | %.2f points |\n", seed, trials, values(answer.Settings), ratio[0], 100*(best-ratio[0]))
	return best - ratio[0], nil
}

func values(settings []results.Setting) string {
	text := ""
	for _, s := range settings {
		text += s.Value + " "
	}
	return text
}

func simulate(ctx context.Context, tier string, s *scenarios.Scenario) (*results.Result, error) {
	return sim.Run(ctx, s, sim.Options{Tier: tier})
}

// judge is the mean figure of settings, with the seeds of judging.
func judge(ctx context.Context, scenario *scenarios.Scenario, places [][]string) ([]float64, error) {
	out := make([][judging]float64, len(places))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.NumCPU())
	for i, place := range places {
		for k := range judging {
			group.Go(func() error {
				s := *scenario
				if err := s.SetAll(append(slices.Clone(place), fmt.Sprintf("run.seed=%d", firstJudging+k))); err != nil {
					return err
				}
				r, err := simulate(ctx, "flow", &s)
				if err == nil {
					out[i][k] = r.Summary.P2PRatio
				}
				return err
			})
		}
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	means := make([]float64, len(places))
	for i := range out {
		for _, x := range out[i] {
			means[i] += x / judging
		}
	}
	return means, nil
}
