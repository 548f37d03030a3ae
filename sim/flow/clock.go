package flow

import (
	"slices"
	"time"
)

// doer is what an event does when its time has come.
type doer interface {
	do()
	// warm reads what do will need: at depth 0 of the doer itself, at 1 of what that points to, and so on. See clock.warm.
	warm(depth int) int
}

// call makes a function an event's doing.
type call func()

func (c call) do() { c() }

func (c call) warm(int) int { return 0 }

// event is one pending thing. It may be used again once it has happened or was dropped.
type event struct {
	doing doer
	home  int32 // which list of the clock it is in
	index int32 // and where
}

// Homes of an event that are not slots.
const (
	nowhere int32 = -1 - iota
	inReady
	inSoon
	inLater
)

func newEvent(d doer) event { return event{doing: d, home: nowhere} }

// clock is the run's time: what is going to happen, and in which order.
//
// Most of what is set is due within seconds, and much of it is dropped before. So it goes into slots of a millisecond, unsorted: to
// put in and take out costs the same however many there are. Only the slot that time is in is sorted, and what is set into it from
// then on is a heap small enough for the processor's cache; a single heap of a hundred thousand viewers' events is not, and was half
// of a run's cost. What is due later than the slots reach waits in a heap of its own.
type clock struct {
	now    time.Duration
	order  uint64
	at     int64   // the slot that time is in
	ready  []entry // its events in their order, as they were when time entered it
	done   int     // so many of them are over
	warmed int     // and so many are warm
	warmth int     // of no use, but that reading cannot be left out
	soon   heap    // those set since
	slots  [slotCount][]entry
	holes  [slotCount]int32 // entries of a slot whose event was dropped
	held   int              // events in slots
	later  heap
}

const (
	slotBits  = 20 // of nanoseconds: 1.05 ms
	slotCount = 1 << 12
)

func slotOf(t time.Duration) int64 { return int64(t) >> slotBits }

// set has an event happen at a time, not before now. A pending one is moved. Events of one instant happen in the order they were set.
func (c *clock) set(ev *event, at time.Duration) {
	c.drop(ev)
	c.order++
	e := entry{max(at, c.now), c.order, ev}
	switch slot := slotOf(e.at); {
	case slot <= c.at:
		c.soon.push(e, inSoon)
	case slot < c.at+slotCount:
		c.put(int32(slot%slotCount), e)
	default:
		c.later.push(e, inLater)
	}
}

// put puts an event into a slot.
func (c *clock) put(slot int32, e entry) {
	list := &c.slots[slot]
	if len(*list) == cap(*list) && int(c.holes[slot])*2 > len(*list) {
		*list = whole(*list)
		c.holes[slot] = 0
		for i := range *list {
			(*list)[i].ev.index = int32(i)
		}
	}
	e.ev.home, e.ev.index = slot, int32(len(*list))
	*list = append(*list, e)
	c.held++
}

// whole takes the holes out of a list.
func whole(list []entry) []entry {
	return slices.DeleteFunc(list, func(e entry) bool { return e.ev == nil })
}

// after makes an event.
func (c *clock) after(d time.Duration, doing doer) *event {
	ev := newEvent(doing)
	c.set(&ev, c.now+max(d, 0))
	return &ev
}

// drop takes a pending event out, and reports whether it was pending.
func (c *clock) drop(ev *event) bool {
	switch ev.home {
	case nowhere:
		return false
	case inReady:
		c.ready[ev.index].ev = nil
	case inSoon:
		c.soon.remove(int(ev.index))
	case inLater:
		c.later.remove(int(ev.index))
	default: // it leaves a hole: to fill that would be to look for another event
		c.slots[ev.home][ev.index].ev = nil
		c.holes[ev.home]++
		c.held--
	}
	ev.home = nowhere
	return true
}

// next takes the first event out and moves time to it. nil: nothing happens up to the limit, to which time then moves.
func (c *clock) next(limit time.Duration) *event {
	for {
		for c.done < len(c.ready) && c.ready[c.done].ev == nil {
			c.done++
		}
		if c.done < len(c.ready) || len(c.soon) > 0 || c.at >= slotOf(limit) {
			break
		}
		c.enter(slotOf(limit))
	}
	var first *entry
	if c.done < len(c.ready) {
		first = &c.ready[c.done]
	}
	late := len(c.soon) > 0 && (first == nil || c.soon[0].before(first))
	if late {
		first = &c.soon[0]
	}
	if first == nil || first.at > limit {
		c.now = max(c.now, limit)
		return nil
	}
	c.now = first.at
	ev := first.ev
	if late {
		c.soon.remove(0)
	} else {
		if c.done >= c.warmed {
			c.warm()
		}
		c.done++
	}
	ev.home = nowhere
	return ev
}

// enter goes on to the next slot that may have something, at most to a given one.
func (c *clock) enter(last int64) {
	c.at++
	if c.held == 0 { // nothing in any slot: jump
		c.at = last
		if len(c.later) > 0 {
			c.at = min(last, slotOf(c.later[0].at))
		}
	}
	list := &c.slots[c.at%slotCount]
	c.ready, c.done, c.warmed = whole(append(c.ready[:0], *list...)), 0, 0
	c.held -= len(c.ready)
	clear(*list)
	*list, c.holes[c.at%slotCount] = (*list)[:0], 0
	for len(c.later) > 0 && slotOf(c.later[0].at) <= c.at {
		e := c.later[0]
		c.later.remove(0)
		c.ready = append(c.ready, e)
	}
	slices.SortFunc(c.ready, entry.compare)
	for i := range c.ready {
		c.ready[i].ev.home, c.ready[i].ev.index = inReady, int32(i)
	}
}

// warmth is how far and how deep ahead what events need is read: as many as fit well into the fast part of the processor's cache.
const (
	warmAhead = 48
	warmDepth = 5
)

// warm reads what the next events will need, all of them before the first of them happens. In a large run none of that is in the
// processor's cache, and to wait for memory at every step was most of its cost. Reads that do not wait for one another, as those
// for different events do not, wait together. Nothing is changed by it.
func (c *clock) warm() {
	next := c.ready[c.done:min(c.done+warmAhead, len(c.ready))]
	c.warmed = c.done + len(next)
	if len(next) < 2 {
		return
	}
	for depth := range warmDepth {
		for i := range next {
			if ev := next[i].ev; ev != nil {
				c.warmth += ev.doing.warm(depth)
			}
		}
	}
}
