package tune

import (
	"fmt"
	"slices"
	"strings"

	"swarmlab/results"
)

// verdict says in a sentence or two what the tuning comes down to.
func (s *search) verdict(f *found) results.TuningVerdict {
	v := results.TuningVerdict{Complete: f.complete}
	switch {
	case f.winner != nil:
		number := f.winner.Trial
		v.Winner = &number
		v.Says = s.won(f)
	case !f.complete && (s.ended == endedByInterrupter || f.confirmation == nil && s.plan.confirms()):
		v.Says = fmt.Sprintf("Not finished: %d of %d trials were made, and nothing is confirmed yet.", s.tried(), s.plan.Trials)
	case !f.complete && !s.plan.confirms():
		v.Says = "Nothing is confirmed, because that was not asked for: what the search found is a guess, and the best of many guesses flatters."
	case f.confirmation == nil && slices.ContainsFunc(s.standings(0), func(o standing) bool { return o.miss == 0 }):
		v.Says = "No setting is better than the defaults: of those that keep to the constraints none gained anything in the search."
	case f.confirmation == nil:
		v.Says = "No setting is better than the defaults: none that was tried keeps to the constraints."
	default:
		v.Says = s.lost(f.confirmation)
	}
	return v
}

// won tells of a winner: what it gains, and on which other audiences it does not.
func (s *search) won(f *found) string {
	var parts []string
	for _, g := range f.winner.Gains {
		parts = append(parts, fmt.Sprintf("%s %s (95 %% interval %s)", g.Figure, difference(g.Figure, g.Diff), span(g.Figure, g.Together)))
	}
	says := fmt.Sprintf("Trial %d is better than the defaults: %s, in the packet tier with %d seeds that the search never used.",
		f.winner.Trial, strings.Join(parts, ", "), len(f.confirmation.Seeds))
	if f.winner.Gains[0].Small {
		says += " The difference is there, and is smaller than what matters."
	}
	var stops []string
	for _, p := range f.robustness {
		if !p.Wins {
			stops = append(stops, p.Name+" ("+p.Says+")")
		}
	}
	switch {
	case len(f.robustness) == 0:
		says += " It was not tried on other audiences."
	case len(stops) == 0:
		says += fmt.Sprintf(" It wins on all of %d other audiences, too (flow tier).", len(f.robustness))
	default:
		says += fmt.Sprintf(" It stops winning on %d of %d other audiences (flow tier): %s.", len(stops), len(f.robustness), strings.Join(stops, "; "))
	}
	return says
}

func span(figure string, i *results.Interval) string {
	if i == nil {
		return "unknown"
	}
	return difference(figure, i.Low) + " to " + difference(figure, i.High)
}

// difference is one of a figure: of a ratio in points, as everywhere for people.
func difference(figure string, d float64) string {
	if m, known := results.Describe(figure); known && m.Unit == "ratio" {
		return fmt.Sprintf("%+.1f points", 100*d)
	}
	return fmt.Sprintf("%+.4g", d)
}

// lost tells why none of the confirmed is a winner.
func (s *search) lost(c *results.Confirmation) string {
	var parts []string
	for _, k := range c.Confirmed {
		var why []string
		for _, g := range k.Gains {
			why = append(why, fmt.Sprintf("%s %s (%s)", g.Figure, difference(g.Figure, g.Diff), g.Verdict))
		}
		for _, h := range k.Held {
			if !h.Held {
				why = append(why, h.Text+" is not kept")
			}
		}
		parts = append(parts, fmt.Sprintf("trial %d: %s", k.Trial, strings.Join(why, ", ")))
	}
	return fmt.Sprintf("No setting is better than the defaults, as far as %d fresh seeds in the packet tier can tell. %s.",
		len(c.Seeds), strings.Join(parts, "; "))
}

// warnings are what a reader must know before believing.
func (s *search) warnings(f *found) []string {
	out := []string{}
	if s.journal.version != s.plan.Version {
		out = append(out, fmt.Sprintf("some runs were made by swarmlab %s, others by %s", s.journal.version, s.plan.Version))
	}
	failed := 0
	for _, t := range s.trials {
		if t.err != nil {
			failed++
		}
	}
	if failed > 0 {
		out = append(out, fmt.Sprintf("%d of %d trials failed; each says why", failed, s.tried()))
	}
	if f.confirmation == nil {
		return out
	}
	if n := s.plan.Scenario.Peers.Count; f.confirmation.Peers != n {
		out = append(out, fmt.Sprintf("the confirmation is of an audience of %d, the search of %d", f.confirmation.Peers, n))
	}
	out = append(out, s.plan.disagreements(f.confirmation)...)
	if f.winner != nil {
		out = append(out, s.plan.edges(f.winner.Settings)...)
	}
	return out
}

// edges are the settings of a winner that lie at the end of their range: beyond it may be something better still.
func (p *Plan) edges(settings []results.Setting) []string {
	var out []string
	for _, set := range settings {
		for _, d := range p.Space.Dimensions {
			at, ok := d.Position(set.Value)
			if d.Path == set.Path && d.Kind != results.ChoiceDimension && ok && (at <= 0.01 || at >= 0.99) {
				out = append(out, fmt.Sprintf("%s = %s is at the end of its range: there may be something better beyond", d.Path, set.Value))
			}
		}
	}
	return out
}
