// Package sim answers: what happens when this audience watches this stream?
//
// Run takes a scenario and gives a result: it makes the stream, has a tier simulate the audience, checks the invariants and sums
// up. What a tier is, only this package knows; each is a room that can be taken out.
package sim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"swarmlab/results"
	"swarmlab/scenarios"
	"swarmlab/sim/flow"
	"swarmlab/sim/player"
	viewing "swarmlab/sim/viewer"
)

// ErrInvariant says that a run's figures cannot be true, or that a segment was not what the origin made. The result comes with
// the error, so that one can look.
var ErrInvariant = errors.New("an invariant was broken")

// ErrInput says that what the scenario names cannot be used: somebody's own stream is broken, or a part of it is for a tier that
// is not there. Nothing has been run.
var ErrInput = errors.New("the scenario cannot be run")

// Check looks whether a scenario can be run in virtual time, as far as that shows before it is.
func Check(s *scenarios.Scenario) error { return CheckFor(s, Options{}) }

// CheckFor looks whether a scenario can be run with these options.
func CheckFor(s *scenarios.Scenario, o Options) error {
	if len(s.Tracker.URLs) > 0 && o.withDefaults().Clock != real {
		return fmt.Errorf("%w: tracker.urls: a real tracker lives in real time, and this runs in virtual time; "+
			"run it with --clock real, or leave tracker.urls out to use the embedded tracker", ErrInput)
	}
	stream, err := OpenStream(s)
	if err != nil {
		return err
	}
	return stream.Close()
}

// Options are what a run needs beside its scenario. The zero value runs.
type Options struct {
	Tier  string // one of Tiers; "" is the first
	Clock string // one of Clocks; "" is the first
	// PublicTrackers allows trackers (tracker.urls) on public hosts; otherwise they must be on this machine or in a private network.
	PublicTrackers bool
	// Progress, if set, is called from a goroutine of its own while the run goes on, a few times a wall second.
	Progress func(Progress)
	// Version and Command say in the result how it was made.
	Version, Command string
	// NewEngine makes the viewers' engines; nil: ours. It is for a tier that runs them one at a time: flow.
	NewEngine player.NewEngine
	// MemoryLimit is what the run may need of memory, in bytes, as EstimateOf says: it is refused if it needs more. 0: what the machine
	// has left; negative: no limit.
	MemoryLimit int64
	// StuckAfter is how long, in wall time, the virtual clock may stand still; 0 is virtualtime's default.
	StuckAfter time.Duration
}

func (o Options) withDefaults() Options {
	if o.Tier == "" {
		o.Tier = Tiers()[0]
	}
	if o.Clock == "" {
		o.Clock = Clocks()[0]
	}
	return o
}

// Run runs a scenario. If ctx ends early, the result is of what there was, with the context's error. A nil result means that
// there is nothing to show.
func Run(ctx context.Context, s *scenarios.Scenario, o Options) (*results.Result, error) {
	o = o.withDefaults()
	simulate, err := simulatorOf(o)
	if err != nil {
		return nil, err
	}
	if err := checkAssumptions(s, o.Tier); err != nil {
		return nil, err
	}
	if err := CheckFor(s, o); err != nil {
		return nil, err
	}
	if err := checkMemory(s, o.Tier, o.MemoryLimit); err != nil {
		return nil, err
	}
	stream, err := OpenStream(s)
	if err != nil {
		return nil, err
	}
	defer stream.Close()

	usage := startUsage()
	gauge := newGauge(s, stream)
	if o.Clock == real {
		gauge = newOpenGauge(s) // it takes as long as it takes
	}
	outcome, runErr := simulate(ctx, s, o, gauge, viewing.Options{
		Stream: stream, Progress: gauge.sample, NewEngine: o.NewEngine,
	})
	if outcome == nil {
		return nil, errors.Join(runErr, context.Cause(ctx))
	}
	outcome.Live = stream.Live()
	result, err := summarise(ctx, s, o, outcome, usage)
	return result, errors.Join(runErr, err, context.Cause(ctx))
}

// Doubts says in a sentence each what of a scenario a tier is known to get wrong.
func Doubts(s *scenarios.Scenario, tier string) []string {
	if tier != "flow" {
		return nil
	}
	return flow.Doubts(s)
}

// originRate is what the origin's line takes; 0: nothing limits it, as on the real clock.
func originRate(s *scenarios.Scenario, o Options) int64 {
	link, err := s.Origin.Link.Resolve()
	if err != nil || o.Clock == real {
		return 0
	}
	return int64(link.Up)
}

func summarise(
	ctx context.Context, s *scenarios.Scenario, o Options, out *viewing.Outcome, usage usage,
) (*results.Result, error) {
	scenario, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("write the scenario into the result: %w", err)
	}
	wall, cpu, rss := usage.until()
	result, err := results.Summarise(results.Input{
		Scenario: scenario,
		Run: results.Run{
			Name: s.Name, Seed: s.Run.Seed, Tier: o.Tier, Clock: o.Clock, Live: out.Live,
			WallSeconds: wall.Seconds(), CPUSeconds: cpu.Seconds(), MaxRSSBytes: rss,
			Version: o.Version, Command: o.Command, Interrupted: ctx.Err() != nil, OpenSwarm: out.Open,
			Trackers: s.Tracker.URLs, OriginBitsPerSecond: originRate(s, o), Doubts: Doubts(s, o.Tier),
		},
		End: out.End, Viewers: out.Viewers, Sampler: out.Sampler,
		Origin: out.Origin, Tracker: out.Tracker, InFlightBytes: out.InFlight,
	})
	if err != nil {
		return nil, err
	}
	return result, breach(result)
}

// breach turns broken invariants into an error of one sentence each.
func breach(r *results.Result) error {
	var errs []error
	for _, c := range r.Breaches() {
		errs = append(errs, fmt.Errorf("%w: %s: %s", ErrInvariant, c.Name, c.Detail))
	}
	return errors.Join(errs...)
}
