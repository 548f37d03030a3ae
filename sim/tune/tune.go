package tune

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"swarmlab/results"
)

// Options are how a plan is carried out. None of them changes what comes out.
type Options struct {
	Dir      string // where the journal is, and what came of it
	Simulate Simulate
	Parallel int            // simulations at a time; at least 1
	Progress func(Progress) // called from one goroutine; may be nil
}

// Run carries out a plan, from where an earlier Run in the same folder ended. If ctx ends, or something fails on the way, it returns what
// is known so far together with the error; nil if that is nothing. The same plan comes to the same answer, interrupted or not.
func Run(ctx context.Context, p Plan, o Options) (*results.Tuning, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	j, err := openJournal(o.Dir, &p)
	if err != nil {
		return nil, err
	}
	begun := time.Now()
	parallel := max(o.Parallel, 1)
	s := newSearch(&evaluator{
		plan: &p, figures: p.figures(), simulate: o.Simulate, parallel: parallel, journal: j,
		progress: newProgress(&p, parallel, o.Progress),
		clock:    func() float64 { return time.Since(begun).Seconds() },
	})
	t, err := s.tune(ctx)
	return t, errors.Join(err, j.close())
}

// tune goes through the stages.
func (s *search) tune(ctx context.Context) (*results.Tuning, error) {
	s.progress.enter(stageSearch)
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	found := &found{}
	err := s.stages(ctx, found)
	t, writeErr := s.result(found)
	return t, errors.Join(err, writeErr)
}

// found is what came after the search.
type found struct {
	complete     bool
	confirmation *results.Confirmation
	winner       *results.Confirmed
	robustness   []results.Perturbation
}

func (s *search) stages(ctx context.Context, f *found) error {
	if err := s.run(ctx); err != nil {
		return err
	}
	s.progress.enter(stageSimplify)
	candidates, err := s.candidates(ctx)
	if err != nil {
		return err
	}
	if len(candidates) == 0 || !s.plan.confirms() {
		f.complete = len(candidates) == 0
		return nil
	}
	s.progress.enter(stageConfirm)
	if f.confirmation, err = s.confirmation(ctx, candidates); err != nil {
		return err
	}
	f.winner = winner(f.confirmation)
	if f.winner != nil {
		s.progress.enter(stageRobustness)
		if f.robustness, err = s.robustness(ctx, f.winner.Settings); err != nil {
			return err
		}
	}
	f.complete = true
	return nil
}

// result writes down all that is known.
func (s *search) result(f *found) (*results.Tuning, error) {
	scenario, err := json.Marshal(s.plan.Scenario)
	if err != nil {
		return nil, fmt.Errorf("write the scenario into the result: %w", err)
	}
	t := &results.Tuning{
		Schema: results.TuningSchema, Name: s.plan.Scenario.Name, Version: s.plan.Version, Command: s.plan.Command, Seed: s.plan.Seed,
		Scenario: scenario, Space: s.plan.Space.Dimensions, Objectives: s.plan.described(s.defaults().measured),
		Constraints: []results.Constraint{}, Front: s.front(), Confirmation: f.confirmation, Robustness: f.robustness,
		Search: results.TuningSearch{
			Tier: flow, Seeds: s.seeds, Rungs: rungs, Batch: batchSize, Asked: s.plan.Trials, Ended: s.ended,
		},
	}
	if t.Robustness == nil {
		t.Robustness = []results.Perturbation{}
	}
	for _, c := range s.plan.Constraints {
		described := c.Constraint
		if c.OfDefaults {
			described.Slack = results.SmallestDifference(c.figure.of, s.defaults().measured.Means[c.Figure])
		}
		t.Constraints = append(t.Constraints, described)
	}
	for _, one := range s.trials {
		t.Trials = append(t.Trials, s.trial(one, f.confirmation))
		t.Search.Runs += rungs[one.rung]
	}
	t.Warnings = s.warnings(f)
	t.Verdict = s.verdict(f)
	return t, nil
}

// trial is a trial for the files.
func (s *search) trial(t *trial, c *results.Confirmation) results.Trial {
	out := results.Trial{
		Number: t.number, Origin: t.origin, Of: t.of, Batch: t.batch, Rung: t.rung, State: results.TrialStopped,
		Settings: t.settings, Measured: t.measured,
	}
	n := rungs[t.rung]
	switch {
	case t.err != nil:
		out.State, out.Error = results.TrialFailed, t.err.Error()
		return out
	case c != nil && confirmedIn(c, t.number):
		out.State = results.TrialConfirmed
	case t.rung == len(rungs)-1:
		out.State = results.TrialKept
	}
	for i, m := range s.plan.marginsOf(t, s.defaults(), n) {
		if m < 0 {
			out.Violated = append(out.Violated, s.plan.Constraints[i].Text)
		}
	}
	out.Feasible = len(out.Violated) == 0
	for _, o := range s.plan.Objectives {
		out.Gains = append(out.Gains, results.PairedGain(results.Objective{Figure: o.Text, Direction: o.Direction},
			s.defaults().measured.Values[o.Text][:n], t.measured.Values[o.Text]))
	}
	return out
}

func confirmedIn(c *results.Confirmation, number int) bool {
	for _, k := range c.Confirmed {
		if k.Trial == number {
			return true
		}
	}
	return number == 0
}

// front are the trials with all seeds that keep to the constraints and are beaten by none such in every objective.
func (s *search) front() []int {
	var all []standing
	for _, t := range s.trials {
		if t.rung == len(rungs)-1 && t.err == nil {
			if o := s.plan.standingOf(t, s.defaults(), rungs[t.rung]); o.miss == 0 {
				all = append(all, o)
			}
		}
	}
	out := []int{}
	for _, o := range ranked(all) {
		beaten := false
		for _, by := range all {
			beaten = beaten || dominates(by.goods, o.goods)
		}
		if !beaten {
			out = append(out, o.trial.number)
		}
	}
	return out
}
