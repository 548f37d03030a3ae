package results

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// planted is a tuning whose gains are a known function of the settings.
func planted(n int, noise float64, gain func(x, y float64, choice int) float64) *Tuning {
	rng := rand.New(rand.NewPCG(1, 2))
	choices := []string{"a", "b", "c"}
	t := &Tuning{Space: []Dimension{
		{Path: "x", Kind: RangeDimension, From: 0, To: 10, Default: "99"}, // outside of its own axis
		{Path: "y", Kind: LogDimension, From: 1, To: 100, Unit: "s", Default: "1s"},
		{Path: "c", Kind: ChoiceDimension, Choices: choices, Default: "a"},
		{Path: "idle", Kind: IntDimension, From: 1, To: 9, Default: "3"},
	}, Objectives: []Objective{{Figure: "p2pRatio", Direction: Up}}}
	t.Trials = append(t.Trials, Trial{Gains: []Gain{{Figure: "p2pRatio"}}})
	for i := 1; i <= n; i++ {
		x, y, c := rng.Float64(), rng.Float64(), rng.IntN(3)
		t.Trials = append(t.Trials, Trial{Number: i, Settings: []Setting{
			{"x", fmt.Sprint(10 * x)}, {"y", fmt.Sprintf("%vs", math.Pow(100, y))}, {"c", choices[c]}, {"idle", fmt.Sprint(1 + rng.IntN(9))},
		}, Gains: []Gain{{Figure: "p2pRatio", Diff: gain(x, y, c) + noise*rng.NormFloat64()}}})
	}
	return t
}

func TestEffectsFindWhatWasPlanted(t *testing.T) {
	tuning := planted(120, 0.002, func(x, y float64, c int) float64 {
		return 0.1*x + 0.2*(x-0.5)*(y-0.5) + 0.05*float64(c/2)
	})
	e := tuning.EffectsOf(tuning.Objectives[0])
	if e == nil || e.Fit < 0.9 || e.Trials != 120 {
		t.Fatalf("%+v", e)
	}
	// By integration over the space: x has 0.1²/12, xy has 0.2²/144, c has 0.05² · 2/9.
	parts := []float64{0.01 / 12, 0.04 / 144, 0.0025 * 2 / 9}
	total := parts[0] + parts[1] + parts[2]
	if sd := math.Sqrt(total); math.Abs(e.SD-sd) > 0.05*sd {
		t.Errorf("the standard deviation is %.4f, want %.4f", e.SD, sd)
	}
	share := map[int]float64{}
	for _, m := range e.Main {
		share[m.Dimension] = m.Share
	}
	for d, want := range map[int]float64{0: parts[0] / total, 1: 0, 2: parts[2] / total, 3: 0} {
		if math.Abs(share[d]-want) > 0.04 {
			t.Errorf("setting %d has %.3f of the variance, want %.3f", d, share[d], want)
		}
	}
	top := e.Interactions[0]
	if top.A != 0 || top.B != 1 || math.Abs(top.Share-parts[1]/total) > 0.04 || math.Abs(top.Low+0.1) > 0.02 || math.Abs(top.High-0.1) > 0.02 {
		t.Errorf("the strongest interaction is %+v", top)
	}
	if e.Main[0].Dimension != 0 {
		t.Errorf("setting %d comes first", e.Main[0].Dimension)
	}
	curve := e.Main[0].Curve
	if rise := curve[len(curve)-1].Gain - curve[0].Gain; math.Abs(rise-0.1) > 0.01 {
		t.Errorf("x moves the gain by %.3f over its axis, want 0.1", rise)
	}
	var n int
	for _, bin := range e.Main[0].Bins {
		n += bin.Spread.N
	}
	if n != 120 {
		t.Errorf("%d trials in the bins", n)
	}
}

func TestEffectsOfNoise(t *testing.T) {
	tuning := planted(80, 0.01, func(_, _ float64, _ int) float64 { return 0 })
	if e := tuning.EffectsOf(tuning.Objectives[0]); e == nil || e.Fit > PoorFit {
		t.Errorf("noise is explained: %+v", e)
	}
}

func TestEffectsOfTooLittle(t *testing.T) {
	for what, tuning := range map[string]*Tuning{
		"no trials":  planted(0, 0, nil),
		"few trials": planted(5, 0.1, func(x, _ float64, _ int) float64 { return x }),
		"no space":   {Objectives: []Objective{{Figure: "p2pRatio"}}},
		"no effect":  planted(60, 0, func(_, _ float64, _ int) float64 { return 0 }),
	} {
		if e := tuning.EffectsOf(Objective{Figure: "p2pRatio"}); e != nil {
			t.Errorf("%s: %+v", what, e)
		}
	}
}

func TestOrthonormal(t *testing.T) {
	for _, d := range []Dimension{{Kind: RangeDimension}, {Kind: ChoiceDimension, Choices: []string{"a", "b", "c", "d"}}, {Kind: ChoiceDimension, Choices: []string{"a"}}} {
		for n := 1; n <= d.degrees(); n++ {
			for m := 0; m <= n; m++ {
				var sum float64
				k := 20000
				if d.Kind == ChoiceDimension {
					k = len(d.Choices)
				}
				for i := range k {
					p := (float64(i) + 0.5) / float64(k)
					if d.Kind == ChoiceDimension {
						p = float64(i) / float64(k-1)
					}
					y := orthonormal(d, n, p)
					if m > 0 {
						y *= orthonormal(d, m, p)
					}
					sum += y / float64(k)
				}
				want := 0.0
				if m == n {
					want = 1
				}
				if math.Abs(sum-want) > 1e-4 {
					t.Errorf("%s %d x %d is %.5f, want %v", d.Kind, n, m, sum, want)
				}
			}
		}
	}
}
