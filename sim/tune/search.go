package tune

import (
	"context"
	"errors"
	"fmt"
	"math"

	"swarmlab/results"
)

// search is the state of a tuning's first part: every trial and what is known of it.
type search struct {
	*evaluator
	choose *chooser
	seeds  []uint64 // of all rungs
	trials []*trial // the first are the defaults
	ended  string
}

// How a search can end.
const (
	endedByTrials      = "trials"
	endedByBudget      = "budget"
	endedByExhaustion  = "exhausted" // the space has no more
	endedByInterrupter = "interrupted"
)

func newSearch(e *evaluator) *search {
	s := &search{evaluator: e, ended: endedByInterrupter}
	s.seeds = e.plan.seeds(seedsOfSearch, rungs[len(rungs)-1])
	s.choose = &chooser{space: e.plan.Space, seed: e.plan.Seed, tried: map[string]bool{}}
	s.trials = []*trial{{origin: results.TrialDefaults, rung: len(rungs) - 1, settings: []results.Setting{}}}
	return s
}

func (s *search) defaults() *trial { return s.trials[0] }

// begin measures the defaults with all seeds: whatever a trial is worth, it is worth against them. One run of the packet tier comes
// with it: if that fails it is known now, and not after the search, and it tells what time a confirmation takes.
func (s *search) begin(ctx context.Context) error {
	jobs := jobsOf(flow, nil, nil, s.seeds)
	if s.plan.confirms() {
		jobs = append([]job{s.plan.confirmJobs(packet, nil)[0]}, jobs...)
	}
	if err := s.all(ctx, jobs); err != nil {
		return err
	}
	s.defaults().look(s.evaluator, s.seeds)
	if err := s.defaults().err; err != nil {
		return fmt.Errorf("the scenario without any setting changed: %w", err)
	}
	return nil
}

// run tries batch after batch, until trials, space or budget are at an end.
func (s *search) run(ctx context.Context) error {
	for batch := 0; ; batch++ {
		s.progress.searched(s.tried(), s.plan.Trials)
		if s.ended = s.end(); s.ended != "" {
			return nil
		}
		s.ended = endedByInterrupter // if anything goes wrong from here on
		n := min(batchSize, s.plan.Trials-s.tried())
		chosen := s.choose.batch(s.tried(), n, s.known())
		if len(chosen) == 0 {
			s.ended = endedByExhaustion
			return nil
		}
		if over, err := s.try(ctx, batch, chosen); over || err != nil {
			return err
		}
		if err := s.race(ctx); err != nil {
			return err
		}
		s.progress.best(s.best(), s.plan.Objectives[0].Text)
	}
}

// try gives a batch its first seeds, unless the budget is over.
func (s *search) try(ctx context.Context, batch int, chosen [][]results.Setting) (over bool, err error) {
	var jobs []job
	for _, settings := range chosen {
		jobs = append(jobs, jobsOf(flow, settings, nil, s.seeds[:rungs[0]])...)
	}
	if over, err := s.spent(jobs); err != nil {
		return false, err
	} else if over {
		s.ended = endedByBudget
		return true, nil
	}
	if err := s.all(ctx, jobs); err != nil {
		return false, err // half a batch is none
	}
	for _, settings := range chosen {
		t := &trial{number: len(s.trials), origin: results.TrialFilling, batch: batch, settings: settings}
		if s.tried() >= s.choose.filling() {
			t.origin = results.TrialModel
		}
		t.look(s.evaluator, s.seeds[:rungs[0]])
		s.trials = append(s.trials, t)
	}
	return false, nil
}

// tried is how many trials there are, the defaults not counted.
func (s *search) tried() int { return len(s.trials) - 1 }

// end says what ends the search before the next batch is even chosen, if anything does.
func (s *search) end() string {
	told := s.journal.ended
	switch {
	case s.tried() >= s.plan.Trials:
		return endedByTrials
	case told != nil && told.BudgetSeconds == s.plan.Budget.Seconds() && s.tried() >= told.AfterTrials:
		return endedByBudget
	}
	return ""
}

