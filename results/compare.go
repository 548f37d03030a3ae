package results

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// ComparisonSchema names the layout of [Comparison].
const ComparisonSchema = "swarmlab/comparison/v1"

// CompareAlpha is the chance of a comparison to see at least one difference where there is none.
const CompareAlpha = 0.05

// Verdict is what the figures allow to say of a metric.
type Verdict string

// The verdicts.
const (
	Better     Verdict = "better"
	Worse      Verdict = "worse"
	Same       Verdict = "the same" // in every seed
	NoEvidence Verdict = "no evidence"
)

// Comparison sets each side against the first.
type Comparison struct {
	Schema string  `json:"schema"`
	Alpha  float64 `json:"alpha"`
	// Tests is how many p-values were looked at; adjusted ones are corrected for that (Holm). What is the same in every seed is no
	// test: it can raise no alarm, false or not.
	Tests int         `json:"tests"`
	Sides []*Evidence `json:"sides"`
	Pairs []Pair      `json:"pairs"`
}

// Pair is side B against side A.
type Pair struct {
	A       int         `json:"a"` // index in Sides
	B       int         `json:"b"`
	Paired  bool        `json:"paired"` // seed by seed
	Differs []Differing `json:"differs"`
	Rows    []Row       `json:"rows"`
}

// Row is one metric of a pair. What needs two seeds a side is nil without them.
type Row struct {
	Metric    string    `json:"metric"`
	Title     string    `json:"title"`
	Unit      string    `json:"unit"`
	Direction Direction `json:"direction"`
	A         Spread    `json:"a"`
	B         Spread    `json:"b"`
	Diff      float64   `json:"diff"`               // b - a
	Interval  *Interval `json:"interval,omitempty"` // of Diff, 95 %, of this metric alone
	P         *float64  `json:"p,omitempty"`        // two-sided
	// Adjusted is P corrected for all metrics that were judged; nil for those that were not.
	Adjusted *float64 `json:"adjusted,omitempty"`
	Verdict  Verdict  `json:"verdict"`
	// Small: the difference is there, but smaller than Smallest, which is what matters; of judged metrics only.
	Small    bool    `json:"small,omitempty"`
	Smallest float64 `json:"smallest,omitempty"`
	// SeedsNeeded on each side would show a difference of Smallest with this spread in 8 of 10 comparisons; 0 if that is unknown,
	// or not needed because there is evidence already.
	SeedsNeeded int  `json:"seedsNeeded,omitempty"`
	Judged      bool `json:"judged"`

	test difference
}

// ErrTooFewSides means that there is nothing to compare with.
var ErrTooFewSides = errors.New("a comparison needs at least two sides")

// Compare sets every side against the first. Judged metrics (see [JudgedMetrics]) are corrected for looking at all of them; the
// others are there for who digs: with their own p-value, which is not corrected, and without a verdict of worse or better.
func Compare(sides []*Evidence) (*Comparison, error) {
	if len(sides) < 2 {
		return nil, ErrTooFewSides
	}
	c := &Comparison{Schema: ComparisonSchema, Alpha: CompareAlpha, Sides: sides}
	for i := 1; i < len(sides); i++ {
		pair := Pair{A: 0, B: i, Paired: pairable(sides[0], sides[i]), Differs: differing(sides[0], sides[i])}
		pair.Rows = rowsOf(sides[0], sides[i], pair.Paired)
		if len(pair.Rows) == 0 {
			return nil, fmt.Errorf("%s and %s have no metric in common", sides[0].Label, sides[i].Label)
		}
		c.Pairs = append(c.Pairs, pair)
	}
	c.judge()
	return c, nil
}

// rowsOf has every metric that both sides measured, in the summary's order.
func rowsOf(a, b *Evidence, paired bool) []Row {
	var out []Row
	for _, name := range a.names {
		x, y := both(a, b, name, paired)
		if len(x) == 0 || len(y) == 0 {
			continue
		}
		m, _ := Describe(name) // every name comes from a summary, or was looked up when the baseline was read
		row := Row{
			Metric: name, Title: m.Title, Unit: m.Unit, Direction: m.Direction, Verdict: NoEvidence,
			A: spreadOf(name, x), B: spreadOf(name, y), test: unpairedDifference(x, y),
		}
		if paired {
			row.test = pairedDifference(x, y)
		}
		row.Diff, row.Interval = row.test.diff, row.test.interval()
		if row.test.known() {
			p := row.test.p()
			row.P = &p
			if row.test.same() {
				row.Verdict = Same
			}
		}
		if j, ok := judgedOf(name); ok {
			row.Judged, row.Smallest = true, j.smallest(row.A.Mean)
		}
		out = append(out, row)
	}
	return out
}

// judge corrects p-values over all pairs and gives verdicts.
func (c *Comparison) judge() {
	var tested []*Row
	var p, weights []float64
	for i := range c.Pairs {
		var names []string
		for j := range c.Pairs[i].Rows {
			if row := &c.Pairs[i].Rows[j]; row.Judged && row.P != nil && row.Verdict != Same {
				tested, p, names = append(tested, row), append(p, *row.P), append(names, row.Metric)
			}
		}
		weights = append(weights, weightsOf(names)...)
	}
	c.Tests = len(p)
	for i, adjusted := range holm(p, weights) {
		row := tested[i]
		row.Adjusted = &adjusted
		switch {
		case adjusted >= c.Alpha:
			row.SeedsNeeded = row.test.seedsFor(row.Smallest, c.Alpha/2*weights[i]/floats.Sum(weights))
		case (row.Diff > 0) == (row.Direction == Up):
			row.Verdict = Better
		default:
			row.Verdict = Worse
		}
		row.Small = row.Verdict != NoEvidence && math.Abs(row.Diff) < row.Smallest
	}
}

// Row finds a metric.
func (p Pair) Row(metric string) (Row, bool) {
	i := slices.IndexFunc(p.Rows, func(r Row) bool { return r.Metric == metric })
	if i < 0 {
		return Row{}, false
	}
	return p.Rows[i], true
}

// Judged are the rows with a verdict.
func (p Pair) Judged() []Row {
	return slices.DeleteFunc(slices.Clone(p.Rows), func(r Row) bool { return !r.Judged })
}

// SeedsNeeded is what the whole pair needs to show in its headline, the P2P ratio, a difference that matters; 0 if nobody can tell
// or it is there.
func (p Pair) SeedsNeeded() int {
	row, _ := p.Row("p2pRatio")
	return row.SeedsNeeded
}
