package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/rivo/uniseg"

	"swarmlab/results"
)

// mostSweepRows is how many combinations a terminal is shown; the files have them all.
const mostSweepRows = 60

// SweepTerminal writes the grid as a table: the mean of every metric with the half width of its 95 % interval.
func SweepTerminal(w io.Writer, s *results.Sweep, o TerminalOptions) error {
	p := newPage(o)
	p.printf("%s\n%s\n\n", p.paint(bold, cut(sweepTitle(s), p.width)), p.paint(dim, cut(sweepSubtitle(s), p.width)))
	head, rows := sweepTable(s)
	widths := make([]int, len(head))
	for i, text := range head {
		widths[i] = uniseg.StringWidth(text)
		for _, row := range rows {
			widths[i] = min(40, max(widths[i], uniseg.StringWidth(row[i])))
		}
	}
	write := func(code string, row []string) {
		var b strings.Builder
		for i, text := range row[:len(row)-1] {
			b.WriteString(padLeft(cut(text, widths[i]), widths[i]) + "  ")
		}
		p.printf("  %s\n", p.paint(code, strings.TrimRight(b.String()+row[len(row)-1], " ")))
	}
	write(dim, head)
	states := standings(s)
	for i, row := range rows {
		code := ""
		if states[i] == standsBest {
			code = green
		}
		if i < mostSweepRows || states[i] == standsBest {
			write(code, row)
		}
	}
	if len(rows) > mostSweepRows {
		p.printf("  %s\n", p.paint(dim, fmt.Sprintf("and %s more, which are in the files", count(int64(len(rows)-mostSweepRows)))))
	}
	if note := sweepNote(s); note != "" {
		p.printf("\n")
		for _, line := range wrap(note, p.width) {
			p.printf("%s\n", p.paint(dim, line))
		}
	}
	_, err := w.Write(p.Bytes())
	return err
}

// sweepTable has a column for each setting and metric, and the standing last.
func sweepTable(s *results.Sweep) (head []string, rows [][]string) {
	head = shortPaths(s.Axes)
	for _, m := range s.Metrics {
		head = append(head, valueTitle(m))
	}
	head = append(head, "")
	states := standings(s)
	for i, c := range s.Cells {
		var row []string
		for _, value := range s.Settings(c) {
			row = append(row, printable(value))
		}
		for _, m := range s.Metrics {
			row = append(row, cellSpread(c, m))
		}
		rows = append(rows, append(row, standingMark(states[i])))
	}
	return head, rows
}

// SweepMarkdown writes the grid for a pull request or a chat.
func SweepMarkdown(w io.Writer, s *results.Sweep) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n\n%s\n\n", escapeMarkdown(sweepTitle(s)), escapeMarkdown(sweepSubtitle(s)))
	head, rows := sweepTable(s)
	line := func(row []string) {
		for _, text := range row {
			fmt.Fprintf(&b, "| %s ", escapeMarkdown(text))
		}
		b.WriteString("|\n")
	}
	line(head)
	b.WriteString(strings.Repeat("| ---: ", len(head)-1) + "| --- |\n")
	for _, row := range rows {
		line(row)
	}
	if note := sweepNote(s); note != "" {
		fmt.Fprintf(&b, "\n%s\n", escapeMarkdown(note))
	}
	b.WriteString("\nBehind ± is half the 95 % interval of the mean, by Student's t.\n")
	if s.Command != "" {
		fmt.Fprintf(&b, "\n## Again\n\n    %s\n", printable(s.Command))
	}
	_, err := w.Write(b.Bytes())
	return err
}
