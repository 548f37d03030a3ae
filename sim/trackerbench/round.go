package trackerbench

import (
	"context"
	"math/rand/v2"
	"time"

	"swarmlab/results"
	"swarmlab/sim/trackerbench/load"
	"swarmlab/sim/trackerbench/meter"
	"swarmlab/sim/trackerbench/profile"
	"swarmlab/sim/trackerbench/socket"
	"swarmlab/sim/trackerbench/wire"
)

// round is one measurement. All of it runs on one goroutine, which does what the plan says is due and then lets the network say what
// has happened.
type round struct {
	options Options
	load    load.Load
	profile profile.Profile
	plan    *load.Plan
	net     socket.Network
	rng     *rand.Rand // draws answers and thinking

	start, end   time.Duration // of the window
	phase        Phase
	progress     func(Progress)
	nextProgress time.Duration

	names        *wire.Names
	hashes       [][]byte // of the swarms
	descriptions *load.Descriptions

	sessions []*session
	free     []int32 // slots without a session
	slotOf   []int32 // place -> slot; -1: none
	open     int
	later    load.Calendar[later]
	scrapes  map[scrapeKey][]time.Duration // when they were due, the oldest first

	ledger    *meter.Ledger
	responses meter.Responses
	truth     *meter.Truth
	series    *meter.Series
	graph     Graph

	connect, response, scrape, staleness, lateness *results.LatencyRecorder
	delivery                                       results.TrackerDelivery
	sockets                                        results.TrackerSockets
	generator                                      results.TrackerGenerator
	window                                         windowCost

	out   []byte // the message being built
	check []byte // the description that should have come
}

// windowCost is what is read off this machine about the window.
type windowCost struct {
	before, after     meter.Machine
	statsBefore       socket.Stats
	statsAfter        socket.Stats
	idleHeap, atStart uint64 // bytes
	openAtStart       int
	weighed           bool
}

// later is something of our own that has to happen at a time.
type later struct {
	slot       int32
	generation uint32
	what       laterKind
	answer     *thought
}

type laterKind uint8

const (
	laterAnswer laterKind = iota
	laterRedial
	laterForget // a viewer that has left stops listening
)

type scrapeKey struct {
	slot  int32
	swarm int32
}

// busy is how many due things are done before the network is asked again: what has arrived must not wait long for its time to be taken.
const busy = 32

func newRound(target Target, options Options) *round {
	l := options.Load
	r := &round{
		options: options, load: l, profile: target.Profile, plan: l.NewPlan(),
		rng:          rand.New(rand.NewPCG(l.Seed, uint64(options.Round)^0x616e73776572)), // a stream of its own
		names:        wire.NewNames(l.Seed, options.Round),
		descriptions: load.NewDescriptions(l.Seed),
		slotOf:       make([]int32, l.Peers),
		scrapes:      map[scrapeKey][]time.Duration{},
		truth:        meter.NewTruth(l.Swarms.Count),
		connect:      results.NewLatencyRecorder(), response: results.NewLatencyRecorder(), scrape: results.NewLatencyRecorder(),
		staleness: results.NewLatencyRecorder(), lateness: results.NewLatencyRecorder(),
	}
	for i := range r.slotOf {
		r.slotOf[i] = -1
	}
	r.hashes = r.names.InfoHashes(l.Swarms.Count)
	r.start = l.WindowStart()
	r.end = r.start + l.Window
	r.series = meter.NewSeries(r.start, r.end)
	const seconds = 20 // of announces that are remembered, beyond which an offer still counts, but cannot be known as a duplicate
	r.ledger = meter.NewLedger(int(min(seconds*l.Rate+2*float64(l.Peers*l.SwarmsPerSocket), wire.MostSlots)), max(0, l.Offers))
	r.responses = meter.Responses{
		Latency:  func(due, at time.Duration) { r.response.Record(at - due) },
		Lag:      r.series.Lag,
		Interval: l.Interval,
	}
	r.delivery.FailureTexts = map[string]int64{}
	r.sockets.FailedReasons, r.sockets.CloseReasons = map[string]int64{}, map[string]int64{}
	return r
}

// run makes the load, until what was under way at the window's end has arrived or is given up.
func (r *round) run(ctx context.Context) error {
	r.enter(PhaseIdle)
	r.window.idleHeap = heapInUse()
	for {
		now := r.net.Now()
		if err := ctx.Err(); err != nil {
			return err
		}
		if r.turnPhase(now) {
			break
		}
		next := r.doDue(now)
		r.report(now)
		if err := r.net.Wait(min(next, r.nextPhase(), now+longestWait)); err != nil {
			return err
		}
	}
	return nil
}

// longestWait is how soon an interruption is noticed.
const longestWait = 100 * time.Millisecond

// doDue does what is due, a few things at most, and returns when the next is.
func (r *round) doDue(now time.Duration) time.Duration {
	for range busy {
		at, ok := r.plan.Peek()
		if own, some := r.later.Next(); some && (!ok || own < at) {
			if own > now {
				return own
			}
			_, what := r.later.Take()
			r.doLater(what, own)
			continue
		}
		if !ok {
			return r.end + r.options.Drain
		}
		if at > now {
			return at
		}
		e, some := r.plan.Due(now)
		if !some {
			continue // what was due has become void
		}
		r.series.Advance(now, r.open)
		r.due(e)
	}
	return now
}

// due does one thing of the plan.
func (r *round) due(e load.Event) {
	slot := int32(-1)
	if e.Place >= 0 {
		slot = r.slotOf[e.Place]
	}
	switch e.Kind {
	case load.Join:
		r.late(e.At)
		r.join(e.Place, e.At)
	case load.Announce:
		r.announceDue(slot, e.Member, e.At)
	case load.Leave:
		r.leave(e.Place, e.Goodbye)
	case load.Cut:
		r.cut()
	case load.Return:
		if slot >= 0 && r.sessions[slot].state == waiting {
			r.dial(slot, e.At)
		}
	case load.Scrape:
		r.scrapeDue(slot, e.Member, e.At)
	}
}

func (r *round) doLater(l later, due time.Duration) {
	s := r.sessions[l.slot]
	if s.generation != l.generation {
		return
	}
	switch l.what {
	case laterAnswer:
		if s.state == present {
			r.answer(s, l.slot, l.answer, due)
		}
	case laterRedial:
		if s.state == waiting {
			r.dial(l.slot, due)
		}
	case laterForget:
		if s.state == departed {
			r.net.Close(int(l.slot))
			r.forget(l.slot)
		}
	}
}

// late notes by how much later than due something is sent.
func (r *round) late(due time.Duration) {
	by := max(0, r.net.Now()-due)
	if due >= r.start && due < r.end {
		r.lateness.Record(by)
	}
	r.series.Late(by)
}

// inWindow tells what is measured.
func (r *round) inWindow(due time.Duration) bool { return due >= r.start && due < r.end }
