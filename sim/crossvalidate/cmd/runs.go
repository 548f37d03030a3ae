package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"swarmlab/results"
	"swarmlab/scenarios"
	"swarmlab/sim"
	"swarmlab/sim/crossvalidate"
)

// testCase is a scenario of the packet tier.
type testCase struct {
	name, preset string
	sets         []string
}

// cases are the presets of 20 to 200 viewers as they are, and some at other sizes.
var cases = []testCase{
	{name: "vod", preset: "vod"},
	{name: "live", preset: "live"},
	{name: "live-low-latency", preset: "live-low-latency"},
	{name: "abr", preset: "abr"},
	{name: "mixed-nat", preset: "mixed-nat"},
	{name: "churn", preset: "churn"},
	{name: "flash-crowd", preset: "flash-crowd"},
	{name: "vod-20", preset: "vod", sets: []string{"peers.count=20"}},
	{name: "live-20", preset: "live", sets: []string{"peers.count=20"}},
	{name: "abr-20", preset: "abr", sets: []string{"peers.count=20"}},
	{name: "live-200", preset: "live", sets: []string{"peers.count=200"}},
}

// runOf names one run: CASE/TIER/seed-N, also its folder.
func runOf(name, tier string, seed int) string { return fmt.Sprintf("%s/%s/seed-%d", name, tier, seed) }

// tiers, the truth first.
var tiers = []string{"packet", "flow"}

// runAll does what is missing, as many runs at a time as there are cores, and sets them side by side.
func runAll(ctx context.Context, o options, wanted *regexp.Regexp) ([]*crossvalidate.Agreement, error) {
	var todo []string
	for seed := 1; seed <= o.seeds; seed++ {
		for _, c := range cases {
			for _, tier := range tiers {
				if run := runOf(c.name, tier, seed); wanted.MatchString(c.name) && (tier == "flow" || o.again || !kept(o.keep, run)) {
					todo = append(todo, run)
				}
			}
		}
	}
	if err := doAll(ctx, o.keep, todo); err != nil {
		return nil, err
	}
	var out []*crossvalidate.Agreement
	for _, c := range cases {
		if !wanted.MatchString(c.name) {
			continue
		}
		a, err := agree(o, c)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

func kept(folder, run string) bool {
	_, err := os.Stat(filepath.Join(folder, run, results.ResultFile))
	return err == nil
}

// doAll does runs in child processes, with a line for each that is done.
func doAll(ctx context.Context, folder string, todo []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.NumCPU())
	var mu sync.Mutex
	done, began := 0, time.Now()
	for _, run := range todo {
		group.Go(func() error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			cmd := exec.CommandContext(ctx, self, "-keep", folder, "-one", run)
			cmd.Env = append(os.Environ(), "GOMAXPROCS=1") // two runs on two cores do more than one run on two
			if said, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("%s: %w\n%s", run, err, said)
			}
			mu.Lock()
			defer mu.Unlock()
			done++
			left := time.Duration(float64(time.Since(began)) / float64(done) * float64(len(todo)-done))
			fmt.Fprintf(os.Stderr, "%d of %d runs (%s), about %v to go\n", done, len(todo), run, left.Round(time.Second))
			return nil
		})
	}
	return group.Wait()
}

// single does one run in this process and keeps its result.
func single(ctx context.Context, folder, run string) error {
	parts := strings.Split(run, "/")
	if len(parts) != 3 {
		return fmt.Errorf("%q is no run; want CASE/TIER/seed-N", run)
	}
	seed, err := strconv.Atoi(strings.TrimPrefix(parts[2], "seed-"))
	if err != nil {
		return fmt.Errorf("%q is no run: %w", run, err)
	}
	for _, c := range cases {
		if c.name == parts[0] {
			return c.do(ctx, parts[1], seed, filepath.Join(folder, run))
		}
	}
	return fmt.Errorf("there is no scenario %q to cross-validate", parts[0])
}

func (c testCase) do(ctx context.Context, tier string, seed int, folder string) error {
	s, err := scenarios.Load(c.preset)
	if err != nil {
		return err
	}
	if err := s.SetAll(append([]string{"run.seed=" + strconv.Itoa(seed)}, c.sets...)); err != nil {
		return err
	}
	sim.TuneMemory()
	r, err := sim.Run(ctx, s, sim.Options{Tier: tier, Command: "make crossvalidate"})
	if err != nil {
		return err
	}
	return results.Write(folder, r)
}

// agree reads a case's runs.
func agree(o options, c testCase) (*crossvalidate.Agreement, error) {
	byTier := map[string][]*results.Result{}
	for seed := 1; seed <= o.seeds; seed++ {
		for _, tier := range tiers {
			r, err := results.Read(filepath.Join(o.keep, runOf(c.name, tier, seed)))
			if err != nil {
				return nil, err
			}
			byTier[tier] = append(byTier[tier], r)
		}
	}
	return crossvalidate.Agree(c.name, byTier["packet"], byTier["flow"])
}
