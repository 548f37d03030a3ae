package tune

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"swarmlab/results"
	"swarmlab/scenarios"
)

// Where settings change nothing, chance makes some look better in the search. In at most one tuning of twenty it may be called a winner.
func TestNoiseIsNoWinner(t *testing.T) {
	const tunings = 60
	winners := 0
	for seed := range uint64(tunings) {
		p := syntheticPlan(t, []string{"max p2pRatio"}, nil)
		p.Seed, p.Trials, p.ConfirmSeeds = seed+1, 8, 5
		out := tuned(t, p, landscape{flat: true})
		if out.Verdict.Winner != nil {
			winners++
		} else if !strings.Contains(out.Verdict.Says, "No setting is better than the defaults") {
			t.Fatalf("seed %d: %q", p.Seed, out.Verdict.Says)
		}
	}
	// 3 are expected, of a binomial distribution 7 are exceeded in one of a hundred.
	if winners > 7 {
		t.Errorf("%d of %d tunings found a winner where there is none", winners, tunings)
	}
}

// What is confirmed, and what is tried on other audiences, is tried with seeds that the search never used.
func TestSeedsAreFresh(t *testing.T) {
	p := syntheticPlan(t, []string{"max p2pRatio"}, nil)
	p.ConfirmSeeds = MaxConfirmSeeds
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	of := map[uint64]string{}
	for purpose, seeds := range map[string][]uint64{
		"search": p.seeds(seedsOfSearch, rungs[len(rungs)-1]), "confirmation": p.seeds(seedsOfConfirm, MaxConfirmSeeds),
		"robustness": p.seeds(seedsOfRobust, robustSeeds),
	} {
		for _, seed := range seeds {
			if of[seed] != "" {
				t.Fatalf("seed %d is of the %s and of the %s", seed, of[seed], purpose)
			}
			of[seed] = purpose
		}
	}
	p.ConfirmSeeds = 6
	var used []uint64
	watching := func(ctx context.Context, tier string, s *scenarios.Scenario) (*results.Result, error) {
		if of[s.Run.Seed] == "" || tier == packet && of[s.Run.Seed] != "confirmation" {
			t.Errorf("seed %d, of the %q, in the %s tier", s.Run.Seed, of[s.Run.Seed], tier)
		}
		if tier == packet {
			used = append(used, s.Run.Seed)
		}
		return landscape{}.simulate(ctx, tier, s)
	}
	out, err := Run(context.Background(), p, Options{Dir: t.TempDir(), Simulate: watching, Parallel: 1})
	if err != nil {
		t.Fatal(err)
	}
	if want := p.ConfirmSeeds * (1 + len(out.Confirmation.Confirmed)); len(used) != want {
		t.Errorf("%d runs in the packet tier, want %d", len(used), want)
	}
}

// The quoted interval is of fresh seeds: it holds the truth, which the lucky search overstates.
func TestIntervalHoldsTheTruth(t *testing.T) {
	held, tunings := 0, 0
	for seed := range uint64(20) {
		p := syntheticPlan(t, []string{"max p2pRatio"}, nil)
		p.Seed, p.Trials = seed+1, 16
		out := tuned(t, p, landscape{})
		if out.Verdict.Winner == nil {
			continue
		}
		tunings++
		truth := landscape{}.ratioOf(t, p, out.Trials[*out.Verdict.Winner].Settings) - landscape{}.ratioOf(t, p, nil)
		i := slices.IndexFunc(out.Confirmation.Confirmed, func(c results.Confirmed) bool { return c.Trial == *out.Verdict.Winner })
		if together := out.Confirmation.Confirmed[i].Gains[0].Together; together.Low <= truth && truth <= together.High {
			held++
		}
	}
	if tunings < 15 || held < tunings*9/10 {
		t.Errorf("%d of %d intervals hold the truth, of 20 tunings", held, tunings)
	}
}

