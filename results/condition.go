package results

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"
)

// Condition is what a threshold wants of a result, such as p95(httpLatencyMs{group:home}) < 800.
//
// The metric is a key of the summary. Without a function it is the summary's own value. A function of a distribution
// (startupMs, degree, ...) is a figure of it. A function of any other metric is over viewers: p5(p2pRatio) is what all but the
// worst twentieth of the viewers reach. With labels it is of the viewers who have all of them.
type Condition struct {
	Text       string // as the user wrote it
	Func       string // "" or mean, min, max, count, sum, median, p
	Percentile float64
	Metric     string
	Labels     []Label
	Op         string // > >= < <= == !=
	Value      float64
}

// Label keeps the viewers whose Key (group, link, nat, region) is Value.
type Label struct{ Key, Value string }

// Errors of a condition.
var (
	ErrCondition = errors.New("cannot be evaluated")
	// ErrNotMeasured means that the condition is good and this result has nothing to evaluate it on.
	ErrNotMeasured = errors.New("not measured")
)

// Check tells whether the condition can be evaluated at all, before a run is spent on it.
func (c Condition) Check() error {
	_, err := c.Of(&Result{Summary: Summary{LiveLatencyMs: &Dist{}}, Cohorts: []Cohort{}})
	if errors.Is(err, ErrNotMeasured) {
		return nil
	}
	return err
}

// Of is the value that the condition compares, of one run.
func (c Condition) Of(r *Result) (float64, error) {
	m, ok := Describe(c.Metric)
	if !ok {
		return 0, c.fail("there is no metric %q%s; results/METRICS.md lists them", c.Metric, similar(c.Metric))
	}
	for _, l := range c.Labels {
		if l.Key != "group" && l.Key != "link" && l.Key != "nat" && l.Key != "region" {
			return 0, c.fail("there is no label %q; it can be group, link, nat or region", l.Key)
		}
	}
	switch {
	case isDistribution(c.Metric):
		if c.Func == "" {
			return 0, c.fail("%s is a distribution; say which figure of it, such as p95(%s)", c.Metric, c.Metric)
		}
		return c.ofDistribution(r)
	case c.Func == "" && len(c.Labels) == 0:
		return c.ofSummary(r, m)
	default:
		return c.ofViewers(r)
	}
}

func (c Condition) fail(format string, args ...any) error {
	return fmt.Errorf("%s: %w: %s", c.Text, ErrCondition, fmt.Sprintf(format, args...))
}

func (c Condition) missing(why string) error {
	return fmt.Errorf("%s: %w: %s", c.Text, ErrNotMeasured, why)
}

// Holds tells whether a value meets the condition.
func (c Condition) Holds(x float64) bool {
	switch c.Op {
	case ">":
		return x > c.Value
	case ">=":
		return x >= c.Value
	case "<":
		return x < c.Value
	case "<=":
		return x <= c.Value
	case "==":
		return x == c.Value
	default:
		return x != c.Value
	}
}

// similar names the metric that was probably meant.
func similar(name string) string {
	for _, m := range metrics {
		if strings.EqualFold(m.Name, name) || len(name) > 3 && strings.HasPrefix(strings.ToLower(m.Name), strings.ToLower(name)) {
			return fmt.Sprintf("; did you mean %q?", m.Name)
		}
	}
	return ""
}

var distType = reflect.TypeFor[Dist]()

// isDistribution: the summary has it as a [Dist].
func isDistribution(metric string) bool {
	t := reflect.TypeFor[Summary]()
	for i := range t.NumField() {
		key, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if of := t.Field(i).Type; key == metric {
			return of == distType || of.Kind() == reflect.Pointer && of.Elem() == distType
		}
	}
	return false
}

// ofSummary is the summary's value; of counters by name it is their sum.
func (c Condition) ofSummary(r *Result, m Metric) (float64, error) {
	if c.Metric == "requests" || c.Metric == "httpReasons" {
		return 0, c.fail("%s is many figures, of which no single one is %s", c.Metric, c.Metric)
	}
	var sum float64
	found := isCounter(c.Metric) // where nothing is counted, nothing happened
	for _, v := range r.Summary.Values() {
		if v.Name == m.Name || strings.HasPrefix(v.Name, m.Name+".") {
			sum, found = sum+v.Value, true
		}
	}
	if !found {
		return 0, c.missing("this run did not count it")
	}
	return sum, nil
}

// figure is the function's figure of exact values.
func (c Condition) figure(values []float64) (float64, error) {
	switch {
	case c.Func == "count":
		return float64(len(values)), nil
	case len(values) == 0:
		return 0, c.missing("there is no value to take it of")
	case c.Func == "sum":
		return stat.Mean(values, nil) * float64(len(values)), nil
	case c.Func == "mean":
		return stat.Mean(values, nil), nil
	case c.Func == "min":
		return slices.Min(values), nil
	case c.Func == "max":
		return slices.Max(values), nil
	}
	slices.Sort(values)
	return stat.Quantile(c.share(), stat.Empirical, values, nil), nil
}

// share is the function's quantile, 0 to 1.
func (c Condition) share() float64 {
	if c.Func == "median" {
		return 0.5
	}
	return min(1, max(0, c.Percentile/100))
}

// ofDist is the function's figure of a distribution, if that has it exactly.
func (c Condition) ofDist(d Dist) (float64, bool) {
	if c.Func == "count" {
		return float64(d.Count), true
	}
	figures := map[string]float64{"mean": d.Mean, "max": d.Max, "median": d.P50, "sum": d.Mean * float64(d.Count)}
	if x, ok := figures[c.Func]; ok {
		return x, true
	}
	quantiles := map[float64]float64{50: d.P50, 90: d.P90, 95: d.P95, 99: d.P99, 100: d.Max}
	x, ok := quantiles[c.Percentile]
	return x, ok && c.Func == "p"
}

// ofHistogram is the function's figure to the histogram's two digits.
func (c Condition) ofHistogram(h Histogram) (float64, error) {
	switch {
	case c.Func == "count":
		return float64(h.Count), nil
	case h.Count == 0 || len(h.Buckets) == 0:
		return 0, c.missing("there is no value to take it of")
	case c.Func == "sum":
		return h.mean() * float64(h.Count), nil
	case c.Func == "mean":
		return h.mean(), nil
	case c.Func == "min":
		return h.Buckets[0].UpTo, nil
	case c.Func == "max":
		return h.Buckets[len(h.Buckets)-1].UpTo, nil
	}
	return h.Quantile(c.share()), nil
}

// has tells whether a viewer has all labels.
func (c Condition) has(group, link, nat, region string) bool {
	of := map[string]string{"group": group, "link": link, "nat": nat, "region": region}
	return !slices.ContainsFunc(c.Labels, func(l Label) bool { return of[l.Key] != l.Value })
}
