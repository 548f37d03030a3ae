package flow

import (
	"math"
	"time"
)

// side is one direction of an access link: what all transfers through it share.
type side struct {
	capacity float64 // bytes a second
	flows    []*flow
	level    float64 // what a flow gets that nothing else limits
}

// unlimited stands for a link without a rate. It is finite so that nothing becomes infinity times zero.
const unlimited = 1e12

// flow is one transfer, from an up side to a down side, that has something to send.
type flow struct {
	net      *fluid
	from, to *side
	at       [2]int // index in the flows of from and to
	limit    float64
	left     float64 // bytes until done is to be called, as of since
	rate     float64
	since    time.Duration
	ev       event
	active   bool
	done     func() // the bytes asked for are through
}

// fluid shares the sides among the flows.
type fluid struct {
	clock  *clock
	maxmin bool
	work   []*side // scratch
}

func (n *fluid) init(f *flow, from, to *side, done func()) {
	f.net, f.from, f.to, f.done, f.limit = n, from, to, done, unlimited
	f.ev = event{doing: f, index: -1}
}

// send has n bytes go through. The flow must not be active; what is sent from within done goes on at the rate that was.
func (f *flow) send(bytes int64) {
	f.left, f.since = float64(bytes), f.net.clock.now
	if !f.active {
		f.active = true
		f.at[0], f.at[1] = f.from.add(f), f.to.add(f)
		f.net.changed(f.from, f.to)
	}
	f.aim()
}

// stop ends the flow and returns how many of the bytes asked for are not through yet.
func (f *flow) stop() (left int64) {
	if !f.active {
		return 0
	}
	if f.left >= 0 {
		f.settle()
	}
	f.active = false
	f.net.clock.drop(&f.ev)
	f.from.remove(f, 0)
	f.to.remove(f, 1)
	f.rate = 0
	f.net.changed(f.from, f.to)
	return int64(math.Ceil(f.left))
}

// do implements doer: the bytes asked for are through. The flow stays where it is if done sends more.
func (f *flow) do() {
	f.left, f.since = -1, f.net.clock.now
	f.done()
	if f.active && f.left < 0 {
		f.stop()
	}
}

// settle brings left to the present.
func (f *flow) settle() {
	now := f.net.clock.now
	moved := float64(f.rate * (now - f.since).Seconds())
	f.left, f.since = max(f.left-moved, 0), now
}

// aim sets the event for when the bytes asked for are through.
func (f *flow) aim() {
	wait := math.Ceil(f.left / f.rate * 1e9)
	f.net.clock.set(&f.ev, f.net.clock.now+time.Duration(min(wait, 1e18)))
}

// setRate changes the rate, from now on.
func (f *flow) setRate(rate float64) {
	if rate == f.rate {
		return
	}
	if f.rate > 0 {
		f.settle()
	}
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
	if end == 0 {
		s.flows[i].at[0] = i
	} else {
		s.flows[i].at[1] = i
	}
	s.flows[last] = nil
	s.flows = s.flows[:last]
}

// other is the limit of a flow of s that is not s's own: that of its far side, or its own.
func (s *side) other(f *flow) float64 {
	if f.from == s {
		return min(f.to.level, f.limit)
	}
	return min(f.from.level, f.limit)
}