// A short window stalls in this landscape, so the constraint keeps the search from where the ratio is highest without it.
func TestConstraintsAreKept(t *testing.T) {
	p := syntheticPlan(t, []string{"max p2pRatio"}, []string{"stallRatio <= 0"})
	best := landscape{}
	steep := func(ctx context.Context, tier string, s *scenarios.Scenario) (*results.Result, error) {
		r, err := best.simulate(ctx, tier, s)
		if err == nil {
			r.Summary.StallRatio = 0.002 * max(0, 9-*s.P2PML.Core.HighDemandTimeWindow)
		}
		return r, err
	}
	out, err := Run(context.Background(), p, Options{Dir: t.TempDir(), Simulate: steep, Parallel: 1})
	if err != nil {
		t.Fatal(err)
	}
	if out.Verdict.Winner == nil {
		t.Fatal(out.Verdict.Says)
	}
	w := out.Trials[*out.Verdict.Winner]
	d := p.Space.Dimensions[0]
	if x, ok := d.Number(w.Settings[0].Value); !ok || w.Settings[0].Path != d.Path || x < 9 || x > 10.5 {
		t.Errorf("the winner is %v; want a window of 9 s or just above, where it begins not to stall", w.Settings)
	}
	broken := slices.IndexFunc(out.Trials, func(t results.Trial) bool { return len(t.Violated) > 0 })
	if broken < 0 || out.Trials[broken].Feasible || out.Trials[broken].Violated[0] != "stallRatio <= 0" {
		t.Error("no trial is said to break the constraint")
	}
	if slices.ContainsFunc(out.Front, func(n int) bool { return !out.Trials[n].Feasible }) {
		t.Error("the front has a trial that breaks the constraint")
	}
}

// Where nothing keeps to the constraints, that is said, and nothing is confirmed.
func TestNothingKeepsToTheConstraints(t *testing.T) {
	p := syntheticPlan(t, []string{"max p2pRatio"}, []string{"p2pRatio > 0.99"})
	p.Trials = 8
	out := tuned(t, p, landscape{})
	if out.Verdict.Winner != nil || out.Confirmation != nil || !out.Verdict.Complete || !strings.Contains(out.Verdict.Says, "none that was tried keeps") {
		t.Errorf("%+v", out.Verdict)
	}
}

// Two tiers of two minds: what the flow tier likes, the packet tier does not.
func TestTiersThatDisagreeAreReported(t *testing.T) {
	p := syntheticPlan(t, []string{"max p2pRatio"}, nil)
	out := tuned(t, p, landscape{packetTilt: 1})
	if out.Verdict.Winner != nil {
		t.Errorf("a setting that is worse in the packet tier won: %s", out.Verdict.Says)
	}
	if !slices.ContainsFunc(out.Warnings, func(w string) bool { return strings.Contains(w, "the tiers disagree") }) {
		t.Errorf("nothing is said of the tiers' disagreement: %v; %s", out.Warnings, out.Verdict.Says)
	}
	if out := tuned(t, p, landscape{}); slices.ContainsFunc(out.Warnings, func(w string) bool { return strings.Contains(w, "disagree") }) {
		t.Errorf("tiers that agree are said to disagree: %v", out.Warnings)
	}
}

