package report

import (
	"fmt"
	"io"

	"swarmlab/results"
)

// CheckTerminal writes what a check found for a person at a terminal or in a log.
func CheckTerminal(w io.Writer, c *results.Checked, o TerminalOptions) error {
	if o.Width <= 0 {
		o.Width = 120 // lines are read in a log, which breaks none
	}
	p := newPage(o)
	p.printf("%s\n%s\n", p.paint(bold, checkTitle(c)), p.paint(dim, checkSubtitle(c)))
	if len(c.Thresholds) > 0 {
		p.printf("\n%s\n", p.paint(bold, "Thresholds"))
		for _, t := range c.Thresholds {
			p.printf("  %s %s\n", p.mark(t.Crossed), thresholdLine(t))
		}
	}
	if c.Gate != nil {
		p.gate(c.Gate)
	}
	if lines := Crossings(c); len(lines) > 0 {
		p.printf("\n%s\n", p.paint(red, "Crossed:"))
		for _, line := range lines {
			p.printf("  %s %s\n", p.mark(true), line)
		}
	}
	_, err := w.Write(p.Bytes())
	return err
}

func (p *page) mark(crossed bool) string {
	if crossed {
		return p.paint(red, "✗")
	}
	return p.paint(green, "✓")
}

func (p *page) gate(g *results.Gate) {
	p.printf("\n%s %s\n", p.paint(bold, "Baseline"), gateTitle(g))
	if lines := baselineChanges(g, 20); len(lines) > 0 {
		p.printf("  %s\n", p.paint(yellow, "What has changed since:"))
		for _, line := range lines {
			p.printf("    %s\n", cut(line, p.width-4))
		}
	}
	p.printf("\n%s\n", p.paint(dim, pad("", 30)+column("baseline", 17)+column("now", 17)+column("difference", 13)+column("matters from", 14)+column("p", 8)+"  verdict"))
	for _, r := range g.Rows {
		p.printf("  %s %s%s%s%s%s%s  %s\n", p.mark(r.Worse), pad(cut(valueTitle(r.Metric), 25), 26), column(spreadText(r.Baseline), 17),
			column(spreadText(r.Now), 17), column(diffText(r.Metric, r.Diff), 13), column(bare(r.Metric, r.Smallest), 14),
			column(pText(r.Adjusted), 8), gateVerdict(g, r))
	}
	for _, name := range g.Missing {
		p.printf("  %s\n", p.paint(yellow, fmt.Sprintf("! %s is in the baseline and was not measured now", printable(name))))
	}
	p.printf("\n")
	for _, line := range wrap(gateStrength(g), p.width-2) {
		p.printf("  %s\n", p.paint(dim, line))
	}
}

// bare is a size without its sign.
func bare(metric string, x float64) string {
	text := diffText(metric, x)
	if x > 0 {
		return text[1:]
	}
	return text
}
