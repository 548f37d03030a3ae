package tune

import (
	"context"
	"math"
	"slices"

	"swarmlab/results"
)

// candidates are the trials to confirm, the search's favourite first. Those that got close are given all seeds before it is decided; and the
// favourite is simplified: what was changed without need is nobody's business to paste.
func (s *search) candidates(ctx context.Context) ([]*trial, error) {
	if err := s.polish(ctx); err != nil {
		return nil, err
	}
	order := s.worthy()
	if len(order) == 0 {
		return nil, nil
	}
	simple, err := s.simplify(ctx, order[0].trial)
	if err != nil {
		return nil, err
	}
	var out []*trial
	if simple != order[0].trial {
		out = append(out, simple)
	}
	for _, o := range order {
		if !slices.Contains(out, o.trial) {
			out = append(out, o.trial)
		}
	}
	return out[:min(s.plan.Confirm, len(out))], nil
}

// polish gives all seeds to the best of each rung below the highest, a few more than will be confirmed.
func (s *search) polish(ctx context.Context) error {
	top := len(rungs) - 1
	for r := range top {
		var raised []*trial
		var jobs []job
		for _, o := range s.standings(r)[:min(2*max(s.plan.Confirm, 1), len(s.standings(r)))] {
			if o.trial.rung < top {
				raised = append(raised, o.trial)
				jobs = append(jobs, jobsOf(flow, o.trial.settings, nil, s.seeds)...)
			}
		}
		if _, err := s.all(ctx, jobs); err != nil {
			return err
		}
		for _, t := range raised {
			s.raise(t, top)
		}
	}
	return nil
}

// worthy are the trials with all seeds that keep to the constraints and gain something, the best first. Several objectives: those of the
// front that gain in one of them at least.
func (s *search) worthy() []standing {
	return slices.DeleteFunc(s.standings(len(rungs)-1), func(o standing) bool {
		return o.miss > 0 || !slices.ContainsFunc(o.goods, func(g float64) bool { return g > 0 })
	})
}

// simplify takes settings back to the defaults one by one, as long as that costs next to nothing: at most a quarter of the smallest
// difference that matters, or a twentieth of the gain, all steps together. It answers the trial itself if nothing can be taken back.
func (s *search) simplify(ctx context.Context, t *trial) (*trial, error) {
	objective := s.plan.Objectives[0]
	n := rungs[len(rungs)-1]
	best := s.plan.standingOf(t, s.defaults(), n)
	allowed := max(results.SmallestDifference(objective.of, mean(s.defaults(), objective.Text, n))/4, best.goods[0]/20)
	at, batch := t, s.trials[len(s.trials)-1].batch+1
	for len(at.settings) > 1 {
		var shorter []*trial
		var jobs []job
		for i := range at.settings {
			settings := slices.Delete(slices.Clone(at.settings), i, i+1)
			shorter = append(shorter, &trial{
				number: len(s.trials) + i, origin: results.TrialSimplified, of: at.number, batch: batch, rung: len(rungs) - 1, settings: settings,
			})
			jobs = append(jobs, jobsOf(flow, settings, nil, s.seeds)...)
		}
		if _, err := s.all(ctx, jobs); err != nil {
			return nil, err
		}
		var all []standing
		for _, t := range shorter {
			t.look(s.evaluator, s.seeds)
			all = append(all, s.plan.standingOf(t, s.defaults(), n))
		}
		s.trials = append(s.trials, shorter...)
		batch++
		next := ranked(all)[0]
		if next.miss > 0 || !closeTo(next.goods, best.goods, allowed) {
			break
		}
		at = next.trial
	}
	return at, nil
}

// closeTo: no objective loses more than is allowed; of objectives after the first, nothing.
func closeTo(a, b []float64, allowed float64) bool {
	for i := range a {
		if a[i] < b[i]-allowed-1e-12*math.Abs(b[i]) {
			return false
		}
		allowed = 0
	}
	return true
}
