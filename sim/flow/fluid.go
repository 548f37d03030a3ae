package flow

import (
	"math"
	"slices"
	"time"

	"swarmlab/sim/webtorrent"
)

// side is one direction of an access link: what all transfers through it share.
type side struct {
	capacity float64 // bytes a second
	queue    float64 // seconds of it that wait before the link at most
	flows    []*flow
	level    float64 // what a flow of weight 1 gets that nothing else limits
	used     float64 // sum of the flows' rates
	changes  int     // of its flows since level was found
	drops    uint64  // packets that its queue had no room for, several at once counted as one
}

func newSide(capacity, queue float64) side {
	return side{capacity: capacity, level: unlimited, queue: queue}
}

// unlimited stands for a link without a rate. It is finite so that nothing becomes infinity times zero.
const unlimited = 1e12

// flow is one transfer, from an up side to a down side, that has something to send.
type flow struct {
	net      *fluid
	from, to *side
	back     [2]*side // what acknowledgements go through; nil: not worth reckoning
	at       [2]int   // index in the flows of from and to
	window   *window  // nil: nothing but the sides limits it
	message  int64    // bytes that are to follow left before the message is through
	asked    int64    // of the message in all
	part     int64    // bytes of the part that is under way; -1: none
	left     float64  // bytes until the part is through, as of since
	rate     float64
	// limit is the flow's own. weight is what it gets of a full link in proportion to others: under congestion control, where packets wait in
	// one queue, that is its window; else all are the same. They are kept here, since sides look at all their flows, and a
	// crowd's windows are all over the memory.
	limit, weight float64
	since         time.Duration
	ev            event
	active        bool
	first         bool    // the first window is under way
	burst         float64 // bytes of it that are still to go
	gap           float64 // bytes that the queue before the up side had room for when it began
	sent          float64 // bytes of it that went
	follows       int64   // bytes that are to be sent after the message, as far as is known
	pace          float64
	sender        sender
	doing         bool
}

// sender is whose bytes a flow carries.
type sender interface {
	webtorrent.Warmer
	through() // the bytes asked for are: more may be sent
	onward()  // some of them are
	idle()    // nothing is under way, and the flow itself is no longer needed
}

// fluid shares the sides among the flows.
type fluid struct {
	clock   *clock
	seed    uint64
	maxmin  bool
	work    []*side // scratch
	claims  []claim // scratch
	touched []*flow // scratch
}

// init makes a flow, or makes another of one that is over.
func (n *fluid) init(f *flow, from, to *side, w *window, s sender) {
	*f = flow{net: n, from: from, to: to, window: w, sender: s}
	f.ev = newEvent(f)
}

// send has n bytes go through. It is called when nothing is under way, or from within through: then the flow goes on as it was.
func (f *flow) send(bytes int64) {
	f.message, f.asked = bytes, bytes
	if f.active {
		f.step()
		return
	}
	f.begin()
	f.step()
	f.active = true
	f.at[0], f.at[1] = f.from.add(f), f.to.add(f)
	if f.window != nil {
		f.window.flows = append(f.window.flows, f)
	}
	f.rate = 0
	f.net.changed(f)
}

// begin has the first window sent at once.
func (f *flow) begin() {
	f.first = true
	if f.window == nil {
		return
	}
	f.window.expire(f.net.clock.now)
	queue := float64(f.from.queue * f.from.capacity)
	f.burst, f.sent = max(f.window.share(), f.window.rules.segment), 0
	f.gap = max(0, queue-float64(f.from.waiting().Seconds()*f.from.capacity))
}

// burstOver: what the queue had no room for is lost. A sender that has been idle sends its window as fast as its link takes it, and does
// so into the queue before that link, whatever the way beyond could hold.
func (f *flow) burstOver() {
	f.first = false
	if f.window.rules.slow != 0 || f.from.queue == 0 {
		return
	}
	f.window.overflow(f.sent-f.gap, f.net.clock.now)
}

// roundOver is burstOver of a later round. In slow start two packets leave for each that the link has taken of the round before, so that half of
// them wait.
func (f *flow) roundOver() {
	w := f.window
	if w.rules.slow != 0 || f.from.queue == 0 || w.spread || w.size >= w.threshold || w.gone < w.size && f.message+f.follows > 0 {
		return
	}
	w.overflow(float64(w.gone/2)-float64(f.from.queue*f.from.capacity), f.net.clock.now)
}

// gone is how much of the message is through, up to the last look at it. nil is no message.
func (f *flow) gone() int64 {
	if f == nil || !f.active {
		return 0
	}
	return f.asked - f.message - f.part
}

