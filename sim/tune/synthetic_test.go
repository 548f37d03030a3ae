package tune

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"testing"

	"swarmlab/results"
	"swarmlab/scenarios"
)

// landscape is a swarm that can be computed: a P2P ratio and a stall ratio that depend on three options, with an audience's luck that all
// settings share and a little that each has of its own. Its optimum is known.
type landscape struct {
	// packet tilts the packet tier's answer: what it says is so much less the smaller the high-demand window.
	packetTilt float64
	flat       bool // settings change nothing
	runs       chan string
}

// bestWindow, bestHTTP and bestDownloads are where the ratio is highest.
const (
	bestWindow    = 5.0
	bestHTTP      = 40.0
	bestDownloads = 6
)

// ratio is without luck.
func (l landscape) ratio(window, http float64, downloads int) float64 {
	if l.flat {
		return 0.5
	}
	a := math.Log(window / bestWindow)
	b := math.Log(http / bestHTTP)
	c := float64(downloads-bestDownloads) / 4
	return 0.8 - 0.12*a*a - 0.02*b*b - 0.05*c*c - 0.03*a*c
}

func (l landscape) simulate(_ context.Context, tier string, s *scenarios.Scenario) (*results.Result, error) {
	core := s.P2PML.Core
	window, http, downloads := *core.HighDemandTimeWindow, *core.HTTPDownloadTimeWindow, *core.SimultaneousP2PDownloads
	own := rand.New(rand.NewPCG(s.Run.Seed, hash(fmt.Sprint(window, http, downloads))))
	luck := rand.New(rand.NewPCG(s.Run.Seed, 1)).NormFloat64() * 0.03
	r := &results.Result{}
	r.Summary.P2PRatio = l.ratio(window, http, downloads) + luck + 0.004*own.NormFloat64()
	r.Summary.CopiesPerSegment = 100 * (1 - r.Summary.P2PRatio)
	if tier == packet {
		r.Summary.P2PRatio -= l.packetTilt * math.Log(15/window)
	}
	r.Summary.Offload = r.Summary.P2PRatio
	r.Summary.StallRatio = 0.002 * max(0, 4-window) // a short window stalls
	if l.runs != nil {
		l.runs <- tier
	}
	return r, nil
}

func hash(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s))
	return h.Sum64()
}

const syntheticSpace = `dimensions:
  - {path: p2pml.core.highDemandTimeWindow, kind: log, from: 1, to: 30}
  - {path: p2pml.core.httpDownloadTimeWindow, kind: log, from: 2, to: 3000}
  - {path: p2pml.core.simultaneousP2PDownloads, kind: int, from: 1, to: 12}
`

func syntheticPlan(t testing.TB, objectives, constraints []string) Plan {
	t.Helper()
	scenario, err := scenarios.Parse("synthetic.yaml", []byte("peers: {count: 20}"))
	if err != nil {
		t.Fatal(err)
	}
	space, err := ParseSpace("space.yaml", []byte(syntheticSpace))
	if err != nil {
		t.Fatal(err)
	}
	p := Plan{Scenario: scenario, Seed: 1, Trials: 40, Confirm: 2, ConfirmSeeds: 6}
	if p.Space, err = space.For(scenario); err != nil {
		t.Fatal(err)
	}
	for _, text := range objectives {
		o, err := ParseObjective(text)
		if err != nil {
			t.Fatal(err)
		}
		p.Objectives = append(p.Objectives, o)
	}
	for _, text := range constraints {
		c, err := ParseConstraint(text)
		if err != nil {
			t.Fatal(err)
		}
		p.Constraints = append(p.Constraints, c)
	}
	return p
}

func tuned(t testing.TB, p Plan, l landscape) *results.Tuning {
	t.Helper()
	out, err := Run(context.Background(), p, Options{Dir: t.TempDir(), Simulate: l.simulate, Parallel: 2})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// ratioOf is what the landscape truly has at settings.
func (l landscape) ratioOf(t testing.TB, p Plan, settings []results.Setting) float64 {
	t.Helper()
	s := *p.Scenario
	if err := s.SetAll(assignments(settings)); err != nil {
		t.Fatal(err)
	}
	core := s.P2PML.Core
	return l.ratio(*core.HighDemandTimeWindow, *core.HTTPDownloadTimeWindow, *core.SimultaneousP2PDownloads)
}

// A grid of 10 x 10 x 12 finds the optimum with 1,200 trials; a tenth of that is 120, and a third of those must do.
func TestSearchFindsAPlantedOptimum(t *testing.T) {
	good := 0
	for seed := range uint64(10) {
		p := syntheticPlan(t, []string{"max p2pRatio"}, nil)
		p.Seed, p.Confirm, p.ConfirmSeeds = seed+1, 1, 4
		out := tuned(t, p, landscape{})
		if out.Verdict.Winner == nil {
			t.Logf("seed %d: %s", p.Seed, out.Verdict.Says)
			continue
		}
		lost := 0.8 - landscape{}.ratioOf(t, p, out.Trials[*out.Verdict.Winner].Settings)
		t.Logf("seed %d: %.4f below the optimum, settings %v", p.Seed, lost, out.Trials[*out.Verdict.Winner].Settings)
		if lost <= 0.01 {
			good++
		}
	}
	if good < 9 {
		t.Errorf("%d of 10 seeds came within one point of the optimum with 40 trials, want 9", good)
	}
}
