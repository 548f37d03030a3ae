package report

import (
	"bytes"
	"fmt"
	"io"

	"swarmlab/results"
)

// CheckMarkdown writes what a check found for a job's summary or a pull request.
func CheckMarkdown(w io.Writer, c *results.Checked) error {
	var b bytes.Buffer
	sign := "✅"
	if c.Crossed {
		sign = "❌"
	}
	fmt.Fprintf(&b, "## %s %s\n\n%s\n", sign, escapeMarkdown(checkTitle(c)), escapeMarkdown(checkSubtitle(c)))
	if lines := Crossings(c); len(lines) > 0 {
		b.WriteByte('\n')
		for _, line := range lines {
			fmt.Fprintf(&b, "- ❌ **%s**\n", escapeMarkdown(line))
		}
	}
	if len(c.Thresholds) > 0 {
		b.WriteString("\n### Thresholds\n\n")
		for _, t := range c.Thresholds {
			mark := "✅"
			if t.Crossed {
				mark = "❌"
			}
			fmt.Fprintf(&b, "- %s %s\n", mark, escapeMarkdown(thresholdLine(t)))
		}
	}
	if c.Gate != nil {
		markdownGate(&b, c.Gate)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func markdownGate(b *bytes.Buffer, g *results.Gate) {
	fmt.Fprintf(b, "\n### Baseline\n\n%s\n", escapeMarkdown(gateTitle(g)))
	if lines := baselineChanges(g, 40); len(lines) > 0 {
		b.WriteString("\nWhat has changed since:\n\n")
		for _, line := range lines {
			fmt.Fprintf(b, "- %s\n", escapeMarkdown(line))
		}
	}
	b.WriteString("\n| | baseline | now | difference | 95 % interval | matters from | p | verdict |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n")
	for _, r := range g.Rows {
		verdict := gateVerdict(g, r)
		if r.Worse {
			verdict = "❌ **worse**"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", escapeMarkdown(valueTitle(r.Metric)), spreadText(r.Baseline), spreadText(r.Now),
			diffText(r.Metric, r.Diff), rangeText(r.Metric, r.Interval), bare(r.Metric, r.Smallest), escapeMarkdown(pText(r.Adjusted)), verdict)
	}
	for _, name := range g.Missing {
		fmt.Fprintf(b, "\n`%s` is in the baseline and was not measured now.\n", printable(name))
	}
	fmt.Fprintf(b, "\n%s\n", gateStrength(g))
}
