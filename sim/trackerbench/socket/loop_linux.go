package socket

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// Loop is plain connections in one epoll set.
type Loop struct {
	cfg    Config
	target target
	events Events
	start  time.Time

	epoll   int
	conns   []*conn // by slot
	dialing []dialing
	queued  int // bytes, of all connections
	stats   Stats

	ready  [128]unix.EpollEvent // few, so that what is due meanwhile does not wait long
	buffer []byte               // everybody's, for reading
	looked time.Duration        // when Wait last asked
	busy   time.Duration        // when it was last told something
	readAt time.Duration        // when what is being taken arrived
	stamps stamper
	poll   poller
}

// dialing is a connection that has to be open by then. They are in order, since all have the same time.
type dialing struct {
	slot       int
	generation uint32
	by         time.Duration
}

const readBytes = 64 << 10

func newPlain(cfg Config, t target, events Events) (Network, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make an epoll set: %w", err)
	}
	start := time.Now()
	return &Loop{
		cfg: cfg, target: t, events: events, start: start,
		epoll: epoll, buffer: make([]byte, readBytes), stamps: stamper{start: start}, poll: poller{epoll: epoll},
	}, nil
}

// Now implements Network.
func (l *Loop) Now() time.Duration { return time.Since(l.start) }

// Stats implements Network.
func (l *Loop) Stats() Stats { return l.stats }

// at is a slot's connection, nil if there never was one.
func (l *Loop) at(slot int) *conn {
	if slot < 0 || slot >= len(l.conns) {
		return nil
	}
	return l.conns[slot]
}

// Dial implements Network.
func (l *Loop) Dial(slot int) {
	for len(l.conns) <= slot {
		l.conns = append(l.conns, nil)
	}
	c := l.conns[slot]
	if c == nil {
		c = &conn{fd: -1}
		l.conns[slot] = c
	}
	if c.state != stateFree {
		return
	}
	c.generation++
	if err := l.connect(c, slot); err != nil {
		l.fail(c, slot, reasonOf(err))
		return
	}
	l.dialing = append(l.dialing, dialing{slot, c.generation, l.Now() + l.cfg.DialTimeout})
}

// Send implements Network.
func (l *Loop) Send(slot int, buf []byte) bool {
	c := l.at(slot)
	if c == nil || c.state != stateOpen {
		return false
	}
	payload := len(buf) - HeaderRoom
	if l.cfg.MaxFrame > 0 && payload > l.cfg.MaxFrame {
		buf = inFrames(buf[HeaderRoom:], l.cfg.MaxFrame)
	} else {
		buf = buf[putHeader(buf, opText, true, payload):]
	}
	if !l.write(c, slot, buf) {
		return false
	}
	l.stats.MessagesSent++
	return true
}

// Finish implements Network.
func (l *Loop) Finish(slot int) {
	if c := l.at(slot); c != nil && c.state == stateOpen {
		_ = unix.Shutdown(int(c.fd), unix.SHUT_WR) // if it is broken already, that will be seen by reading
	}
}

// Close implements Network.
func (l *Loop) Close(slot int) {
	c := l.at(slot)
	if c == nil || c.state == stateFree {
		return
	}
	if c.state == stateOpen {
		l.control(c, slot, opClose, []byte{1000 >> 8, 1000 & 0xff})
	}
	l.release(c)
}

// Reset implements Network.
func (l *Loop) Reset(slot int) {
	c := l.at(slot)
	if c == nil || c.state == stateFree {
		return
	}
	_ = unix.SetsockoptLinger(int(c.fd), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	l.release(c)
}

// release frees the slot, and what its connection holds.
func (l *Loop) release(c *conn) {
	if c.fd >= 0 {
		_ = unix.Close(int(c.fd))
	}
	l.queued -= len(c.out)
	*c = conn{fd: -1, generation: c.generation}
}

// fail ends a connection for a reason that is not ours.
func (l *Loop) fail(c *conn, slot int, reason string) {
	l.release(c)
	l.events.Closed(slot, l.Now(), reason)
}

// Wait implements Network.
func (l *Loop) Wait(until time.Duration) error {
	if len(l.dialing) > 0 {
		l.giveUp()
		if len(l.dialing) > 0 {
			until = min(until, l.dialing[0].by)
		}
	}
	n, err := l.ask(until)
	if err != nil {
		return fmt.Errorf("wait for sockets: %w", err)
	}
	for i := range n {
		e := &l.ready[i]
		slot := int(e.Fd)
		c := l.at(slot)
		if c == nil || c.state == stateFree || c.generation != uint32(e.Pad) {
			continue // closed by an event before this one
		}
		l.happened(c, slot, e.Events)
	}
	return nil
}

// idleAfter is how long nothing must have happened for Wait to be woken by the next thing that does.
const idleAfter = 2 * time.Millisecond

// ask waits and asks the kernel what has happened: not more often than every Config.Gather, because every waking up costs more than
// reading a message. Whatever has to be done at until is not kept waiting by it.
func (l *Loop) ask(until time.Duration) (int, error) {
	l.poll.pin()
	now, turn := l.Now(), l.looked+l.cfg.Gather
	if l.cfg.Gather > 0 {
		turn = turn.Truncate(l.cfg.Gather) // as what the caller has due: one waking up does for both
	}
	if next := min(until, turn); next > now {
		l.poll.sleep(next - now)
		if now = l.Now(); now < turn {
			return 0, nil
		}
	}
	var block time.Duration
	if now-l.busy > idleAfter {
		block = until - now
	}
	n, err := l.poll.wait(l.ready[:], block)
	l.looked = l.Now()
	l.stamps.adjust(l.looked)
	if n > 0 {
		l.busy = l.looked
		l.stats.Wakeups++
	}
	if n == len(l.ready) { // there is more
		l.looked -= l.cfg.Gather
	}
	return n, err
}

// giveUp ends what has been connecting for too long.
func (l *Loop) giveUp() {
	now := l.Now()
	done := 0
	for _, d := range l.dialing {
		c := l.conns[d.slot]
		connecting := c.generation == d.generation && (c.state == stateConnecting || c.state == stateHandshake)
		if connecting && d.by > now {
			break
		}
		done++
		if connecting {
			l.fail(c, d.slot, reasonTimeout)
		}
	}
	l.dialing = l.dialing[done:]
}

// Shutdown implements Network.
func (l *Loop) Shutdown() {
	for _, c := range l.conns {
		if c != nil && c.state != stateFree {
			l.release(c)
		}
	}
	_ = unix.Close(l.epoll)
	l.poll.unpin()
}
