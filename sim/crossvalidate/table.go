package crossvalidate

import (
	"fmt"
	"io"
	"strings"
)

// Markdown writes the agreements: the bounds of all scenarios in one table, then each scenario in full. Values are means over the seeds
// with their standard deviation.
func Markdown(w io.Writer, all []*Agreement) error {
	var b strings.Builder
	b.WriteString("| scenario | viewers | seeds |")
	for _, m := range metrics {
		if m.bound != nil {
			fmt.Fprintf(&b, " %s: packet | flow | apart (bound %s) |", m.title, m.bound.text)
		}
	}
	b.WriteString(" CPU per viewer-second: packet | flow | packet / flow |\n|---|--:|--:|")
	for _, m := range metrics {
		if m.bound != nil {
			b.WriteString("--:|--:|--:|")
		}
	}
	b.WriteString("--:|--:|--:|\n")
	for _, a := range all {
		fmt.Fprintf(&b, "| %s | %d | %d |", a.Name, a.Peers, len(a.Seeds))
		for _, r := range a.Rows {
			if r.metric.bound != nil {
				fmt.Fprintf(&b, " %s | %s | %s |", r.cell(r.Packet.Mean, r.Packet.SD), r.cell(r.Flow.Mean, r.Flow.SD), r.apart())
			}
		}
		b.WriteString(a.cost())
	}
	for _, a := range all {
		fmt.Fprintf(&b, "\n### %s\n\n| | packet | flow | difference | its 95 %% interval |\n|---|--:|--:|--:|--:|\n", a.Name)
		for _, r := range a.Rows {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.metric.title, r.cell(r.Packet.Mean, r.Packet.SD),
				r.cell(r.Flow.Mean, r.Flow.SD), r.signed(r.Diff), r.interval())
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// cost ends a line.
func (a *Agreement) cost() string {
	if a.PacketCPU == 0 {
		return fmt.Sprintf(" | %.1f us | |\n", a.FlowCPU)
	}
	return fmt.Sprintf(" %.0f us | %.1f us | %.0f |\n", a.PacketCPU, a.FlowCPU, a.PacketCPU/a.FlowCPU)
}

func (r Row) cell(mean, sd float64) string {
	m := r.metric
	return fmt.Sprintf("%.*f ± %.*f", m.digits, m.shown(mean), m.digits, m.shown(sd))
}

func (r Row) signed(x float64) string {
	return fmt.Sprintf("%+.*f", r.metric.digits, r.metric.shown(x))
}

func (r Row) interval() string {
	if r.Interval == nil {
		return ""
	}
	return r.signed(r.Interval.Low) + " ... " + r.signed(r.Interval.High)
}

// apart is the difference in the bound's own terms.
func (r Row) apart() string {
	text := fmt.Sprintf("%+.1f points", 100*r.Diff)
	switch {
	case r.metric.bound.share > 0 && r.Packet.Mean == 0:
		text = r.signed(r.Diff)
	case r.metric.bound.share > 0:
		text = fmt.Sprintf("%+.1f %%", 100*r.Diff/r.Packet.Mean)
	}
	if r.Broken {
		return "**" + text + "**"
	}
	return text
}
