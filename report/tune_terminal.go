package report

import (
	"bytes"
	"fmt"
	"io"

	"swarmlab/results"
)

// TuningTerminal writes what a person reads after a tuning.
func TuningTerminal(w io.Writer, t *results.Tuning, c results.Configuration, o TerminalOptions) error {
	p := newPage(o)
	p.printf("%s\n", p.paint(bold, cut(tuningTitle(t), p.width)))
	for _, line := range wrap(tuningSubtitle(t), p.width) {
		p.printf("%s\n", p.paint(dim, line))
	}
	won := winner(t) != nil
	for i, sec := range tuningAnswers(t) {
		color := ""
		if won && i == 0 {
			color = green
		}
		p.printf("\n%s", p.paint(bold, sec.Question))
		p.answer(sec.Answer, p.width-len(sec.Question)-1, color)
		for _, f := range sec.Facts {
			p.fact(f)
		}
	}
	p.effects(t)
	if won {
		p.printf("\n%s\n", p.paint(bold, "To paste (hls.js)"))
		p.printf("%s", PasteHLS(c))
	} else if t.Verdict.Says != "" {
		p.printf("\n")
		for _, line := range wrap(printable(t.Verdict.Says), p.width) {
			p.printf("%s\n", line)
		}
	}
	for _, warning := range t.Warnings {
		p.printf("\n")
		for _, line := range wrap("Warning: "+printable(warning), p.width) {
			p.printf("%s\n", p.paint(yellow, line))
		}
	}
	_, err := w.Write(p.Bytes())
	return err
}

// effects lists the settings that matter.
func (p *page) effects(t *results.Tuning) {
	if len(t.Objectives) == 0 {
		return
	}
	e := t.EffectsOf(t.Objectives[0])
	if e == nil {
		return
	}
	p.printf("\n%s", p.paint(bold, "What matters?"))
	p.answer(fitText(e), p.width-len("What matters?")-1, "")
	if e.Fit < results.PoorFit {
		return
	}
	names := dimensionNames(t.Space)
	for _, m := range e.Main {
		p.fact(fact{Label: names[m.Dimension], Value: percent(m.Share), Bar: m.Share, Mark: -1})
	}
}

// fitText says how far effects can be trusted.
func fitText(e *results.SettingEffects) string {
	if e.Fit < results.PoorFit {
		return fmt.Sprintf("Not known: a model of %s predicts less than half of what trials differ by that it has not seen (R² %.2f). Its shares and curves would say nothing, and are left out. More trials help.",
			many(int64(e.Trials), "trial", "trials"), e.Fit)
	}
	return fmt.Sprintf("Shares of what settings change of %s over the space, by a model that predicts unseen trials with R² %.2f.", figureTitle(e.Figure), e.Fit)
}

// TuningMarkdown writes a tuning for a pull request or a chat.
func TuningMarkdown(w io.Writer, t *results.Tuning, c results.Configuration) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n\n%s\n\n%s\n", escapeMarkdown(tuningTitle(t)), escapeMarkdown(tuningSubtitle(t)), escapeMarkdown(t.Verdict.Says))
	for _, warning := range t.Warnings {
		fmt.Fprintf(&b, "\n> **Warning:** %s\n", escapeMarkdown(warning))
	}
	for _, sec := range tuningAnswers(t) {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", sec.Question, escapeMarkdown(sec.Answer))
		if len(sec.Facts) == 0 {
			continue
		}
		b.WriteString("\n| | | |\n| --- | ---: | --- |\n")
		for _, f := range sec.Facts {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", escapeMarkdown(f.Label), escapeMarkdown(f.Value), escapeMarkdown(f.Note))
		}
	}
	if winner(t) != nil {
		fmt.Fprintf(&b, "\n## To paste\n\n```js\n%s```\n", PasteHLS(c))
	}
	if len(t.Robustness) > 0 {
		b.WriteString("\n## Other audiences\n\n| audience | gain | wins |\n| --- | ---: | --- |\n")
		for _, p := range t.Robustness {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", escapeMarkdown(p.Name), escapeMarkdown(perturbedGain(p)), map[bool]string{true: "yes", false: "no"}[p.Wins])
		}
	}
	if t.Command != "" {
		fmt.Fprintf(&b, "\n## Again\n\n    %s\n", printable(t.Command))
	}
	_, err := w.Write(b.Bytes())
	return err
}

// perturbedGain is the first objective's gain on another audience.
func perturbedGain(p results.Perturbation) string {
	if len(p.Gains) == 0 {
		return "–"
	}
	return gainText(p.Gains[0].Figure, p.Gains[0].Diff, p.Gains[0].Interval)
}
