package report

import (
	"bytes"
	"fmt"
	"io"

	"swarmlab/results"
)

// CompareMarkdown writes a comparison for a pull request or a chat.
func CompareMarkdown(w io.Writer, c *results.Comparison) error {
	var b bytes.Buffer
	b.WriteString("# Comparison\n\n")
	for i, e := range c.Sides {
		fmt.Fprintf(&b, "- **%s** %s: %s\n", sideName(i), escapeMarkdown(e.Label), escapeMarkdown(sideText(e)))
	}
	for _, p := range c.Pairs {
		x, y := sideName(p.A), sideName(p.B)
		fmt.Fprintf(&b, "\n## %s against %s: %s\n", y, x, summaryText(p))
		if len(p.Differs) > 0 {
			b.WriteString("\n> **More than chance differs between them:**\n")
			for _, line := range differsLines(p.Differs, x, y, 40) {
				fmt.Fprintf(&b, "> - %s\n", escapeMarkdown(line))
			}
		}
		fmt.Fprintf(&b, "\n| | %s | %s | difference | 95 %% interval | p | verdict |\n| --- | ---: | ---: | ---: | ---: | ---: | --- |\n", x, y)
		for _, r := range p.Judged() {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", escapeMarkdown(valueTitle(r.Metric)), spreadText(r.A), spreadText(r.B),
				diffText(r.Metric, r.Diff), rangeText(r.Metric, r.Interval), escapeMarkdown(pText(r.Adjusted)), markdownVerdict(r))
		}
		fmt.Fprintf(&b, "\n%s\n", methodText(c, p))
		if text := enoughText(c, p); text != "" {
			fmt.Fprintf(&b, "\n**%s**\n", text)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

func markdownVerdict(r results.Row) string {
	if r.Verdict == results.NoEvidence || r.Verdict == results.Same || r.Small {
		return verdictText(r)
	}
	return "**" + verdictText(r) + "**"
}
