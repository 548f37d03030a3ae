package results

import (
	"errors"
	"math"
	"slices"
	"strings"
)

// Threshold is a condition held against runs with different seeds. The rule: a run is one draw, so what counts is the mean over
// seeds, and the condition is crossed if the mean does not meet it. No spread excuses it: who wants to be warned
// only of what is certain sets the threshold where that is. Sure says how certain it is. == and != must hold in every seed.
type Threshold struct {
	Condition string    `json:"condition"`
	Metric    string    `json:"metric"`
	Value     float64   `json:"value"`  // what is wanted
	Values    []float64 `json:"values"` // by seed, of those that could measure it
	Mean      float64   `json:"mean"`
	Interval  *Interval `json:"interval,omitempty"` // 95 %, of the mean
	// Sure is the confidence, 0 to 1, that the mean over all seeds there could be lies on the side where the mean of these lies; nil
	// of one seed, and of == and !=.
	Sure    *float64 `json:"sure,omitempty"`
	Crossed bool     `json:"crossed"`
	// By is how far the mean is from the value, positive if it is on the good side.
	By float64 `json:"by"`
	// Problem, if not empty, is why nothing could be measured. That counts as crossed: a condition that is not known to hold does not
	// guard anything.
	Problem string `json:"problem,omitempty"`
}

// Held evaluates a condition over runs.
func (c Condition) Held(runs []*Result) (Threshold, error) {
	t := Threshold{Condition: c.Text, Metric: c.Metric, Value: c.Value}
	for _, r := range runs {
		x, err := c.Of(r)
		switch {
		case errors.Is(err, ErrNotMeasured):
			t.Problem = strings.TrimPrefix(err.Error(), c.Text+": "+ErrNotMeasured.Error()+": ")
		case err != nil:
			return t, err
		default:
			t.Values = append(t.Values, x)
		}
	}
	if len(t.Values) == 0 {
		t.Crossed = true
		return t, nil
	}
	t.Problem = ""
	s := spreadOf(c.Text, t.Values)
	t.Mean, t.Interval = s.Mean, s.Interval
	t.By = t.Mean - c.Value
	if c.Op == "<" || c.Op == "<=" {
		t.By = -t.By
	}
	if c.Op == "==" || c.Op == "!=" {
		t.Crossed = slices.ContainsFunc(t.Values, func(x float64) bool { return !c.Holds(x) })
		return t, nil
	}
	t.Crossed = !c.Holds(t.Mean)
	if s.N > 1 {
		sure := 1.0
		if s.SD > 0 {
			sure = difference{df: float64(s.N - 1)}.t().CDF(math.Abs(t.By) / (s.SD / math.Sqrt(float64(s.N))))
		}
		t.Sure = &sure
	}
	return t, nil
}
