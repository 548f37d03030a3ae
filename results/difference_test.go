package results

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/perf/benchmath"
	"gonum.org/v1/gonum/stat"
)

// Welch's test is held against the one that benchstat's library has.
func TestUnpairedIsBenchmathsTTest(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		a, b := normals(rng, 2+rng.IntN(9), 0, 1), normals(rng, 2+rng.IntN(9), rng.Float64()*3, 0.2+2*rng.Float64())
		want := benchmath.AssumeNormal.Compare(
			benchmath.NewSample(append([]float64(nil), a...), &benchmath.DefaultThresholds),
			benchmath.NewSample(append([]float64(nil), b...), &benchmath.DefaultThresholds))
		d := unpairedDifference(a, b)
		if !near(d.p(), want.P, 1e-9) {
			t.Fatalf("%v and %v: p %v, benchmath has %v", a, b, d.p(), want.P)
		}
		// An interval that touches nothing and a p-value of 5 % are the same statement.
		if i := d.interval(); (i.Low > 0 || i.High < 0) != (d.p() < 0.05) {
			t.Fatalf("p %v, but the interval is %v", d.p(), i)
		}
	}
}

// A paired test is the one-sample test of the differences: benchmath has none, a table of t has (Student's own sleep data, 1908:
// t = 4.0621 with 9 degrees of freedom, p = 0.002833).
func TestPairedIsStudentsOwn(t *testing.T) {
	a := []float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2.0}
	b := []float64{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4}
	d := pairedDifference(a, b)
	if !near(d.diff, 1.58, 1e-9) || !near(d.diff/d.se, 4.0621, 1e-4) || !near(d.p(), 0.002833, 1e-6) || !near(d.pAbove(), 0.002833/2, 1e-6) {
		t.Errorf("difference %v, t %v, p %v", d.diff, d.diff/d.se, d.p())
	}
	// The same without the pairs finds nothing, which is why there are pairs (Welch: p = 0.07939).
	if p := unpairedDifference(a, b).p(); !near(p, 0.07939, 1e-5) {
		t.Errorf("unpaired p %v", p)
	}
}

func TestWhatDoesNotVary(t *testing.T) {
	ones, twos := []float64{1, 1, 1, 1, 1}, []float64{2, 2, 2, 2, 2}
	for _, c := range []struct {
		what       string
		d          difference
		p, above   float64
		same, know bool
	}{
		{"the same everywhere", unpairedDifference(ones, ones), 1, 1, true, true},
		// 252 ways to deal ten cards to two hands of five.
		{"never the same", unpairedDifference(ones, twos), 2.0 / 252, 1.0 / 252, false, true},
		{"never the same, smaller", unpairedDifference(twos, ones), 2.0 / 252, 1, false, true},
		{"never the same, paired", pairedDifference(ones, twos), 2.0 / 252, 1.0 / 252, false, true},
		{"every pair the same way", pairedDifference([]float64{1, 2, 3, 4}, []float64{2, 3, 4, 5}), 2.0 / 16, 1.0 / 16, false, true},
		{"every pair the same way, and by much", pairedDifference([]float64{1, 1, 1, 2}, []float64{11, 11, 11, 12}),
			unpairedDifference([]float64{1, 1, 1, 2}, []float64{11, 11, 11, 12}).p(), unpairedDifference([]float64{1, 1, 1, 2}, []float64{11, 11, 11, 12}).pAbove(), false, true},
		{"two cannot prove much", unpairedDifference(ones[:2], twos[:2]), 2.0 / 6, 1.0 / 6, false, true},
		{"one says nothing", unpairedDifference(ones[:1], twos), 0, 0, false, false},
	} {
		if c.d.known() != c.know {
			t.Errorf("%s: known is %v", c.what, c.d.known())
		}
		if c.know && (!near(c.d.p(), c.p, 1e-12) || !near(c.d.pAbove(), c.above, 1e-12) || c.d.same() != c.same) {
			t.Errorf("%s: p %v, above %v, same %v", c.what, c.d.p(), c.d.pAbove(), c.d.same())
		}
	}
}

