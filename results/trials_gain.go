package results

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// PairedGain compares a figure with the defaults' seed by seed: the values are of the same seeds in the same order, at least one. It
// answers by how much the figure differs.
func PairedGain(o Objective, defaults, values []float64) Gain {
	d := pairedDifference(defaults, values)
	g := Gain{Figure: o.Figure, Diff: d.diff, Better: d.diff, Interval: d.interval()}
	if o.Direction == Down {
		g.Better = -d.diff
	}
	return g
}

// ConfirmGain is PairedGain with a p-value and with the interval for all of the confirmation's gains together, of which there are
// comparisons (Bonferroni).
func ConfirmGain(o Objective, defaults, values []float64, comparisons int) ConfirmedGain {
	g := ConfirmedGain{Gain: PairedGain(o, defaults, values), Verdict: NoEvidence}
	d := pairedDifference(defaults, values)
	if !d.known() {
		return g
	}
	p := d.p()
	g.P = &p
	if d.same() {
		g.Verdict = Same
	}
	half := d.t().Quantile(1-CompareAlpha/2/float64(max(comparisons, 1))) * d.se
	g.Together = &Interval{d.diff - half, d.diff + half}
	return g
}

// JudgeGains corrects the p-values of a whole confirmation for having looked at all of them (Holm), and gives verdicts. A gain of one
// seed stays without evidence.
func JudgeGains(objectives []Objective, confirmed []Confirmed) {
	var tested []*ConfirmedGain
	var of []Objective
	var p, weights []float64
	for i := range confirmed {
		for j := range confirmed[i].Gains {
			if g := &confirmed[i].Gains[j]; g.P != nil && g.Verdict != Same {
				tested, of = append(tested, g), append(of, objectives[j])
				p, weights = append(p, *g.P), append(weights, 1)
			}
		}
	}
	for i, adjusted := range holm(p, weights) {
		g := tested[i]
		g.Adjusted = &adjusted
		if adjusted >= CompareAlpha {
			continue
		}
		g.Verdict = Worse
		if g.Better > 0 {
			g.Verdict = Better
		}
		g.Small = math.Abs(g.Diff) < of[i].Smallest
	}
}

// SmallestDifference is the smallest difference of a figure that matters, from a value; 0 for figures of which nobody has said so. The
// figure is in the language of thresholds, as p95(startupMs).
func SmallestDifference(c Condition, from float64) float64 {
	name := c.Metric
	switch {
	case c.Func == "p" && c.Percentile == 50, c.Func == "median":
		name += ".p50"
	case c.Func == "p" && c.Percentile == 95:
		name += ".p95"
	case c.Func != "":
		return 0
	}
	j, ok := judgedOf(name)
	if !ok {
		return 0
	}
	return j.smallest(from)
}

// NewMeasured sums up figures by seed.
func NewMeasured(seeds []uint64, values map[string][]float64) Measured {
	m := Measured{Seeds: seeds, Values: map[string][]float64{}, Means: map[string]float64{}}
	for figure, x := range values { // into maps
		if len(x) == len(seeds) && len(x) > 0 {
			m.Values[figure], m.Means[figure] = x, stat.Mean(x, nil)
		}
	}
	return m
}
