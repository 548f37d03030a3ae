package results

import (
	"fmt"
	"math"
	"slices"
)

// GateAlpha is the chance of a gate to find at least one metric worse than its baseline when nothing has changed, before it
// asks whether the difference matters. Asking makes it smaller still.
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
	if metrics == nil {
		metrics = GatedMetrics()
	}
	g := &Gate{Baseline: baseline, Alpha: GateAlpha, Paired: pairable(baseline, now), Differs: differing(baseline, now)}
	var tests []difference
	for _, name := range metrics {
		j, ok := judgedOf(name)
		m, _ := Describe(name)
		if !ok || m.Direction == Neutral {
			return nil, fmt.Errorf("%q cannot be compared with a baseline; what can is %v", name, GatedMetrics())
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
			Metric: name, Title: m.Title, Unit: m.Unit, Direction: m.Direction, Baseline: spreadOf(name, x), Now: spreadOf(name, y),
			Diff: test.diff, Interval: test.interval(), Smallest: j.smallest(spreadOf(name, x).Mean),
		})
	}
	g.judge(tests)
	return g, nil
}

func (g *Gate) judge(tests []difference) {
	var p []float64
	var rows []*GateRow
	for i, test := range tests {
		if !test.known() {
			continue
		}
		row := &g.Rows[i]
		worse := test
		if row.Direction == Up {
			worse.diff = -worse.diff
			worse.a, worse.b = worse.b, worse.a
		}
		pWorse := worse.pAbove()
		row.P = &pWorse
		if !test.same() {
			p, rows = append(p, pWorse), append(rows, row)
		}
	}
	g.Tests = len(p)
	for i, adjusted := range holm(p) {
		row := rows[i]
		row.Adjusted = &adjusted
		loss := row.Diff
		if row.Direction == Up {
			loss = -loss
		}
		row.Worse = adjusted < g.Alpha && loss >= row.Smallest
	}
	for i, test := range tests {
		if test.known() && g.Tests > 0 {
			least := max(g.Rows[i].Smallest, test.detectable(g.Alpha/float64(g.Tests)))
			g.Rows[i].Detectable = &least
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
