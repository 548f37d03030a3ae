package main

import (
	"fmt"
	"time"

	"swarmlab/sim/trackerbench/suite"
)

// trackerProgress shows how far a benchmark is, as progress does for a run.
type trackerProgress struct{ progress }

func newTrackerProgress(s streams) *trackerProgress {
	return &trackerProgress{progress{s: s, start: time.Now(), last: time.Now()}}
}

// show is told the state of the benchmark a few times a second.
func (p *trackerProgress) show(now suite.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	since := time.Since(p.start)
	if p.done || since < quietFor {
		return
	}
	text := fmt.Sprintf("%s, round %d of %d: %d connections, %.0f announces/s, offers p99 %.3g ms",
		now.Target, now.Round, now.Rounds, now.Now.Open, now.Now.AnnouncesPerSec, now.Now.OfferP99Ms)
	switch {
	case now.Trying > 0:
		text = fmt.Sprintf("%s: trying %.0f announces/s", now.Target, now.Trying)
	case now.Fault != "":
		text = fmt.Sprintf("%s: fault %s", now.Target, now.Fault)
	}
	switch {
	case p.s.terminal:
		p.draw(now.Share, text)
	case time.Since(p.last) >= plainEvery:
		p.last = time.Now()
		fmt.Fprintf(p.s.err, "%3.0f %%  %s, about %v to go\n", 100*now.Share, text, remaining(since, now.Share))
	}
}
