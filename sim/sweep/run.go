package sweep

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"swarmlab/results"
	"swarmlab/scenarios"
	"swarmlab/sim"
)

// Evaluate does one run and says, from any goroutine, which share of it is done. It may be called several times at once.
type Evaluate func(ctx context.Context, s *scenarios.Scenario, share func(float64)) (*results.Result, error)

// InProcess runs a tier in this process: right for the flow tier, which is one thread and little memory.
func InProcess(tier string) Evaluate {
	return func(ctx context.Context, s *scenarios.Scenario, share func(float64)) (*results.Result, error) {
		return sim.Run(ctx, s, sim.Options{Tier: tier, Progress: func(p sim.Progress) { share(p.Share) }})
	}
}

// Options are how a plan is run.
type Options struct {
	Dir      string // where finished runs are kept
	Evaluate Evaluate
	Workers  int // runs at a time; 0: as many as there are cores
	// Progress, if set, is told how far all is: a share of the work, and finished runs. It is called from one goroutine.
	Progress func(share float64, finished, all int)
}

// Run runs what the folder does not have yet. A run that fails leaves the others to go on; its error names its settings. If ctx
// ends early, the sweep has what is finished, and so does the folder: the error is the context's.
func (p *Plan) Run(ctx context.Context, o Options) (*results.Sweep, error) {
	if o.Workers < 1 {
		o.Workers = runtime.NumCPU()
	}
	head := journalHead{
		Schema: journalSchema, Scenario: p.sweep.Scenario, Tier: p.sweep.Tier, Version: p.sweep.Version,
		Axes: p.sweep.Axes, Seeds: p.sweep.Seeds,
	}
	j, lines, err := openJournal(o.Dir, head)
	if err != nil {
		return nil, err
	}
	r := &running{plan: p, o: o, journal: j, runs: map[job]results.SweepRun{}, shares: map[job]float64{}}
	for _, line := range lines {
		if err := r.restore(line); err != nil {
			return nil, errors.Join(err, j.close())
		}
	}
	err = r.all(ctx)
	return r.sweep(), errors.Join(err, j.close(), context.Cause(ctx))
}

// job is one run.
type job struct {
	cell int
	seed uint64
}

// running is a plan at work. One goroutine owns it, the one that called Run; workers tell it what happens.
type running struct {
	plan    *Plan
	o       Options
	journal *journal
	runs    map[job]results.SweepRun
	shares  map[job]float64 // of runs under way; 1: it failed
}

// news is what a worker tells: how far a run is, or how it ended.
type news struct {
	job
	share float64
	ended bool
	run   *results.SweepRun // nil: it failed, or was interrupted
	err   error
}

// restore takes in a run of an earlier day.
func (r *running) restore(l journalLine) error {
	i := slices.IndexFunc(r.plan.sweep.Cells, func(c results.SweepCell) bool { return slices.Equal(c.Place, l.Place) })
	if i < 0 || !slices.Contains(r.plan.sweep.Seeds, l.Seed) {
		return fmt.Errorf("%w: %s has a run (place %v, seed %d) that is not of this sweep", ErrInput, journalFile, l.Place, l.Seed)
	}
	r.runs[job{i, l.Seed}] = l.SweepRun
	return nil
}

// todo is what is missing, seed by seed rather than cell by cell: whoever stops early has a whole grid with fewer seeds.
func (r *running) todo() (jobs []job) {
	for _, seed := range r.plan.sweep.Seeds {
		for _, i := range r.plan.only {
			if _, done := r.runs[job{i, seed}]; !done {
				jobs = append(jobs, job{i, seed})
			}
		}
	}
	return jobs
}

// all runs what is missing.
func (r *running) all(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	jobs, tell := r.todo(), make(chan news)
	go func() {
		defer close(tell)
		var group errgroup.Group
		group.SetLimit(r.o.Workers)
		for _, j := range jobs {
			if ctx.Err() != nil {
				break
			}
			group.Go(func() error {
				r.plan.one(ctx, j, r.o.Evaluate, tell)
				return nil // the others go on
			})
		}
		_ = group.Wait()
	}()
	var failures []error
	for n := range tell {
		if err := r.hear(n); err != nil {
			failures = append(failures, err)
			if n.err == nil {
				stop() // the disk, not the run: no other run could be kept either
			}
		}
	}
	return errors.Join(failures...)
}

// hear takes in what a worker tells. A finished run is on disk before it counts.
func (r *running) hear(n news) error {
	if !n.ended {
		r.shares[n.job] = n.share
		r.show()
		return nil
	}
	if n.run == nil {
		if n.err != nil { // nobody waits for it any more: taken back, its share would make the progress step backwards
			r.shares[n.job] = 1
			r.show()
		}
		return n.err
	}
	delete(r.shares, n.job)
	if err := r.journal.add(journalLine{r.plan.sweep.Cells[n.cell].Place, *n.run}); err != nil {
		return err
	}
	r.runs[n.job] = *n.run
	r.show()
	return nil
}

// one does a run, and tells. A part of a run is no run.
func (p *Plan) one(ctx context.Context, j job, evaluate Evaluate, tell chan<- news) {
	if ctx.Err() != nil {
		return
	}
	s := *p.cells[j.cell]
	err := s.Set("run.seed", fmt.Sprint(j.seed))
	var result *results.Result
	if err == nil {
		result, err = evaluate(ctx, &s, func(share float64) { tell <- news{job: j, share: share} })
	}
	switch {
	case ctx.Err() != nil:
		tell <- news{job: j, ended: true}
	case err == nil && result != nil:
		run := results.NewSweepRun(result)
		tell <- news{job: j, ended: true, run: &run}
	default:
		if err == nil {
			err = errors.New("there is no result")
		}
		tell <- news{job: j, ended: true, err: fmt.Errorf("%s, seed %d: %w", p.cellText(j.cell), j.seed, err)}
	}
}

// cellText names a cell by its settings.
func (p *Plan) cellText(i int) (text string) {
	for a, value := range p.sweep.Settings(p.sweep.Cells[i]) {
		if a > 0 {
			text += " "
		}
		text += p.sweep.Axes[a].Path + "=" + value
	}
	return text
}

// show reports how far all runs together are.
func (r *running) show() {
	if r.o.Progress == nil {
		return
	}
	var done, all float64
	finished := 0
	for _, i := range r.plan.only {
		cost := work(r.plan.cells[i])
		all += cost * float64(len(r.plan.sweep.Seeds))
		for _, seed := range r.plan.sweep.Seeds {
			j := job{i, seed}
			if _, ok := r.runs[j]; ok {
				done += cost
				finished++
			} else {
				done += cost * r.shares[j]
			}
		}
	}
	r.o.Progress(done/all, finished, r.plan.Runs())
}

// sweep is what is finished.
func (r *running) sweep() *results.Sweep {
	s := r.plan.sweep
	s.Cells = slices.Clone(s.Cells)
	for i := range s.Cells {
		for _, seed := range s.Seeds {
			if run, ok := r.runs[job{i, seed}]; ok {
				s.Cells[i].Runs = append(s.Cells[i].Runs, run)
			}
		}
	}
	return &s
}
