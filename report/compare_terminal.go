package report

import (
	"fmt"
	"io"

	"swarmlab/results"
)

// CompareTerminal writes a comparison for a person at a terminal.
func CompareTerminal(w io.Writer, c *results.Comparison, o TerminalOptions) error {
	if o.Width <= 0 {
		o.Width = 120 // a row has eight columns
	}
	p := newPage(o)
	for i, e := range c.Sides {
		p.printf("%s  %s\n   %s\n", p.paint(bold, sideName(i)), cut(printable(e.Label), p.width-3), p.paint(dim, cut(sideText(e), p.width-3)))
	}
	for _, pair := range c.Pairs {
		p.pair(c, pair)
	}
	_, err := w.Write(p.Bytes())
	return err
}

func (p *page) pair(c *results.Comparison, pair results.Pair) {
	a, b := sideName(pair.A), sideName(pair.B)
	p.printf("\n%s\n", p.paint(bold, fmt.Sprintf("%s against %s: %s", b, a, summaryText(pair))))
	if len(pair.Differs) > 0 {
		p.printf("%s\n", p.paint(yellow, "More than chance differs between them:"))
		for _, line := range differsLines(pair.Differs, a, b, 20) {
			p.printf("  %s\n", cut(line, p.width-2))
		}
	}
	p.printf("\n%s\n", p.paint(dim, pad("", 26)+column(a, 17)+column(b, 17)+column("difference", 13)+"  "+pad("95 % interval", 21)+column("p", 7)+"  verdict"))
	for _, r := range pair.Judged() {
		p.printf("%s%s%s%s  %s%s  %s\n", pad(cut(valueTitle(r.Metric), 26), 26), column(spreadText(r.A), 17), column(spreadText(r.B), 17),
			column(diffText(r.Metric, r.Diff), 13), pad(rangeText(r.Metric, r.Interval), 21), column(pText(r.Adjusted), 7),
			p.paint(verdictColor(r), verdictText(r)))
	}
	p.printf("\n")
	for _, line := range wrap(methodText(c, pair), p.width) {
		p.printf("%s\n", p.paint(dim, line))
	}
	for _, line := range wrap(enoughText(c, pair), p.width) {
		p.printf("%s\n", p.paint(yellow, line))
	}
}

func verdictColor(r results.Row) string {
	switch {
	case r.Small:
		return ""
	case r.Verdict == results.Better:
		return green
	case r.Verdict == results.Worse:
		return red
	}
	return dim
}
