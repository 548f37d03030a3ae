package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"swarmlab/report"
	"swarmlab/results"
)

const (
	pageFile   = "settings-guide.md"
	pictureDir = "settings-guide"
)

// write writes the guide, its pictures and its figures.
func (b *book) write(docs string) error {
	if err := os.MkdirAll(filepath.Join(docs, pictureDir), 0o755); err != nil { // documents are for everybody
		return err
	}
	for _, o := range b.Outcomes {
		if err := results.WriteFile(filepath.Join(docs, o.picture()), o.draw().SVG); err != nil {
			return err
		}
	}
	if err := results.WriteFile(filepath.Join(docs, bookFile), b.encode); err != nil {
		return err
	}
	return results.WriteFile(filepath.Join(docs, pageFile), b.page)
}

func (o outcome) picture() string { return filepath.Join(pictureDir, o.Case+".svg") }

// draw is why segments came over HTTP, before and after.
func (o outcome) draw() report.Plot {
	sides := []report.WhySide{{Name: "defaults", Shares: o.Defaults.Why}}
	if len(o.Picked) > 0 {
		sides = append(sides, report.WhySide{Name: settingsText(o.Picked), Shares: o.Winner.Why})
	}
	return report.WhyPlot(o.Case, fmt.Sprintf("%s, %d viewers: why bytes came over HTTP", o.Title, o.Viewers), sides)
}

func settingsText(settings []results.Setting) string {
	var parts []string
	for _, s := range settings {
		parts = append(parts, strings.TrimPrefix(s.Path, core)+" "+s.Value)
	}
	return strings.Join(parts, ", ")
}

// gainText is the gain in points with its interval.
func (o outcome) gainText() string {
	text := fmt.Sprintf("%+.1f", 100*o.Gain)
	if o.Interval != nil {
		text += fmt.Sprintf(" (%+.1f to %+.1f)", 100*o.Interval.Low, 100*o.Interval.High)
	}
	return text
}

// verdictText is a cell of the table.
func (o outcome) verdictText() string {
	switch o.Verdict {
	case better:
		if o.Gain < 0.01 {
			return "better, by less than matters"
		}
		return "better"
	case doesHurt:
		return "no: it gains, and hurts " + strings.Join(o.Hurt, ", ")
	case noEvidence:
		return "no evidence that it is better"
	}
	return "no setting is better than the defaults"
}

const intro = `# Settings for live and for VOD

Which settings of P2P Media Loader suit which stream and audience, by how much, and why. Made by ` + "`make guide`" + `; do not edit: the figures
are in [settings-guide.json](settings-guide.json), and what it was made of is said in sim/sweep/guide.

How to read it. Each line is a stream and an audience: the presets ` + "`live`" + ` (100 viewers within 30 s on cable lines, 3 minutes) and ` + "`vod`" + `
(within 20 s), with another window, another number of viewers or other lines. The origin is never the bottleneck (its link is unlimited, as a CDN
grows with its event). For each, a grid of settings was run in the flow tier; the best of it that neither
stalls more nor starts later nor leaves more viewers without a picture than the library's defaults was then judged against them, seed by
seed, with seeds that the search never used. **Gain** is in points of the P2P ratio, with its 95 % interval. Settings that gain less than 0.3 points are left
at their defaults. **1,000 viewers and more** are too many for a grid: there the best few of the grid with 100 viewers were tried, as each line says.

Cable lines are good ones and nobody leaves early. A high-demand window of a second or two is advice for such lines only: it leaves no time for
a line that stumbles. What ` + "`" + stumbling + "`" + ` lines (5 Mbit/s down, 1.5 up, half a percent lost, queues of a second) do to it is in the lines on congested mobile
lines; their candidates were tried and judged in the packet tier, because the flow tier shares too much there.
It is your audience that counts, not ours: ` + "`swarmlab tune`" + ` asks the same of yours.

All this was run when a viewer's five offers were taken to be ready after 100 ms; they now are after 150, as in Chromium. Where it was measured
again, the preset ` + "`vod`" + `, the defaults lose one point by it, and ` + "`live`" + ` less than the spread of its seeds.

`

