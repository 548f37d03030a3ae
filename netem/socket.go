package netem

import (
	"errors"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/pion/transport/v3"
)

// socket is a packet socket of a host. It is read from its own queue: no goroutine stands between the mover and the reader.
type socket struct {
	host   *Host
	own    endpoint
	remote endpoint // 0: not connected
	stream bool

	done    chan struct{} // closed by Close
	ready   chan struct{} // holds a token when there may be something to read
	readEnd *deadline

	mu     sync.Mutex // guards below; held for a few instructions only
	queue  fifo
	bytes  int64
	closed bool
	addrs  map[endpoint]*net.UDPAddr // peers' addresses in the form readers want them
}

var _ transport.UDPConn = (*socket)(nil)

// maxPeerAddrs bounds the memory of addresses: a server that has seen more peers forgets them all and starts again.
const maxPeerAddrs = 4096

// Ephemeral ports, RFC 6335.
const (
	ephemeralFirst = 49152
	ephemeralCount = 65536 - ephemeralFirst
)

// open binds a socket to a port, or to any port if it is 0.
func (h *Host) open(stream bool, ip uint32, port uint16, remote endpoint) (*socket, error) {
	if ip == 0 {
		ip = h.ownIP
	}
	if ip != h.ownIP && ip>>24 != 127 && !(stream && ip == h.publicIP) {
		return nil, syscall.EADDRNOTAVAIL
	}
	h.network.mu.Lock()
	defer h.network.mu.Unlock()
	if h.closed || h.network.closed {
		return nil, net.ErrClosed
	}
	table := h.udp
	if stream {
		table = h.streams
	}
	if port == 0 {
		if port = h.freePort(table); port == 0 {
			return nil, syscall.EADDRNOTAVAIL
		}
	}
	if table[port] != nil {
		return nil, syscall.EADDRINUSE
	}
	s := &socket{
		host: h, own: makeEndpoint(ip, port), remote: remote, stream: stream,
		done: make(chan struct{}), ready: make(chan struct{}, 1), readEnd: newDeadline(),
	}
	table[port] = s
	return s, nil
}

// freePort picks a free ephemeral port at random (RFC 6056); 0 if there is none. Under the network's mu.
func (h *Host) freePort(table map[uint16]*socket) uint16 {
	first := h.ports.IntN(ephemeralCount)
	for i := range ephemeralCount {
		port := uint16(ephemeralFirst + (first+i)%ephemeralCount)
		if table[port] == nil {
			return port
		}
	}
	return 0
}

// deliver puts a packet in the reader's queue. It never waits.
func (s *socket) deliver(p *packet) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		p.free()
		return
	}
	if s.bytes+p.wireBytes() > s.host.network.cfg.SocketBuffer {
		s.mu.Unlock()
		s.host.bufferDrops.Add(1)
		p.free()
		return
	}
	s.queue.push(p)
	s.bytes += p.wireBytes()
	s.mu.Unlock()
	s.signal()
}

func (s *socket) signal() {
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

// next waits for a packet.
func (s *socket) next() (*packet, *net.UDPAddr, error) {
	for {
		passed := s.readEnd.wait()
		select {
		case <-passed: // a passed deadline fails even a read that would not have to wait
			return nil, nil, os.ErrDeadlineExceeded
		default:
		}
		p, from, more, err := s.take()
		if more {
			// For another reader that has seen an empty queue but does not wait yet, while two packets came and shared a token.
			s.signal()
		}
		if p != nil || err != nil {
			return p, from, err
		}
		select {
		case <-s.ready:
		case <-s.done:
		case <-passed:
		}
	}
}

// take pops the first packet, if there is one.
func (s *socket) take() (p *packet, from *net.UDPAddr, more bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, nil, false, net.ErrClosed
	}
	if p = s.queue.pop(); p == nil {
		return nil, nil, false, nil
	}
	s.bytes -= p.wireBytes()
	return p, s.addrOf(p.src), s.queue.count > 0, nil
}

// addrOf returns a peer's address. Callers share it, as they must not change it.
func (s *socket) addrOf(e endpoint) *net.UDPAddr {
	if a, ok := s.addrs[e]; ok {
		return a
	}
	if s.addrs == nil || len(s.addrs) >= maxPeerAddrs {
		s.addrs = make(map[endpoint]*net.UDPAddr)
	}
	a := e.udpAddr()
	s.addrs[e] = a
	return a
}

// ReadFromUDP implements transport.UDPConn.
func (s *socket) ReadFromUDP(b []byte) (int, *net.UDPAddr, error) {
	p, from, err := s.next()
	if err != nil {
		return 0, nil, s.fail("read", nil, err)
	}
	n := copy(b, p.data) // what does not fit is lost, as with a UDP socket
	p.free()
	return n, from, nil
}

