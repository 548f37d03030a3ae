package results

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// evidenceOf makes evidence of made-up values: metric -> a value for each seed.
func evidenceOf(seeds []uint64, values map[string][]float64) *Evidence {
	e := &Evidence{Label: "made up", Kind: KindRepeats, Schema: Schema, Seeds: seeds, values: map[string][]float64{}}
	for _, m := range judged {
		for i, x := range values[m.Name] {
			e.set(m.Name, i, len(seeds), x)
		}
	}
	return e
}

func seedsFrom(first uint64, n int) []uint64 {
	out := make([]uint64, n)
	for i := range out {
		out[i] = first + uint64(i)
	}
	return out
}

// A metric is worse only if both say so: the statistics, and a size that matters.
func TestWorseNeedsBoth(t *testing.T) {
	steady := []float64{0.700, 0.702, 0.698, 0.701, 0.699}
	noisy := []float64{0.60, 0.80, 0.65, 0.75, 0.70}
	less := func(by float64, of []float64) []float64 {
		out := make([]float64, len(of))
		for i, x := range of {
			out[i] = x - by + 0.0005*float64(i%2) // the same loss, not to the last digit
		}
		return out
	}
	shuffled := []float64{0.75, 0.55, 0.65, 0.70, 0.60}
	for _, c := range []struct {
		what      string
		seeds     uint64 // the first of now; the baseline's is 1
		base, now []float64
		worse     bool
	}{
		{"a large loss, steady", 100, steady, less(0.05, steady), true},
		{"a loss too small to matter, however sure", 1, steady, less(0.005, steady), false},
		{"a large gain", 100, steady, less(-0.05, steady), false},
		{"a large difference that chance explains", 100, noisy, shuffled, false},
		{"the same difference, seed by seed", 1, noisy, less(0.05, noisy), true},
		{"the very same", 1, steady, steady, false},
	} {
		base := evidenceOf(seedsFrom(1, 5), map[string][]float64{"p2pRatio": c.base})
		now := evidenceOf(seedsFrom(c.seeds, 5), map[string][]float64{"p2pRatio": c.now})
		g, err := Against(base, now, nil)
		if err != nil {
			t.Fatal(err)
		}
		if g.Paired != (c.seeds == 1) || len(g.Rows) != 1 {
			t.Errorf("%s: paired %v, %d rows", c.what, g.Paired, len(g.Rows))
		}
		if got := len(g.Crossed()) > 0; got != c.worse {
			t.Errorf("%s: worse is %v: %+v", c.what, got, g.Rows[0])
		}
	}
}

// Pairs go by seed, whatever the order, and whoever has more.
func TestPairsGoBySeed(t *testing.T) {
	base := evidenceOf([]uint64{1, 2, 3, 4}, map[string][]float64{"p2pRatio": {0.1, 0.2, 0.3, 0.4}})
	now := evidenceOf([]uint64{4, 2, 3}, map[string][]float64{"p2pRatio": {0.4, 0.2, 0.3}})
	for _, c := range [][2]*Evidence{{base, now}, {now, base}} {
		g, err := Against(c[0], c[1], nil)
		if err != nil || !g.Paired || g.Rows[0].Diff != 0 || g.Rows[0].Now.N != 3 || *g.Rows[0].P != 1 {
			t.Errorf("%+v, %v", g.Rows, err)
		}
	}
	stranger := evidenceOf([]uint64{4, 5}, map[string][]float64{"p2pRatio": {0.4, 0.2}})
	if g, err := Against(base, stranger, nil); err != nil || g.Paired || g.Rows[0].Baseline.N != 4 {
		t.Errorf("%+v, %v", g, err)
	}
}