// page writes the guide.
func (b *book) page(w io.Writer) error {
	var out strings.Builder
	out.WriteString(intro)
	out.WriteString("| stream | viewers | settings | P2P ratio, defaults | with them | gain | stalled, defaults | with them | verdict | judged in |\n" +
		"| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | --- | --- |\n")
	for _, o := range b.Outcomes {
		settings, ratio, gain, stalled := "defaults", "", "", ""
		if len(o.Picked) > 0 {
			settings, ratio, gain, stalled = settingsText(o.Picked), percent(o.Winner.Ratio), o.gainText(), percent(o.Winner.Stall)
		}
		fmt.Fprintf(&out, "| %s | %d | %s | %s | %s | %s | %s | %s | %s | %s |\n", o.Title, o.Viewers, settings, percent(o.Defaults.Ratio), ratio, gain,
			percent(o.Defaults.Stall), stalled, o.verdictText(), o.judgedIn())
	}
	if missing := b.missing(); len(missing) > 0 {
		fmt.Fprintf(&out, "\nNot run yet: %s.\n", strings.Join(missing, "; "))
	}
	out.WriteString("\n## Why\n\nBars are shares of all bytes that viewers received; what is missing to 100 % came from other viewers.\n")
	last := ""
	for _, o := range b.Outcomes {
		if o.Title != last {
			fmt.Fprintf(&out, "\n### %s\n", o.Title)
			last = o.Title
		}
		fmt.Fprintf(&out, "\n%s\n\n![%s, %d viewers: why bytes came over HTTP](%s)\n", o.sentence(), o.Title, o.Viewers, filepath.ToSlash(o.picture()))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// missing are the streams with the usual audiences that have no outcome.
func (b *book) missing() (out []string) {
	for _, s := range streams {
		var audiences []string
		usual := s.audiences
		if usual == nil {
			usual = []int{10, 100, 1000, 10000}
		}
		for _, n := range usual {
			if !slices.ContainsFunc(b.Outcomes, func(o outcome) bool { return o.Title == s.title && o.Viewers == n }) {
				audiences = append(audiences, fmt.Sprint(n))
			}
		}
		if len(audiences) > 0 {
			out = append(out, fmt.Sprintf("%s with %s viewers", s.title, strings.Join(audiences, ", ")))
		}
	}
	return out
}

// judgedIn says how the judgement was made, and that there was no grid where there was none.
func (o outcome) judgedIn() string {
	text := fmt.Sprintf("%s tier, %s", o.Tier, many(o.Seeds, "seed"))
	if o.SearchViewers < o.Viewers {
		text += fmt.Sprintf("; candidates from the grid with %d viewers", o.SearchViewers)
	}
	return text
}

// many is a number of things: 1 seed, 2 seeds.
func many(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// sentence says what happened to a case.
func (o outcome) sentence() string {
	if len(o.Picked) == 0 {
		return fmt.Sprintf("**%d viewers.** None of %d combinations did better than the defaults, which have a P2P ratio of %s and stalled %s of the time watched.%s",
			o.Viewers, o.Combinations, percent(o.Defaults.Ratio), percent(o.Defaults.Stall), o.search())
	}
	text := fmt.Sprintf("**%d viewers.** %s: P2P ratio %s instead of %s, %s points; stalled %s of the time watched (defaults %s), 95 %% started within %.0f ms (%.0f ms). Verdict: %s.",
		o.Viewers, settingsText(o.Picked), percent(o.Winner.Ratio), percent(o.Defaults.Ratio), o.gainText(),
		percent(o.Winner.Stall), percent(o.Defaults.Stall), o.Winner.Start, o.Defaults.Start, o.verdictText())
	for _, s := range o.Picked {
		if atEnd(s) {
			text += fmt.Sprintf(" %s = %s is the end of what was tried.", strings.TrimPrefix(s.Path, core), s.Value)
		}
	}
	if reason, less := o.mostSaved(); less > 0.005 {
		text += fmt.Sprintf(" Most of it is bytes that came over HTTP because of “%s”: %s of all bytes less.", report.ReasonTitle(reason), percent(less))
	}
	return text + o.search()
}

// search says what is special about the way to the pick.
func (o outcome) search() (text string) {
	if o.SearchViewers < o.Viewers {
		text += fmt.Sprintf(" No grid was run with %d viewers: what was tried are the best combinations of the grid with %d, each of another high-demand window.", o.Viewers, o.SearchViewers)
	}
	if o.Hurting > 0 {
		text += fmt.Sprintf(" %d of the %d combinations of the grid were left out: with them viewers stall more, start later or see no picture.", o.Hurting, o.Combinations)
	}
	var tried []string
	for _, c := range o.Tried {
		one := settingsText(c.Settings) + " " + percent(c.Ratio)
		if len(c.Hurt) > 0 {
			one += ", which hurts " + strings.Join(c.Hurt, " and ")
		}
		tried = append(tried, one)
	}
	if len(tried) > 0 {
		text += fmt.Sprintf(" Tried in the %s tier with %s, P2P ratio: %s.", o.Tier, many(o.CandidateSeeds, "other seed"), strings.Join(tried, "; "))
	}
	return text
}

// atEnd: no smaller high-demand window was tried. The other settings' ends are where they change nothing more.
func atEnd(s results.Setting) bool {
	return s.Path == core+"highDemandTimeWindow" && (s.Value == liveAxes[0].Values[0] || s.Value == vodAxes[0].Values[0])
}

// mostSaved is the reason whose share fell most.
func (o outcome) mostSaved() (reason string, less float64) {
	for name, share := range o.Defaults.Why {
		if d := share - o.Winner.Why[name]; d > less || d == less && name < reason {
			reason, less = name, d
		}
	}
	return reason, less
}

func percent(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) }
