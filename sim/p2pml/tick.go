package p2pml

import (
	"cmp"
	"maps"
	"slices"

	"swarmlab/sim/webtorrent"
)

// ticks are what the core does on the next tick of a timer, which comes at the same time but in a turn of its own: the library's
// connections (simple-peer) close so, to let events of the present turn be told.
type ticks struct {
	env     Env
	pending []*tick
}

type tick struct {
	f     func()
	timer webtorrent.Timer
}

// after puts f off to the next tick.
func (t *ticks) after(f func()) {
	k := &tick{f: f}
	t.pending = append(t.pending, k)
	k.timer = t.env.After(0, func() {
		if i := slices.Index(t.pending, k); i >= 0 {
			t.pending = slices.Delete(t.pending, i, i+1)
			f()
		}
	})
}

// openConns are the connections that are not closed yet.
type openConns struct {
	byOrder map[*candidate]struct{}
	last    uint64
}

func (o *openConns) add(c *candidate) {
	if o.byOrder == nil {
		o.byOrder = make(map[*candidate]struct{})
	}
	o.last++
	c.order = o.last
	o.byOrder[c] = struct{}{}
}

func (o *openConns) remove(c *candidate) { delete(o.byOrder, c) }

// close closes them all: those that the library leaves open end with the page.
func (o *openConns) close() {
	left := slices.SortedFunc(maps.Keys(o.byOrder), func(a, b *candidate) int { return cmp.Compare(a.order, b.order) })
	for _, c := range left {
		c.close()
	}
}

// finish does at once what is still to be done: whoever leaves has no further tick.
func (t *ticks) finish() {
	for len(t.pending) > 0 {
		k := t.pending[0]
		t.pending = t.pending[1:]
		k.timer.Stop()
		k.f()
	}
}
