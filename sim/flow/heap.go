package flow

import (
	"cmp"
	"time"
)

// entry is a pending event and when it is due.
type entry struct {
	at    time.Duration
	order uint64
	ev    *event
}

func (e entry) compare(o entry) int {
	return cmp.Or(cmp.Compare(e.at, o.at), cmp.Compare(e.order, o.order))
}

func (e *entry) before(o *entry) bool {
	return e.at < o.at || e.at == o.at && e.order < o.order
}

// heap has the earliest entry first. It has four children a node, which is shallower and so kinder to the processor's cache than
// two. container/heap would call through an interface for every comparison.
type heap []entry

func (h *heap) push(e entry, home int32) {
	e.ev.home = home
	*h = append(*h, e)
	h.up(len(*h) - 1)
}

func (h *heap) remove(i int) {
	old := *h
	last := len(old) - 1
	moved := old[last]
	old[last] = entry{}
	*h = old[:last]
	if i < last {
		(*h)[i] = moved
		moved.ev.index = int32(i)
		if !h.up(i) {
			h.down(i)
		}
	}
}

// up moves an entry towards the root, and reports whether it moved.
func (h heap) up(i int) bool {
	e, start := h[i], i
	for i > 0 {
		parent := (i - 1) / 4
		if !e.before(&h[parent]) {
			break
		}
		h[i] = h[parent]
		h[i].ev.index = int32(i)
		i = parent
	}
	h[i] = e
	e.ev.index = int32(i)
	return i != start
}

func (h heap) down(i int) {
	e := h[i]
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
		h[i].ev.index = int32(i)
		i = best
	}
	h[i] = e
	e.ev.index = int32(i)
}
