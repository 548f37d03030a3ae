package tune

import (
	"math"
	"math/rand/v2"
	"testing"
)

func wave(x []float64) float64 { return math.Sin(3*x[0]) + 0.5*x[1]*x[1] }

// A process believes what it was told where it was told it, is unsure elsewhere, and predicts a smooth function well.
func TestProcessLearns(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var x [][]float64
	var y, seeds []float64
	for range 40 {
		at := []float64{rng.Float64(), rng.Float64()}
		x, y, seeds = append(x, at), append(y, wave(at)), append(seeds, 1)
	}
	p := fit(x, y, seeds, nil, true)
	for i := range x {
		if mean, sd := p.believe(x[i]); math.Abs(mean-y[i]) > 0.02 || sd > 0.05 {
			t.Errorf("at a known place it believes %.3f ± %.3f, and was told %.3f", mean, sd, y[i])
		}
	}
	var worst float64
	for range 200 {
		at := []float64{rng.Float64(), rng.Float64()}
		mean, _ := p.believe(at)
		worst = max(worst, math.Abs(mean-wave(at)))
	}
	if worst > 0.1 {
		t.Errorf("within the square it is wrong by up to %.3f", worst)
	}
	_, near := p.believe([]float64{0.5, 0.5})
	if _, far := p.believe([]float64{5, 5}); far < 5*near {
		t.Errorf("far away it is as sure (%.4f) as nearby (%.4f)", far, near)
	}
}

// A mean over eight seeds is believed more than one seed, and what is the same everywhere is believed everywhere.
func TestProcessWeighsSeeds(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var x [][]float64
	var y, seeds []float64
	for i := range 30 {
		at := []float64{float64(i%15) / 15}
		n := 1.0
		if i >= 15 {
			n = 64
		}
		x, y, seeds = append(x, at), append(y, at[0]+0.3*rng.NormFloat64()/math.Sqrt(n)), append(seeds, n)
	}
	p := fit(x, y, seeds, nil, true)
	var few, many float64
	for i := range x {
		mean, _ := p.believe(x[i])
		if i < 15 {
			few += math.Abs(mean - y[i])
		} else {
			many += math.Abs(mean - y[i])
		}
	}
	if many > few/2 {
		t.Errorf("it strays by %.3f from means of 64 seeds and by %.3f from single seeds", many/15, few/15)
	}
	same := fit(x, make([]float64, len(x)), seeds, nil, true)
	if mean, sd := same.believe([]float64{9}); mean != 0 || sd != 0 {
		t.Errorf("of what never varies it believes %v ± %v", mean, sd)
	}
}

// Places that are all the same, and places twice, break nothing.
func TestProcessOfTheSamePlaces(t *testing.T) {
	x := [][]float64{{0.5}, {0.5}, {0.5}, {0.5}}
	p := fit(x, []float64{1, 2, 3, 4}, []float64{1, 1, 1, 1}, nil, true)
	mean, sd := p.believe([]float64{0.5})
	if math.IsNaN(mean) || math.IsNaN(sd) || math.Abs(mean-2.5) > 1 {
		t.Errorf("it believes %v ± %v", mean, sd)
	}
	if again := p.with([]float64{0.5}).with([]float64{0.5}); again == nil {
		t.Error("nothing is left")
	}
}

// A space of few settings is tried out, each once, and then there is nothing left to try.
func TestSmallSpaceIsExhausted(t *testing.T) {
	p := syntheticPlan(t, []string{"max p2pRatio"}, nil)
	p.Space.Dimensions = p.Space.Dimensions[2:]
	p.Trials, p.Confirm = 100, 0
	out := tuned(t, p, landscape{})
	if out.Search.Ended != endedByExhaustion {
		t.Errorf("ended by %q", out.Search.Ended)
	}
	seen := map[string]bool{}
	for _, one := range out.Trials[1:] {
		seen[key(one.Settings)] = true
	}
	if len(seen) != 12 || len(out.Trials) != 13 {
		t.Errorf("%d settings in %d trials, want each of 12 once", len(seen), len(out.Trials)-1)
	}
}
