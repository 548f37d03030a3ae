package tune

import (
	"context"
	"fmt"
	"slices"

	"swarmlab/results"
)

// confirmation is what a tuning is worth: the candidates and the defaults in the packet tier, with seeds that the search never used, and
// the same in the flow tier, so that the tiers can be told apart.
func (s *search) confirmation(ctx context.Context, candidates []*trial) (*results.Confirmation, error) {
	jobs := slices.Concat(s.plan.confirmJobs(flow, nil), s.plan.confirmJobs(packet, nil))
	for _, t := range candidates {
		jobs = slices.Concat(jobs, s.plan.confirmJobs(flow, t.settings), s.plan.confirmJobs(packet, t.settings))
	}
	if err := s.all(ctx, jobs); err != nil {
		return nil, err
	}
	seeds, audience := s.plan.seeds(seedsOfConfirm, s.plan.ConfirmSeeds), s.plan.confirmAudience()
	out := &results.Confirmation{Tier: packet, Peers: s.plan.confirmPeers(), Seeds: seeds}
	out.Defaults, _ = s.measured(packet, nil, audience, seeds) // a failed run of the packet tier was an error above
	var err error
	if out.DefaultsFlow, err = s.measured(flow, nil, audience, seeds); err != nil {
		return nil, fmt.Errorf("the defaults in the flow tier: %w", err)
	}
	for _, t := range candidates {
		c := results.Confirmed{Trial: t.number, Settings: t.settings, Verdict: results.NoEvidence}
		c.Packet, _ = s.measured(packet, t.settings, audience, seeds)
		if c.Flow, err = s.measured(flow, t.settings, audience, seeds); err != nil {
			return nil, fmt.Errorf("trial %d in the flow tier: %w", t.number, err)
		}
		for _, o := range s.plan.Objectives {
			g, err := s.plan.confirmed(o, out, c, len(candidates))
			if err != nil {
				return nil, err
			}
			c.Gains = append(c.Gains, g)
		}
		for _, want := range s.plan.Constraints {
			c.Held = append(c.Held, held(want, out.Defaults, c.Packet))
		}
		out.Confirmed = append(out.Confirmed, c)
	}
	results.JudgeGains(s.plan.described(out.Defaults), out.Confirmed)
	for i := range out.Confirmed {
		out.Confirmed[i].Verdict = verdictOf(out.Confirmed[i])
	}
	return out, nil
}

// confirmed is one objective of one candidate.
func (p *Plan) confirmed(o Objective, c *results.Confirmation, of results.Confirmed, candidates int) (results.ConfirmedGain, error) {
	a, b := c.Defaults.Values[o.Text], of.Packet.Values[o.Text]
	fa, fb := c.DefaultsFlow.Values[o.Text], of.Flow.Values[o.Text]
	if len(a) == 0 || len(b) == 0 || len(fa) == 0 || len(fb) == 0 {
		return results.ConfirmedGain{}, fmt.Errorf("trial %d: %s could not be measured with every seed of the confirmation", of.Trial, o.Text)
	}
	plain := results.Objective{Figure: o.Text, Direction: o.Direction}
	g := results.ConfirmGain(plain, a, b, candidates*len(p.Objectives))
	g.Flow = results.PairedGain(plain, fa, fb)
	return g, nil
}

// held weighs a constraint by means.
func held(c Constraint, defaults, m results.Measured) results.ConstraintHeld {
	x, ok := m.Means[c.Figure]
	base, measured := defaults.Means[c.Figure]
	out := results.ConstraintHeld{Text: c.Text, Mean: x, Limit: c.limit(base)}
	out.Held = ok && (measured || !c.OfDefaults) && c.holds(x, base)
	return out
}

