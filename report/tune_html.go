package report

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"swarmlab/results"
)

// tunePage is what the template of a tuning shows.
type tunePage struct {
	Title, Subtitle string
	T               *results.Tuning
	Sections        []section
	Won             bool
	HLS, Shaka      string // to paste
	JSON            string
	Charts          []chart
	Parallel        parallel
	Effects         effectsPage
	Confirmed       []confirmedRow
	Robust          []robustRow
	Heads           []tuneHead
	Trials          []tuneRow
	Scenario        string
}

// TuningHTML writes a tuning's report.html: one file that needs no network, in light, dark and on paper. c is the winner's
// configuration.
func TuningHTML(w io.Writer, t *results.Tuning, c results.Configuration) error {
	p := tunePage{
		T: t, Title: tuningTitle(t), Subtitle: tuningSubtitle(t), Sections: tuningAnswers(t), Won: winner(t) != nil,
		Charts: tuneCharts(t), Parallel: parallelOf(t), Effects: effectsOf(t), Confirmed: confirmedRows(t), Robust: robustRows(t),
	}
	p.Heads, p.Trials = trialTable(t)
	var err error
	if p.Won {
		p.HLS, p.Shaka = PasteHLS(c), PasteShaka(c)
		if p.JSON, err = PasteJSON(c); err != nil {
			return err
		}
	}
	if p.Scenario, err = indented(t.Scenario); err != nil {
		return err
	}
	return writePage(w, "tune.html.tmpl", p)
}

// strip is an interval on an axis with nothing marked, as a share of its width.
type strip struct {
	Zero, At, Low, Wide float64 // Wide is negative without an interval
	Bad                 bool    // it reaches into what is no gain
	Alt                 string
}

// strips put differences on one axis, so that they can stand below each other.
func strips(figure string, direction results.Direction, diffs []float64, intervals []*results.Interval) []strip {
	lo, hi := 0.0, 0.0
	for i, d := range diffs {
		lo, hi = min(lo, d), max(hi, d)
		if in := intervals[i]; in != nil {
			lo, hi = min(lo, in.Low), max(hi, in.High)
		}
	}
	air := max((hi-lo)*0.06, 1e-12)
	axis := scale{lo - air, hi + air, false}
	out := make([]strip, len(diffs))
	for i, d := range diffs {
		out[i] = strip{Zero: axis.at(0), At: axis.at(d), Wide: -1, Alt: gainText(figure, d, intervals[i])}
		if in := intervals[i]; in != nil {
			out[i].Low, out[i].Wide = axis.at(in.Low), axis.at(in.High)-axis.at(in.Low)
			out[i].Bad = direction == results.Up && in.Low <= 0 || direction == results.Down && in.High >= 0
		}
	}
	return out
}

// confirmedRow is one confirmed trial's gain in one objective.
type confirmedRow struct {
	Trial                  int
	Settings, Figure       string
	Value, Defaults        string
	Gain, Interval, Flow   string
	P                      string
	Verdict, Class, Limits string
	Strip                  strip
}

func confirmedRows(t *results.Tuning) (out []confirmedRow) {
	if t.Confirmation == nil {
		return nil
	}
	for k, o := range t.Objectives {
		var rows []confirmedRow
		var diffs []float64
		var intervals []*results.Interval
		for _, c := range t.Confirmation.Confirmed {
			if k >= len(c.Gains) {
				continue
			}
			g := c.Gains[k]
			row := confirmedRow{
				Trial: c.Trial, Settings: settingsText(c.Settings), Figure: figureTitle(g.Figure), P: pText(g.Adjusted), Limits: limitsText(c.Held),
				Value: figureText(g.Figure, c.Packet.Means[g.Figure]), Defaults: figureText(g.Figure, t.Confirmation.Defaults.Means[g.Figure]),
				Gain: diffText(valueOf(g.Figure), g.Diff), Interval: rangeText(valueOf(g.Figure), confirmedInterval(g)),
				Flow: diffText(valueOf(g.Figure), g.Flow.Diff), Verdict: string(g.Verdict), Class: map[results.Verdict]string{results.Better: "good", results.Worse: "bad"}[g.Verdict],
			}
			if g.Small {
				row.Verdict += " (little)"
			}
			rows, diffs, intervals = append(rows, row), append(diffs, g.Diff), append(intervals, confirmedInterval(g))
		}
		for i, s := range strips(o.Figure, o.Direction, diffs, intervals) {
			rows[i].Strip = s
		}
		out = append(out, rows...)
	}
	return out
}

func limitsText(held []results.ConstraintHeld) string {
	var broken []string
	for _, h := range held {
		if !h.Held {
			broken = append(broken, printable(h.Text))
		}
	}
	switch {
	case len(held) == 0:
		return "none given"
	case len(broken) == 0:
		return "all held"
	}
	return "broken: " + strings.Join(broken, "; ")
}

