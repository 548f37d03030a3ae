package sweep

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"swarmlab/results"
	"swarmlab/scenarios"
)

// A plan of two settings with a made-up world behind it: the ratio is known for every combination and seed.

const (
	window = "p2pml.core.highDemandTimeWindow"
	slots  = "p2pml.core.simultaneousP2PDownloads"
)

func config(t *testing.T) Config {
	t.Helper()
	s, err := scenarios.Load("live")
	if err != nil {
		t.Fatal(err)
	}
	return Config{
		Scenario: s, Seeds: 3, Tier: "flow", Metrics: []string{"p2pRatio"}, MostRuns: 100, Version: "v", Command: "c",
		Axes: []results.Axis{{Path: window, Values: []string{"4", "8"}}, {Path: slots, Values: []string{"1", "3", "5"}}},
	}
}

func ratio(s *scenarios.Scenario) float64 {
	return *s.P2PML.Core.HighDemandTimeWindow/100 + float64(*s.P2PML.Core.SimultaneousP2PDownloads)/1000 + float64(s.Run.Seed)/1e5
}

// world counts what it is asked.
type world struct {
	mu    sync.Mutex
	asked map[string]int
	fail  func(s *scenarios.Scenario) error
	after func(n int) // told how many runs there were
}

func (w *world) evaluate(_ context.Context, s *scenarios.Scenario, share func(float64)) (*results.Result, error) {
	share(0.5)
	if w.fail != nil {
		if err := w.fail(s); err != nil {
			return nil, err
		}
	}
	r := &results.Result{Run: results.Run{Seed: s.Run.Seed}, Summary: results.Summary{P2PRatio: ratio(s)}}
	w.mu.Lock()
	if w.asked == nil {
		w.asked = map[string]int{}
	}
	w.asked[fmt.Sprint(ratio(s))]++
	n := len(w.asked)
	w.mu.Unlock()
	if w.after != nil {
		w.after(n)
	}
	return r, nil
}

func sweepOnce(t *testing.T, dir string, w *world, ctx context.Context) (*results.Sweep, error) {
	t.Helper()
	plan, err := NewPlan(config(t))
	if err != nil {
		t.Fatal(err)
	}
	last := -1.0
	return plan.Run(ctx, Options{Dir: dir, Evaluate: w.evaluate, Workers: 2, Progress: func(share float64, finished, all int) {
		if share < last-1e-9 || share > 1+1e-9 || all != 18 || finished > all {
			t.Errorf("progress of %v after %v, %d of %d", share, last, finished, all)
		}
		last = share
	}})
}

// TestOnly: cells that were not asked for stay empty, and a later plan on the same folder adds to it.
func TestOnly(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		only []int
		asks int
		want []int // runs of each cell
	}{
		{[]int{4, 1}, 6, []int{0, 3, 0, 0, 3, 0}},
		{[]int{1, 2}, 3, []int{0, 3, 3, 0, 3, 0}},
		{nil, 9, []int{3, 3, 3, 3, 3, 3}},
	} {
		config, w := config(t), &world{}
		config.Only = c.only
		plan, err := NewPlan(config)
		if err != nil {
			t.Fatal(err)
		}
		got, err := plan.Run(t.Context(), Options{Dir: dir, Evaluate: w.evaluate, Workers: 2, Progress: func(share float64, finished, all int) {
			if share > 1+1e-9 || all != plan.Runs() || finished > all {
				t.Errorf("only %v: progress of %v, %d of %d", c.only, share, finished, all)
			}
		}})
		if err != nil || len(w.asked) != c.asks {
			t.Errorf("only %v: %d runs, %v", c.only, len(w.asked), err)
		}
		for i, n := range c.want {
			if len(got.Cells[i].Runs) != n {
				t.Errorf("only %v: cell %d has %d runs, want %d", c.only, i, len(got.Cells[i].Runs), n)
			}
		}
	}
	for _, bad := range [][]int{{-1}, {6}, {1, 1}} {
		config := config(t)
		config.Only = bad
		if _, err := NewPlan(config); !errors.Is(err, ErrInput) {
			t.Errorf("only %v: %v", bad, err)
		}
	}
}

func TestRunEveryCombination(t *testing.T) {
	got, err := sweepOnce(t, t.TempDir(), &world{}, t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Cells) != 6 || got.Finished() != 18 {
		t.Fatalf("%d cells, %d runs", len(got.Cells), got.Finished())
	}
	for i, want := range []string{"4 1", "4 3", "4 5", "8 1", "8 3", "8 5"} {
		if got := strings.Join(got.Settings(got.Cells[i]), " "); got != want {
			t.Errorf("cell %d has %s, want %s", i, got, want)
		}
		for k, run := range got.Cells[i].Runs {
			var w, n float64
			if _, err := fmt.Sscan(want, &w, &n); err != nil {
				t.Fatal(err)
			}
			if want := w/100 + n/1000 + float64(k+1)/1e5; run.Seed != uint64(k+1) || run.Values["p2pRatio"]-want > 1e-9 || want-run.Values["p2pRatio"] > 1e-9 {
				t.Errorf("cell %d, run %d: seed %d, %v, want %v", i, k, run.Seed, run.Values["p2pRatio"], want)
			}
		}
	}
	if best := got.Best("p2pRatio"); best != 5 {
		t.Errorf("cell %d is the best", best)
	}
	diff, interval, n := got.Paired(0, 5, "p2pRatio")
	if n != 3 || diff < 0.0439 || diff > 0.0441 || interval == nil || interval.High-interval.Low > 1e-4 {
		t.Errorf("the last cell is better by %v, %v, of %d seeds", diff, interval, n)
	}
}

