package netem

import (
	"container/heap"
	"math"
)

// never is later than any instant.
const never = math.MaxInt64

// slot is everything that is due at one tick of the grid.
type slot struct {
	due      int64
	arrivals []*packet // packets that reach their destination's down queue
	hosts    []*Host   // hosts whose down link has packets to hand over
}

// calendar is the event queue: slots by the tick they are due at. On a grid thousands of packets share a slot, so finding
// one is a map look-up and the heap only ever sees ticks.
type calendar struct {
	grid  int64 // 0: exact
	slots map[int64]*slot
	order slotHeap
	spare []*slot
}

func newCalendar(grid int64) *calendar {
	return &calendar{grid: grid, slots: make(map[int64]*slot)}
}

// tick rounds an instant up to the grid.
func (c *calendar) tick(at int64) int64 {
	if c.grid <= 0 {
		return at
	}
	if r := at % c.grid; r != 0 {
		return at + c.grid - r
	}
	return at
}

// at returns the slot for an instant, making it if need be.
func (c *calendar) at(instant int64) *slot {
	due := c.tick(instant)
	if s, ok := c.slots[due]; ok {
		return s
	}
	var s *slot
	if n := len(c.spare); n > 0 {
		s, c.spare = c.spare[n-1], c.spare[:n-1]
	} else {
		s = new(slot)
	}
	s.due = due
	c.slots[due] = s
	heap.Push(&c.order, s)
	return s
}

// next is when the earliest slot is due; never, if there is none.
func (c *calendar) next() int64 {
	if len(c.order) == 0 {
		return never
	}
	return c.order[0].due
}

// pop takes the earliest slot out. Give it back with recycle.
func (c *calendar) pop() *slot {
	s := heap.Pop(&c.order).(*slot)
	delete(c.slots, s.due)
	return s
}

func (c *calendar) recycle(s *slot) {
	clear(s.arrivals)
	clear(s.hosts)
	s.arrivals, s.hosts = s.arrivals[:0], s.hosts[:0]
	if len(c.spare) < 256 {
		c.spare = append(c.spare, s)
	}
}

type slotHeap []*slot

func (h slotHeap) Len() int           { return len(h) }
func (h slotHeap) Less(i, j int) bool { return h[i].due < h[j].due }
func (h slotHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *slotHeap) Push(x any)        { *h = append(*h, x.(*slot)) }

func (h *slotHeap) Pop() any {
	old := *h
	last := len(old) - 1
	s := old[last]
	old[last] = nil
	*h = old[:last]
	return s
}
