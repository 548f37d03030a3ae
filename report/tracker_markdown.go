package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"swarmlab/results"
)

// TrackerMarkdown writes summary.md of a benchmark of trackers.
func TrackerMarkdown(w io.Writer, r *results.TrackerRun) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n\n%s\n", escapeMarkdown(trackerTitle(r)), escapeMarkdown(trackerSubtitle(r)))
	for _, text := range trackerTroubles(r) {
		fmt.Fprintf(&b, "\n> **%s**\n", escapeMarkdown(text))
	}
	for _, s := range trackerAnswers(r) {
		fmt.Fprintf(&b, "\n**%s** %s\n", s.Question, escapeMarkdown(s.Answer))
	}
	names, groups := trackerTable(r)
	for _, g := range groups {
		fmt.Fprintf(&b, "\n## %s\n\n|", escapeMarkdown(g.Title))
		for _, name := range names {
			fmt.Fprintf(&b, " | %s", escapeMarkdown(name))
		}
		fmt.Fprintf(&b, " |\n| ---%s |\n", strings.Repeat(" | ---:", len(names)))
		for _, row := range g.Rows {
			fmt.Fprintf(&b, "| %s", escapeMarkdown(row.Label))
			for _, c := range row.Cells {
				text := escapeMarkdown(c.text())
				if c.Best {
					text = "**" + text + "**"
				}
				fmt.Fprintf(&b, " | %s", text)
			}
			b.WriteString(" |\n")
		}
		if g.Note != "" {
			fmt.Fprintf(&b, "\n%s\n", escapeMarkdown(g.Note))
		}
	}
	fmt.Fprintf(&b, "\n## Where\n\n%s\n", escapeMarkdown(machineText(r)))
	if r.Command != "" {
		fmt.Fprintf(&b, "\n## Again\n\n    %s\n", printable(r.Command))
	}
	_, err := w.Write(b.Bytes())
	return err
}

// machineText is where it was measured: figures of two machines do not compare.
func machineText(r *results.TrackerRun) string {
	m := r.Machine
	text := many(int64(m.Cores), "core", "cores")
	if m.CPU != "" {
		text += " of " + m.CPU
	}
	text += ", " + m.OS
	if m.Kernel != "" {
		text += " " + m.Kernel
	}
	text += ", " + m.Go
	if r.Version != "" {
		text += ", swarmlab " + r.Version
	}
	return printable(text) + ", " + r.Started.UTC().Format("2006-01-02 15:04 UTC")
}
