package socket

import (
	"errors"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

type connState uint8

const (
	stateFree connState = iota
	stateConnecting
	stateHandshake // the request has been sent
	stateOpen
)

// conn is one connection. What is nil in an idle one takes no memory.
type conn struct {
	fd         int32
	generation uint32 // of the slot: events of an earlier connection are void
	state      connState
	writing    bool   // waits for room in the socket
	in         []byte // the beginning of a frame, or of the handshake's response
	pieces     *pieces
	out        []byte // what the socket did not take
}

// connect begins. The socket's first word is that it can be written to: then it is connected, or has failed.
func (l *Loop) connect(c *conn, slot int) error {
	family := unix.AF_INET6
	if l.target.addr.Addr().Is4() {
		family = unix.AF_INET
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		if errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE) {
			l.stats.OutOfDescriptors++
		}
		return err
	}
	c.fd, c.state = int32(fd), stateConnecting // descriptors are small
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return err
	}
	l.stamps.enable(fd)
	if from := l.target.source(slot); from.IsValid() {
		// The port is chosen when the target is known, so that each target has all of them.
		_ = unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
		if err := unix.Bind(fd, address(netip.AddrPortFrom(from, 0))); err != nil {
			return err
		}
	}
	if err := unix.Connect(fd, address(l.target.addr)); err != nil && !errors.Is(err, unix.EINPROGRESS) {
		return err
	}
	return l.watch(unix.EPOLL_CTL_ADD, c, slot, unix.EPOLLOUT)
}

func address(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Addr: a.Addr().As4(), Port: int(a.Port())}
	}
	return &unix.SockaddrInet6{Addr: a.Addr().As16(), Port: int(a.Port())}
}

func (l *Loop) watch(how int, c *conn, slot int, events uint32) error {
	// Fd and Pad are the kernel's 64 bits for us: it gives them back.
	return unix.EpollCtl(l.epoll, how, int(c.fd), &unix.EpollEvent{Events: events, Fd: int32(slot), Pad: int32(c.generation)})
}

// happened is told what the kernel says of a connection.
func (l *Loop) happened(c *conn, slot int, events uint32) {
	if c.state == stateConnecting {
		l.connected(c, slot)
		return
	}
	if events&unix.EPOLLOUT != 0 && !l.flush(c, slot) {
		return
	}
	if events&(unix.EPOLLIN|unix.EPOLLHUP|unix.EPOLLERR|unix.EPOLLRDHUP) != 0 {
		l.read(c, slot)
	}
}

// connected sends the handshake.
func (l *Loop) connected(c *conn, slot int) {
	number, err := unix.GetsockoptInt(int(c.fd), unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && number != 0 {
		err = unix.Errno(number) // of the kernel's own numbers
	}
	if err == nil {
		c.state = stateHandshake
		err = l.watch(unix.EPOLL_CTL_MOD, c, slot, unix.EPOLLIN)
	}
	if err != nil {
		l.fail(c, slot, reasonOf(err))
		return
	}
	l.write(c, slot, l.target.request(handshakeKey(slot, c.generation)))
}

// read takes what there is, once: if it was not all, the kernel will say so again.
func (l *Loop) read(c *conn, slot int) {
	n, at, err := l.stamps.read(c.fd, l.buffer, l.Now())
	switch {
	case errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR):
		return
	case err != nil:
		l.fail(c, slot, reasonOf(err))
		return
	case n == 0:
		l.fail(c, slot, "closed by the tracker without a word")
		return
	}
	l.stats.BytesReceived += int64(n)
	l.readAt = at
	l.take(c, slot, l.buffer[:n])
}

