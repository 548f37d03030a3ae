package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/rivo/uniseg"

	"swarmlab/results"
)

// TerminalOptions say what the terminal can do. The zero value is plain text, 100 columns wide.
type TerminalOptions struct {
	Color bool // the caller looks at NO_COLOR and at whether it is a terminal at all
	Width int  // columns; 0 means 100
}

// page collects lines for a terminal.
type page struct {
	bytes.Buffer
	color bool
	width int
}

func newPage(o TerminalOptions) *page {
	if o.Width <= 0 {
		o.Width = 100
	}
	return &page{color: o.Color, width: max(40, o.Width)}
}

// The SGR codes that every terminal knows. No colours are set but green, yellow and red, which can be read on light and dark.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
)

func (p *page) paint(code, s string) string {
	if !p.color || code == "" || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p *page) printf(format string, args ...any) { fmt.Fprintf(&p.Buffer, format, args...) }

// pad fills s to width columns; it counts columns, not bytes or letters.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-uniseg.StringWidth(s)))
}

func padLeft(s string, width int) string {
	return strings.Repeat(" ", max(0, width-uniseg.StringWidth(s))) + s
}

// column is padLeft, but keeps apart from what is before it whatever is too long: "12 min 05 s" of a startup before a full origin.
func column(s string, width int) string { return padLeft(" "+s, width) }

// cut shortens s to width columns.
func cut(s string, width int) string {
	if uniseg.StringWidth(s) <= width {
		return s
	}
	var b strings.Builder
	g, used := uniseg.NewGraphemes(s), 0
	for g.Next() && used+g.Width() < width {
		b.WriteString(g.Str())
		used += g.Width()
	}
	return b.String() + "…"
}

// Terminal writes the report that a person reads after a run.
func Terminal(w io.Writer, r *results.Result, o TerminalOptions) error {
	p := newPage(o)
	p.printf("%s\n%s\n", p.paint(bold, cut(title(r), p.width)), p.paint(dim, cut(subtitle(r), p.width)))
	for i, sec := range answers(r) {
		p.printf("\n%s", p.paint(bold, sec.Question))
		p.answer(sec.Answer, p.width-len(sec.Question)-1, answerColor(r, i))
		for _, f := range sec.Facts {
			p.fact(f)
		}
	}
	p.latencies(r.Summary)
	p.network(r.Summary)
	p.breaches(r)
	_, err := w.Write(p.Bytes())
	return err
}

// answer writes a sentence beside its question if there is room, and below it otherwise: an answer is never cut.
func (p *page) answer(s string, room int, color string) {
	if uniseg.StringWidth(s) <= room {
		p.printf(" %s\n", p.paint(color, s))
		return
	}
	for _, line := range wrap(s, p.width-2) {
		p.printf("\n  %s", p.paint(color, line))
	}
	p.printf("\n")
}

// wrap breaks a text into lines between words. A word longer than a line is cut.
func wrap(s string, width int) (lines []string) {
	for _, word := range strings.Fields(s) {
		word = cut(word, width)
		if n := len(lines); n > 0 && uniseg.StringWidth(lines[n-1])+1+uniseg.StringWidth(word) <= width {
			lines[n-1] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}

// answerColor judges an answer where it can be judged: nobody can say in general whether a ratio is good.
func answerColor(r *results.Result, question int) string {
	if question != 1 {
		return ""
	}
	s := r.Summary
	switch {
	case s.NeverStarted > 0 || s.CorruptSegments > 0:
		return red
	case s.Stalls > 0:
		return yellow
	default:
		return green
	}
}

const (
	labelWidth = 29 // the longest reason
	valueWidth = 12
	barWidth   = 22
)

func (p *page) fact(f fact) {
	line := "  " + pad(cut(f.Label, labelWidth), labelWidth) + " " + padLeft(f.Value, valueWidth) + "  "
	note := f.Note
	if f.Bar >= 0 && p.width >= 80 {
		line += p.paint(green, bar(f.Bar, f.Mark, barWidth)) + "  "
	}
	room := p.width - (2 + labelWidth + 1 + valueWidth + 2)
	if f.Bar >= 0 && p.width >= 80 {
		room -= barWidth + 2
	}
	if uniseg.StringWidth(note) > room {
		// A note that does not fit is worth lines of its own rather than half of one.
		p.printf("%s\n", strings.TrimRight(line, " "))
		for _, part := range wrap(note, p.width-6) {
			p.printf("%s%s\n", strings.Repeat(" ", 6), p.paint(dim, part))
		}
		return
	}
	p.printf("%s\n", strings.TrimRight(line+p.paint(dim, note), " "))
}

func (p *page) latencies(s results.Summary) {
	rows := []struct {
		label string
		d     results.Dist
	}{
		{"HTTP segment", s.HTTPLatencyMs}, {"P2P segment", s.P2PLatencyMs}, {"First peer", s.TimeToFirstPeerMs}, {"Startup", s.StartupMs},
	}
	p.printf("\n%s", p.paint(bold, pad("How long it took", 2+labelWidth-12)))
	for _, head := range []string{"count", "p50", "p90", "p95", "p99", "max"} {
		p.printf("%s", p.paint(dim, column(head, 10)))
	}
	p.printf("\n")
	for _, row := range rows {
		p.printf("  %s%s", pad(row.label, labelWidth-12), column(count(row.d.Count), 10))
		for _, ms := range []float64{row.d.P50, row.d.P90, row.d.P95, row.d.P99, row.d.Max} {
			text := "-"
			if row.d.Count > 0 {
				text = msText(ms)
			}
			p.printf("%s", column(text, 10))
		}
		p.printf("\n")
	}
}

func (p *page) network(s results.Summary) {
	p.printf("\n%s\n", p.paint(bold, "The swarm"))
	p.fact(plain("Connections", count(s.Connections), fmt.Sprintf("at once per viewer: half have %.0f or less, most %.0f", s.Degree.P50, s.Degree.Max)))
	p.fact(plain("Upload Gini", fmt.Sprintf("%.2f", s.UploadGini), "0: all upload the same, 1: one uploads everything"))
	p.fact(plain("Tracker", many(s.TrackerAnnounces, "announce", "announces"),
		fmt.Sprintf("%s relayed, %s", many(s.TrackerOffers, "offer", "offers"), many(s.TrackerAnswers, "answer", "answers"))))
	p.fact(plain("Segments loaded", count(s.SegmentsLoaded.HTTP+s.SegmentsLoaded.P2P+s.SegmentsLoaded.Mixed),
		fmt.Sprintf("%s HTTP, %s P2P, %s of both", count(s.SegmentsLoaded.HTTP), count(s.SegmentsLoaded.P2P), count(s.SegmentsLoaded.Mixed))))
}

func (p *page) breaches(r *results.Result) {
	broken := r.Breaches()
	if len(broken) == 0 {
		p.printf("\n%s\n", p.paint(dim, fmt.Sprintf("%s checked, all hold.", many(int64(len(r.Invariants)), "invariant", "invariants"))))
		return
	}
	p.printf("\n%s\n", p.paint(red, "These figures cannot be true:"))
	for _, c := range broken {
		p.printf("  %s  %s\n", p.paint(red, "✗ "+c.Name), printable(c.Detail))
	}
}
