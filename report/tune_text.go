package report

import (
	"fmt"
	"math"
	"regexp"
	"strings"

	"swarmlab/results"
)

// Texts that every form of a tuning's report shares.

// figurePattern is a figure in the language of thresholds: p2pRatio, p95(startupMs), p2pRatio{group:mobile}.
var figurePattern = regexp.MustCompile(`^(?:([a-z0-9.]+)\()?([A-Za-z0-9]+)(\{[^{}]*\})?\)?$`)

// valueOf is the flat name by which a figure's title and unit are known: startupMs.p95 for p95(startupMs).
func valueOf(figure string) string {
	m := figurePattern.FindStringSubmatch(figure)
	if m == nil {
		return figure
	}
	if m[1] == "" {
		return m[2]
	}
	return m[2] + "." + m[1]
}

// figureTitle is a figure's title for people.
func figureTitle(figure string) string {
	m := figurePattern.FindStringSubmatch(figure)
	if m == nil {
		return printable(figure)
	}
	title := valueTitle(valueOf(figure))
	if labels := strings.Trim(m[3], "{}"); labels != "" {
		title += " (" + printable(labels) + ")"
	}
	return title
}

func figureText(figure string, x float64) string { return valueText(valueOf(figure), x) }

// gainText is a difference with its interval.
func gainText(figure string, diff float64, i *results.Interval) string {
	text := diffText(valueOf(figure), diff)
	if i == nil {
		return text
	}
	return text + " (95 % interval " + rangeText(valueOf(figure), i) + ")"
}

// tuningTitle is the search in a few words.
func tuningTitle(t *results.Tuning) string {
	name := printable(t.Name)
	if name == "" {
		name = "tuning"
	}
	return fmt.Sprintf("%s: %s of settings", name, many(int64(max(0, len(t.Trials)-1)), "trial", "trials"))
}

// tuningSubtitle says how the figures were made.
func tuningSubtitle(t *results.Tuning) string {
	var aims []string
	for _, o := range t.Objectives {
		verb := "max "
		if o.Direction == results.Down {
			verb = "min "
		}
		aims = append(aims, verb+printable(o.Figure))
	}
	text := strings.Join(aims, ", ")
	for i, c := range t.Constraints {
		text += map[bool]string{true: ", subject to ", false: " and "}[i == 0] + printable(c.Text)
	}
	text += fmt.Sprintf("; %s, %s in the %s tier", many(int64(len(t.Space)), "setting", "settings"), many(int64(t.Search.Runs), "run", "runs"), printable(t.Search.Tier))
	if t.Search.Ended == "interrupted" {
		return "INTERRUPTED, figures are of what there was: " + text
	}
	return text
}

// winner is the confirmed trial that won; nil if none did.
func winner(t *results.Tuning) *results.Confirmed {
	if t.Verdict.Winner == nil || t.Confirmation == nil {
		return nil
	}
	for i := range t.Confirmation.Confirmed {
		if c := &t.Confirmation.Confirmed[i]; c.Trial == *t.Verdict.Winner && len(c.Gains) > 0 {
			return c
		}
	}
	return nil
}

// tuningAnswers are the three questions of a tuning.
func tuningAnswers(t *results.Tuning) []section {
	return []section{tuningGain(t), tuningHurt(t), tuningReach(t)}
}

// together is the interval that holds for all that were confirmed at once, or else the gain's own.
func confirmedInterval(g results.ConfirmedGain) *results.Interval {
	if g.Together != nil {
		return g.Together
	}
	return g.Interval
}

func tuningGain(t *results.Tuning) section {
	sec := section{Question: "Is any setting better?", Short: "Not found", Rest: "No setting is better than the defaults."}
	w := winner(t)
	switch {
	case w != nil:
		g := w.Gains[0]
		sec.Short = diffText(valueOf(g.Figure), g.Diff)
		sec.Rest = fmt.Sprintf("%s, trial %d against the defaults.", figureTitle(g.Figure), w.Trial)
		if g.Small {
			sec.Rest += " That is less than matters."
		}
		for _, g := range w.Gains {
			sec.Facts = append(sec.Facts, plain(figureTitle(g.Figure), figureText(g.Figure, w.Packet.Means[g.Figure]),
				fmt.Sprintf("defaults %s; difference %s", figureText(g.Figure, t.Confirmation.Defaults.Means[g.Figure]), gainText(g.Figure, g.Diff, confirmedInterval(g)))))
		}
	case !t.Verdict.Complete:
		sec.Short, sec.Rest = "Not known yet", "Nothing is confirmed yet."
	}
	sec.Answer = sec.Short + ": " + sec.Rest
	if w == nil {
		sec.Answer = sec.Rest
	}
	return sec
}

