package results

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/combin"
	"gonum.org/v1/gonum/stat/distuv"
)

// difference is what two samples of a metric say about the difference of their means, b - a.
//
// Which test? A metric of a whole swarm is a sum or a mean over many segments of many viewers, so over seeds it is near enough to
// a normal distribution for Student's t, which keeps its level on symmetric and on two-humped distributions too (a test measures
// it) and errs to the safe side on rare events. Rank tests assume less and can say nothing where it matters: with three seeds a
// side Mann and Whitney's smallest p-value is 0.1, with five pairs Wilcoxon's is 0.0625. Runs with the same seeds have
// their audience in common (when viewers come, from which line, how long they stay), so their differences vary less than the runs
// do: they are compared pair by pair. Otherwise it is Welch's test, which does not take the variances for equal.
type difference struct {
	paired bool
	a, b   []float64
	diff   float64
	se     float64 // standard error of diff; 0 if nothing varied
	df     float64 // degrees of freedom; 0 if nothing can be said
}

// unpairedDifference is Welch's.
func unpairedDifference(a, b []float64) difference {
	d := difference{a: a, b: b, diff: stat.Mean(b, nil) - stat.Mean(a, nil)}
	if math.Abs(d.diff) <= d.rounding() {
		d.diff = 0
	}
	if len(a) < 2 || len(b) < 2 {
		return d
	}
	va, vb := stat.Variance(a, nil)/float64(len(a)), stat.Variance(b, nil)/float64(len(b))
	d.se = math.Sqrt(va + vb)
	d.df = float64(len(a) + len(b) - 2)
	if va+vb > 0 {
		// Welch and Satterthwaite.
		d.df = (va + vb) * (va + vb) / (va*va/float64(len(a)-1) + vb*vb/float64(len(b)-1))
	}
	return d
}

// pairedDifference takes a[i] and b[i] for runs with one seed.
func pairedDifference(a, b []float64) difference {
	d := difference{paired: true, a: a, b: b}
	each := make([]float64, len(a))
	for i := range a {
		each[i] = b[i] - a[i]
	}
	d.diff = stat.Mean(each, nil)
	if math.Abs(d.diff) <= d.rounding() {
		d.diff = 0
	}
	if len(a) < 2 {
		return d
	}
	d.se = stat.StdDev(each, nil) / math.Sqrt(float64(len(each)))
	d.df = float64(len(each) - 1)
	if d.constant() && d.diff != 0 {
		// The figures of a small swarm come in steps, so that all seeds may differ by the same. That says nothing of how large chance is,
		// and signs alone (exact) prove nothing with few seeds, however large the difference; what the seeds do to either side may.
		if apart := unpairedDifference(a, b); !apart.constant() && apart.p() < d.p() {
			d.se, d.df = apart.se, apart.df
		}
	}
	return d
}

// known: there is enough to say anything of chance.
func (d difference) known() bool { return d.df > 0 }

// rounding is as small as only errors of arithmetic are, beside values of this size.
func (d difference) rounding() float64 {
	return 1e-12 * (math.Abs(stat.Mean(d.a, nil)) + math.Abs(stat.Mean(d.b, nil)))
}

// constant: nothing varied.
func (d difference) constant() bool { return d.se <= d.rounding() }

// same: every seed has the same value on both sides.
func (d difference) same() bool { return d.constant() && d.diff == 0 }

func (d difference) t() distuv.StudentsT { return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: d.df} }

// opposite looks from the other side.
func (d difference) opposite() difference {
	d.a, d.b, d.diff = d.b, d.a, -d.diff
	return d
}

// p is the two-sided p-value of no difference.
func (d difference) p() float64 {
	switch {
	case d.same():
		return 1
	case d.constant():
		return min(1, 2*d.exact())
	}
	return 2 * d.t().Survival(math.Abs(d.diff)/d.se)
}

// pAbove is the one-sided p-value: how often chance alone gives a difference as large as this, or larger.
func (d difference) pAbove() float64 {
	switch {
	case d.constant() && d.diff > 0:
		return d.exact()
	case d.constant():
		return 1
	}
	return d.t().Survival(d.diff / d.se)
}

// exact is for samples in which nothing varies, where t has nothing to divide by: the chance that luck puts each value on its side,
// by shuffling labels (all of one side above all of the other) or signs (every pair the same way).
func (d difference) exact() float64 {
	constant := func(x []float64) bool { return stat.Variance(x, nil) == 0 }
	if d.paired && (!constant(d.a) || !constant(d.b)) {
		return math.Pow(2, -float64(len(d.a)))
	}
	return 1 / combin.GeneralizedBinomial(float64(len(d.a)+len(d.b)), float64(len(d.a)))
}

// interval holds the true difference in 95 of 100 experiments.
func (d difference) interval() *Interval {
	if !d.known() {
		return nil
	}
	half := d.t().Quantile(0.975) * d.se
	return &Interval{d.diff - half, d.diff + half}
}

// power with which detectable and seedsFor count: a difference is found in 8 of 10 experiments.
const power = 0.8

// detectable is the difference that this many seeds with this spread show at level alpha (of one side).
func (d difference) detectable(alpha float64) float64 {
	return (d.t().Quantile(1-alpha) + d.t().Quantile(power)) * d.se
}

// mostSeeds is where counting ends.
const mostSeeds = 1000

// seedsFor is how many seeds on each side would show a difference of effect at level alpha (of one side) if the spread is as
// seen; 0 if that is unknown, mostSeeds if it is more than anybody runs.
func (d difference) seedsFor(effect, alpha float64) int {
	if !d.known() || effect <= 0 {
		return 0
	}
	// The variance of one pair's difference, or of one run minus another.
	variance := d.se * d.se * float64(len(d.a))
	if !d.paired {
		variance = stat.Variance(d.a, nil) + stat.Variance(d.b, nil)
	}
	// More seeds are never worse, so the least that are enough can be searched for by halves.
	return 2 + sort.Search(mostSeeds-2, func(i int) bool {
		n := float64(2 + i)
		t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: 2*n - 2}
		if d.paired {
			t.Nu = n - 1
		}
		return (t.Quantile(1-alpha)+t.Quantile(power))*math.Sqrt(variance/n) <= effect
	})
}

// holm corrects p-values for having looked at all of them (Holm 1979, with weights): the chance of even one false alarm among them
// stays below the level, whatever the metrics have to do with each other. A test of twice the weight may use twice the share
// of the level.
func holm(p, weights []float64) []float64 {
	order := make([]int, len(p))
	var left float64
	for i := range order {
		order[i] = i
		left += weights[i]
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(p[i]/weights[i], p[j]/weights[j]) })
	out := make([]float64, len(p))
	var largest float64
	for _, i := range order {
		largest = max(largest, min(1, p[i]*left/weights[i]))
		out[i] = largest
		left -= weights[i]
	}
	return out
}

// headline is the metric for which people look at all others.
const headline = "p2pRatio"

// weightsOf gives the headline half of the level, and the others the other half in equal parts: a dozen latencies that ride along shall
// not cost the gate its eyes for the ratio.
func weightsOf(metrics []string) []float64 {
	out := make([]float64, len(metrics))
	for i, name := range metrics {
		out[i] = 1
		if name == headline {
			out[i] = max(1, float64(len(metrics)-1))
		}
	}
	return out
}
