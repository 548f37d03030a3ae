package webtorrent

import (
	"errors"
	"time"

	"github.com/gobwas/ws"
	"golang.org/x/sys/unix"
)

// polled is one connection of a poller. What is not marked belongs to the loop.
type polled struct {
	poller *poller
	id     ConnID
	fd     int // -1 before the loop has it

	frames   frames
	writing  []byte // left the queue; the kernel has taken written bytes of it
	written  int
	heard    time.Time // when the client last said something
	deadline time.Time // if watched
	deaf     bool      // it has been told why it ends; what it says is thrown away
	over     bool      // its descriptor is closed

	// Under poller.mu.
	queue      []byte
	messages   int // in queue
	waiting    int // bytes in queue and in writing
	isDirty    bool
	stalled    bool // the kernel takes no more
	overflowed bool // by its own fault: it did not read
	kicked     bool
	leaving    bool
	forgotten  bool // the handler does not know it any more
}

func newPolled(p *poller, id ConnID) *polled {
	return &polled{poller: p, id: id, fd: -1, frames: frames{limit: int(p.handler.cfg.ReadLimit)}}
}

// enqueue takes a message for the connection. It never blocks: too much that waits ends the connection, but only one that the
// kernel takes nothing for; what one round of the loop says is written before it counts.
func (c *polled) enqueue(_ time.Duration, text []byte) {
	p := c.poller
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.overflowed || c.forgotten {
		return
	}
	cfg := &p.handler.cfg
	limit := cfg.QueueBytes
	if !c.stalled {
		limit += 4 * maxBatch
	}
	full := c.messages >= cfg.QueueMessages || p.waiting > cfg.TotalQueueBytes
	if c.waiting+len(text) > limit || c.stalled && full {
		c.overflowed = true
		c.queue = nil
	} else {
		c.put(ws.OpText, text)
	}
	c.mark()
}

// put appends a frame to the queue, mark has the loop look at the connection; both under poller.mu.
func (c *polled) put(op ws.OpCode, payload []byte) {
	p := c.poller
	if last := len(p.spare) - 1; c.queue == nil && last >= 0 {
		c.queue, p.spare = p.spare[last], p.spare[:last]
	}
	before := len(c.queue)
	c.queue = appendFrame(c.queue, op, payload)
	n := len(c.queue) - before
	c.waiting += n
	p.waiting += n
	p.batch += n
	c.messages++
}

func (c *polled) mark() {
	if !c.isDirty {
		c.isDirty = true
		c.poller.dirty = append(c.poller.dirty, c)
	}
	c.poller.nudge()
}

// goAway asks the client to leave.
func (c *polled) goAway() {
	c.poller.mu.Lock()
	defer c.poller.mu.Unlock()
	if !c.leaving && !c.forgotten {
		c.leaving = true
		c.put(ws.OpClose, ws.NewCloseFrameBody(ws.StatusGoingAway, "the tracker is closing"))
		c.mark()
	}
}

func (c *polled) kick() {
	c.poller.mu.Lock()
	defer c.poller.mu.Unlock()
	c.kicked = true
	c.mark()
}

// frameMessage implements frameHandler.
func (c *polled) frameMessage(payload []byte) { c.poller.handler.receive(c.id, payload) }

// framePing implements frameHandler. Pongs wait in the same bounded queue: who floods and does not read is a slow reader.
func (c *polled) framePing(payload []byte) {
	p := c.poller
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.waiting+len(payload) > p.handler.cfg.QueueBytes {
		c.overflowed = true
	} else if !c.forgotten {
		c.put(ws.OpPong, payload)
	}
	c.mark()
}

// read takes what there is of a connection, up to one buffer: the others want their turn too.
func (p *poller) read(c *polled) {
	n, err := rawRead(c.fd, p.buffer)
	switch {
	case n > 0 && !c.deaf:
		p.take(c, p.buffer[:n])
	case n > 0, errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
	default:
		p.drop(c)
	}
}

func (p *poller) take(c *polled, b []byte) {
	if p.handler.cfg.IdleTimeout > 0 {
		c.heard = time.Now()
	}
	err := c.frames.feed(b, c)
	switch {
	case err == nil:
	case errors.Is(err, errFrameClose):
		p.dismiss(c, ws.StatusNormalClosure, "")
	case errors.Is(err, errFrameTooLong):
		p.dismiss(c, ws.StatusMessageTooBig, err.Error())
	default:
		p.dismiss(c, ws.StatusProtocolError, err.Error())
	}
}