func TestHolm(t *testing.T) {
	for _, c := range []struct{ p, weights, want []float64 }{
		{nil, nil, []float64{}},
		{[]float64{0.04}, []float64{7}, []float64{0.04}},
		// Holm 1979: 0.01*4, 0.02*3, 0.03*2, 0.04*1, none below the one before it.
		{[]float64{0.03, 0.01, 0.04, 0.02}, []float64{1, 1, 1, 1}, []float64{0.06, 0.04, 0.06, 0.06}},
		{[]float64{0.5, 0.9}, []float64{1, 1}, []float64{1, 1}},
		// Half of the level for the first: 0.02*4/2, then the others share what is left, 0.03*2, 0.9*1.
		{[]float64{0.02, 0.03, 0.9}, []float64{2, 1, 1}, []float64{0.04, 0.06, 0.9}},
		// First comes what is smallest for its weight.
		{[]float64{0.03, 0.02}, []float64{3, 1}, []float64{0.04, 0.04}},
	} {
		if diff := cmp.Diff(c.want, holm(c.p, c.weights), cmpopts.EquateApprox(0, 1e-12)); diff != "" {
			t.Errorf("%v: %s", c.p, diff)
		}
	}
	if diff := cmp.Diff([]float64{1, 3, 1, 1}, weightsOf([]string{"offload", "p2pRatio", "stalls", "uploadGini"})); diff != "" {
		t.Error(diff)
	}
}

// TestLevel measures what the tests promise, on the shapes that metrics have: with nothing changed, 5 of 100 find something at the
// level of 5 %. Rare events may find less, never more.
func TestLevel(t *testing.T) {
	const trials = 4000
	for _, c := range []struct {
		what string
		draw func(rng *rand.Rand) float64
		most float64
	}{
		{"normal", func(rng *rand.Rand) float64 { return rng.NormFloat64() }, 0.065},
		{"two humps", func(rng *rand.Rand) float64 { return float64(rng.IntN(2)) + 0.1*rng.NormFloat64() }, 0.065},
		{"skewed", func(rng *rand.Rand) float64 { return math.Exp(0.5 * rng.NormFloat64()) }, 0.065},
		{"rare events", func(rng *rand.Rand) float64 { return math.Floor(rng.ExpFloat64() * 0.6) }, 0.065},
	} {
		for _, n := range []int{3, 5, 10} {
			rng := rand.New(rand.NewPCG(3, uint64(n)))
			var unpaired, paired float64
			for range trials {
				a, b := draws(rng, n, c.draw), draws(rng, n, c.draw)
				if unpairedDifference(a, b).p() < 0.05 {
					unpaired++
				}
				if pairedDifference(a, b).p() < 0.05 {
					paired++
				}
			}
			t.Logf("%-12s %2d seeds: unpaired %.3f, paired %.3f", c.what, n, unpaired/trials, paired/trials)
			if unpaired/trials > c.most || paired/trials > c.most {
				t.Errorf("%s, %d seeds: unpaired %.3f, paired %.3f of no changes are found to be one", c.what, n, unpaired/trials, paired/trials)
			}
		}
	}
}

// What seedsFor and detectable promise, an experiment keeps: 8 of 10.
func TestPowerIsAsPromised(t *testing.T) {
	const effect, trials = 1.0, 3000
	rng := rand.New(rand.NewPCG(5, 5))
	for _, paired := range []bool{false, true} {
		make2 := func(n int) difference {
			a, b := normals(rng, n, 0, 0.8), normals(rng, n, effect, 0.8)
			if paired {
				return pairedDifference(a, b)
			}
			return unpairedDifference(a, b)
		}
		// Of the spread itself, not of a sample of it.
		truth := make2(20000)
		n := truth.seedsFor(effect, 0.025)
		found := 0.0
		for range trials {
			if make2(n).p() < 0.05 {
				found++
			}
		}
		if share := found / trials; share < 0.77 || share > 0.88 {
			t.Errorf("paired %v: with %d seeds %.2f of the differences are found, promised are %.2f", paired, n, share, power)
		}
	}
}

func draws(rng *rand.Rand, n int, draw func(*rand.Rand) float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = draw(rng)
	}
	return out
}

func normals(rng *rand.Rand, n int, mean, sd float64) []float64 {
	return draws(rng, n, func(rng *rand.Rand) float64 { return mean + sd*rng.NormFloat64() })
}

func TestDetectableIsTheLevelsQuantiles(t *testing.T) {
	d := pairedDifference([]float64{1, 2, 3, 4, 5}, []float64{1.5, 2.1, 3.7, 4.2, 5.9})
	want := (2.1318 + 0.9410) * stat.StdErr(stat.StdDev([]float64{0.5, 0.1, 0.7, 0.2, 0.9}, nil), 5) // t(4): 95 % and 80 %
	if got := d.detectable(0.05); !near(got, want, 1e-4) {
		t.Errorf("%v, want %v", got, want)
	}
}