func tuningHurt(t *results.Tuning) section {
	sec := section{Question: "What does it cost?", Short: "Nothing", Rest: "Nothing is changed."}
	w := winner(t)
	if w == nil {
		if !t.Verdict.Complete {
			sec.Short = "–"
		}
		sec.Answer = sec.Rest
		return sec
	}
	broken := 0
	for _, h := range w.Held {
		mark := "held: " + printable(h.Text)
		if !h.Held {
			broken++
			mark = "NOT held: " + printable(h.Text)
		}
		sec.Facts = append(sec.Facts, plain(constraintTitle(t, h.Text), figureText(constraintFigure(t, h.Text), h.Mean), mark))
	}
	switch {
	case len(w.Held) == 0:
		sec.Short, sec.Rest = "–", "No constraint was given."
	case broken > 0:
		sec.Short, sec.Rest = "Too much", fmt.Sprintf("%s not held.", many(int64(broken), "constraint is", "constraints are"))
	default:
		sec.Rest = fmt.Sprintf("All of %s held in the packet tier.", many(int64(len(w.Held)), "constraint is", "constraints are"))
		sec.Short = "Within limits"
	}
	sec.Answer = sec.Short + ": " + sec.Rest
	return sec
}

func constraintFigure(t *results.Tuning, text string) string {
	for _, c := range t.Constraints {
		if c.Text == text {
			return c.Figure
		}
	}
	return text
}

func constraintTitle(t *results.Tuning, text string) string {
	return figureTitle(constraintFigure(t, text))
}

func tuningReach(t *results.Tuning) section {
	sec := section{Question: "Does it hold elsewhere?", Short: "–", Rest: "There is no winner to try on other audiences."}
	if winner(t) != nil {
		sec.Rest = "It was not tried on other audiences."
	}
	if n := len(t.Robustness); n > 0 {
		wins := 0
		for _, p := range t.Robustness {
			if p.Wins {
				wins++
			}
		}
		sec.Short = fmt.Sprintf("%d of %d", wins, n)
		sec.Rest = "Other audiences on which it wins."
		if wins < n {
			var where []string
			for _, p := range t.Robustness {
				if !p.Wins {
					where = append(where, printable(p.Name))
				}
			}
			sec.Rest += " Not on: " + strings.Join(where, ", ") + "."
		}
	}
	sec.Answer = sec.Short + ": " + sec.Rest
	if len(t.Robustness) == 0 {
		sec.Answer = sec.Rest
	}
	return sec
}

// gainOf is a trial's gain in an objective's figure.
func gainOf(trial results.Trial, figure string) (results.Gain, bool) {
	for _, g := range trial.Gains {
		if g.Figure == figure && !math.IsNaN(g.Diff) && !math.IsInf(g.Diff, 0) {
			return g, true
		}
	}
	return results.Gain{}, false
}

// settingOf is a trial's value of a dimension; where it leaves the field alone, the default's.
func settingOf(trial results.Trial, d results.Dimension) (value string, set bool) {
	for _, s := range trial.Settings {
		if s.Path == d.Path {
			return s.Value, true
		}
	}
	return d.Default, false
}

// settingsText is a list of settings.
func settingsText(settings []results.Setting) string {
	parts := make([]string, len(settings))
	for i, s := range settings {
		parts[i] = printable(lastOf(s.Path) + " " + s.Value)
	}
	return strings.Join(parts, ", ")
}

func lastOf(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// dimensionNames are the space's paths, as short as they can be told apart.
func dimensionNames(space []results.Dimension) []string {
	axes := make([]results.Axis, len(space))
	for i, d := range space {
		axes[i].Path = d.Path
	}
	return shortPaths(axes)
}

// TuningWhy are the sentences that go with a configuration to paste: what it gains, where, and how that was measured.
func TuningWhy(t *results.Tuning) []string {
	w := winner(t)
	if w == nil {
		return []string{"No setting was found that is better than the defaults: " + printable(t.Name) + "."}
	}
	out := []string{fmt.Sprintf("swarmlab tune, %s, audience of %s, against the same viewers without these settings:", printable(t.Name), many(int64(t.Confirmation.Peers), "viewer", "viewers"))}
	for _, g := range w.Gains {
		out = append(out, fmt.Sprintf("%s %s", figureTitle(g.Figure), gainText(g.Figure, g.Diff, confirmedInterval(g))))
	}
	return append(out, fmt.Sprintf("Measured in the %s tier with %s that the search never used.", printable(t.Confirmation.Tier), many(int64(len(t.Confirmation.Seeds)), "seed", "seeds")))
}
