package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"swarmlab/results"
)

// Markdown writes summary.md: the same answers for a pull request or a chat.
func Markdown(w io.Writer, r *results.Result) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n\n%s\n", escapeMarkdown(title(r)), escapeMarkdown(subtitle(r)))
	for _, c := range r.Breaches() {
		fmt.Fprintf(&b, "\n> **These figures cannot be true:** %s: %s\n", escapeMarkdown(c.Name), escapeMarkdown(c.Detail))
	}
	for _, sec := range answers(r) {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", sec.Question, escapeMarkdown(sec.Answer))
		if len(sec.Facts) == 0 {
			continue
		}
		b.WriteString("\n| | | |\n| --- | ---: | --- |\n")
		for _, f := range sec.Facts {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", escapeMarkdown(f.Label), escapeMarkdown(f.Value), escapeMarkdown(f.Note))
		}
	}
	b.WriteString("\n## How long did it take?\n\n| | count | p50 | p90 | p95 | p99 | max |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	s := r.Summary
	markdownDist(&b, "HTTP segment", s.HTTPLatencyMs)
	markdownDist(&b, "P2P segment", s.P2PLatencyMs)
	markdownDist(&b, "First peer", s.TimeToFirstPeerMs)
	markdownDist(&b, "Startup", s.StartupMs)
	if r.Run.Command != "" {
		fmt.Fprintf(&b, "\n## Again\n\n    %s\n", printable(r.Run.Command))
	}
	_, err := w.Write(b.Bytes())
	return err
}

func markdownDist(b *bytes.Buffer, label string, d results.Dist) {
	fmt.Fprintf(b, "| %s | %s |", label, count(d.Count))
	for _, ms := range []float64{d.P50, d.P90, d.P95, d.P99, d.Max} {
		if d.Count == 0 {
			b.WriteString(" - |")
		} else {
			fmt.Fprintf(b, " %s |", msText(ms))
		}
	}
	b.WriteByte('\n')
}

// markdownSpecial are the characters that mean something to Markdown, and < so that no name becomes HTML.
var markdownSpecial = strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", "[", `\[`, "]", `\]`)

func escapeMarkdown(s string) string { return markdownSpecial.Replace(printable(s)) }
