package netem

import (
	"fmt"
	"net"
	"sync"
	"syscall"

	"github.com/quic-go/quic-go"
)

// acceptBacklog is how many streams wait to be accepted; then their senders do.
const acceptBacklog = 128

// streamPort is one port a host has listened on. It outlives its listener, because connections do.
type streamPort struct {
	stack     *streamStack
	own       endpoint
	socket    *socket
	transport *quic.Transport
	listener  *quic.Listener

	mu    sync.Mutex
	open  *streamListener // nil: nobody listens now
	conns map[*quic.Conn]struct{}
}

// streamListener implements net.Listener.
type streamListener struct {
	port    *streamPort
	accepts chan net.Conn
	done    chan struct{}
	once    sync.Once
}

// Listen accepts stream connections on a port; 0 picks one.
func (h *Host) Listen(port int) (net.Listener, error) {
	l, err := h.stream.listen(port)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Addr: makeEndpoint(h.ownIP, uint16(port)).tcpAddr(), Err: err}
	}
	return l, nil
}

func (s *streamStack) listen(port int) (*streamListener, error) {
	if port < 0 || port > 65535 {
		return nil, fmt.Errorf("no such port: %d", port)
	}
	if s.host.nat != nil {
		return nil, ErrBehindNAT
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	p := s.ports[uint16(port)]
	if p == nil {
		var err error
		if p, err = s.newPort(uint16(port)); err != nil {
			return nil, err
		}
		s.ports[p.own.port()] = p
	}
	l := &streamListener{port: p, accepts: make(chan net.Conn, acceptBacklog), done: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open != nil {
		return nil, syscall.EADDRINUSE
	}
	p.open = l
	return l, nil
}

func (s *streamStack) newPort(port uint16) (*streamPort, error) {
	sock, err := s.host.open(true, 0, port, 0)
	if err != nil {
		return nil, err
	}
	p := &streamPort{
		stack: s, own: sock.own, socket: sock,
		transport: &quic.Transport{Conn: sock},
		conns:     make(map[*quic.Conn]struct{}),
	}
	if p.listener, err = p.transport.Listen(tlsConfig(), s.config()); err != nil {
		_ = sock.Close()
		return nil, err
	}
	s.work.Go(p.acceptConnections)
	return p, nil
}

func (p *streamPort) acceptConnections() {
	for {
		conn, err := p.listener.Accept(p.stack.ctx)
		if err != nil {
			return
		}
		p.mu.Lock()
		if p.conns == nil {
			p.mu.Unlock()
			_ = conn.CloseWithError(closedByHost, "")
			return
		}
		p.conns[conn] = struct{}{}
		p.mu.Unlock()
		p.stack.work.Go(func() { p.acceptStreams(conn) })
	}
}

func (p *streamPort) acceptStreams(conn *quic.Conn) {
	for {
		stream, err := conn.AcceptStream(p.stack.ctx)
		if err != nil {
			break
		}
		p.mu.Lock()
		l := p.open
		p.mu.Unlock()
		if l == nil || !l.offer(newStreamConn(stream, p.own, conn.RemoteAddr(), true)) {
			stream.CancelRead(refusedStream)
			stream.CancelWrite(refusedStream)
		}
	}
	p.mu.Lock()
	delete(p.conns, conn)
	p.mu.Unlock()
}

func (l *streamListener) offer(c net.Conn) bool {
	select {
	case l.accepts <- c:
		return true
	case <-l.done:
	case <-l.port.stack.ctx.Done():
	}
	return false
}

// Accept implements net.Listener.
func (l *streamListener) Accept() (net.Conn, error) {
	select {
	case <-l.done:
	case <-l.port.stack.ctx.Done():
	default:
		select {
		case c := <-l.accepts:
			return c, nil
		case <-l.done:
		case <-l.port.stack.ctx.Done():
		}
	}
	return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.Addr(), Err: net.ErrClosed}
}

// Close implements net.Listener: accepted connections live on, waiting ones are reset.
func (l *streamListener) Close() error {
	l.once.Do(func() {
		l.port.mu.Lock()
		if l.port.open == l {
			l.port.open = nil
		}
		l.port.mu.Unlock()
		close(l.done)
		for {
			select {
			case c := <-l.accepts:
				c.(*streamConn).reset()
			default:
				return
			}
		}
	})
	return nil
}

// Addr implements net.Listener.
func (l *streamListener) Addr() net.Addr { return l.port.own.tcpAddr() }

func (p *streamPort) close() {
	p.mu.Lock()
	conns := make([]*quic.Conn, 0, len(p.conns))
	for c := range p.conns {
		conns = append(conns, c)
	}
	p.conns = nil
	open := p.open
	p.mu.Unlock()
	if open != nil {
		_ = open.Close()
	}
	_ = p.listener.Close()
	for _, c := range conns {
		_ = c.CloseWithError(closedByHost, "")
	}
	_ = p.transport.Close()
	_ = p.socket.Close()
}
