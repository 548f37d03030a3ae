package webtorrent

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gobwas/ws"
	"golang.org/x/sys/unix"
)

// poller serves the connections of a Handler that are sockets of this machine, all from one goroutine over epoll.
//
// Why, when net/http and a goroutine each way are so much less code: a tracker's work is small messages to many connections, ten
// out for one in, and there the wake-up of a writer for each costs more than the message. Here whatever the messages of one round
// of epoll say to a connection leaves with one write. And a connection that is idle costs a few hundred bytes, not two stacks and
// four buffers.
type poller struct {
	handler     *Handler
	epoll, wake int

	// The loop's own.
	buffer  []byte                     // all connections are read into it
	conns   map[int32]*polled          // by descriptor
	watched map[*polled]struct{}       // those with a deadline
	swept   time.Time                  // when deadlines were looked at
	events  [maxEvents]unix.EpollEvent // of one round
	flushed []*polled                  // scratch

	mu      sync.Mutex
	joining []newcomer
	dirty   []*polled // something is to be written, or the connection is to end
	batch   int       // bytes queued since the last flush
	waiting int       // bytes in all connections' queues
	spare   [][]byte  // buffers between two writes
	asleep  bool      // the loop waits, and must be woken
	ending  bool
	ended   chan struct{}
}

// newcomer is a connection whose handshake is done.
type newcomer struct {
	*polled
	fd    int
	early []byte // what it said before it heard that it may
}

const (
	maxEvents = 256
	// maxBatch is how much may be queued in one round before it is written.
	maxBatch = 256 << 10
	// maxSpare buffers of up to maxSpareBytes are kept: those of one round.
	maxSpare      = 1024
	maxSpareBytes = 16 << 10
	reading       = unix.EPOLLIN | unix.EPOLLRDHUP
	// sweepEvery is how exactly deadlines are kept.
	sweepEvery = 100 * time.Millisecond
	// lingering is how long a client has to hear why its connection ends: closing a socket at once that has bytes unread makes the
	// kernel take back what was sent last.
	lingering = time.Second
	// goingAway is how long clients have to answer when the tracker closes.
	goingAway = 2 * time.Second
)

func newPoller(h *Handler) (*poller, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err == nil {
		err = unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, wake, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(wake)})
	}
	if err != nil {
		_ = unix.Close(epoll)
		return nil, fmt.Errorf("an eventfd for epoll: %w", err)
	}
	p := &poller{
		handler: h, epoll: epoll, wake: wake,
		buffer: make([]byte, DefaultReadLimit), conns: make(map[int32]*polled), watched: make(map[*polled]struct{}),
		ended: make(chan struct{}),
	}
	go p.run()
	return p, nil
}

// accept takes a request's connection over. The poller is the one who ends it, and calls ended then.
func (p *poller) accept(w http.ResponseWriter, r *http.Request, c *polled) error {
	conn, buffered, _, err := ws.HTTPUpgrader{}.Upgrade(r, w)
	if conn == nil {
		return err
	}
	defer func() { _ = conn.Close() }() // ours is a second descriptor of the same socket
	if err != nil {
		return err // Upgrade has answered
	}
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return fmt.Errorf("the event loop serves TCP sockets, and this is a %T; leave HandlerConfig.EventLoop out", conn)
	}
	fd, err := duplicate(tcp)
	if err != nil {
		return err
	}
	early := make([]byte, buffered.Reader.Buffered())
	_, _ = buffered.Reader.Read(early) // from memory, all of it
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ending {
		_ = unix.Close(fd)
		return net.ErrClosed
	}
	p.joining = append(p.joining, newcomer{c, fd, early})
	p.nudge()
	return nil
}

// duplicate gives a socket a descriptor of which the Go runtime does not know, so that only our epoll waits for it.
func duplicate(conn *net.TCPConn) (fd int, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	if e := raw.Control(func(old uintptr) { fd, err = unix.FcntlInt(old, unix.F_DUPFD_CLOEXEC, 0) }); e != nil {
		return 0, e
	}
	return fd, err
}

// nudge wakes the loop. The caller holds the mutex; an eventfd never blocks.
func (p *poller) nudge() {
	if p.asleep {
		p.asleep = false
		_, _ = unix.Write(p.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	}
}

// stop ends the loop and closes what is open. Nothing is accepted any more.
func (p *poller) stop() {
	p.mu.Lock()
	p.ending = true
	p.nudge()
	p.mu.Unlock()
	<-p.ended
}

func (p *poller) run() {
	defer close(p.ended)
	for {
		p.flush()
		joining, timeout, ending := p.rest()
		for _, c := range joining {
			p.add(c)
		}
		if ending {
			p.end()
			return
		}
		if len(joining) > 0 {
			continue // what they said early may have been answered
		}
		n, err := unix.EpollWait(p.epoll, p.events[:], timeout)
		p.mu.Lock()
		p.asleep = false
		p.mu.Unlock()
		if err != nil && err != unix.EINTR {
			panic(fmt.Sprintf("epoll_wait: %v", err)) // only a descriptor that is not ours could do that
		}
		for _, e := range p.events[:max(n, 0)] {
			p.handle(e)
		}
		p.sweep()
	}
}

// rest says who has come, and how long, in ms, the loop may sleep; from then on others must nudge it.
func (p *poller) rest() (joining []newcomer, timeout int, ending bool) {
	timeout = -1
	if len(p.watched) > 0 || p.handler.cfg.IdleTimeout > 0 {
		timeout = int(sweepEvery.Milliseconds())
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	joining, p.joining = p.joining, nil
	if len(p.dirty) > 0 {
		timeout = 0
	}
	p.asleep = true
	return joining, timeout, p.ending
}

func (p *poller) add(n newcomer) {
	c := n.polled
	c.fd = n.fd
	p.conns[int32(c.fd)] = c
	err := unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, c.fd, &unix.EpollEvent{Events: reading, Fd: int32(c.fd)})
	if err != nil {
		p.drop(c)
		return
	}
	c.heard = time.Now()
	if len(n.early) > 0 {
		p.take(c, n.early)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.leaving { // it was asked to before it was here
		c.mark()
	}
}

func (p *poller) handle(e unix.EpollEvent) {
	if int(e.Fd) == p.wake {
		var count [8]byte
		_, _ = unix.Read(p.wake, count[:])
		return
	}
	c := p.conns[e.Fd]
	if c == nil {
		return // ended by an earlier event of this round
	}
	if e.Events&unix.EPOLLOUT != 0 {
		p.write(c)
	}
	if e.Events&^unix.EPOLLOUT != 0 && !c.over {
		p.read(c)
	}
	p.mu.Lock()
	full := p.batch >= maxBatch
	p.mu.Unlock()
	if full {
		p.flush()
	}
}

// sweep ends the connections whose time is up.
func (p *poller) sweep() {
	idle := p.handler.cfg.IdleTimeout
	if len(p.watched) == 0 && idle <= 0 {
		return
	}
	now := time.Now()
	if now.Sub(p.swept) < sweepEvery {
		return
	}
	p.swept = now
	for c := range p.watched {
		if now.After(c.deadline) {
			p.giveUp(c)
		}
	}
	if idle > 0 {
		for _, c := range p.conns {
			if now.Sub(c.heard) > idle {
				p.drop(c)
			}
		}
	}
}

// end closes everything. By then every connection has been asked to leave.
func (p *poller) end() {
	for _, c := range p.conns {
		p.drop(c)
	}
	_ = unix.Close(p.wake)
	_ = unix.Close(p.epoll)
}
