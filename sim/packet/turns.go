package packet

import (
	"container/heap"
	"sync"
	"time"
)

// turns is the one goroutine on which a viewer lives: every event of its world becomes a turn, a function that runs to its end
// before the next one begins. It owns the viewer's timers, so that a swarm of hundreds has one runtime timer a viewer and not
// one goroutine for each that fires.
type turns struct {
	start time.Time // the run's beginning

	mu     sync.Mutex
	inbox  []func()
	closed bool
	wake   chan struct{} // holds one token when the inbox may have something

	// Only touched on the turn:
	deferred []func() // microtasks of the current turn
	timers   timerHeap
	order    uint64
}

func newTurns(start time.Time) *turns {
	return &turns{start: start, wake: make(chan struct{}, 1)}
}

// post queues a turn from any goroutine. After the end it does nothing and reports false. What was queued before the end and
// not taken is dropped.
func (t *turns) post(f func()) bool {
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return false
	}
	t.inbox = append(t.inbox, f)
	t.mu.Unlock()
	select {
	case t.wake <- struct{}{}:
	default: // a token is there already
	}
	return true
}

// run takes turns until a turn calls stop. What is posted later, and timers that are still armed, never run.
func (t *turns) run() {
	clock := time.NewTimer(time.Hour)
	defer clock.Stop()
	for {
		for _, f := range t.take() {
			t.turn(f)
		}
		if t.stopped() {
			return
		}
		next, any := t.fireDue()
		if !any {
			next = time.Hour
		}
		clock.Reset(next)
		select {
		case <-t.wake:
		case <-clock.C:
		}
	}
}

func (t *turns) take() []func() {
	t.mu.Lock()
	defer t.mu.Unlock()
	batch := t.inbox
	t.inbox = nil
	return batch
}

// turn runs f and then the microtasks it deferred, as a JavaScript engine does.
func (t *turns) turn(f func()) {
	if t.stopped() {
		return
	}
	f()
	for i := 0; i < len(t.deferred); i++ { // microtasks may defer more
		t.deferred[i]()
	}
	clear(t.deferred)
	t.deferred = t.deferred[:0]
}

// fireDue runs the timers that are due, and says how long until the next one.
func (t *turns) fireDue() (next time.Duration, any bool) {
	for len(t.timers) > 0 {
		first := t.timers[0]
		if wait := first.at - t.now(); wait > 0 {
			return wait, true
		}
		heap.Pop(&t.timers)
		t.turn(first.f)
	}
	return 0, false
}

// stop ends run after the current turn. It is called on the turn.
func (t *turns) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	t.inbox = nil
}

func (t *turns) stopped() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.closed
}

func (t *turns) now() time.Duration { return time.Since(t.start) }

// after arms a timer. It is called on the turn.
func (t *turns) after(d time.Duration, f func()) *timer {
	t.order++
	tm := &timer{owner: t, at: t.now() + max(d, 0), order: t.order, f: f}
	heap.Push(&t.timers, tm)
	return tm
}

// timer is one pending call. index is its place in the heap, -1 when it is not in it.
type timer struct {
	owner *turns
	at    time.Duration
	order uint64 // timers due at the same instant fire in the order they were armed
	f     func()
	index int
}

// Stop reports whether it prevented the call. It is called on the turn.
func (tm *timer) Stop() bool {
	if tm.index < 0 {
		return false
	}
	heap.Remove(&tm.owner.timers, tm.index)
	return true
}

type timerHeap []*timer

func (h timerHeap) Len() int { return len(h) }
func (h timerHeap) Less(i, j int) bool {
	if h[i].at != h[j].at {
		return h[i].at < h[j].at
	}
	return h[i].order < h[j].order
}
func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *timerHeap) Push(x any) {
	tm := x.(*timer)
	tm.index = len(*h)
	*h = append(*h, tm)
}
func (h *timerHeap) Pop() any {
	old := *h
	tm := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	tm.index = -1
	return tm
}