// TestResume interrupts, cuts the last line short as a kill does, and goes on: no run is done twice, and the grid is the same.
func TestResume(t *testing.T) {
	whole, err := sweepOnce(t, t.TempDir(), &world{}, t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	first := &world{after: func(n int) {
		if n == 7 {
			stop()
		}
	}}
	part, err := sweepOnce(t, dir, first, ctx)
	if !errors.Is(err, context.Canceled) || part.Finished() == 0 || part.Finished() >= 18 {
		t.Fatalf("%d runs, %v", part.Finished(), err)
	}
	path := filepath.Join(dir, journalFile)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data[:len(data)-9], 0o600); err != nil {
		t.Fatal(err)
	}
	second := &world{}
	got, err := sweepOnce(t, dir, second, t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole, got); diff != "" {
		t.Errorf("an interrupted grid differs (-whole +resumed):\n%s", diff)
	}
	if want := 18 - (part.Finished() - 1); len(second.asked) != want {
		t.Errorf("%d runs the second time, want %d", len(second.asked), want)
	}
	third := &world{}
	if _, err := sweepOnce(t, dir, third, t.Context()); err != nil || len(third.asked) != 0 {
		t.Errorf("%d runs the third time, %v", len(third.asked), err)
	}
}

// TestAnotherSweep: runs of another grid in the folder are no runs of this one.
func TestAnotherSweep(t *testing.T) {
	dir := t.TempDir()
	if _, err := sweepOnce(t, dir, &world{}, t.Context()); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*Config){
		"values":   func(c *Config) { c.Axes[0].Values = []string{"4", "9"} },
		"scenario": func(c *Config) { c.Scenario.Peers.Count++ },
		"version":  func(c *Config) { c.Version = "w" },
		"seeds":    func(c *Config) { c.Seeds = 2 },
	} {
		c := config(t)
		change(&c)
		plan, err := NewPlan(c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := plan.Run(t.Context(), Options{Dir: dir, Evaluate: (&world{}).evaluate}); !errors.Is(err, ErrInput) {
			t.Errorf("another sweep's %s: %v", what, err)
		}
	}
}

func TestFailuresLeaveTheOthers(t *testing.T) {
	w := &world{fail: func(s *scenarios.Scenario) error {
		if *s.P2PML.Core.HighDemandTimeWindow == 8 && s.Run.Seed == 2 {
			return errors.New("it broke")
		}
		return nil
	}}
	got, err := sweepOnce(t, t.TempDir(), w, t.Context())
	if err == nil || !strings.Contains(err.Error(), window+"=8 "+slots+"=3, seed 2: it broke") || got.Finished() != 15 {
		t.Errorf("%d runs, %v", got.Finished(), err)
	}
}

func TestPlanRefuses(t *testing.T) {
	for what, change := range map[string]func(*Config){
		"no axis":              func(c *Config) { c.Axes = nil },
		"no such field":        func(c *Config) { c.Axes[0].Path = "p2pml.core.highDemand" },
		"a value out of range": func(c *Config) { c.Axes[1].Values[2] = "-5" },
		"a path twice":         func(c *Config) { c.Axes[1].Path = window },
		"the seed":             func(c *Config) { c.Axes[1].Path = "run.seed" },
		"a grid too large":     func(c *Config) { c.MostRuns = 17 },
		"no such metric":       func(c *Config) { c.Metrics = []string{"p2pratio"} },
		"a distribution":       func(c *Config) { c.Metrics = []string{"startupMs"} },
		"no metric":            func(c *Config) { c.Metrics = nil },
		"no such tier":         func(c *Config) { c.Tier = "magic" },
	} {
		c := config(t)
		change(&c)
		if _, err := NewPlan(c); err == nil {
			t.Errorf("%s is planned", what)
		}
	}
	c := config(t)
	c.MostRuns = 18
	c.Metrics = []string{"startupMs.p95", "httpReasons.highDemand.bytes", "liveLatencyMs.p50", "errors", "stalls"}
	if _, err := NewPlan(c); err == nil {
		t.Error("errors is many figures")
	}
	c.Metrics = c.Metrics[:3]
	if _, err := NewPlan(c); err != nil {
		t.Error(err)
	}
}

// TestInProcess: the flow tier, for real.
func TestInProcess(t *testing.T) {
	c := config(t)
	if err := c.Scenario.SetAll([]string{"peers.count=5", "run.duration=60s"}); err != nil {
		t.Fatal(err)
	}
	c.Seeds, c.Axes = 1, []results.Axis{{Path: window, Values: []string{"0", "20"}}}
	plan, err := NewPlan(c)
	if err != nil {
		t.Fatal(err)
	}
	got, err := plan.Run(t.Context(), Options{Dir: t.TempDir(), Evaluate: InProcess("flow")})
	if err != nil {
		t.Fatal(err)
	}
	if got.Best("p2pRatio") != 0 || got.Cells[0].Runs[0].Values["peers"] != 5 {
		t.Errorf("%v, %v", got.Cells[0].Runs[0].Values["p2pRatio"], got.Cells[1].Runs[0].Values["p2pRatio"])
	}
}
