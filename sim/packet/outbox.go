package packet

import (
	"sync"

	"swarmlab/sim/webtorrent"
)

// outbox is a data channel's send buffer as a browser shows it: bufferedAmount counts the messages handed over whose bytes
// have not all left for the network yet.
//
// Pion's own BufferedAmount also counts what is in flight and not acknowledged, which would limit every connection to 64 KiB a
// round trip; Chromium's counts what is not yet sent. So Pion is told to block a write until the message before it has left
// (EnableDataChannelBlockWrite), and the outbox counts by whole messages: a message counts until the write after it returns,
// and one that nothing follows counts for at most the threshold, since nothing would tell that it left.
type outbox struct {
	low func() // the buffered amount fell to the threshold

	mu      sync.Mutex
	cond    sync.Cond
	queue   [][]byte
	queued  int // bytes in queue
	writing int // bytes of the message in the writer's hands
	leaving int // bytes of the message that the stack may still hold, at most the threshold
	closed  bool
}

func newOutbox(low func()) *outbox {
	o := &outbox{low: low}
	o.cond.L = &o.mu
	return o
}

func (o *outbox) push(m []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	o.queue = append(o.queue, m)
	o.queued += len(m)
	o.cond.Signal()
}

// next says that the message it gave before has been taken by the stack, and waits for one more. ok is false at the end.
func (o *outbox) next() (m []byte, ok bool) {
	o.mu.Lock()
	before := o.amount()
	o.leaving, o.writing = min(o.writing, webtorrent.BufferedAmountLowThreshold), 0
	fell := before > webtorrent.BufferedAmountLowThreshold && o.amount() <= webtorrent.BufferedAmountLowThreshold
	if fell {
		o.mu.Unlock() // no lock is held over a callback
		o.low()
		o.mu.Lock()
	}
	defer o.mu.Unlock()
	for len(o.queue) == 0 && !o.closed {
		o.cond.Wait()
	}
	if o.closed {
		return nil, false
	}
	m = o.queue[0]
	o.queue[0] = nil
	o.queue = o.queue[1:]
	o.queued -= len(m)
	o.writing = len(m)
	return m, true
}

func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.queue, o.queued = nil, 0
	o.cond.Broadcast()
}

func (o *outbox) buffered() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.amount()
}

// amount is called with the lock held.
func (o *outbox) amount() int { return o.queued + o.writing + o.leaving }