// Several objectives: a front, whose trials trade one for the other.
func TestFrontOfTwoObjectives(t *testing.T) {
	p := syntheticPlan(t, []string{"max p2pRatio", "min stallRatio"}, nil)
	steep := func(ctx context.Context, tier string, s *scenarios.Scenario) (*results.Result, error) {
		r, err := landscape{}.simulate(ctx, tier, s)
		if err == nil {
			r.Summary.StallRatio = 1 / *s.P2PML.Core.HighDemandTimeWindow
		}
		return r, err
	}
	out, err := Run(context.Background(), p, Options{Dir: t.TempDir(), Simulate: steep, Parallel: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Front) < 3 {
		t.Fatalf("the front is %v; want several trials", out.Front)
	}
	for _, a := range out.Front {
		for _, b := range out.Front {
			x, y := out.Trials[a].Means, out.Trials[b].Means
			if x["p2pRatio"] > y["p2pRatio"] && x["stallRatio"] < y["stallRatio"] {
				t.Errorf("trial %d of the front is better than %d in both", a, b)
			}
		}
	}
}

// A setting that makes the simulation fail, or panic, costs that trial only.
func TestFailuresAreTrials(t *testing.T) {
	p := syntheticPlan(t, []string{"max p2pRatio"}, nil)
	fragile := func(ctx context.Context, tier string, s *scenarios.Scenario) (*results.Result, error) {
		switch w := *s.P2PML.Core.HighDemandTimeWindow; {
		case w < 2:
			panic("too short")
		case w < 3:
			return nil, errors.New("too short to run")
		}
		return landscape{}.simulate(ctx, tier, s)
	}
	out, err := Run(context.Background(), p, Options{Dir: t.TempDir(), Simulate: fragile, Parallel: 2})
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for _, one := range out.Trials {
		if one.State == results.TrialFailed {
			said[one.Error] = true
		}
	}
	if !said["panic: too short"] || !said["too short to run"] {
		t.Errorf("failures are said to be of %v", said)
	}
	if out.Verdict.Winner == nil || !slices.ContainsFunc(out.Warnings, func(w string) bool { return strings.Contains(w, "failed") }) {
		t.Errorf("%s; warnings %v", out.Verdict.Says, out.Warnings)
	}
}

// In the packet tier a failure is not an answer: the tuning stops, and says why.
func TestAFailedConfirmationIsAnError(t *testing.T) {
	p := syntheticPlan(t, []string{"max p2pRatio"}, nil)
	broken := func(ctx context.Context, tier string, s *scenarios.Scenario) (*results.Result, error) {
		if tier == packet {
			return nil, errors.New("an invariant was broken")
		}
		return landscape{}.simulate(ctx, tier, s)
	}
	if _, err := Run(context.Background(), p, Options{Dir: t.TempDir(), Simulate: broken, Parallel: 2}); err == nil || !strings.Contains(err.Error(), "an invariant was broken") {
		t.Errorf("got %v", err)
	}
}

// What was changed without need is taken back: of three settings that were searched only the window matters here.
func TestTheWinnerIsSimple(t *testing.T) {
	p := syntheticPlan(t, []string{"max p2pRatio"}, nil)
	only := func(ctx context.Context, tier string, s *scenarios.Scenario) (*results.Result, error) {
		fixed := *s
		if err := fixed.SetAll([]string{"p2pml.core.httpDownloadTimeWindow=40", "p2pml.core.simultaneousP2PDownloads=6"}); err != nil {
			return nil, err
		}
		return landscape{}.simulate(ctx, tier, &fixed)
	}
	out, err := Run(context.Background(), p, Options{Dir: t.TempDir(), Simulate: only, Parallel: 1})
	if err != nil {
		t.Fatal(err)
	}
	if out.Verdict.Winner == nil {
		t.Fatal(out.Verdict.Says)
	}
	w := out.Trials[*out.Verdict.Winner]
	if w.Origin != results.TrialSimplified || len(w.Settings) != 1 || w.Settings[0].Path != "p2pml.core.highDemandTimeWindow" {
		t.Errorf("the winner is %s, %v; want the window alone", w.Origin, w.Settings)
	}
}

// Where nothing was to be confirmed, there is no winner, and nobody says that there is none.
func TestWithoutConfirmationThereIsNoVerdict(t *testing.T) {
	p := syntheticPlan(t, []string{"max p2pRatio"}, nil)
	p.Confirm = 0
	out := tuned(t, p, landscape{})
	if out.Verdict.Winner != nil || out.Verdict.Complete || !strings.Contains(out.Verdict.Says, "Nothing is confirmed") {
		t.Errorf("%+v", out.Verdict)
	}
	if lost := 0.8 - (landscape{}).ratioOf(t, p, out.Trials[out.Front[0]].Settings); lost > 0.01 {
		t.Errorf("the front begins with %v, %.4f below the optimum", out.Trials[out.Front[0]].Settings, lost)
	}
}
