package packet

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/pion/stun/v3"
	"github.com/pion/transport/v3"
)

// stunEnd is what Pion takes for a server-reflexive candidate's socket. It asks one STUN server for the outside address of a
// shared socket. That was all: later there is nothing to read, and what is written is dropped. A connectivity check from
// this candidate is one from the host candidate, so every pair with it is redundant and does not get checked (RFC 8445,
// section 6.1.2.4); but Pion does not prune pairs.
type stunEnd struct {
	onlyGathers
	net     *connectionNet
	network string

	mu     sync.Mutex
	socket *sharedSocket // nil before the question
	asked  *question     // nil before it and when its answer has been read
	until  time.Time     // the read deadline; the zero time is none
	ended  chan struct{} // closed by Close
	closed bool
}

// Chromium asks again after this time, then after twice as long, and so on (STUN_INITIAL_RTO in its stun_request.cc). Pion asks
// once: with a datagram lost, a connection waited five seconds, and had no server-reflexive candidate then.
const stunFirstRetry = 250 * time.Millisecond

// errNoNAT is about an answer that teaches nothing. A candidate with the same address and base as another one is redundant
// (RFC 8445, section 5.1.3), and browsers do not signal it.
var errNoNAT = errors.New("the mapped address is the socket's own: there is no NAT")

func newStunEnd(n *connectionNet, network string) *stunEnd {
	return &stunEnd{net: n, network: network, ended: make(chan struct{})}
}

// WriteTo sends the question, which is the first datagram, and drops all others.
func (e *stunEnd) WriteTo(b []byte, to net.Addr) (int, error) {
	s, err := e.ask(b, to)
	if err != nil {
		return 0, err
	}
	if s == nil {
		return len(b), nil
	}
	return s.WriteTo(b, to)
}

// ask returns the socket for the question; nil if it is none.
func (e *stunEnd) ask(b []byte, to net.Addr) (*sharedSocket, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, net.ErrClosed
	}
	if e.socket != nil {
		return nil, nil
	}
	server, ok := to.(*net.UDPAddr)
	if !ok || !stun.IsMessage(b) {
		return nil, transport.ErrNotSupported
	}
	s, err := e.net.towards(e.network, server)
	if err != nil {
		return nil, err
	}
	q := &question{server: server, request: bytes.Clone(b), answer: make(chan []byte, 1)}
	if err := s.expect(q); err != nil {
		return nil, err
	}
	e.socket, e.asked = s, q
	return s, nil
}

// ReadFrom waits for the answer. After it, the end of the file tells the candidate that it need not read.
func (e *stunEnd) ReadFrom(b []byte) (int, net.Addr, error) {
	e.mu.Lock()
	s, q, until := e.socket, e.asked, e.until
	e.asked = nil
	e.mu.Unlock()
	if q == nil {
		return 0, nil, io.EOF
	}
	defer s.forget(q)
	answer, err := e.wait(s, q, until)
	if err != nil {
		return 0, nil, err
	}
	if mapsToItself(answer, s.LocalAddr()) {
		return 0, nil, errNoNAT
	}
	return copy(b, answer), q.server, nil
}

// wait asks again from time to time.
func (e *stunEnd) wait(s *sharedSocket, q *question, until time.Time) ([]byte, error) {
	var expired <-chan time.Time
	if !until.IsZero() {
		expiry := time.NewTimer(time.Until(until))
		defer expiry.Stop()
		expired = expiry.C
	}
	wait := stunFirstRetry
	retry := time.NewTimer(wait)
	defer retry.Stop()
	for {
		select {
		case answer, ok := <-q.answer:
			if !ok {
				return nil, net.ErrClosed
			}
			return answer, nil
		case <-e.ended:
			return nil, net.ErrClosed
		case <-expired:
			return nil, os.ErrDeadlineExceeded
		case <-retry.C:
			if _, err := s.WriteTo(q.request, q.server); err != nil {
				return nil, err
			}
			wait *= 2
			retry.Reset(wait)
		}
	}
}

// mapsToItself is false for an answer that makes no sense, too: Pion says what is wrong with it.
func mapsToItself(answer []byte, local net.Addr) bool {
	m := stun.Message{Raw: answer}
	var mapped stun.XORMappedAddress
	if m.Decode() != nil || mapped.GetFrom(&m) != nil {
		return false
	}
	own, ok := local.(*net.UDPAddr)
	return ok && mapped.Port == own.Port && mapped.IP.Equal(own.IP)
}

// LocalAddr is the base's address: the candidate's related address.
func (e *stunEnd) LocalAddr() net.Addr {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.socket == nil {
		return &net.UDPAddr{IP: net.IPv4zero}
	}
	return e.socket.LocalAddr()
}

// SetReadDeadline is for reads that begin afterwards.
func (e *stunEnd) SetReadDeadline(t time.Time) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.until = t
	return nil
}

// SetDeadline is SetReadDeadline: a write never waits.
func (e *stunEnd) SetDeadline(t time.Time) error { return e.SetReadDeadline(t) }

// Close ends the waiting. The socket is the host candidate's to close.
func (e *stunEnd) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return net.ErrClosed
	}
	e.closed = true
	close(e.ended)
	return nil
}

// onlyGathers has those methods of a transport.UDPConn that gathering does not need.
type onlyGathers struct{}

func (onlyGathers) RemoteAddr() net.Addr             { return nil }
func (onlyGathers) SetWriteDeadline(time.Time) error { return nil }
func (onlyGathers) SetReadBuffer(int) error          { return nil }
func (onlyGathers) SetWriteBuffer(int) error         { return nil }
func (onlyGathers) Read([]byte) (int, error)         { return 0, transport.ErrNotSupported }
func (onlyGathers) Write([]byte) (int, error)        { return 0, transport.ErrNotSupported }
func (onlyGathers) ReadFromUDP([]byte) (int, *net.UDPAddr, error) {
	return 0, nil, transport.ErrNotSupported
}
func (onlyGathers) ReadMsgUDP(_, _ []byte) (n, oobn, flags int, from *net.UDPAddr, err error) {
	return 0, 0, 0, nil, transport.ErrNotSupported
}
func (onlyGathers) WriteToUDP([]byte, *net.UDPAddr) (int, error) {
	return 0, transport.ErrNotSupported
}
func (onlyGathers) WriteMsgUDP(_, _ []byte, _ *net.UDPAddr) (n, oobn int, err error) {
	return 0, 0, transport.ErrNotSupported
}
