package results

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// GateAlpha is how often at most a gate finds anything worse than its baseline when nothing has changed, all its metrics together. It is
// the tests' level; that a difference has to matter as well makes alarms rarer still. (On metrics with two humps, three seeds
// a side and other seeds than the baseline's it would be 3 in 100 without that: all of one side on one hump, all of the other on the
// other. Five seeds are enough to keep the promise.)
const GateAlpha = 0.02

// Gate is a check against a baseline.
type Gate struct {
	Baseline *Evidence   `json:"baseline"`
	Alpha    float64     `json:"alpha"`
	Tests    int         `json:"tests"`
	Paired   bool        `json:"paired"`
	Differs  []Differing `json:"differs"`
	Rows     []GateRow   `json:"rows"`
	// Missing are metrics that the baseline has and this check could not measure in any seed, or not in enough of them.
	Missing []string `json:"missing,omitempty"`
}

// GateRow is one metric against its baseline.
type GateRow struct {
	Metric    string    `json:"metric"`
	Title     string    `json:"title"`
	Unit      string    `json:"unit"`
	Direction Direction `json:"direction"`
	Baseline  Spread    `json:"baseline"`
	Now       Spread    `json:"now"`
	Diff      float64   `json:"diff"` // now - baseline
	Interval  *Interval `json:"interval,omitempty"`
	// P is how often chance alone makes it as much worse; Adjusted is that, corrected for all metrics of the gate that are not
	// the same in every seed. nil: too few seeds, or the same.
	P        *float64 `json:"p,omitempty"`
	Adjusted *float64 `json:"adjusted,omitempty"`
	Smallest float64  `json:"smallest"` // what matters
	Worse    bool     `json:"worse"`
	// Detectable is the loss that this many seeds with this spread would have shown in 8 of 10 checks; never below Smallest.
	Detectable *float64 `json:"detectable,omitempty"`

	share float64 // of the level
}

// GatedMetrics are the names that a gate looks at.
func GatedMetrics() []string {
	var out []string
	for _, j := range judged {
		if j.Gated {
			out = append(out, j.Name)
		}
	}
	return out
}

// Against sets what was measured now against a baseline. A metric is worse only if chance explains it badly and the difference
// is one that matters. metrics are those to look at; nil means all that are gated.
func Against(baseline, now *Evidence, metrics []string) (*Gate, error) {
	g, tests, err := gateOf(baseline, now, metrics)
	if err != nil {
		return nil, err
	}
	g.describe(tests)
	return g, nil
}

// gateOf judges, and leaves out what only people read: quantiles of Student's t are dear, and experiments judge thousands of times.
func gateOf(baseline, now *Evidence, metrics []string) (*Gate, []difference, error) {
	if metrics == nil {
		metrics = GatedMetrics()
	}
	g := &Gate{Baseline: baseline, Alpha: GateAlpha, Paired: pairable(baseline, now), Differs: differing(baseline, now)}
	var tests []difference
	for _, name := range metrics {
		j, ok := judgedOf(name)
		m, _ := Describe(name)
		if !ok || m.Direction == Neutral {
			return nil, nil, fmt.Errorf("%q cannot be compared with a baseline; what can is %v", name, GatedMetrics())
		}
		x, y := both(baseline, now, name, g.Paired)
		if len(baseline.Measured(name)) == 0 {
			continue // the baseline does not know it: live latency of a video, say
		}
		if len(x) == 0 || len(y) == 0 {
			g.Missing = append(g.Missing, name)
			continue
		}
		test := unpairedDifference(x, y)
		if g.Paired {
			test = pairedDifference(x, y)
		}
		tests = append(tests, test)
		g.Rows = append(g.Rows, GateRow{
			Metric: name, Title: m.Title, Unit: m.Unit, Direction: m.Direction,
			Diff: test.diff, Smallest: j.smallest(stat.Mean(x, nil)),
		})
	}
	g.judge(tests)
	return g, tests, nil
}

func (g *Gate) judge(tests []difference) {
	var p []float64
	var rows []int
	var names []string
	for i, test := range tests {
		if !test.known() {
			continue
		}
		row := &g.Rows[i]
		pWorse := test.pAbove()
		if row.Direction == Up {
			pWorse = test.opposite().pAbove()
		}
		row.P = &pWorse
		if !test.same() {
			p, rows, names = append(p, pWorse), append(rows, i), append(names, row.Metric)
		}
	}
	g.Tests = len(p)
	weights := weightsOf(names)
	for k, adjusted := range holm(p, weights) {
		row := &g.Rows[rows[k]]
		row.Adjusted = &adjusted
		row.Worse = adjusted < g.Alpha && row.Loss() >= row.Smallest
		row.share = weights[k] / floats.Sum(weights)
	}
}

// describe adds what judging does not need: spreads, intervals, and what could have been seen.
func (g *Gate) describe(tests []difference) {
	for i, test := range tests {
		row := &g.Rows[i]
		row.Baseline, row.Now, row.Interval = spreadOf(row.Metric, test.a), spreadOf(row.Metric, test.b), test.interval()
		if row.share > 0 {
			least := max(row.Smallest, test.detectable(g.Alpha*row.share))
			row.Detectable = &least
		}
	}
}

// Crossed are the rows that are worse.
func (g *Gate) Crossed() []GateRow {
	return slices.DeleteFunc(slices.Clone(g.Rows), func(r GateRow) bool { return !r.Worse })
}

// Loss is by how much the row is worse; negative if it is better.
func (r GateRow) Loss() float64 {
	if r.Direction == Up {
		return -r.Diff
	}
	return r.Diff
}

// Relative is the difference as a share of the baseline; 0 if there is none to divide by.
func (r GateRow) Relative() float64 {
	if r.Baseline.Mean == 0 {
		return 0
	}
	return r.Diff / math.Abs(r.Baseline.Mean)
}
