package report

import (
	"fmt"
	"io"
	"math"
	"strings"

	"swarmlab/results"
)

// repeatRows are the metrics that a table of repeats shows; the file has them all.
var repeatRows = []string{
	"p2pRatio", "p2pRatioBound", "copiesPerSegment", "offload", "wastedBytes", "originBytes",
	"neverStarted", "stalls", "stallRatio", "startupMs.p50", "startupMs.p95", "timeToFirstPeerMs.p50",
	"httpLatencyMs.p50", "httpLatencyMs.p95", "p2pLatencyMs.p50", "p2pLatencyMs.p95", "liveLatencyMs.p50",
	"connections", "uploadGini",
}

// TerminalRepeats writes the spread of runs with different seeds.
func TerminalRepeats(w io.Writer, a *results.Repeats, o TerminalOptions) error {
	p := newPage(o)
	name := printable(a.Name)
	if name == "" {
		name = "run"
	}
	p.printf("%s\n", p.paint(bold, cut(fmt.Sprintf("%s: %s", name, many(int64(len(a.Seeds)), "repeat", "repeats")), p.width)))
	p.printf("%s\n\n", p.paint(dim, cut(repeatsSubtitle(a), p.width)))
	p.printf("%s\n", p.paint(dim, pad("", 30)+column("mean", 10)+"  "+pad("95 % interval", 22)+column("min", 10)+column("max", 10)))
	for _, name := range repeatRows {
		s, ok := a.Get(name)
		if !ok {
			continue
		}
		p.printf("  %s%s  %s%s%s%s\n", pad(cut(valueTitle(name), 28), 28), column(valueText(name, s.Mean), 10), pad(intervalText(s), 22),
			column(valueText(name, s.Min), 10), column(valueText(name, s.Max), 10), missing(s, len(a.Seeds)))
	}
	if len(a.Seeds) < 5 {
		p.printf("\n%s\n", p.paint(yellow, fmt.Sprintf("Only %s: the intervals are wide. Five or more seeds say more.", many(int64(len(a.Seeds)), "seed", "seeds"))))
	}
	_, err := w.Write(p.Bytes())
	return err
}

// repeatsSubtitle says of what the figures are; that some runs are missing comes first, since without them the others may be a choice.
func repeatsSubtitle(a *results.Repeats) string {
	text := fmt.Sprintf("%s tier, %s clock, seeds %s", printable(a.Tier), printable(a.Clock), seedsText(a.Seeds))
	if a.Wanted > 0 {
		return fmt.Sprintf("NOT ALL ARE THERE, %s of %s: %s", count(int64(len(a.Seeds))), count(int64(a.Wanted)), text)
	}
	return text
}

func seedsText(seeds []uint64) string {
	parts := make([]string, len(seeds))
	for i, s := range seeds {
		parts[i] = fmt.Sprint(s)
	}
	return strings.Join(parts, " ")
}

func missing(s results.Spread, runs int) string {
	if s.N == runs {
		return ""
	}
	return fmt.Sprintf("  (of %d)", s.N)
}

func intervalText(s results.Spread) string {
	if s.Interval == nil {
		return "unknown (one run)"
	}
	return valueText(s.Name, s.Interval.Low) + " to " + valueText(s.Name, s.Interval.High)
}

// valueTitle is a metric's title, with the quantile if it is one.
func valueTitle(name string) string {
	m, ok := results.Describe(name)
	if !ok {
		return printable(name)
	}
	if _, figure, found := strings.Cut(name, "."); found {
		return m.Title + ", " + printable(figure)
	}
	return m.Title
}

// valueText writes a metric's value with its unit.
func valueText(name string, x float64) string {
	m, _ := results.Describe(name)
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return "-"
	case strings.HasSuffix(name, ".count"):
		return plainNumber(x)
	case m.Unit == "ratio" && m.Name != "uploadGini":
		return percent(x)
	case m.Unit == "bytes":
		return bytesText(int64(math.Round(x)))
	case m.Unit == "ms":
		return signed(x, msText)
	case m.Unit == "s":
		return signed(x, secondsText)
	default:
		return plainNumber(x)
	}
}

// signed lets an interval reach below zero, which no time does.
func signed(x float64, text func(float64) string) string {
	if x < 0 {
		return "-" + text(-x)
	}
	return text(x)
}

func plainNumber(x float64) string {
	if x == math.Trunc(x) && math.Abs(x) < 1e15 {
		return count(int64(x))
	}
	return signed(x, three)
}
