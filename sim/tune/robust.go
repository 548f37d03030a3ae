package tune

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"swarmlab/netem"
	"swarmlab/results"
	"swarmlab/scenarios"
)

// perturbation is another audience than the one that was tuned for.
type perturbation struct {
	name string
	sets []results.Setting
}

// perturbations are the ways in which tomorrow's audience may differ. Fields that the space searches are left alone.
func (p *Plan) perturbations() []perturbation {
	s := p.Scenario
	one := func(name, path, value string) perturbation {
		return perturbation{name, []results.Setting{{Path: path, Value: value}}}
	}
	var all []perturbation
	if n := s.Peers.Count; n >= 4 {
		all = append(all, one("half the audience", "peers.count", fmt.Sprint(n/2)))
	}
	all = append(all, one("twice the audience", "peers.count", fmt.Sprint(2*s.Peers.Count)), worseLinks(s))
	// Seconds, not minutes: a run of a live stream is short, and all arrivals must lie within it.
	spread := scenarios.Duration(min(time.Minute, s.Run.Duration.Std()/3))
	if s.Peers.Arrival.Kind != scenarios.Together {
		all = append(all, one("everybody at once", "peers.arrival", "{kind: together, jitter: 2s}"))
	}
	if s.Peers.Arrival.Kind != scenarios.Poisson || s.Peers.Arrival.Over < spread {
		all = append(all, one("arrivals at random over "+spread.String(), "peers.arrival", fmt.Sprintf("{kind: poisson, over: %s}", spread)))
	}
	if s.Peers.Session.Kind == scenarios.Whole {
		stay := scenarios.Duration((s.Run.Duration.Std() / 2).Round(time.Second))
		all = append(all, one("viewers who leave, after "+stay.String()+" on average", "peers.session", fmt.Sprintf("{kind: exponential, mean: %s}", max(stay, scenarios.Duration(time.Second)))))
	}
	interval := s.Tracker.Interval.Std()
	for _, other := range []time.Duration{interval / 4, interval * 4} {
		if other >= time.Second && other <= time.Hour {
			text := scenarios.Duration(other).String()
			all = append(all, one("tracker interval "+text, "tracker.interval", text))
		}
	}
	return slices.DeleteFunc(all, func(x perturbation) bool {
		return slices.ContainsFunc(x.sets, func(set results.Setting) bool {
			return slices.ContainsFunc(p.Space.Dimensions, func(d results.Dimension) bool { return overlap(d.Path, set.Path) })
		})
	})
}

// overlap: one path is the other, or within it.
func overlap(a, b string) bool {
	within := func(a, b string) bool { return strings.HasPrefix(a, b+".") || strings.HasPrefix(a, b+"[") }
	return a == b || within(a, b) || within(b, a)
}

// worseLinks halves everybody's rates and doubles the delays.
func worseLinks(s *scenarios.Scenario) perturbation {
	out := perturbation{name: "links of half the rate and twice the delay"}
	for i, g := range s.Peers.Groups {
		link, err := g.Link.Resolve()
		if err != nil {
			continue // it was checked when the scenario was resolved
		}
		value := fmt.Sprintf("{down: %s, up: %s, delay: %s, jitter: %s, loss: %s}",
			half(link.Down), half(link.Up), 2*link.Delay, link.Jitter, number(link.Loss))
		if g.Link.Preset != "" {
			value = "{preset: " + g.Link.Preset + ", " + value[1:]
		}
		out.sets = append(out.sets, results.Setting{Path: fmt.Sprintf("peers.groups[%d].link", i), Value: value})
	}
	return out
}

func half(r netem.Rate) string {
	if r == 0 { // unlimited
		return "unlimited"
	}
	return max(r/2, 8*netem.Kbit).String()
}

// robustness holds the winner against the defaults on other audiences, in the flow tier.
func (s *search) robustness(ctx context.Context, settings []results.Setting) ([]results.Perturbation, error) {
	seeds := s.plan.seeds(seedsOfRobust, robustSeeds)
	var jobs []job
	all := s.plan.perturbations()
	for _, p := range all {
		audience := assignments(p.sets)
		jobs = slices.Concat(jobs, jobsOf(flow, nil, audience, seeds), jobsOf(flow, settings, audience, seeds))
	}
	if err := s.all(ctx, jobs); err != nil {
		return nil, err
	}
	var out []results.Perturbation
	for _, p := range all {
		out = append(out, s.perturbed(p, settings, seeds))
	}
	return out, nil
}

func (s *search) perturbed(p perturbation, settings []results.Setting, seeds []uint64) results.Perturbation {
	out := results.Perturbation{Name: p.name, Settings: p.sets, Tier: flow, Seeds: seeds}
	audience := assignments(p.sets)
	defaults, err := s.measured(flow, nil, audience, seeds)
	if err != nil {
		out.Error, out.Says = err.Error(), "this audience cannot be simulated"
		return out
	}
	measured, err := s.measured(flow, settings, audience, seeds)
	if err != nil {
		out.Error, out.Says = err.Error(), "with these settings this audience cannot be simulated"
		return out
	}
	for _, o := range s.plan.Objectives {
		a, b := defaults.Values[o.Text], measured.Values[o.Text]
		if len(a) == 0 || len(b) == 0 {
			out.Error, out.Says = errNotMeasured.Error(), o.Text+" could not be measured here"
			return out
		}
		out.Gains = append(out.Gains, results.PairedGain(results.Objective{Figure: o.Text, Direction: o.Direction}, a, b))
	}
	out.Held = true
	var crossed []string
	for _, c := range s.plan.Constraints {
		if h := held(c, defaults, measured); !h.Held {
			out.Held, crossed = false, append(crossed, c.Text)
		}
	}
	first := out.Gains[0]
	out.Wins = out.Held && certain(first) && first.Better > 0
	switch {
	case !out.Held:
		out.Says = "does not keep to " + strings.Join(crossed, ", ")
	case out.Wins:
		out.Says = "still better than the defaults"
	case certain(first):
		out.Says = "worse than the defaults"
	default:
		out.Says = "no better than the defaults: chance explains the difference"
	}
	return out
}

// afterSearch is how many runs follow the search, at most.
func (p *Plan) afterSearch() (flows, packets int) {
	perturbed := 2 * robustSeeds * len(p.perturbations())
	polished := 2 * max(p.Confirm, 1) * rungs[len(rungs)-1]
	simplified := 3 * len(p.Space.Dimensions) / 2 * rungs[len(rungs)-1]
	if !p.confirms() {
		return polished, 0
	}
	packets = (p.Confirm + 1) * p.ConfirmSeeds
	return packets + perturbed + polished + simplified, packets
}
