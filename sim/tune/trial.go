package tune

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"swarmlab/results"
)

// trial is a choice of settings on its way through the rungs.
type trial struct {
	number   int
	origin   string
	of       int
	batch    int
	rung     int
	settings []results.Setting
	measured results.Measured // of the seeds up to its rung
	err      error
}

var errNotMeasured = errors.New("an objective could not be measured")

// look takes in what was measured with the seeds of the trial's rung.
func (t *trial) look(e *evaluator, seeds []uint64) {
	t.measured, t.err = e.measured(flow, t.settings, nil, seeds)
	for _, o := range e.plan.Objectives {
		if _, ok := t.measured.Values[o.Text]; !ok && t.err == nil {
			t.err = errNotMeasured
		}
	}
}

// standing is how a trial does with its first n seeds.
type standing struct {
	trial *trial
	n     int
	goods []float64 // by objective: gain over the defaults, more is better
	miss  float64   // by how much constraints are missed, each by its own measure; 0 if none
}

// standingOf compares a trial with the defaults on the first n seeds.
func (p *Plan) standingOf(t, defaults *trial, n int) standing {
	s := standing{trial: t, n: n, miss: math.Inf(1)}
	if t.err != nil {
		return s
	}
	for _, o := range p.Objectives {
		s.goods = append(s.goods, o.better(mean(t, o.Text, n)-mean(defaults, o.Text, n)))
	}
	s.miss = 0
	for i, m := range p.marginsOf(t, defaults, n) {
		if m < 0 {
			base := mean(defaults, p.Constraints[i].Figure, n)
			s.miss += -m / max(math.Abs(p.Constraints[i].limit(base)), 1e-3)
		}
	}
	return s
}

// marginsOf are how far inside the constraints a trial is on its first n seeds. A figure that could not be measured is outside.
func (p *Plan) marginsOf(t, defaults *trial, n int) []float64 {
	out := make([]float64, len(p.Constraints))
	for i, c := range p.Constraints {
		x := mean(t, c.Figure, n)
		out[i] = c.margin(x, mean(defaults, c.Figure, n))
		switch {
		case math.IsNaN(out[i]):
			out[i] = -1
		case out[i] == 0 && !c.holds(x, mean(defaults, c.Figure, n)):
			out[i] = -1e-12
		}
	}
	return out
}

// mean of a figure over a trial's first n seeds; NaN if it was not measured.
func mean(t *trial, figure string, n int) float64 {
	values := t.measured.Values[figure]
	if len(values) < n || n == 0 {
		return math.NaN()
	}
	var sum float64
	for _, x := range values[:n] {
		sum += x
	}
	return sum / float64(n)
}

// ranked puts the best first: what keeps to the constraints, then what misses them least; among those by how many others are better in every
// objective, then by the first objective. Ties go to the older trial, so that the order is always the same.
func ranked(all []standing) []standing {
	beaten := make(map[*trial]int, len(all))
	for _, s := range all {
		for _, o := range all {
			if o.miss == 0 && s.miss == 0 && dominates(o.goods, s.goods) {
				beaten[s.trial]++
			}
		}
	}
	out := slices.Clone(all)
	slices.SortStableFunc(out, func(a, b standing) int {
		if d := cmp.Compare(a.miss, b.miss); d != 0 {
			return d
		}
		if d := cmp.Compare(beaten[a.trial], beaten[b.trial]); d != 0 && len(a.goods) > 1 {
			return d
		}
		if len(a.goods) > 0 && len(b.goods) > 0 {
			if d := cmp.Compare(b.goods[0], a.goods[0]); d != 0 {
				return d
			}
		}
		return cmp.Compare(a.trial.number, b.trial.number)
	})
	return out
}

// dominates: nowhere worse, and somewhere better.
func dominates(a, b []float64) bool {
	better := false
	for i := range a {
		if a[i] < b[i] {
			return false
		}
		better = better || a[i] > b[i]
	}
	return better
}
