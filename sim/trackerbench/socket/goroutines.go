package socket

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Goroutines is connections by means of the standard library: for TLS, and where there is no epoll. Each has a goroutine that reads
// and one that writes; what they see goes through a channel to whoever waits.
type Goroutines struct {
	cfg    Config
	target target
	events Events
	start  time.Time

	ctx     context.Context // ends with Shutdown
	cancel  context.CancelFunc
	running sync.WaitGroup

	happened chan happening
	conns    []*link
	stats    Stats
	sent     atomic.Int64
	received atomic.Int64
	queued   atomic.Int64 // bytes, of all connections
}

// happening is one event on its way to the waiting goroutine.
type happening struct {
	link   *link
	at     time.Duration
	kind   byte
	text   []byte
	reason string
}

const (
	happenedOpen = iota
	happenedMessage
	happenedClosed
)

const (
	happeningsQueued = 4096
	writesQueued     = 64
)

func newGoroutines(cfg Config, t target, events Events) *Goroutines {
	g := &Goroutines{cfg: cfg, target: t, events: events, start: time.Now(), happened: make(chan happening, happeningsQueued)}
	g.ctx, g.cancel = context.WithCancel(context.Background())
	return g
}

// Now implements Network.
func (g *Goroutines) Now() time.Duration { return time.Since(g.start) }

// Stats implements Network.
func (g *Goroutines) Stats() Stats {
	s := g.stats
	s.BytesSent, s.BytesReceived = g.sent.Load(), g.received.Load()
	return s
}

func (g *Goroutines) at(slot int) *link {
	if slot < 0 || slot >= len(g.conns) {
		return nil
	}
	return g.conns[slot]
}

// Dial implements Network.
func (g *Goroutines) Dial(slot int) {
	for len(g.conns) <= slot {
		g.conns = append(g.conns, nil)
	}
	if g.conns[slot] != nil {
		return
	}
	k := newLink(g, slot)
	g.conns[slot] = k
	g.running.Go(k.run)
}

// Send implements Network.
func (g *Goroutines) Send(slot int, buf []byte) bool {
	k := g.at(slot)
	if k == nil || !k.open {
		return false
	}
	var whole []byte
	if n := len(buf) - HeaderRoom; g.cfg.MaxFrame > 0 && n > g.cfg.MaxFrame {
		whole = inFrames(buf[HeaderRoom:], g.cfg.MaxFrame)
	} else {
		whole = append(whole, buf[putHeader(buf, opText, true, n):]...)
	}
	if !k.enqueue(whole) {
		g.stats.QueueOverflows++
		return false
	}
	g.stats.MessagesSent++
	return true
}

// Finish implements Network.
func (g *Goroutines) Finish(slot int) {
	if k := g.at(slot); k != nil && k.open {
		k.open = false
		close(k.finish)
	}
}

// Close implements Network.
func (g *Goroutines) Close(slot int) { g.release(slot, false) }

// Reset implements Network.
func (g *Goroutines) Reset(slot int) { g.release(slot, true) }

func (g *Goroutines) release(slot int, reset bool) {
	k := g.at(slot)
	if k == nil {
		return
	}
	g.conns[slot] = nil
	k.reset.Store(reset)
	k.cancel()
}

// Wait implements Network.
func (g *Goroutines) Wait(until time.Duration) error {
	select {
	case h := <-g.happened:
		g.tell(h)
	default:
		if !g.block(until) {
			return nil
		}
	}
	g.stats.Wakeups++
	for range 64 { // few, so that what is due meanwhile does not wait long
		select {
		case h := <-g.happened:
			g.tell(h)
		default:
			return nil
		}
	}
	return nil
}

func (g *Goroutines) block(until time.Duration) bool {
	d := until - g.Now()
	if d <= 0 {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case h := <-g.happened:
		g.tell(h)
		return true
	case <-timer.C:
		return false
	}
}

// tell passes an event on, if its connection is still the slot's.
func (g *Goroutines) tell(h happening) {
	k := h.link
	if g.at(k.slot) != k {
		return
	}
	switch h.kind {
	case happenedOpen:
		k.open = true
		g.events.Opened(k.slot, h.at)
	case happenedMessage:
		g.stats.MessagesReceived++
		g.events.Message(k.slot, h.at, h.text)
	case happenedClosed:
		g.conns[k.slot] = nil
		k.cancel()
		if h.reason == reasonDescriptors {
			g.stats.OutOfDescriptors++
		}
		g.events.Closed(k.slot, h.at, h.reason)
	}
}

// Shutdown implements Network.
func (g *Goroutines) Shutdown() {
	g.cancel()
	g.running.Wait()
}

// report sends an event to the waiting goroutine, or gives up when the connection is not wanted any more.
func (g *Goroutines) report(ctx context.Context, h happening) {
	select {
	case g.happened <- h:
	case <-ctx.Done():
	}
}
