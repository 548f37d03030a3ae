package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"swarmlab/results"
)

// Crossings says what was crossed, a line each: what, by how much, how sure.
func Crossings(c *results.Checked) []string {
	var out []string
	for _, t := range c.Thresholds {
		if t.Crossed {
			out = append(out, thresholdLine(t))
		}
	}
	if c.Gate != nil {
		for _, r := range c.Gate.Crossed() {
			out = append(out, gateLine(c.Gate, r))
		}
	}
	return out
}

// thresholdLine says how a condition stands.
func thresholdLine(t results.Threshold) string {
	name := printable(t.Condition)
	if t.Problem != "" {
		return name + ": nothing was measured, so nobody can say that it holds (" + printable(t.Problem) + ")"
	}
	seeds := many(int64(len(t.Values)), "seed", "seeds")
	if t.Sure == nil {
		return fmt.Sprintf("%s: it is %s (%s)%s", name, thresholdValue(t, t.Mean), seeds, oneSeed(t))
	}
	return fmt.Sprintf("%s: the mean of %s is %s, which is %s; 95 %% interval %s to %s, %s", name, seeds, thresholdValue(t, t.Mean),
		byText(t), thresholdValue(t, t.Interval.Low), thresholdValue(t, t.Interval.High), sureText(*t.Sure))
}

func oneSeed(t results.Threshold) string {
	if len(t.Values) == 1 {
		return "; one seed cannot say how sure that is"
	}
	return ""
}

// thresholdValue writes a value in the unit of the condition, and with its digits: 0.7 is compared with 0.624, not with 62.4 %.
func thresholdValue(t results.Threshold, x float64) string {
	m, _ := results.Describe(t.Metric)
	switch {
	case m.Unit == "ratio":
		return fmt.Sprintf("%.4f", x)
	case math.Abs(x) >= 1000 || x == math.Trunc(x):
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.4g", x)
}

func byText(t results.Threshold) string {
	if t.By < 0 || t.Crossed {
		return thresholdValue(t, math.Abs(t.By)) + " on the wrong side"
	}
	return thresholdValue(t, t.By) + " on the right side"
}

func sureText(sure float64) string {
	if sure > 0.999 {
		return "more than 99.9 % sure"
	}
	return fmt.Sprintf("%.1f %% sure", 100*sure)
}

// gateLine says by how much a metric is worse than its baseline.
func gateLine(g *results.Gate, r results.GateRow) string {
	way := "less"
	if r.Diff > 0 {
		way = "more"
	}
	relative := ""
	if x := r.Relative(); x != 0 && !inPoints(r.Metric) {
		relative = fmt.Sprintf(" (%+.0f %%)", 100*x)
	}
	return fmt.Sprintf("%s is worse than its baseline: %s instead of %s, %s %s%s; 95 %% interval of the difference %s, p %s after correction for %s",
		valueTitle(r.Metric), valueText(r.Metric, r.Now.Mean), valueText(r.Metric, r.Baseline.Mean),
		strings.TrimLeft(diffText(r.Metric, r.Diff), "+-"), way, relative, rangeText(r.Metric, r.Interval), pSign(r.Adjusted), many(int64(g.Tests), "metric", "metrics"))
}

func pSign(p *float64) string {
	if text := pText(p); strings.HasPrefix(text, "<") {
		return text
	}
	return "= " + pText(p)
}

// checkTitle is the check in a line.
func checkTitle(c *results.Checked) string {
	verdict := "nothing is crossed"
	if n := len(Crossings(c)); n > 0 {
		verdict = many(int64(n), "condition is crossed", "conditions are crossed")
	}
	name := printable(c.Name)
	if name == "" {
		name = "run"
	}
	return fmt.Sprintf("%s: %s", name, verdict)
}

// checkSubtitle says how it was made.
func checkSubtitle(c *results.Checked) string {
	return fmt.Sprintf("%s (%s) in %s, %s tier, %s clock, swarmlab %s", many(int64(len(c.Seeds)), "seed", "seeds"), seedRange(c.Seeds),
		secondsText(c.WallSeconds), printable(c.Tier), printable(c.Clock), printable(c.Version))
}

// seedRange writes seeds that follow each other as a range.
func seedRange(seeds []uint64) string {
	for i, s := range seeds {
		if s != seeds[0]+uint64(i) || len(seeds) < 3 {
			return seedsText(seeds)
		}
	}
	return fmt.Sprintf("%d to %d", seeds[0], seeds[len(seeds)-1])
}

// gateTitle says what the baseline is, and how it is compared.
func gateTitle(g *results.Gate) string {
	way := "by Welch's t-test"
	if g.Paired {
		way = "seed by seed"
	}
	return fmt.Sprintf("%s, %s, compared %s", printable(g.Baseline.Label), many(int64(len(g.Baseline.Seeds)), "seed", "seeds"), way)
}

// gateStrength says what the gate can see, so that silence is not taken for proof.
func gateStrength(g *results.Gate) string {
	known := slices.DeleteFunc(slices.Clone(g.Rows), func(r results.GateRow) bool { return r.Detectable == nil })
	if len(known) == 0 {
		if slices.ContainsFunc(g.Rows, func(r results.GateRow) bool { return r.P != nil }) {
			return "Every seed has the same figures as in the baseline."
		}
		return "One seed on a side says nothing of chance, so nothing can be worse than the baseline: use --seeds 5 or more."
	}
	r := known[max(0, slices.IndexFunc(known, func(r results.GateRow) bool { return r.Metric == "p2pRatio" }))]
	return fmt.Sprintf("With this spread and %s, a loss of %s in %s would be caught in 8 of 10 checks; at most %.0f checks in 100 raise a false alarm.",
		many(int64(r.Now.N), "seed", "seeds"), bare(r.Metric, *r.Detectable), valueTitle(r.Metric), 100*g.Alpha)
}

// baselineChanges are the fields of the scenario that have changed since the baseline. Another version of swarmlab is no news: it is
// why one checks.
func baselineChanges(g *results.Gate, most int) []string {
	var differs []results.Differing
	for _, d := range g.Differs {
		if d.What != "version" {
			differs = append(differs, d)
		}
	}
	return differsLines(differs, "baseline", "now", most)
}

// gateVerdict is a row's verdict in a word or two.
func gateVerdict(g *results.Gate, r results.GateRow) string {
	switch {
	case r.Worse:
		return "worse"
	case r.P == nil:
		return "too few seeds"
	case r.Adjusted == nil:
		return "the same"
	case *r.Adjusted < g.Alpha:
		return "worse, but by too little to matter"
	case r.Loss() >= r.Smallest:
		return "no evidence: could be chance"
	default:
		return "good"
	}
}
