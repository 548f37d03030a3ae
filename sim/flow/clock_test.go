package flow

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestClockOrder sets, moves and drops events at random and wants what is left to happen by time, and within an instant in the
// order in which it was set.
func TestClockOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var c clock
	type due struct {
		at    time.Duration
		order int
		ev    *event
	}
	pending := map[*event]due{}
	var happened []due
	set := 0
	put := func(ev *event) {
		// Instants coincide; some lie in this slot, some beyond all slots.
		spread := []time.Duration{10, time.Millisecond, time.Second, time.Minute}[rng.IntN(4)]
		at := c.now + time.Duration(rng.IntN(5))*spread/5
		set++
		c.set(ev, at)
		pending[ev] = due{at, set, ev}
	}
	for limit := time.Duration(0); limit < 5*time.Minute; limit += time.Duration(rng.Int64N(int64(3 * time.Second))) {
		for range 200 {
			ev := newEvent(call(func() {}))
			put(&ev)
		}
		var all []due
		for _, d := range pending {
			all = append(all, d)
		}
		slices.SortFunc(all, func(a, b due) int { return cmp.Compare(a.order, b.order) })
		for _, d := range all {
			switch rng.IntN(20) {
			case 0:
				put(d.ev)
			case 1:
				if !c.drop(d.ev) {
					t.Fatal("a pending event was not there")
				}
				delete(pending, d.ev)
			}
		}
		for ev := c.next(limit); ev != nil; ev = c.next(limit) {
			d, ok := pending[ev]
			if !ok || d.at != c.now || d.at > limit {
				t.Fatalf("at %v, limit %v: an event that was set for %v (pending: %v)", c.now, limit, d.at, ok)
			}
			if c.drop(ev) {
				t.Fatal("what has happened was still pending")
			}
			delete(pending, ev)
			happened = append(happened, d)
		}
		for _, d := range pending {
			if d.at <= limit {
				t.Fatalf("set for %v, and at %v nothing has happened", d.at, limit)
			}
		}
		if c.now != limit && limit > 0 {
			t.Fatalf("time is %v, want %v", c.now, limit)
		}
	}
	if !slices.IsSortedFunc(happened, func(a, b due) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.order, b.order)) }) {
		t.Error("events happened out of order")
	}
	if len(happened) < 10000 {
		t.Errorf("only %d events happened", len(happened))
	}
}