// Down is worse for some metrics and up for others.
func TestWorseKnowsTheDirection(t *testing.T) {
	base := evidenceOf(seedsFrom(1, 5), map[string][]float64{"startupMs.p50": {1000, 1010, 990, 1005, 995}, "offload": {0.5, 0.51, 0.49, 0.5, 0.5}})
	slower := evidenceOf(seedsFrom(11, 5), map[string][]float64{"startupMs.p50": {1500, 1510, 1490, 1505, 1495}, "offload": {0.8, 0.81, 0.79, 0.8, 0.8}})
	for _, c := range []struct {
		base, now *Evidence
		want      string
	}{{base, slower, "startupMs.p50"}, {slower, base, "offload"}} {
		g, err := Against(c.base, c.now, nil)
		if err != nil {
			t.Fatal(err)
		}
		if crossed := g.Crossed(); len(crossed) != 1 || crossed[0].Metric != c.want || crossed[0].Loss() <= 0 {
			t.Errorf("crossed: %+v, want %s", crossed, c.want)
		}
	}
}

func TestTooFewSeedsCannotBeWorse(t *testing.T) {
	base := evidenceOf([]uint64{1}, map[string][]float64{"p2pRatio": {0.9}})
	now := evidenceOf([]uint64{1}, map[string][]float64{"p2pRatio": {0.1}})
	g, err := Against(base, now, nil)
	if err != nil || len(g.Crossed()) > 0 || g.Rows[0].P != nil || g.Rows[0].Detectable != nil {
		t.Errorf("%+v, %v", g, err)
	}
}

func TestAgainstWhatIsMissing(t *testing.T) {
	base := evidenceOf(seedsFrom(1, 2), map[string][]float64{"p2pRatio": {0.9, 0.9}, "p2pLatencyMs.p95": {100, 110}})
	now := evidenceOf(seedsFrom(1, 2), map[string][]float64{"p2pRatio": {0.9, 0.9}})
	g, err := Against(base, now, nil)
	if err != nil || len(g.Missing) != 1 || g.Missing[0] != "p2pLatencyMs.p95" {
		t.Errorf("missing: %v, %v", g.Missing, err)
	}
	for _, name := range []string{"peers", "nonsense", "p2pBytes"} {
		if _, err := Against(base, now, []string{name}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFalseAlarmsOnShapes: all metrics of the gate at once, drawn from the shapes that metrics have, and nothing has changed. Sizes
// are no help here: every difference matters, because the values are large. (With 1,500 trials each: at most 0.023, but for two
// humps, three seeds a side and other seeds than the baseline's, which has 0.033.)
func TestFalseAlarmsOnShapes(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of quantiles of Student's t")
	}
	shapes := []struct {
		what string
		draw func(*rand.Rand) float64
	}{
		{"normal", func(rng *rand.Rand) float64 { return rng.NormFloat64() }},
		{"two humps", func(rng *rand.Rand) float64 { return 4*float64(rng.IntN(2)) + rng.NormFloat64() }},
		{"skewed", func(rng *rand.Rand) float64 { return math.Exp(rng.NormFloat64()) }},
		{"rare events", func(rng *rand.Rand) float64 { return math.Floor(rng.ExpFloat64() * 0.6) }},
	}
	const trials = 300
	for _, shape := range shapes {
		for _, k := range []int{5, 10} {
			for _, first := range []uint64{1, 1000} { // the baseline's seeds, others
				rng := rand.New(rand.NewPCG(9, uint64(k)+first))
				alarms := 0.0
				for range trials {
					alarms += float64(one(alarm(t, drawGate(rng, 1, k, shape.draw), drawGate(rng, first, k, shape.draw))))
				}
				// Two standard errors of so few trials.
				if alarms/trials > GateAlpha+0.016 {
					t.Errorf("%s, %d seeds, first %d: %.3f false alarms", shape.what, k, first, alarms/trials)
				}
			}
		}
	}
}

// drawGate makes up all metrics of the gate, a billion times what the shape has.
func drawGate(rng *rand.Rand, first uint64, k int, draw func(*rand.Rand) float64) *Evidence {
	values := map[string][]float64{}
	for _, name := range GatedMetrics() {
		values[name] = draws(rng, k, func(rng *rand.Rand) float64 { return 1e9 * draw(rng) })
	}
	return evidenceOf(seedsFrom(first, k), values)
}

// alarm: something is worse than the baseline.
func alarm(t *testing.T, base, now *Evidence) bool {
	t.Helper()
	g, _, err := gateOf(base, now, nil)
	if err != nil {
		t.Fatal(err)
	}
	return len(g.Crossed()) > 0
}
