package suite

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"swarmlab/results"
	"swarmlab/sim/trackerbench"
	"swarmlab/sim/trackerbench/process"
)

// Target is one of the trackers.
type Target struct {
	trackerbench.Target
	Name    string           // short, for tables
	Process *process.Process // nil: not watched
	Notes   []string         // what a reader of the result should know
}

// Options are how to compare.
type Options struct {
	Measure trackerbench.Options // of every round; Round and Phase are set here
	Repeat  int                  // rounds of each tracker; 0 means 1
	// Search, if not nil, looks for each tracker's highest rate after the rounds. It says which rate it is trying.
	Search func(ctx context.Context, t trackerbench.Target, o trackerbench.Options, trying func(ratePerSecond float64)) (*results.TrackerFindMax, error)
	// Progress is told where the whole stands a few times a second.
	Progress func(Progress)

	measure measureFunc // trackerbench.Measure, but for tests
}

type measureFunc func(context.Context, trackerbench.Target, trackerbench.Options, func(trackerbench.Progress)) (*trackerbench.Measurement, error)

// Progress is where a comparison stands.
type Progress struct {
	Share  float64 // of all rounds, 0 to 1
	Target string
	Round  int // from 1
	Rounds int
	Now    trackerbench.Progress // of this round
	Trying float64               // announces a second being tried, while the highest rate is searched; 0 before
}

// Run compares the trackers, and writes what it finds into run: Load and Targets. If ctx ends, what was finished is in it, and
// Interrupted is set. A tracker that cannot be measured gets an Error, and no more rounds; the others go on.
func Run(ctx context.Context, run *results.TrackerRun, targets []Target, o Options) error {
	s := &session{run: run, targets: targets, o: o}
	s.o.Repeat = max(1, o.Repeat)
	if s.o.measure == nil {
		s.o.measure = trackerbench.Measure
	}
	for _, t := range targets {
		target := results.TrackerTarget{Name: t.Name, URL: t.URL, Profile: t.Profile.Name, Rounds: []results.TrackerRound{}, Notes: t.Notes}
		if t.Process != nil {
			target.PID = t.Process.PID()
		}
		run.Targets = append(run.Targets, target)
	}
	for round := range s.o.Repeat {
		for i := range targets {
			if err := s.round(ctx, i, round); err != nil {
				return s.interrupted(err)
			}
		}
	}
	if o.Search != nil {
		for i := range targets {
			if err := s.search(ctx, i); err != nil {
				return s.interrupted(err)
			}
		}
	}
	return nil
}

// session is one comparison under way.
type session struct {
	run     *results.TrackerRun
	targets []Target
	o       Options
	done    int // rounds over
}

func (s *session) interrupted(err error) error {
	s.run.Interrupted = true
	return err
}

// round measures one tracker once. Only the context's end is an error.
func (s *session) round(ctx context.Context, i, round int) error {
	target, result := s.targets[i], &s.run.Targets[i]
	defer func() { s.done++ }()
	if result.Error != "" {
		return ctx.Err()
	}
	options := s.o.Measure
	options.Round = round
	watch := newWatch(target.Process)
	options.Phase = watch.phase
	measured, err := s.o.measure(ctx, target.Target, options, func(p trackerbench.Progress) { s.progress(i, round, p) })
	watch.stop()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		result.Error = fmt.Sprintf("round %d: %v", round+1, err)
		return nil
	}
	s.run.Load = measured.Load
	r := measured.Round
	r.Round = round + 1
	watch.fill(&r)
	r.Overlay = overlayOf(measured.Graph, measured.Load.Seed)
	result.Rounds = append(result.Rounds, r)
	return nil
}

// search finds one tracker's highest rate.
func (s *session) search(ctx context.Context, i int) error {
	target, result := s.targets[i], &s.run.Targets[i]
	if result.Error != "" {
		return ctx.Err()
	}
	found, err := s.o.Search(ctx, target.Target, s.o.Measure, func(rate float64) {
		if s.o.Progress != nil {
			s.o.Progress(Progress{Share: 1, Target: target.Name, Trying: rate})
		}
	})
	result.FindMax = found
	if err != nil && ctx.Err() == nil {
		result.Error = "search of the highest rate: " + err.Error()
	}
	return ctx.Err()
}

func (s *session) progress(i, round int, p trackerbench.Progress) {
	if s.o.Progress == nil {
		return
	}
	share := 0.0
	if p.Total > 0 {
		share = min(1, p.Elapsed.Seconds()/p.Total.Seconds())
	}
	s.o.Progress(Progress{
		Share:  (float64(s.done) + share) / float64(s.o.Repeat*len(s.targets)),
		Target: s.targets[i].Name, Round: round + 1, Rounds: s.o.Repeat, Now: p,
	})
}

// ErrInvalid: in some round the generator, and not the tracker, was what limited.
var ErrInvalid = errors.New("the measurement is not valid")

// Verdict is nil if every tracker was measured as often as asked, and the generator was the bottleneck in no round.
func Verdict(run *results.TrackerRun) error {
	var errs []error
	for _, t := range run.Targets {
		if t.Error != "" {
			errs = append(errs, fmt.Errorf("%s: %s", t.Name, t.Error))
		}
		for _, r := range t.Rounds {
			if !r.Generator.Valid {
				errs = append(errs, fmt.Errorf("%w: %s, round %d: %s", ErrInvalid, t.Name, r.Round, reasons(r.Generator.Reasons)))
			}
		}
	}
	return errors.Join(errs...)
}

func reasons(list []string) string {
	if len(list) == 0 {
		return "the generator was the bottleneck"
	}
	return list[0]
}

// overlaySeed is apart from the load's own draws.
const overlaySeed = 0x6f7665726c6179

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, overlaySeed)) }

// Longest is how long a comparison takes at most, but for the search of the highest rate.
func (o Options) Longest(targets int) time.Duration {
	l := o.Measure.Load
	return time.Duration(targets*max(1, o.Repeat)) * (l.ArriveOver + l.Settle + l.Window + o.Measure.Drain)
}