// ReadFrom implements net.PacketConn.
func (s *socket) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := s.ReadFromUDP(b)
	if err != nil {
		return n, nil, err // not a nil *UDPAddr in an interface
	}
	return n, from, nil
}

// Read implements net.Conn.
func (s *socket) Read(b []byte) (int, error) {
	n, _, err := s.ReadFromUDP(b)
	return n, err
}

// ReadMsgUDP implements transport.UDPConn; there is never out-of-band data.
func (s *socket) ReadMsgUDP(b, _ []byte) (n, oobn, flags int, addr *net.UDPAddr, err error) {
	n, addr, err = s.ReadFromUDP(b)
	return n, 0, 0, addr, err
}

// WriteTo implements net.PacketConn. It never waits: what the up queue has no room for is dropped, as by a modem.
func (s *socket) WriteTo(b []byte, addr net.Addr) (int, error) {
	to, ok := endpointOf(addr)
	if !ok {
		return 0, s.fail("write", addr, syscall.EAFNOSUPPORT)
	}
	if s.remote != 0 && to != s.remote {
		return 0, s.fail("write", addr, syscall.EISCONN)
	}
	return s.write(b, to)
}

func (s *socket) write(b []byte, to endpoint) (int, error) {
	select {
	case <-s.done:
		return 0, s.fail("write", nil, net.ErrClosed)
	default:
	}
	if len(b) > maxDatagram {
		return 0, s.fail("write", nil, syscall.EMSGSIZE)
	}
	p := newPacket(b)
	p.src, p.dst, p.stream = s.own, to, s.stream
	s.host.send(p)
	return len(b), nil
}

// WriteToUDP implements transport.UDPConn.
func (s *socket) WriteToUDP(b []byte, addr *net.UDPAddr) (int, error) { return s.WriteTo(b, addr) }

// Write implements net.Conn, for a connected socket.
func (s *socket) Write(b []byte) (int, error) {
	if s.remote == 0 {
		return 0, s.fail("write", nil, syscall.EDESTADDRREQ)
	}
	return s.write(b, s.remote)
}

// WriteMsgUDP implements transport.UDPConn; out-of-band data is ignored.
func (s *socket) WriteMsgUDP(b, _ []byte, addr *net.UDPAddr) (n, oobn int, err error) {
	if addr == nil {
		n, err = s.Write(b)
	} else {
		n, err = s.WriteTo(b, addr)
	}
	return n, 0, err
}

// Close implements net.PacketConn. Readers are released, what they have not read is dropped.
func (s *socket) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return s.fail("close", nil, net.ErrClosed)
	}
	s.closed = true
	s.queue.drain()
	close(s.done)
	s.mu.Unlock()
	s.readEnd.set(time.Time{}) // takes the timer away

	h := s.host
	h.network.mu.Lock()
	defer h.network.mu.Unlock()
	table := h.udp
	if s.stream {
		table = h.streams
	}
	if table[s.own.port()] == s {
		delete(table, s.own.port())
	}
	return nil
}

// LocalAddr implements net.PacketConn. The address is the caller's own (pion/turn writes to it).
func (s *socket) LocalAddr() net.Addr { return s.own.udpAddr() }

// RemoteAddr implements net.Conn; nil if the socket is not connected.
func (s *socket) RemoteAddr() net.Addr {
	if s.remote == 0 {
		return nil
	}
	return s.remote.udpAddr()
}

// SetDeadline implements net.Conn.
func (s *socket) SetDeadline(t time.Time) error { return s.SetReadDeadline(t) }

// SetReadDeadline implements net.Conn.
func (s *socket) SetReadDeadline(t time.Time) error {
	select {
	case <-s.done:
		return s.fail("set", nil, net.ErrClosed)
	default:
	}
	s.readEnd.set(t)
	return nil
}

// SetWriteDeadline implements net.Conn; a write never waits.
func (s *socket) SetWriteDeadline(time.Time) error { return nil }

// SetReadBuffer implements transport.UDPConn. The buffer is the network's, see [Config].
func (s *socket) SetReadBuffer(int) error { return nil }

// SetWriteBuffer implements transport.UDPConn. The link's queue is the only one.
func (s *socket) SetWriteBuffer(int) error { return nil }

func (s *socket) fail(op string, to net.Addr, err error) error {
	if errno := syscall.Errno(0); errors.As(err, &errno) {
		err = os.NewSyscallError(op, err)
	}
	return &net.OpError{Op: op, Net: "udp", Source: s.LocalAddr(), Addr: to, Err: err}
}
