package results

import (
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// share is a / (a + b), and 0 of nothing.
func share(a, b int64) float64 {
	if a+b == 0 {
		return 0
	}
	return float64(a) / float64(a+b)
}

// stallRatio is stalled / watched. Who stalled and never watched anything gets 1: infinity would be truer, and of no use.
func stallRatio(stalled, watched time.Duration) float64 {
	switch {
	case stalled <= 0:
		return 0
	case watched <= 0:
		return 1
	default:
		return float64(stalled) / float64(watched)
	}
}

// round6 takes the digits that say nothing off a ratio or a time, so that files are small and equal things look equal.
func round6(x float64) float64 { return math.Round(x*1e6) / 1e6 }

// Gini is the Gini coefficient of values that are not negative: 0 if all are equal, (n-1)/n if one has everything; 0 if there
// is nothing to share.
func Gini(values []float64) float64 {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	n := float64(len(sorted))
	var sum, weighted float64
	for i, x := range sorted {
		sum += x
		weighted += float64((float64(2*(i+1)) - n - 1) * x)
	}
	if sum == 0 {
		return 0
	}
	return weighted / (n * sum)
}

// Interval is a range that holds the true mean in 95 of 100 experiments.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Spread is a metric over repeats of a run with different seeds.
type Spread struct {
	Name string  `json:"name"`
	N    int     `json:"n"` // repeats in which the metric has a value
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"` // of the sample (n-1); 0 with one repeat
	Min  float64 `json:"min"`
	Max  float64 `json:"max"`
	// Interval is the 95 % confidence interval of the mean by Student's t. nil with one repeat: one run says nothing of spread.
	Interval *Interval `json:"interval,omitempty"`
}

// spreadOf is the spread of at least one value.
func spreadOf(name string, values []float64) Spread {
	s := Spread{Name: name, N: len(values), Min: slices.Min(values), Max: slices.Max(values)}
	s.Mean = stat.Mean(values, nil)
	if s.N < 2 {
		return s
	}
	s.SD = stat.StdDev(values, nil)
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(s.N - 1)}.Quantile(0.975)
	half := t * s.SD / math.Sqrt(float64(s.N))
	s.Interval = &Interval{Low: s.Mean - half, High: s.Mean + half}
	return s
}