// robustRow is the winner on another audience.
type robustRow struct {
	Name, Changed, Gain, Interval, Says string
	Wins, Held                          bool
	Strip                               *strip
}

func robustRows(t *results.Tuning) []robustRow {
	out := make([]robustRow, len(t.Robustness))
	var diffs []float64
	var intervals []*results.Interval
	var which []int
	for i, p := range t.Robustness {
		out[i] = robustRow{Name: printable(p.Name), Changed: settingsText(p.Settings), Says: printable(p.Says), Wins: p.Wins, Held: p.Held, Gain: "–", Interval: "–"}
		if p.Error != "" {
			out[i].Says = printable(p.Error)
		}
		if len(p.Gains) > 0 {
			g := p.Gains[0]
			out[i].Gain, out[i].Interval = diffText(valueOf(g.Figure), g.Diff), rangeText(valueOf(g.Figure), g.Interval)
			diffs, intervals, which = append(diffs, g.Diff), append(intervals, g.Interval), append(which, i)
		}
	}
	if len(t.Objectives) > 0 {
		for i, s := range strips(t.Objectives[0].Figure, t.Objectives[0].Direction, diffs, intervals) {
			out[which[i]].Strip = &s
		}
	}
	return out
}

// tuneHead is a column of the table of trials.
type tuneHead struct {
	Title, Note string
	Text        bool
}

// tuneRow is a trial.
type tuneRow struct {
	Class string
	Cells []tuneCell
}

// tuneCell has a value to sort by.
type tuneCell struct{ Text, Sort string }

func numberCell(text string, x float64) tuneCell {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return tuneCell{"–", ""}
	}
	return tuneCell{text, strconv.FormatFloat(x, 'g', -1, 64)}
}

// mostTrials is how many trials the page has; trials.csv has them all.
const mostTrials = 2000

// trialTable has all trials with their settings and figures.
func trialTable(t *results.Tuning) (heads []tuneHead, rows []tuneRow) {
	heads = []tuneHead{{Title: "trial"}}
	figures := trialFigures(t)
	for _, o := range t.Objectives {
		heads = append(heads, tuneHead{Title: figureTitle(o.Figure)}, tuneHead{Title: "gain", Note: "over the defaults, same seeds"})
	}
	for _, name := range dimensionNames(t.Space) {
		heads = append(heads, tuneHead{Title: name})
	}
	for _, f := range figures[len(t.Objectives):] {
		heads = append(heads, tuneHead{Title: figureTitle(f)})
	}
	heads = append(heads, tuneHead{Title: "seeds"}, tuneHead{Title: "what became of it", Text: true}, tuneHead{Title: "where from", Text: true})
	front := map[int]bool{}
	for _, n := range t.Front {
		front[n] = true
	}
	for _, trial := range t.Trials[:min(len(t.Trials), mostTrials)] {
		row := tuneRow{Cells: trialCells(t, trial, figures)}
		switch {
		case t.Verdict.Winner != nil && *t.Verdict.Winner == trial.Number:
			row.Class = "won"
		case front[trial.Number]:
			row.Class = "front"
		}
		rows = append(rows, row)
	}
	return heads, rows
}

func trialCells(t *results.Tuning, trial results.Trial, figures []string) []tuneCell {
	cells := []tuneCell{numberCell(strconv.Itoa(trial.Number), float64(trial.Number))}
	figure := func(f string) tuneCell {
		x, ok := trial.Means[f]
		if !ok {
			return tuneCell{"–", ""}
		}
		return numberCell(figureText(f, x), x)
	}
	for _, o := range t.Objectives {
		gain := tuneCell{"–", ""}
		if g, ok := gainOf(trial, o.Figure); ok {
			gain = numberCell(diffText(valueOf(o.Figure), g.Diff), g.Diff)
		}
		cells = append(cells, figure(o.Figure), gain)
	}
	for _, d := range t.Space {
		value, set := settingOf(trial, d)
		cell := tuneCell{printable(value), value}
		if x, ok := d.Number(value); ok {
			cell.Sort = strconv.FormatFloat(x, 'g', -1, 64)
		}
		if !set {
			cell.Text = "(" + cell.Text + ")"
		}
		cells = append(cells, cell)
	}
	for _, f := range figures[len(t.Objectives):] {
		cells = append(cells, figure(f))
	}
	state := string(trial.State)
	if trial.State != results.TrialFailed && !trial.Feasible {
		state += fmt.Sprintf(", breaks %s", many(int64(len(trial.Violated)), "constraint", "constraints"))
	}
	if trial.Error != "" {
		state += ": " + trial.Error
	}
	n := len(trial.Seeds)
	return append(cells, numberCell(strconv.Itoa(n), float64(n)), tuneCell{cut(printable(state), 60), state}, tuneCell{printable(trial.Origin), trial.Origin})
}
