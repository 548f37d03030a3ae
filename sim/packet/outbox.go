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
//
// The writer is a goroutine only while there is something to write. Most connections of a swarm are idle most of the time: with
// peerConn's other goroutines joined to one, an idle connection keeps 34 goroutines instead of 38, and 9 kB of 310 less.
type outbox struct {
	low   func() // the buffered amount fell to the threshold
	start func() // starts a writer's goroutine, which calls next until it says no; it does nothing else

	mu      sync.Mutex
	flowing bool // the channel is open
	running bool // there is a writer
	queue   [][]byte
	queued  int // bytes in queue
	writing int // bytes of the message in the writer's hands
	leaving int // bytes of the message that the stack may still hold, at most the threshold
	closed  bool
}

func newOutbox(low, start func()) *outbox { return &outbox{low: low, start: start} }

// flow lets the messages go, those of the past and of the future.
func (o *outbox) flow() { o.change(func() { o.flowing = true }) }

func (o *outbox) push(m []byte) {
	o.change(func() {
		if !o.closed {
			o.queue = append(o.queue, m)
			o.queued += len(m)
		}
	})
}

// change does f and starts a writer if one is missing then. That happens with the lock held, so that none starts after close.
func (o *outbox) change(f func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f()
	if o.flowing && !o.running && len(o.queue) > 0 {
		o.running = true
		o.start()
	}
}

// next says that the message it gave before has been taken by the stack, and gives one more. When there is none, the writer ends.
func (o *outbox) next() (m []byte, ok bool) {
	o.mu.Lock()
	before := o.amount()
	if o.writing > 0 { // not so for a new writer: what left last may still be on its way
		o.leaving, o.writing = min(o.writing, webtorrent.BufferedAmountLowThreshold), 0
	}
	fell := before > webtorrent.BufferedAmountLowThreshold && o.amount() <= webtorrent.BufferedAmountLowThreshold
	if fell {
		o.mu.Unlock() // no lock is held over a callback
		o.low()
		o.mu.Lock()
	}
	defer o.mu.Unlock()
	if len(o.queue) == 0 {
		o.running = false
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
}

func (o *outbox) buffered() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.amount()
}

// amount is called with the lock held.
func (o *outbox) amount() int { return o.queued + o.writing + o.leaving }
