package flow

import "time"

// doer is what an event does when its time has come.
type doer interface{ do() }

// call makes a function an event's doing.
type call func()

func (c call) do() { c() }

// event is one pending thing. It may be used again once it has happened or was dropped.
type event struct {
	at    time.Duration
	order uint64 // events of one instant happen in the order they were made
	doing doer
	index int // in the heap; -1: not in it
}

// clock is the run's time: the heap of what is going to happen. It is a heap of four children a node, which is shallower and so
// kinder to the processor's cache than one of two.
type clock struct {
	now   time.Duration
	order uint64
	heap  []entry
}

// entry has an event's key beside it, so that comparing does not look into the event.
type entry struct {
	at    time.Duration
	order uint64
	ev    *event
}

func (e *entry) before(o *entry) bool {
	return e.at < o.at || e.at == o.at && e.order < o.order
}

// set has an event happen at a time, not before now. A pending one is moved.
func (c *clock) set(ev *event, at time.Duration) {
	c.drop(ev)
	c.order++
	ev.at, ev.order = max(at, c.now), c.order
	c.heap = append(c.heap, entry{ev.at, ev.order, ev})
	c.up(len(c.heap) - 1)
}

// after makes an event.
func (c *clock) after(d time.Duration, doing doer) *event {
	ev := &event{doing: doing, index: -1}
	c.set(ev, c.now+max(d, 0))
	return ev
}

// drop takes a pending event out, and reports whether it was pending.
func (c *clock) drop(ev *event) bool {
	i := ev.index
	if i < 0 {
		return false
	}
	last := len(c.heap) - 1
	moved := c.heap[last]
	c.heap[last] = entry{}
	c.heap = c.heap[:last]
	ev.index = -1
	if i < last {
		c.heap[i] = moved
		moved.ev.index = i
		if !c.up(i) {
			c.down(i)
		}
	}
	return true
}

// next takes the first event out and moves time to it. nil: nothing will ever happen again, or not before the limit, to which
// time then moves.
func (c *clock) next(limit time.Duration) *event {
	if len(c.heap) == 0 || c.heap[0].at > limit {
		c.now = max(c.now, limit)
		return nil
	}
	ev := c.heap[0].ev
	c.drop(ev)
	c.now = ev.at
	return ev
}

// up moves an entry towards the root, and reports whether it moved.
func (c *clock) up(i int) bool {
	e, start := c.heap[i], i
	for i > 0 {
		parent := (i - 1) / 4
		if !e.before(&c.heap[parent]) {
			break
		}
		c.heap[i] = c.heap[parent]
		c.heap[i].ev.index = i
		i = parent
	}
	c.heap[i] = e
	e.ev.index = i
	return i != start
}

func (c *clock) down(i int) {
	e := c.heap[i]
	for {
		first := 4*i + 1
		if first >= len(c.heap) {
			break
		}
		best := first
		for j := first + 1; j < min(first+4, len(c.heap)); j++ {
			if c.heap[j].before(&c.heap[best]) {
				best = j
			}
		}
		if !c.heap[best].before(&e) {
			break
		}
		c.heap[i] = c.heap[best]
		c.heap[i].ev.index = i
		i = best
	}
	c.heap[i] = e
	e.ev.index = i
}
