package suite

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"swarmlab/results"
	"swarmlab/sim/trackerbench"
	"swarmlab/sim/trackerbench/faults"
	"swarmlab/sim/trackerbench/process"
)

// Target is one of the trackers.
type Target struct {
	trackerbench.Target
	Name    string           // short, for tables
	Process *process.Process // nil: not watched
	// Restart starts the tracker again at the same address after a fault, and says which process it is then; nil: there is no way.
	Restart func(context.Context) (*process.Process, error)
	Notes   []string // what a reader of the result should know
}

// Options are how to compare.
type Options struct {
	Measure trackerbench.Options // of every round; Round and Phase are set here
	Repeat  int                  // rounds of each tracker; 0 means 1
	// Search, if not nil, looks for each tracker's highest rate after the rounds. Trying and Done are set here.
	Search *trackerbench.Search
	// Faults, if not nil, mistreats each tracker at the very end.
	Faults *faults.Options
	// Progress is told where the whole stands a few times a second.
	Progress func(Progress)

	// trackerbench.Measure and FindMax, faults.Run, but for tests.
	measure measureFunc
	findMax findMaxFunc
	attack  attackFunc
}

type (
	measureFunc func(context.Context, trackerbench.Target, trackerbench.Options, func(trackerbench.Progress)) (*trackerbench.Measurement, error)
	findMaxFunc func(context.Context, trackerbench.Target, trackerbench.Options, trackerbench.Search) (*results.TrackerFindMax, error)
	attackFunc  func(context.Context, faults.Target, faults.Options, func(faults.Progress)) (*results.TrackerFaults, error)
)

// Progress is where a comparison stands.
type Progress struct {
	Share  float64 // of all rounds, 0 to 1
	Target string
	Round  int // from 1
	Rounds int
	Now    trackerbench.Progress // of this round
	Trying float64               // announces a second being tried, while the highest rate is searched; 0 otherwise
	Fault  string                // being tried; "" otherwise
}

// Run compares the trackers, and writes what it finds into run: Load and Targets. If ctx ends, what was finished is in it, and
// Interrupted is set. A tracker that cannot be measured gets an Error, and no more rounds; the others go on.
func Run(ctx context.Context, run *results.TrackerRun, targets []Target, o Options) error {
	s := &session{run: run, targets: targets, o: o}
	s.o.Repeat = max(1, o.Repeat)
	s.setDefaults()
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
	for i := range targets {
		if err := s.search(ctx, i); err != nil {
			return s.interrupted(err)
		}
	}
	for i := range targets { // last of all: it may be the tracker's end
		if err := s.mistreat(ctx, i); err != nil {
			return s.interrupted(err)
		}
	}
	return nil
}

func (s *session) setDefaults() {
	if s.o.measure == nil {
		s.o.measure = trackerbench.Measure
	}
	if s.o.findMax == nil {
		s.o.findMax = trackerbench.FindMax
	}
	if s.o.attack == nil {
		s.o.attack = faults.Run
	}
	s.todo = float64(s.o.Repeat * len(s.targets))
	if s.o.Search != nil {
		s.todo += float64(usualSteps * len(s.targets))
	}
	if s.o.Faults != nil {
		s.todo += float64(faultsAsRounds * len(s.targets))
	}
}

// Guesses, for progress: how many rounds a search takes, and how many all faults together are worth.
const (
	usualSteps     = 8
	faultsAsRounds = 5
)

// session is one comparison under way.
type session struct {
	run     *results.TrackerRun
	targets []Target
	o       Options
	// In rounds, or what takes about as long.
	done, todo float64
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

func (s *session) progress(i, round int, p trackerbench.Progress) {
	share := 0.0
	if p.Total > 0 {
		share = min(1, p.Elapsed.Seconds()/p.Total.Seconds())
	}
	s.tell(share, Progress{Target: s.targets[i].Name, Round: round + 1, Rounds: s.o.Repeat, Now: p})
}

// tell reports progress, with so much done of what is under way.
func (s *session) tell(share float64, p Progress) {
	if s.o.Progress != nil {
		p.Share = min(1, (s.done+share)/s.todo)
		s.o.Progress(p)
	}
}

// ErrInvalid says that in some round the generator, and not the tracker, was what limited.
var ErrInvalid = errors.New("the measurement is not valid")

// Verdict is nil if every tracker was measured as often as asked, and the generator was the bottleneck in no round.
func Verdict(run *results.TrackerRun) error {
	var errs []error
	for _, t := range run.Targets {
		if t.Error != "" {
			errs = append(errs, fmt.Errorf("%s: %s", t.Name, t.Error))
		}
		for _, r := range t.Rounds {
			if !r.Generator.Valid { // the first one says enough; the report has all
				errs = append(errs, fmt.Errorf("%w: %s, round %d: %s", ErrInvalid, t.Name, r.Round, reasons(r.Generator.Reasons)))
				break
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
