package tune

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"swarmlab/results"
	"swarmlab/scenarios"
)

// The tiers.
const (
	flow   = "flow"
	packet = "packet"
)

// Simulate runs a scenario in a tier. It is called from several goroutines at a time. If ctx ends, what it returns is not looked at.
type Simulate func(ctx context.Context, tier string, s *scenarios.Scenario) (*results.Result, error)

// job is one simulation: some settings, on the scenario's audience or a changed one, with one seed.
type job struct {
	Tier     string   `json:"tier"`
	Seed     uint64   `json:"seed"`
	Settings []string `json:"settings,omitempty"` // path=value
	Audience []string `json:"audience,omitempty"` // path=value, on top
}

// key tells jobs apart.
func (j job) key() string {
	return fmt.Sprintf("%s\n%d\n%s\n\n%s", j.Tier, j.Seed, strings.Join(j.Settings, "\n"), strings.Join(j.Audience, "\n"))
}

// outcome is a simulation that has ended: its figures, or why there are none.
type outcome struct {
	job
	Values      map[string]float64 `json:"values,omitempty"`
	Error       string             `json:"error,omitempty"`
	WallSeconds float64            `json:"wallSeconds"`
}

// evaluator runs jobs side by side, each once ever.
type evaluator struct {
	plan     *Plan
	figures  []Figure
	simulate Simulate
	parallel int
	journal  *journal
	progress *progress
	clock    func() float64 // seconds of wall time since the command was started
}

// all runs jobs. Those that the journal knows are not run; every other one is in the journal as soon as it has ended, and on the disk
// before all returns.
// A simulation that fails is an outcome too, in the flow tier, where it would always fail; in the packet tier it is an error.
func (e *evaluator) all(ctx context.Context, jobs []job) error {
	todo := e.unknown(jobs)
	done := make(chan outcome)
	var group errgroup.Group
	group.SetLimit(e.parallel)
	go func() {
		for _, j := range todo {
			group.Go(func() error {
				if ctx.Err() == nil {
					done <- e.one(ctx, j)
				}
				return nil
			})
		}
		_ = group.Wait() // their errors are outcomes
		close(done)
	}()
	var failures []error
	for o := range done {
		switch {
		case ctx.Err() != nil: // whatever it says, it may be of the interruption
		case o.Error != "" && o.Tier == packet:
			failures = append(failures, fmt.Errorf("the packet tier, seed %d, %s: %s", o.Seed, strings.Join(o.Settings, " "), o.Error))
		default:
			failures = append(failures, e.journal.add(entry{Run: &o, SpentSeconds: e.clock()}))
		}
		e.progress.ended(o)
	}
	if len(todo) > 0 {
		failures = append(failures, e.journal.sync())
	}
	return errors.Join(append(failures, context.Cause(ctx))...)
}

// unknown are the jobs to run, each once.
func (e *evaluator) unknown(jobs []job) []job {
	var out []job
	seen := map[string]bool{}
	for _, j := range jobs {
		if _, known := e.journal.runs[j.key()]; !known && !seen[j.key()] {
			seen[j.key()] = true
			out = append(out, j)
		}
	}
	return out
}

// one runs a job.
func (e *evaluator) one(ctx context.Context, j job) (out outcome) {
	begun := time.Now()
	out.job = j
	defer func() {
		// One setting that trips over a bug of ours shall not cost the other three hundred.
		if r := recover(); r != nil {
			out.Values, out.Error = nil, fmt.Sprintf("panic: %v", r)
		}
		out.WallSeconds = time.Since(begun).Seconds()
	}()
	s := *e.plan.Scenario // SetAll replaces what it changes
	sets := append(append([]string{fmt.Sprintf("run.seed=%d", j.Seed)}, j.Settings...), j.Audience...)
	if err := s.SetAll(sets); err != nil {
		out.Error = err.Error()
		return out
	}
	r, err := e.simulate(ctx, j.Tier, &s)
	if err != nil {
		out.Error = err.Error()
		return out
	}
	out.Values, err = e.measure(r)
	if err != nil {
		out.Error = err.Error()
	}
	return out
}

// measure takes a result's figures: those of objectives and constraints, and those that comparisons judge, for people who want to see
// what else a setting does. What was not measured is left out.
func (e *evaluator) measure(r *results.Result) (map[string]float64, error) {
	out := map[string]float64{}
	judged := map[string]bool{}
	for _, j := range results.JudgedMetrics() {
		judged[j.Name] = true
	}
	for _, v := range r.Summary.Values() {
		if judged[v.Name] {
			out[v.Name] = v.Value
		}
	}
	for _, f := range e.figures {
		x, err := f.of.Of(r)
		switch {
		case errors.Is(err, results.ErrNotMeasured):
		case err != nil:
			return nil, err
		default:
			out[f.Text] = x
		}
	}
	return out, nil
}

// measured are the figures of settings over seeds. err is of a run that failed; it is in the outcome, and no reason to stop.
func (e *evaluator) measured(tier string, settings []results.Setting, audience []string, seeds []uint64) (m results.Measured, err error) {
	values := map[string][]float64{}
	for _, j := range jobsOf(tier, settings, audience, seeds) {
		o := e.journal.runs[j.key()]
		if o.Error != "" {
			err = errors.New(o.Error)
		}
		for name, x := range o.Values { // into a map
			values[name] = append(values[name], x)
		}
	}
	return results.NewMeasured(seeds, values), err
}

// jobsOf are the simulations of settings with several seeds.
func jobsOf(tier string, settings []results.Setting, audience []string, seeds []uint64) []job {
	out := make([]job, len(seeds))
	for i, seed := range seeds {
		out[i] = job{Tier: tier, Seed: seed, Settings: assignments(settings), Audience: audience}
	}
	return out
}
