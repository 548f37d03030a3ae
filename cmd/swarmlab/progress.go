package main

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"swarmlab/report"
	"swarmlab/scenarios"
	"swarmlab/sim"
)

// machineProgress, in the environment of a repeat's child, asks for progress lines that its parent reads.
const machineProgress = "SWARMLAB_PROGRESS"

func (s streams) machine() bool { return os.Getenv(machineProgress) == "machine" }

func (s streams) terminalOptions() report.TerminalOptions {
	return report.TerminalOptions{Color: s.color()}
}

const (
	quietFor   = 2 * time.Second  // what is over sooner needs no progress
	plainEvery = 10 * time.Second // lines in a log
)

// progress shows how far a run is: a bar on a terminal, plain lines elsewhere, both with what a person wants to know meanwhile.
type progress struct {
	s     streams
	total time.Duration
	start time.Time

	mu   sync.Mutex // the run reports from its own goroutine
	bar  *progressbar.ProgressBar
	last time.Time
	done bool
}

func newProgress(s streams, scenario *scenarios.Scenario) *progress {
	return &progress{s: s, total: scenario.Run.Duration.Std(), start: time.Now(), last: time.Now()}
}

// show is told the state of the run about four times a second.
func (p *progress) show(now sim.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	since := time.Since(p.start)
	if p.done || since < quietFor && !p.s.machine() {
		return
	}
	share := now.Share
	text := fmt.Sprintf("%v of %v simulated, %d viewers, P2P ratio %.1f %%",
		now.Simulated.Truncate(time.Second), p.total, now.Viewers, 100*now.Ratio)
	switch {
	case p.s.machine():
		fmt.Fprintf(p.s.err, "progress %.4f\n", share)
	case p.s.terminal:
		p.draw(share, text)
	case time.Since(p.last) >= plainEvery:
		p.last = time.Now()
		fmt.Fprintf(p.s.err, "%3.0f %%  %s, %v of wall time, about %v to go\n",
			100*share, text, since.Truncate(time.Second), remaining(since, share))
	}
}

// remaining estimates the wall time to go as if all work that is left cost what it has cost so far.
func remaining(since time.Duration, share float64) time.Duration {
	if share <= 0 {
		return 0
	}
	return time.Duration(float64(since) * (1 - share) / share).Round(time.Second)
}

func (p *progress) draw(share float64, text string) {
	if p.bar == nil {
		p.bar = progressbar.NewOptions(1000, progressbar.OptionSetWriter(p.s.err), progressbar.OptionSetWidth(24),
			progressbar.OptionThrottle(200*time.Millisecond), progressbar.OptionClearOnFinish(),
			progressbar.OptionSetPredictTime(true), progressbar.OptionEnableColorCodes(false))
	}
	p.bar.Describe(text)
	_ = p.bar.Set(int(1000 * share)) // a bar that cannot be drawn is no reason to stop
}

func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = true
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
