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
	return out[:min(max(s.plan.Confirm, 1), len(out))], nil
}

// polish gives all seeds to the best of each rung below the highest, a few more than will be confirmed.
func (s *search) polish(ctx context.Context) error {
	top := len(rungs) - 1
	for r := range top {
		var raised []*trial
		var jobs []job
		order := s.standings(r)
		for _, o := range order[:min(2*max(s.plan.Confirm, 1), len(order))] {
			if o.trial.rung < top {
				raised = append(raised, o.trial)
				jobs = append(jobs, jobsOf(flow, o.trial.settings, nil, s.seeds)...)
			}
		}
		if err := s.all(ctx, jobs); err != nil {
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

// simplify takes settings back to the defaults, as long as that costs next to nothing: at most a quarter of the smallest difference that
// matters, or a twentieth of the gain, all steps together. It answers the trial itself if nothing can be taken back.
func (s *search) simplify(ctx context.Context, t *trial) (*trial, error) {
	objective, n := s.plan.Objectives[0], rungs[len(rungs)-1]
	best := s.plan.standingOf(t, s.defaults(), n)
	allowed := max(results.SmallestDifference(objective.of, mean(s.defaults(), objective.Text, n))/4, best.goods[0]/20)
	harmless := func(o standing) bool { return o.miss == 0 && closeTo(o.goods, best.goods, allowed) }
	for len(t.settings) > 1 {
		next, err := s.shorten(ctx, t, harmless)
		if err != nil {
			return nil, err
		}
		if next == t {
			break
		}
		t = next
	}
	return t, nil
}

// shorten takes back each setting alone; then at once all that proved harmless, or the better half of them, or of those, because what is
// harmless alone need not be so together. Going one by one would cost the square of the number of settings.
func (s *search) shorten(ctx context.Context, t *trial, harmless func(standing) bool) (*trial, error) {
	var each [][]int
	for i := range t.settings {
		each = append(each, []int{i})
	}
	alone, err := s.without(ctx, t, each)
	if err != nil {
		return nil, err
	}
	var takeBack []int
	for _, o := range ranked(alone) {
		if harmless(o) {
			takeBack = append(takeBack, slices.IndexFunc(alone, func(a standing) bool { return a.trial == o.trial }))
		}
	}
	takeBack = takeBack[:min(len(takeBack), len(t.settings)-1)] // none at all are the defaults
	for len(takeBack) > 1 {
		together, err := s.without(ctx, t, [][]int{takeBack})
		if err != nil {
			return nil, err
		}
		if harmless(together[0]) {
			return together[0].trial, nil
		}
		takeBack = takeBack[:len(takeBack)/2]
	}
	if len(takeBack) == 1 {
		return alone[takeBack[0]].trial, nil
	}
	return t, nil
}

// without are trials like t, each less the settings at some places, with all seeds.
func (s *search) without(ctx context.Context, t *trial, places [][]int) ([]standing, error) {
	var shorter []*trial
	var jobs []job
	for _, less := range places {
		next := &trial{
			number: len(s.trials) + len(shorter), origin: results.TrialSimplified, of: t.number, batch: s.trials[len(s.trials)-1].batch + 1,
			rung: len(rungs) - 1,
		}
		for i, setting := range t.settings {
			if !slices.Contains(less, i) {
				next.settings = append(next.settings, setting)
			}
		}
		shorter = append(shorter, next)
		jobs = append(jobs, jobsOf(flow, next.settings, nil, s.seeds)...)
	}
	if err := s.all(ctx, jobs); err != nil {
		return nil, err
	}
	var out []standing
	for _, next := range shorter {
		next.look(s.evaluator, s.seeds)
		out = append(out, s.plan.standingOf(next, s.defaults(), rungs[len(rungs)-1]))
	}
	s.trials = append(s.trials, shorter...)
	return out, nil
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