func verdictOf(c results.Confirmed) results.Verdict {
	has := func(v results.Verdict) bool {
		return slices.ContainsFunc(c.Gains, func(g results.ConfirmedGain) bool { return g.Verdict == v })
	}
	crossed := slices.ContainsFunc(c.Held, func(h results.ConstraintHeld) bool { return !h.Held })
	switch {
	case has(results.Worse), crossed:
		return results.Worse
	case has(results.Better):
		return results.Better
	case has(results.NoEvidence):
		return results.NoEvidence
	}
	return results.Same
}

// confirmJobs are a setting's runs with the confirmation's seeds.
func (p *Plan) confirmJobs(tier string, settings []results.Setting) []job {
	return jobsOf(tier, settings, p.confirmAudience(), p.seeds(seedsOfConfirm, p.ConfirmSeeds))
}

// confirmPeers is the audience of the confirmation.
func (p *Plan) confirmPeers() int {
	if p.ConfirmPeers == 0 {
		return p.Scenario.Peers.Count
	}
	return p.ConfirmPeers
}

func (p *Plan) confirmAudience() []string {
	if p.confirmPeers() == p.Scenario.Peers.Count {
		return nil
	}
	return []string{fmt.Sprintf("peers.count=%d", p.ConfirmPeers)}
}

// described are the objectives as results know them, with what matters beside these figures of the defaults.
func (p *Plan) described(defaults results.Measured) []results.Objective {
	var out []results.Objective
	for _, o := range p.Objectives {
		out = append(out, results.Objective{
			Figure: o.Text, Direction: o.Direction, Smallest: results.SmallestDifference(o.of, defaults.Means[o.Text]),
		})
	}
	return out
}

// winner is the confirmed trial to recommend: of those that are better the one that gains most in the first objective, and of those that
// are as good as it but for chance's part the search's favourite, which has the fewest settings.
func winner(c *results.Confirmation) *results.Confirmed {
	var best *results.Confirmed
	for i := range c.Confirmed {
		if k := &c.Confirmed[i]; k.Verdict == results.Better && (best == nil || clearly(k, best)) {
			best = k
		}
	}
	return best
}

// clearly: a's gain lies above the whole of b's interval.
func clearly(a, b *results.Confirmed) bool {
	g, h := a.Gains[0], b.Gains[0]
	if h.Interval == nil {
		return g.Better > h.Better
	}
	if h.Better == h.Diff {
		return g.Better > h.Interval.High
	}
	return g.Better > -h.Interval.Low
}

// disagreements are the pairs that the tiers put in another order, each for certain, with the same seeds: settings and defaults (as 0), and
// settings among each other.
func (p *Plan) disagreements(c *results.Confirmation) []string {
	type side struct {
		trial        int
		packet, flow results.Measured
	}
	sides := []side{{0, c.Defaults, c.DefaultsFlow}}
	for _, k := range c.Confirmed {
		sides = append(sides, side{k.Trial, k.Packet, k.Flow})
	}
	var out []string
	for _, o := range p.Objectives {
		plain := results.Objective{Figure: o.Text, Direction: o.Direction}
		for i := range sides {
			for j := range i {
				a, b := sides[j], sides[i]
				flows := results.PairedGain(plain, a.flow.Values[o.Text], b.flow.Values[o.Text])
				packets := results.PairedGain(plain, a.packet.Values[o.Text], b.packet.Values[o.Text])
				if certain(flows) && certain(packets) && (flows.Diff > 0) != (packets.Diff > 0) {
					out = append(out, fmt.Sprintf("the tiers disagree: by %s trial %d differs from %s by %+.4g in the flow tier and by %+.4g in the packet tier, with the same seeds",
						o.Text, b.trial, named(a.trial), flows.Diff, packets.Diff))
				}
			}
		}
	}
	return out
}

func named(trial int) string {
	if trial == 0 {
		return "the defaults"
	}
	return fmt.Sprintf("trial %d", trial)
}

// certain: nothing is not in the interval.
func certain(g results.Gain) bool {
	return g.Interval != nil && (g.Interval.Low > 0 || g.Interval.High < 0)
}
