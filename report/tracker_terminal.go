package report

import (
	"io"
	"strings"

	"github.com/rivo/uniseg"

	"swarmlab/results"
)

// TrackerTerminal writes what a person reads after a benchmark of trackers: three answers, then the main rows of the table. Columns
// that do not fit stand below.
func TrackerTerminal(w io.Writer, r *results.TrackerRun, o TerminalOptions) error {
	p := newPage(o)
	p.printf("%s\n", p.paint(bold, cut(trackerTitle(r), p.width)))
	for _, line := range wrap(trackerSubtitle(r), p.width) {
		p.printf("%s\n", p.paint(dim, line))
	}
	for _, text := range trackerTroubles(r) {
		p.printf("\n")
		for _, line := range wrap(text, p.width) {
			p.printf("%s\n", p.paint(red, line))
		}
	}
	for _, s := range trackerAnswers(r) {
		p.printf("\n%s", p.paint(bold, s.Question))
		p.answer(s.Answer, p.width-len(s.Question)-1, "")
	}
	p.trackerTable(r)
	_, err := w.Write(p.Bytes())
	return err
}

// trackerTable writes the main rows, as many trackers beside each other as there is room for.
func (p *page) trackerTable(r *results.TrackerRun) {
	names, groups := trackerTable(r)
	var rows []trackerRow
	for _, g := range groups {
		first := true
		for _, row := range g.Rows {
			if !row.Main {
				continue
			}
			if first {
				rows = append(rows, trackerRow{Label: g.Title})
				first = false
			}
			rows = append(rows, row)
		}
	}
	const label = 36
	for from := 0; from < len(names); {
		widths, used := []int{}, label
		for i := from; i < len(names); i++ {
			width := 2 + uniseg.StringWidth(names[i])
			for _, row := range rows {
				if row.Cells != nil {
					width = max(width, 2+uniseg.StringWidth(row.Cells[i].text()))
				}
			}
			if used+width > p.width && len(widths) > 0 {
				break
			}
			used += width
			widths = append(widths, width)
		}
		p.trackerColumns(names, rows, from, widths, label)
		from += len(widths)
	}
}

func (p *page) trackerColumns(names []string, rows []trackerRow, from int, widths []int, label int) {
	p.printf("\n%s", strings.Repeat(" ", label))
	for i, width := range widths {
		p.printf("%s", p.paint(bold, padLeft(names[from+i], width)))
	}
	p.printf("\n")
	for _, row := range rows {
		if row.Cells == nil {
			p.printf("%s\n", p.paint(bold, row.Label))
			continue
		}
		p.printf("  %s", pad(cut(row.Label, label-2), label-2))
		for i, width := range widths {
			c := row.Cells[from+i]
			color := ""
			if c.Best {
				color = green
			}
			if c.Bad {
				color = red
			}
			blank := strings.Repeat(" ", max(0, width-uniseg.StringWidth(c.text())))
			value := p.paint(color, c.Value)
			if c.Range != "" {
				value += p.paint(dim, " ("+c.Range+")")
			}
			p.printf("%s%s", blank, value)
		}
		p.printf("\n")
	}
}