// spent: there is no budget left for a batch of which nothing has been run yet. It is written down: the next command could not measure it
// again. What an earlier command has begun is always gone on with, whatever the clock says now.
func (s *search) spent(jobs []job) (bool, error) {
	if s.plan.Budget == 0 || s.tried() == 0 || len(s.unknown(jobs)) < len(jobs) || !s.overBudget() {
		return false, nil
	}
	err := s.journal.add(entry{Ended: endedByBudget, AfterTrials: s.tried(), BudgetSeconds: s.plan.Budget.Seconds()})
	return true, errors.Join(err, s.journal.sync())
}

// overBudget: what is left of the budget is needed for the confirmation and the robustness.
func (s *search) overBudget() bool {
	left := s.plan.Budget.Seconds() - s.journal.spent - s.clock()
	flows, packets := s.plan.afterSearch()
	return left < (float64(flows)*s.journal.cost(flow)+float64(packets)*s.journal.cost(packet))/float64(s.parallel)
}

// race gives more seeds to who deserves them, rung by rung.
func (s *search) race(ctx context.Context) error {
	for r := range len(rungs) - 1 {
		var jobs []job
		raised := s.deserving(r)
		for _, t := range raised {
			jobs = append(jobs, jobsOf(flow, t.settings, nil, s.seeds[rungs[r]:rungs[r+1]])...)
		}
		if err := s.all(ctx, jobs); err != nil {
			return err
		}
		for _, t := range raised {
			s.raise(t, r+1)
		}
	}
	return nil
}

// raise takes in that a trial has had a rung's seeds.
func (s *search) raise(t *trial, rung int) {
	t.rung = rung
	t.look(s.evaluator, s.seeds[:rungs[rung]])
}

// deserving are the trials on a rung that get past it: the best of all that ever came to it, with the seeds that all of those had, as far
// as one in eta of them has not got past yet, and unless they are beaten for certain by the best one. (Without that bound nearly every
// trial of a search that gets better and better would be among the best when it comes.)
func (s *search) deserving(rung int) []*trial {
	order := s.standings(rung)
	quota := int(math.Ceil(float64(len(order)) / eta))
	places := quota
	for _, o := range order {
		if o.trial.rung > rung {
			places--
		}
	}
	var out []*trial
	for _, o := range order[:min(quota, len(order))] {
		if len(out) < places && o.trial.rung == rung && !s.beaten(o.trial, order[0].trial, rungs[rung]) {
			out = append(out, o.trial)
		}
	}
	return out
}

// standings are the trials that came to a rung, the best first, by the seeds that all of them have had.
func (s *search) standings(rung int) []standing {
	var all []standing
	for _, t := range s.trials[1:] {
		if t.rung >= rung && t.err == nil {
			all = append(all, s.plan.standingOf(t, s.defaults(), rungs[rung]))
		}
	}
	return ranked(all)
}

// beaten: chance does not explain by how much the first objective is worse than the other's, seed by seed. Several objectives have no one
// order, so nobody is.
func (s *search) beaten(t, by *trial, n int) bool {
	if len(s.plan.Objectives) > 1 || t == by || n < 3 {
		return false
	}
	o := s.plan.Objectives[0]
	g := results.PairedGain(results.Objective{Figure: o.Text, Direction: o.Direction},
		by.measured.Values[o.Text][:n], t.measured.Values[o.Text][:n])
	return g.Interval != nil && o.better(g.Interval.Low) < 0 && o.better(g.Interval.High) < 0
}

// known is what the model learns from.
func (s *search) known() []evidence {
	out := make([]evidence, 0, len(s.trials))
	for _, t := range s.trials {
		n := rungs[t.rung]
		e := evidence{settings: t.settings, seeds: n, failed: t.err != nil}
		if !e.failed {
			e.goods = s.plan.standingOf(t, s.defaults(), n).goods
			e.margins = s.plan.marginsOf(t, s.defaults(), n)
		}
		out = append(out, e)
	}
	return out
}

// best is the best trial of the highest rung that anybody is on; nil if there is none.
func (s *search) best() *standing {
	for r := len(rungs) - 1; r >= 0; r-- {
		if order := s.standings(r); len(order) > 0 {
			return &order[0]
		}
	}
	return nil
}