// step takes the next part of the message.
func (f *flow) step() {
	part := f.message
	if f.window != nil {
		f.window.acks = f.backlog().Seconds()
		part = f.window.step(part, f.first, f.net.clock.now)
		line := min(f.from.capacity, f.to.capacity)
		f.pace = f.window.pace(part, f.message-part+f.follows, f.first, line, f.net.clock.now)
		f.pace *= f.window.ackClock.Rate(f.window.present() / (line * f.window.trip()))
	}
	f.message -= part
	f.part, f.left, f.since = part, float64(part), f.net.clock.now
	f.net.clock.drop(&f.ev) // somebody may have aimed it while nothing was under way
}

// stop ends the flow and returns how many of the bytes asked for are not through yet.
func (f *flow) stop() (left int64) {
	if !f.active {
		return 0
	}
	f.settle()
	f.active = false
	f.net.clock.drop(&f.ev)
	f.from.used -= f.rate
	f.to.used -= f.rate
	f.rate = 0
	f.from.remove(f, 0)
	f.to.remove(f, 1)
	if w := f.window; w != nil {
		w.flows = slices.DeleteFunc(w.flows, func(o *flow) bool { return o == f })
		if len(w.flows) == 0 {
			w.rest(f.net.clock.now)
		}
	}
	f.net.changed(f)
	return f.message + int64(math.Ceil(f.left))
}

// do implements doer: a part is through. The flow stays where it is if its sender sends more.
func (f *flow) do() {
	f.doing = true // so long it is nobody else's
	f.passed()
	if f.doing = false; !f.active {
		f.sender.idle()
	}
}

func (f *flow) passed() {
	f.left, f.since = 0, f.net.clock.now
	if f.window != nil {
		held := f.held()
		f.window.passed(f.part, f.queued(), f.message+f.follows, f.net.clock.now)
		if f.first {
			f.sent += float64(f.part)
			f.burst -= float64(f.part)
			if f.burst < f.window.rules.segment || f.message+f.follows == 0 {
				f.burstOver()
			}
		} else {
			if held {
				f.crowdOut()
			}
			f.roundOver()
		}
	}
	if f.message > 0 {
		f.step()
		f.sender.onward()
	} else {
		f.part = -1
		f.sender.through()
	}
	switch {
	case !f.active:
	case f.part < 0:
		f.stop()
	case f.window != nil:
		f.net.changed(f)
	}
	if f.active && f.ev.home == nowhere { // nobody has aimed it: the rate is as it was
		f.aim()
	}
}

// held tells whether it is a side and not its window that limits the flow.
func (f *flow) held() bool { return f.rate < f.limit*(1-2*slight) }

// look finds the flow's limit and weight, after anything that may have changed them.
func (f *flow) look() {
	f.limit, f.weight = unlimited, 1
	if f.window == nil {
		return
	}
	f.limit = f.window.limit(f.pace)
	if f.net.maxmin {
		f.weight = f.window.limit(1)
	}
}

// fair is the rate that the sides and the flow's own limit leave it.
func (f *flow) fair() float64 { return min(f.limit, f.weight*min(f.from.level, f.to.level)) }

// settle brings left to the present.
func (f *flow) settle() {
	now := f.net.clock.now
	moved := float64(f.rate * (now - f.since).Seconds())
	f.left, f.since = max(f.left-moved, 0), now
}

// aim sets the event for when the part is through.
func (f *flow) aim() {
	wait := math.Ceil(f.left / f.rate * 1e9)
	f.net.clock.set(&f.ev, f.net.clock.now+time.Duration(min(wait, 1e18)))
}

// slight is a change of rate, in proportion, that is not worth setting an event anew for. A rate is never further from what it
// should be.
const slight = 0.01

// setRate changes the rate, from now on.
func (f *flow) setRate(rate float64) {
	if math.Abs(rate-f.rate) <= slight*f.rate {
		return
	}
	f.settle()
	f.from.used += rate - f.rate
	f.to.used += rate - f.rate
	f.rate = rate
	f.aim()
}

func (s *side) add(f *flow) int {
	s.flows = append(s.flows, f)
	return len(s.flows) - 1
}

func (s *side) remove(f *flow, end int) {
	i, last := f.at[end], len(s.flows)-1
	s.flows[i] = s.flows[last]
	s.flows[i].at[end] = i
	s.flows[last] = nil
	s.flows = s.flows[:last]
}

// far is a flow's other side.
func (s *side) far(f *flow) *side {
	if f.from == s {
		return f.to
	}
	return f.from
}
