package tune

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// model is what is believed of objective and constraints together.
type model struct {
	objective *process
	margins   []*process
	goal      []float64 // the objective of each trial that was learnt from
	meets     []bool    // the constraints, as measured
	// target is what is to be improved on: the best that is believed of a trial that meets the constraints; -Inf if none does.
	target float64
}

// model learns from at least two trials. Several objectives become one by random weights.
func (c *chooser) model(known []evidence, rng *rand.Rand, refit bool) *model {
	x := make([][]float64, len(known))
	seeds := make([]float64, len(known))
	for i, k := range known {
		x[i], seeds[i] = c.space.features(k.settings), float64(max(k.seeds, 1))
	}
	m := &model{goal: goals(known, rng), meets: make([]bool, len(known)), target: math.Inf(-1)}
	m.objective = fit(x, m.goal, seeds, logsOf(c.objective), refit || c.objective == nil)
	c.objective = m.objective
	for i, k := range known {
		m.meets[i] = !k.failed && !slices.ContainsFunc(k.margins, func(x float64) bool { return x < 0 })
	}
	for j := range marginsOf(known) {
		before := (*process)(nil)
		if j < len(c.margins) {
			before = c.margins[j]
		}
		m.margins = append(m.margins, fit(x, column(known, j), seeds, logsOf(before), refit || before == nil))
	}
	c.margins = slices.Clone(m.margins)
	for i := range known {
		if believed, _ := m.objective.believe(x[i]); m.meets[i] {
			m.target = max(m.target, believed)
		}
	}
	return m
}

func logsOf(p *process) []float64 {
	if p == nil {
		return nil
	}
	return p.logs
}

// marginsOf is how many constraints there are.
func marginsOf(known []evidence) int {
	for _, k := range known {
		if !k.failed {
			return len(k.margins)
		}
	}
	return 0
}

// goals is the objective to improve. Of several it is the augmented Chebyshev sum with random weights, each on the scale of what was seen;
// a trial that failed is as bad as the worst.
func goals(known []evidence, rng *rand.Rand) []float64 {
	out := make([]float64, len(known))
	worst := math.Inf(1)
	low, high := extremes(known)
	weights := make([]float64, len(low))
	var sum float64
	for j := range weights {
		weights[j] = rng.ExpFloat64()
		sum += weights[j]
	}
	for i, k := range known {
		if k.failed {
			continue
		}
		if len(k.goods) == 1 {
			out[i] = k.goods[0]
		} else {
			least, all := math.Inf(1), 0.0
			for j, g := range k.goods {
				part := weights[j] / sum * (g - high[j]) / max(high[j]-low[j], 1e-12)
				least, all = min(least, part), all+part
			}
			out[i] = least + 0.05*all
		}
		worst = min(worst, out[i])
	}
	for i, k := range known {
		if k.failed && !math.IsInf(worst, 0) {
			out[i] = worst
		}
	}
	return out
}

func extremes(known []evidence) (low, high []float64) {
	for _, k := range known {
		if k.failed {
			continue
		}
		if low == nil {
			low, high = slices.Clone(k.goods), slices.Clone(k.goods)
		}
		for j, g := range k.goods {
			low[j], high[j] = min(low[j], g), max(high[j], g)
		}
	}
	return low, high
}

// column are the margins of one constraint, bent so that a few that miss by far do not hide all others: sign and order stay. A trial
// that failed is as bad as the worst.
func column(known []evidence, j int) []float64 {
	out := make([]float64, len(known))
	var sizes []float64
	for _, k := range known {
		if !k.failed && k.margins[j] != 0 {
			sizes = append(sizes, math.Abs(k.margins[j]))
		}
	}
	scale := 1.0
	if len(sizes) > 0 {
		slices.Sort(sizes)
		scale = stat.Quantile(0.5, stat.Empirical, sizes, nil)
	}
	worst := 0.0
	for i, k := range known {
		if !k.failed {
			out[i] = math.Asinh(k.margins[j] / scale)
			worst = min(worst, out[i])
		}
	}
	for i, k := range known {
		if k.failed {
			out[i] = worst - 1
		}
	}
	return out
}

// promise is the expected improvement at a place, times the probability that the constraints are met there. While nothing meets them it
// is that probability alone.
func (m *model) promise(at []float64) float64 {
	likely := 1.0
	for _, p := range m.margins {
		mean, sd := p.believe(at)
		switch {
		case sd > 0:
			likely *= normal.CDF(mean / sd)
		case mean < 0:
			likely *= 1e-3
		}
	}
	if math.IsInf(m.target, -1) {
		return likely
	}
	mean, sd := m.objective.believe(at)
	if sd <= 0 {
		return likely * max(mean-m.target, 0)
	}
	z := (mean - m.target) / sd
	return likely * sd * (z*normal.CDF(z) + normal.Prob(z))
}

// suppose takes a place as measured, so that the next trial of the batch goes elsewhere.
func (m *model) suppose(at []float64) {
	m.objective = m.objective.with(at)
	for j, p := range m.margins {
		m.margins[j] = p.with(at)
	}
}

// best are the places of the best trials among those learnt from, those that meet the constraints first.
func (m *model) best(n int) []int {
	order := make([]int, len(m.goal))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if m.meets[a] != m.meets[b] {
			if m.meets[a] {
				return -1
			}
			return 1
		}
		return cmp.Compare(m.goal[b], m.goal[a])
	})
	return order[:min(n, len(order))]
}