// dismiss tells the client why its connection ends, and leaves it a moment to hear it.
func (p *poller) dismiss(c *polled, code ws.StatusCode, why string) {
	p.mu.Lock()
	if !c.leaving { // or it answers our closing frame
		c.put(ws.OpClose, ws.NewCloseFrameBody(code, why))
	}
	p.mu.Unlock()
	p.write(c)
	if c.over {
		return
	}
	p.forget(c)
	c.deaf, c.frames = true, frames{}
	if unix.Shutdown(c.fd, unix.SHUT_WR) != nil {
		p.drop(c)
		return
	}
	p.watch(c, lingering)
}

// flush writes what all connections have waiting.
func (p *poller) flush() {
	p.mu.Lock()
	p.flushed, p.dirty = p.dirty, p.flushed[:0]
	p.batch = 0
	p.mu.Unlock()
	for i, c := range p.flushed {
		p.flushed[i] = nil
		p.mu.Lock()
		c.isDirty = false
		ends, leaving, stalled := c.overflowed || c.kicked, c.leaving, c.stalled
		p.mu.Unlock()
		if c.over || c.fd < 0 {
			continue
		}
		if ends {
			p.drop(c)
			continue
		}
		if !stalled { // or EPOLLOUT will tell
			p.write(c)
		}
		if leaving {
			p.watch(c, goingAway)
		}
	}
}

// write hands over as much as the kernel takes. What it does not take waits for EPOLLOUT, and not for ever.
func (p *poller) write(c *polled) {
	if !p.refill(c) {
		return
	}
	n, err := rawWrite(c.fd, c.writing[c.written:])
	if err != nil && !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR) {
		p.drop(c)
		return
	}
	before, after := p.account(c, n)
	switch {
	case after && !before:
		p.listen(c, reading|unix.EPOLLOUT)
		p.watch(c, p.handler.cfg.WriteTimeout)
	case after && n > 0:
		p.watch(c, p.handler.cfg.WriteTimeout) // it reads, if slowly
	case before && !after:
		p.listen(c, reading)
		if !c.deaf {
			delete(p.watched, c)
		}
	}
}

// refill takes the queue over for writing, if all before has been written. False: there is nothing to write.
func (p *poller) refill(c *polled) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(c.writing) == 0 {
		c.writing, c.queue, c.messages = c.queue, nil, 0
	}
	return len(c.writing) > 0
}

// account notes what the kernel took, and returns whether the connection was stalled before and is now. One that was is until
// its queue is empty too: one way to wait is enough.
func (p *poller) account(c *polled, n int) (before, after bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before = c.stalled
	if !c.forgotten {
		c.waiting -= n
		p.waiting -= n
	}
	c.written += n
	if c.written == len(c.writing) {
		if cap(c.writing) <= maxSpareBytes && len(p.spare) < maxSpare {
			p.spare = append(p.spare, c.writing[:0])
		}
		c.writing, c.written = nil, 0
	}
	c.stalled = c.writing != nil || before && c.queue != nil
	return before, c.stalled
}

func (p *poller) listen(c *polled, events uint32) {
	if err := unix.EpollCtl(p.epoll, unix.EPOLL_CTL_MOD, c.fd, &unix.EpollEvent{Events: events, Fd: int32(c.fd)}); err != nil {
		p.drop(c)
	}
}

func (p *poller) watch(c *polled, d time.Duration) {
	if c.over {
		return
	}
	c.deadline = time.Now().Add(d)
	p.watched[c] = struct{}{}
}

// giveUp ends a connection whose time is up.
func (p *poller) giveUp(c *polled) {
	p.mu.Lock()
	c.overflowed = c.overflowed || c.stalled && !c.leaving
	p.mu.Unlock()
	p.drop(c)
}

// forget tells the handler that the connection is gone, once.
func (p *poller) forget(c *polled) {
	p.mu.Lock()
	overflowed, done := c.overflowed, c.forgotten
	p.waiting -= c.waiting
	c.forgotten, c.queue, c.waiting = true, nil, 0
	p.mu.Unlock()
	if !done {
		p.handler.forget(c.id, overflowed)
	}
}

// drop closes a connection.
func (p *poller) drop(c *polled) {
	if c.over {
		return
	}
	c.over = true
	p.forget(c)
	delete(p.watched, c)
	delete(p.conns, int32(c.fd))
	_ = unix.Close(c.fd)
	c.writing, c.frames = nil, frames{}
	p.handler.running.Done()
}
