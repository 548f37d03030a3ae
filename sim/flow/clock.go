package flow

import "time"

// doer is what an event does when its time has come.
type doer interface{ do() }

// call makes a function an event's doing.
type call func()

func (c call) do() { c() }

// event is one pending thing. It may be used again once it has happened or was dropped.
type event struct {
	doing doer
	home  int32 // which list of the clock it is in
	index int32 // and where
}

// Homes of an event that are not slots.
const (
	nowhere int32 = -1 - iota
	inSoon
	inLater
)

func newEvent(d doer) event { return event{doing: d, home: nowhere} }

// clock is the run's time: what is going to happen, and in which order.
//
// Most of what is set is due within seconds, and much of it is dropped before. So it goes into slots of a millisecond, unsorted: to
// put in and take out costs the same however many there are. Only the slot that time is in is sorted, as a heap small enough
// for the processor's cache; a single heap of a hundred thousand viewers' events is not, and was half of a run's cost. What is due
// later than the slots reach waits in a heap of its own.
type clock struct {
	now   time.Duration
	order uint64
	at    int64 // the slot that time is in
	soon  heap  // that slot's events
	slots [slotCount][]entry
	held  int // events in slots
	later heap
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
		list := &c.slots[slot%slotCount]
		ev.home, ev.index = int32(slot%slotCount), int32(len(*list))
		*list = append(*list, e)
		c.held++
	default:
		c.later.push(e, inLater)
	}
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
	case inSoon:
		c.soon.remove(int(ev.index))
	case inLater:
		c.later.remove(int(ev.index))
	default:
		list := &c.slots[ev.home]
		last := len(*list) - 1
		(*list)[ev.index] = (*list)[last]
		(*list)[ev.index].ev.index = ev.index
		(*list)[last] = entry{}
		*list = (*list)[:last]
		c.held--
	}
	ev.home = nowhere
	return true
}

// next takes the first event out and moves time to it. nil: nothing happens up to the limit, to which time then moves.
func (c *clock) next(limit time.Duration) *event {
	for len(c.soon) == 0 && c.at < slotOf(limit) {
		c.enter(slotOf(limit))
	}
	if len(c.soon) == 0 || c.soon[0].at > limit {
		c.now = max(c.now, limit)
		return nil
	}
	first := c.soon[0]
	c.soon.remove(0)
	first.ev.home = nowhere
	c.now = first.at
	return first.ev
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
	c.held -= len(*list)
	for _, e := range *list {
		c.soon.push(e, inSoon)
	}
	clear(*list)
	*list = (*list)[:0]
	for len(c.later) > 0 && slotOf(c.later[0].at) <= c.at {
		e := c.later[0]
		c.later.remove(0)
		c.soon.push(e, inSoon)
	}
}
