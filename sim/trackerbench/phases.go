package trackerbench

import (
	"runtime"
	"time"

	"swarmlab/sim/trackerbench/meter"
)

const (
	reportEvery = 250 * time.Millisecond
	// Once everything has arrived, a bit longer: what must not come, a duplicate or a ghost, has to have the time to.
	afterAll = 300 * time.Millisecond
)

func (r *round) enter(p Phase) {
	r.phase = p
	if r.options.Phase != nil {
		r.options.Phase(p)
	}
}

// nextPhase is when the phase that runs is over.
func (r *round) nextPhase() time.Duration {
	switch r.phase {
	case PhaseIdle:
		if !r.window.weighed {
			return r.start - r.load.Settle/2
		}
		return r.start
	case PhaseWindow:
		return r.end
	default:
		return r.end + r.options.Drain
	}
}

// turnPhase enters the phases whose time has come, and reports whether the round is over.
func (r *round) turnPhase(now time.Duration) (over bool) {
	if !r.window.weighed && now >= r.start-r.load.Settle/2 && now < r.start {
		r.weigh()
	}
	if r.phase == PhaseIdle && now >= r.start {
		if _, due := r.plan.Peek(); due && r.behind() {
			return false // what was due before comes first
		}
		r.enter(PhaseWindow)
		r.window.openAtStart = r.open
		r.window.before, r.window.statsBefore = meter.ReadMachine(), r.net.Stats()
	}
	if r.phase == PhaseWindow && now >= r.end {
		if _, due := r.plan.Peek(); due {
			return false // late, but it was due
		}
		r.window.after, r.window.statsAfter = meter.ReadMachine(), r.net.Stats()
		r.enter(PhaseDrain)
	}
	if r.phase != PhaseDrain {
		return false
	}
	settled := r.load.LeaveRate == 0 && r.later.Len() == 0 && now >= r.end+afterAll && r.allArrived()
	if !settled && now < r.end+r.options.Drain {
		return false
	}
	r.enter(PhaseEnded)
	return true
}

// behind tells whether something is due from before the window.
func (r *round) behind() bool {
	at, _ := r.plan.Peek()
	return at < r.start
}

func (r *round) allArrived() bool {
	o, a := r.ledger.Offers, r.ledger.Answers
	return o.Delivered+o.ToDeparted >= o.Expected && a.Delivered+a.ToDeparted >= a.Expected &&
		r.responses.Delivered >= r.responses.Expected && len(r.scrapes) == 0 && r.delivery.Unsent == 0
}

// weigh measures the memory that the connections take, in time for the window not to notice.
func (r *round) weigh() {
	r.window.weighed = true
	r.window.atStart = heapInUse()
	if r.open > 0 && r.window.atStart > r.window.idleHeap {
		r.generator.BytesPerConnection = float64(r.window.atStart-r.window.idleHeap) / float64(r.open)
	}
}

// heapInUse is what is reachable: it collects the garbage first.
func heapInUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func (r *round) report(now time.Duration) {
	if r.progress == nil || now < r.nextProgress {
		return
	}
	r.nextProgress = now + reportEvery
	r.series.Advance(now, r.open)
	last := r.series.Last()
	r.progress(Progress{
		Elapsed: now, Total: r.end + r.options.Drain, Phase: r.phase, Open: r.open,
		AnnouncesPerSec: float64(last.AnnouncesSent), OfferP99Ms: last.OfferP99Ms,
	})
}
