package report

import (
	"fmt"
	"math"
	"strings"

	"swarmlab/results"
)

// Texts that every form of a comparison shares.

// diffText writes a difference with its sign and unit; of ratios in points, because "5 % less" of a ratio can mean two things.
func diffText(metric string, x float64) string {
	sign := "+"
	switch {
	case x == 0:
		return "0"
	case x < 0:
		sign = "-"
	}
	if inPoints(metric) {
		return sign + pointsText(math.Abs(x))
	}
	return sign + strings.TrimPrefix(valueText(metric, math.Abs(x)), "-")
}

// inPoints: the metric is written as a percentage.
func inPoints(metric string) bool {
	m, _ := results.Describe(metric)
	return m.Unit == "ratio" && m.Name != "uploadGini"
}

// pointsText writes a part of a ratio in percentage points.
func pointsText(x float64) string {
	switch p := 100 * x; {
	case p > 0 && p < 0.05:
		return "<0.1 points"
	case p >= 0.95 && p < 1.05:
		return "1.0 point"
	default:
		return fmt.Sprintf("%.1f points", p)
	}
}

// spreadText is a mean with its standard deviation.
func spreadText(s results.Spread) string {
	switch {
	case s.N < 2:
		return valueText(s.Name, s.Mean)
	case s.SD == 0:
		return valueText(s.Name, s.Mean) + " ±0"
	}
	if inPoints(s.Name) {
		return valueText(s.Name, s.Mean) + fmt.Sprintf(" ±%.1f", 100*s.SD)
	}
	return valueText(s.Name, s.Mean) + " ±" + valueText(s.Name, s.SD)
}

// rangeText is an interval of a difference.
func rangeText(metric string, i *results.Interval) string {
	if i == nil {
		return "unknown"
	}
	if inPoints(metric) {
		return fmt.Sprintf("%+.1f to %+.1f", 100*i.Low, 100*i.High)
	}
	return diffText(metric, i.Low) + " to " + diffText(metric, i.High)
}

func pText(p *float64) string {
	switch {
	case p == nil:
		return "-"
	case *p < 0.001:
		return "<0.001"
	default:
		return fmt.Sprintf("%.3f", *p)
	}
}

// verdictText is the verdict, with what has to be said beside it.
func verdictText(r results.Row) string {
	text := string(r.Verdict)
	if r.Small {
		text += " (little)"
	}
	return text
}

// sideName tells the sides apart: A, B, ... Z, then by number.
func sideName(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return fmt.Sprintf("#%d", i+1)
}

// sideText says what a side is made of.
func sideText(e *results.Evidence) string {
	name := printable(e.Name)
	if name == "" {
		name = "run"
	}
	kind := ""
	if e.Kind == results.KindBaseline {
		kind = "baseline of "
	}
	interrupted := ""
	if n := e.Interrupted(); n > 0 {
		interrupted = fmt.Sprintf(" (%s INTERRUPTED)", count(int64(n)))
	}
	return fmt.Sprintf("%s, %s%s%s, %s tier, %s clock, swarmlab %s", name, kind, many(int64(len(e.Seeds)), "seed", "seeds"), interrupted,
		printable(e.Tier), printable(e.Clock), printable(e.Version))
}

// methodText says how the figures of a pair were made.
func methodText(c *results.Comparison, p results.Pair) string {
	if p.Paired {
		return fmt.Sprintf("The same seeds on both sides, so the audience is the same: compared seed by seed (paired t-test). p is corrected for looking at %s (Holm); an interval is of its metric alone.", many(int64(c.Tests), "metric", "metrics"))
	}
	return fmt.Sprintf("Different seeds: compared by Welch's t-test. p is corrected for looking at %s (Holm); an interval is of its metric alone.", many(int64(c.Tests), "metric", "metrics"))
}

// enoughText is honest about too few seeds; "" if there is nothing to confess.
func enoughText(c *results.Comparison, p results.Pair) string {
	fewest := min(len(c.Sides[p.A].Seeds), len(c.Sides[p.B].Seeds))
	row, measured := p.Row("p2pRatio")
	switch {
	case fewest < 2:
		return "One seed on a side says nothing of chance, so there is no evidence of anything: run both with --repeat 5 or more."
	case measured && row.SeedsNeeded > fewest:
		return fmt.Sprintf("To see a change of %s in the P2P ratio, which is the least that matters, this spread needs %s on each side; there are %d.",
			pointsText(row.Smallest), seedsNeeded(row.SeedsNeeded), fewest)
	case fewest < 5:
		return fmt.Sprintf("Only %d seeds on a side: only large differences can show. Five or more say more.", fewest)
	}
	return ""
}

func seedsNeeded(n int) string {
	if n >= 1000 {
		return "more than 1,000 seeds"
	}
	return many(int64(n), "seed", "seeds")
}

// differsLines are the warnings: what else differs between the sides.
func differsLines(differs []results.Differing, a, b string, most int) []string {
	var out []string
	for i, d := range differs {
		if i == most {
			out = append(out, fmt.Sprintf("and %d more fields", len(differs)-most))
			break
		}
		out = append(out, fmt.Sprintf("%s: %s %s, %s %s", printable(d.What), a, printable(d.A), b, printable(d.B)))
	}
	return out
}

// summaryText counts a pair's verdicts.
func summaryText(p results.Pair) string {
	n, little := map[results.Verdict]int{}, 0
	for _, r := range p.Judged() {
		if r.Small {
			little++
		} else {
			n[r.Verdict]++
		}
	}
	text := fmt.Sprintf("%d better, %d worse", n[results.Better], n[results.Worse])
	if little > 0 {
		text += fmt.Sprintf(", %d by too little to matter", little)
	}
	text += fmt.Sprintf(", %d without evidence", n[results.NoEvidence])
	if n[results.Same] > 0 {
		text += fmt.Sprintf(", %d the same", n[results.Same])
	}
	return text
}
