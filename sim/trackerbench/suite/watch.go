package suite

import (
	"sync"

	"swarmlab/results"
	"swarmlab/sim/trackerbench"
	"swarmlab/sim/trackerbench/process"
)

// watch looks at a tracker's process when a round enters a phase. Looking takes milliseconds, which the load has not got: it is
// done by a goroutine of its own, one for each round.
type watch struct {
	process *process.Process
	phases  chan trackerbench.Phase
	done    sync.WaitGroup

	window  process.Window // the goroutine's until done
	samples int
}

// newWatch begins to watch; of no process it does nothing.
func newWatch(p *process.Process) *watch {
	w := &watch{process: p, phases: make(chan trackerbench.Phase, 8)} // a round has four
	w.done.Go(w.run)
	return w
}

// phase is called by the load, and does not wait.
func (w *watch) phase(p trackerbench.Phase) {
	select {
	case w.phases <- p:
	default: // cannot be: there is room for all
	}
}

func (w *watch) run() {
	for phase := range w.phases {
		if w.process == nil || phase == trackerbench.PhaseEnded {
			continue
		}
		sample, err := w.process.Sample()
		if err != nil {
			w.window.Exited = true
			continue
		}
		w.samples++
		switch phase {
		case trackerbench.PhaseIdle:
			w.window.Idle = sample
		case trackerbench.PhaseWindow:
			w.window.Begin = sample
		case trackerbench.PhaseDrain:
			w.window.End = sample
		case trackerbench.PhaseEnded:
		}
	}
}

// stop ends the watching; the load must have ended.
func (w *watch) stop() {
	close(w.phases)
	w.done.Wait()
}

// fill writes what was seen into the round: costs by what was sent and delivered while the window lasted, whenever it was due.
func (w *watch) fill(r *results.TrackerRound) {
	if w.process == nil || w.samples == 0 {
		return
	}
	w.window.Connections = r.Sockets.OpenAtWindow
	for _, s := range r.Series {
		if s.InWindow {
			w.window.Announces += s.AnnouncesSent
			w.window.Relayed += s.Offers + s.Answers
		}
	}
	r.Process = w.window.Figures(w.process.PID(), w.process.Command())
	if !w.window.Exited && w.samples == 3 {
		cpu, rss := r.Process.CPUUsPerAnnounce, r.Process.RSSBytes
		r.TrackerCPUUsPerAnnounce, r.TrackerRSSBytes = &cpu, &rss
	}
}
