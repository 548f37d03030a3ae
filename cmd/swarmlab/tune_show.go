package main

import (
	"fmt"
	"time"

	"swarmlab/results"
	"swarmlab/sim/tune"
)

// showTuning speaks of a tuning to whoever listens.
func showTuning(s streams, t *results.Tuning, out string, asJSON bool) error {
	if asJSON {
		if err := indented(s.out, t); err != nil {
			return err
		}
	}
	fmt.Fprintln(s.err)
	return drawTuning(s, t, out)
}

// tuneProgress shows how far a tuning is: a line that is written over on a terminal, plain lines elsewhere.
type tuneProgress struct {
	s           streams
	start, last time.Time
	drawn       bool
}

func (p *tuneProgress) show(now tune.Progress) {
	every := plainEvery
	if p.s.terminal {
		every = 250 * time.Millisecond
	}
	if time.Since(p.start) < quietFor || time.Since(p.last) < every {
		return
	}
	p.last = time.Now()
	text := fmt.Sprintf("%3.0f %%  %s, about %v to go", 100*now.Share, now.Text, now.Left)
	if p.s.terminal {
		p.drawn = true
		fmt.Fprintf(p.s.err, "\r\033[K%s", text)
	} else {
		fmt.Fprintln(p.s.err, text)
	}
}

func (p *tuneProgress) end() {
	if p.drawn {
		fmt.Fprint(p.s.err, "\r\033[K")
	}
}
