package netem

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"

	"github.com/quic-go/quic-go"
)

// streamDialer is a host's client side: one socket, one QUIC connection per remote address.
type streamDialer struct {
	stack     *streamStack
	socket    *socket
	transport *quic.Transport

	mu    sync.Mutex
	peers map[endpoint]*streamPeer
}

// streamPeer is a connection to one remote address, being made or made.
type streamPeer struct {
	cancel context.CancelCauseFunc // gives up the making
	made   chan struct{}           // closed when the two below are set
	conn   *quic.Conn
	err    error
}

// DialContext connects to "host:port", where host is another host's name or an address, and network is "tcp" or "tcp4".
// Its signature is what net/http's Transport wants.
//
// The first connection to an address takes a round trip; further ones share its QUIC connection and open at once, as in
// HTTP/3: that such a Dial succeeds does not prove that the other side is still there. Nobody listening is
// ECONNREFUSED after a round trip, no host at all a timeout.
func (h *Host) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	if network != "tcp" && network != "tcp4" {
		return nil, &net.OpError{Op: "dial", Net: network, Err: net.UnknownNetworkError(network)}
	}
	to, err := h.network.resolve(addr)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	conn, err := h.dial(ctx, to)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Addr: to.tcpAddr(), Err: err}
	}
	return conn, nil
}

func (h *Host) dial(ctx context.Context, to endpoint) (net.Conn, error) {
	d, err := h.stream.getDialer()
	if err != nil {
		return nil, err
	}
	for {
		peer, pooled, err := d.peer(to)
		if err != nil {
			return nil, err
		}
		conn, err := d.open(ctx, peer)
		if err == nil {
			return conn, nil
		}
		d.forget(to, peer)
		// A pooled connection may have died since; a new one gets the blame itself.
		if !pooled || ctx.Err() != nil {
			return nil, streamError(err)
		}
	}
}

// getDialer makes the client side when it is first needed.
func (s *streamStack) getDialer() (*streamDialer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	if s.dialer == nil {
		sock, err := s.host.open(true, 0, 0, 0)
		if err != nil {
			return nil, err
		}
		s.dialer = &streamDialer{
			stack:     s,
			socket:    sock,
			transport: &quic.Transport{Conn: sock},
			peers:     make(map[endpoint]*streamPeer),
		}
	}
	return s.dialer, nil
}

// peer returns the connection to an address, made or being made; pooled tells that it was there before.
func (d *streamDialer) peer(to endpoint) (p *streamPeer, pooled bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p := d.peers[to]; p != nil && !p.dead() {
		return p, true, nil
	}
	if d.peers == nil {
		return nil, false, ErrClosed
	}
	ctx, cancel := context.WithCancelCause(d.stack.ctx)
	p = &streamPeer{cancel: cancel, made: make(chan struct{})}
	d.peers[to] = p
	d.stack.work.Go(func() {
		defer close(p.made)
		defer cancel(nil)
		p.conn, p.err = d.transport.Dial(ctx, to.udpAddr(), tlsConfig(), d.stack.config())
		if p.err != nil && ctx.Err() != nil {
			p.err = context.Cause(ctx)
		}
	})
	return p, false, nil
}

// dead tells whether a connection was made and is no more.
func (p *streamPeer) dead() bool {
	select {
	case <-p.made:
		return p.err != nil || p.conn.Context().Err() != nil
	default:
		return false
	}
}

func (d *streamDialer) open(ctx context.Context, p *streamPeer) (net.Conn, error) {
	select {
	case <-p.made:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if p.err != nil {
		return nil, p.err
	}
	stream, err := p.conn.OpenStreamSync(ctx)
	if err != nil {
		return nil, err
	}
	// A QUIC stream does not exist for the other side before something is sent on it, but a server may want to speak first.
	if _, err := stream.Write([]byte{streamHello}); err != nil {
		return nil, err
	}
	return newStreamConn(stream, d.socket.own, p.conn.RemoteAddr(), false), nil
}

func (d *streamDialer) forget(to endpoint, p *streamPeer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.peers[to] == p && p.dead() {
		delete(d.peers, to)
	}
}

// refused ends the dialling of an address that has answered that nobody listens there.
func (d *streamDialer) refused(by endpoint) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p := d.peers[by]; p != nil {
		p.cancel(syscall.ECONNREFUSED) // without effect once the connection is made
	}
}

func (s *streamStack) refused(by endpoint) {
	s.mu.Lock()
	d := s.dialer
	s.mu.Unlock()
	if d != nil {
		d.refused(by)
	}
}

func (d *streamDialer) close() {
	d.mu.Lock()
	peers := make([]*streamPeer, 0, len(d.peers))
	for _, p := range d.peers {
		peers = append(peers, p)
	}
	d.peers = nil
	d.mu.Unlock()
	for _, p := range peers {
		<-p.made // the stack's context is done: at once
		if p.err == nil {
			_ = p.conn.CloseWithError(closedByHost, "")
		}
	}
	_ = d.transport.Close()
	_ = d.socket.Close()
}

// streamError says in net's words what QUIC says in its own.
func streamError(err error) error {
	var (
		reset   *quic.StreamError
		app     *quic.ApplicationError
		idle    *quic.IdleTimeoutError
		hands   *quic.HandshakeTimeoutError
		netErr  net.Error
		closing = errors.Is(err, net.ErrClosed) || errors.Is(err, quic.ErrTransportClosed)
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &reset), errors.As(err, &app):
		return fmt.Errorf("%w (%w)", syscall.ECONNRESET, err)
	case errors.As(err, &idle), errors.As(err, &hands):
		return fmt.Errorf("%w (%w)", syscall.ETIMEDOUT, err)
	case closing:
		return net.ErrClosed
	case errors.As(err, &netErr):
		return err // a deadline
	default:
		return err
	}
}