// take handles bytes of the tracker, and keeps the beginning of what has no end yet.
func (l *Loop) take(c *conn, slot int, data []byte) {
	kept := len(c.in) > 0
	if kept {
		c.in = append(c.in, data...)
		data = c.in
	}
	generation := c.generation
	if c.state == stateHandshake {
		size, err := checkHandshake(data, handshakeKey(slot, generation))
		if err != nil {
			l.fail(c, slot, err.Error())
			return
		}
		if data = data[size:]; size > 0 {
			c.state = stateOpen
			l.events.Opened(slot, l.readAt)
		}
	}
	for c.generation == generation && c.state == stateOpen {
		f, size, err := parseFrame(data)
		if err != nil {
			l.fail(c, slot, protocolBroken(err))
			return
		}
		if size == 0 {
			break
		}
		data = data[size:]
		l.frame(c, slot, f)
	}
	switch {
	case c.generation != generation || c.state == stateFree: // closed by what it said
	case len(data) == 0:
		c.in = nil
	case kept:
		c.in = c.in[:copy(c.in, data)]
	default:
		c.in = append([]byte(nil), data...)
	}
}

func (l *Loop) frame(c *conn, slot int, f frame) {
	switch f.op {
	case opPing:
		l.control(c, slot, opPong, f.payload)
	case opPong:
	case opClose:
		l.control(c, slot, opClose, f.payload[:min(2, len(f.payload))])
		l.fail(c, slot, closeReason(f.payload))
	default:
		l.data(c, slot, f)
	}
}

func (l *Loop) data(c *conn, slot int, f frame) {
	text := f.payload
	if c.pieces != nil || !f.fin || f.op == opContinuation {
		if c.pieces == nil {
			c.pieces = new(pieces)
		}
		var whole bool
		var err error
		if text, whole, err = c.pieces.add(f); err != nil {
			l.fail(c, slot, protocolBroken(err))
			return
		}
		if !whole {
			return
		}
		c.pieces = nil
	}
	l.stats.MessagesReceived++
	l.events.Message(slot, l.readAt, text)
}

// control sends a control frame, if there is room.
func (l *Loop) control(c *conn, slot int, op byte, payload []byte) {
	buf := append(make([]byte, HeaderRoom, HeaderRoom+mostControl), payload...)
	l.write(c, slot, buf[putHeader(buf, op, true, len(payload)):])
}

// write gives the socket what it takes and keeps the rest. It reports false if that would be too much; then nothing is sent.
func (l *Loop) write(c *conn, slot int, b []byte) bool {
	if len(c.out) == 0 {
		n, err := writeSocket(c.fd, b)
		if err != nil && !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR) {
			return false // reading will tell why
		}
		l.stats.BytesSent += int64(n)
		if n == len(b) {
			return true
		}
		l.stats.ShortWrites++
		b = b[n:]
	} else if len(c.out)+len(b) > l.cfg.QueueBytes || l.queued+len(b) > mostQueued {
		l.stats.QueueOverflows++
		return false
	}
	c.out = append(c.out, b...)
	l.queued += len(b)
	if !c.writing {
		c.writing = true
		_ = l.watch(unix.EPOLL_CTL_MOD, c, slot, unix.EPOLLIN|unix.EPOLLOUT) // the set has it, and it is open
	}
	return true
}

// flush goes on with what the socket did not take. It reports false if the connection ended.
func (l *Loop) flush(c *conn, slot int) bool {
	n, err := writeSocket(c.fd, c.out)
	if err != nil && !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR) {
		l.fail(c, slot, reasonOf(err))
		return false
	}
	l.stats.BytesSent += int64(n)
	l.queued -= n
	if c.out = c.out[n:]; len(c.out) > 0 {
		return true
	}
	c.out, c.writing = nil, false
	_ = l.watch(unix.EPOLL_CTL_MOD, c, slot, unix.EPOLLIN) // as above
	return true
}

// writeSocket does without the runtime's bookkeeping for calls that may block: on these sockets it cannot.
func writeSocket(fd int32, b []byte) (int, error) {
	// Not write(2): on a connection that the other side has broken off, that sends this process a SIGPIPE.
	n, _, e := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)),
		unix.MSG_NOSIGNAL, 0, 0)
	if e != 0 {
		return 0, e
	}
	return int(n), nil
}
