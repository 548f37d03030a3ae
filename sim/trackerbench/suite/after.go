package suite

import (
	"context"
	"fmt"
	"sync/atomic"

	"swarmlab/results"
	"swarmlab/sim/trackerbench"
	"swarmlab/sim/trackerbench/faults"
	"swarmlab/sim/trackerbench/process"
)

// What comes after the rounds: the search of the highest rate, and mistreatment.

// search finds one tracker's highest rate. Only the context's end is an error.
func (s *session) search(ctx context.Context, i int) error {
	target, result := s.targets[i], &s.run.Targets[i]
	if s.o.Search == nil || result.Error != "" {
		return ctx.Err()
	}
	before := s.done
	options, search := s.o.Measure, *s.o.Search
	var now *watch // of the round under way
	stop := func() {
		if now != nil {
			now.stop()
			now = nil
		}
	}
	defer stop()
	options.Phase = func(p trackerbench.Phase) { now.phase(p) }
	search.Trying = func(rate float64) {
		stop()
		now = newWatch(target.Process)
		s.tell(0, Progress{Target: target.Name, Trying: rate})
	}
	search.Done = func(step *results.TrackerStep, m *trackerbench.Measurement) {
		done := now
		stop()
		if m != nil {
			done.fill(&m.Round)
			step.CPUUsPerAnnounce = m.Round.TrackerCPUUsPerAnnounce
		}
		s.done = min(s.done+1, before+usualSteps)
	}
	found, err := s.o.findMax(ctx, target.Target, options, search)
	s.done = before + usualSteps
	result.FindMax = found
	if err != nil && ctx.Err() == nil {
		result.Error = "search of the highest rate: " + err.Error()
	}
	return ctx.Err()
}

// mistreat tries one tracker with all faults. Only the context's end is an error.
func (s *session) mistreat(ctx context.Context, i int) error {
	target, result := s.targets[i], &s.run.Targets[i]
	if s.o.Faults == nil || result.Error != "" {
		return ctx.Err()
	}
	before := s.done
	var now atomic.Pointer[process.Process] // memory is asked for from other goroutines than a restart
	now.Store(target.Process)
	victim := faults.Target{URL: target.URL, TLS: target.TLS, Allow: target.Allow, RSS: func() int64 {
		p := now.Load()
		if p == nil {
			return 0
		}
		sample, _ := p.Sample() // gone: 0
		return sample.RSSBytes
	}}
	if target.Restart != nil {
		victim.Restart = func(ctx context.Context) error {
			p, err := target.Restart(ctx)
			now.Store(p)
			return err
		}
	}
	found, err := s.o.attack(ctx, victim, *s.o.Faults, func(p faults.Progress) {
		share := float64(p.Done) / float64(max(1, p.Total))
		s.tell(share*faultsAsRounds, Progress{Target: target.Name, Fault: p.Case})
	})
	s.done = before + faultsAsRounds
	result.Faults = found
	if err != nil && ctx.Err() == nil {
		result.Error = fmt.Sprintf("faults: %v", err)
	}
	return ctx.Err()
}
