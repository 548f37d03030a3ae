package load

import "time"

// Calendar hands out what was put into it in order of time; of what is due at the same time, what was put in first.
//
// It is a heap with four children a node, which is shallower and so kinder to the processor's cache than one with two.
type Calendar[T any] struct {
	entries []dated[T]
	order   uint64
}

type dated[T any] struct {
	at    time.Duration
	order uint64
	what  T
}

func (e *dated[T]) before(o *dated[T]) bool {
	return e.at < o.at || e.at == o.at && e.order < o.order
}

// Len is how many there are.
func (c *Calendar[T]) Len() int { return len(c.entries) }

// Add puts something in.
func (c *Calendar[T]) Add(at time.Duration, what T) {
	c.order++
	e := dated[T]{at, c.order, what}
	c.entries = append(c.entries, e)
	i := len(c.entries) - 1
	for i > 0 {
		parent := (i - 1) / 4
		if !e.before(&c.entries[parent]) {
			break
		}
		c.entries[i] = c.entries[parent]
		i = parent
	}
	c.entries[i] = e
}

// Next is when the earliest is due; ok is false if there is none.
func (c *Calendar[T]) Next() (at time.Duration, ok bool) {
	if len(c.entries) == 0 {
		return 0, false
	}
	return c.entries[0].at, true
}

// Take removes the earliest. There must be one.
func (c *Calendar[T]) Take() (at time.Duration, what T) {
	first := c.entries[0]
	last := len(c.entries) - 1
	e := c.entries[last]
	c.entries[last] = dated[T]{}
	c.entries = c.entries[:last]
	if last > 0 {
		c.sink(e)
	}
	return first.at, first.what
}

// sink finds the place for e, from the root down.
func (c *Calendar[T]) sink(e dated[T]) {
	h, i := c.entries, 0
	for {
		first := 4*i + 1
		if first >= len(h) {
			break
		}
		best := first
		for j := first + 1; j < min(first+4, len(h)); j++ {
			if h[j].before(&h[best]) {
				best = j
			}
		}
		if !h[best].before(&e) {
			break
		}
		h[i] = h[best]
		i = best
	}
	h[i] = e
}
