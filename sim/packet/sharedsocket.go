package packet

import (
	"bytes"
	"net"
	"slices"
	"sync"

	"github.com/pion/stun/v3"
	"github.com/pion/transport/v3"
)

// sharedSocket is the one socket of a host candidate and of the server-reflexive candidates whose base it is. To Pion it is the
// host candidate's. Answers to questions go to those who asked, everything else to the host candidate.
//
// It is read by one goroutine at a time. An ICE agent reads from when it has the other side's description, long after the STUN
// answer is wanted: until then an early reader does, which ends with the last answer. Should that be lost, it ends with the next
// datagram, for it can do nothing but wait for one.
type sharedSocket struct {
	transport.UDPConn

	mu        sync.Mutex
	taken     bool // by the host candidate
	closed    bool
	questions []*question   // those without an answer
	agent     bool          // the agent reads
	reader    chan struct{} // closed when the early reader has ended; nil: there is none
	early     []datagram    // what it has read for the agent
	arrived   chan struct{} // holds a token when it may have read something
}

// question is a STUN request whose answer is waited for.
type question struct {
	server  *net.UDPAddr
	request []byte
	answer  chan []byte // has room for the one; closed with the socket
}

type datagram struct {
	payload []byte
	from    *net.UDPAddr
}

const (
	// maxEarly is how many datagrams wait for an agent that does not read yet, about. Nobody knows of its candidates before they
	// are signalled, and that is after the answers: so there are hardly any.
	maxEarly = 32
	// earlyBytes is the longest that one of them may be: more than paths carry.
	earlyBytes = 1500
)

func newSharedSocket(c transport.UDPConn) *sharedSocket {
	return &sharedSocket{UDPConn: c, arrived: make(chan struct{}, 1)}
}

// take reports whether the host candidate that asks is the first.
func (s *sharedSocket) take() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken || s.closed {
		return false
	}
	s.taken = true
	return true
}

// expect has the answer to a question delivered. The question is sent afterwards.
func (s *sharedSocket) expect(q *question) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	s.questions = append(s.questions, q)
	if !s.agent && s.reader == nil {
		s.reader = make(chan struct{})
		go s.readEarly(s.reader)
	}
	return nil
}

// forget says that nobody waits for the answer any more.
func (s *sharedSocket) forget(q *question) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.questions = slices.DeleteFunc(s.questions, func(other *question) bool { return other == q })
}

// readEarly reads until no answer is wanted.
func (s *sharedSocket) readEarly(ended chan<- struct{}) {
	defer close(ended)
	buf := make([]byte, earlyBytes)
	for {
		n, from, err := s.UDPConn.ReadFromUDP(buf)
		if !s.sort(buf[:n], from, err) {
			return
		}
	}
}

// sort puts what the early reader has read where it belongs, and says whether it is to go on.
func (s *sharedSocket) sort(b []byte, from *net.UDPAddr, err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && !s.answer(b, from) && len(s.early) < maxEarly {
		s.early = append(s.early, datagram{bytes.Clone(b), from})
		select {
		case s.arrived <- struct{}{}:
		default: // a token is there already
		}
	}
	if err != nil || len(s.questions) == 0 {
		s.reader = nil
		return false
	}
	return true
}

// answer delivers an answer to the one who asked, and says whether it was one. Source and transaction must be right. Under mu.
func (s *sharedSocket) answer(b []byte, from *net.UDPAddr) bool {
	const response, transaction, attributes = 0x01, 8, 20 // the class's high bit, in the first byte; offsets (RFC 8489, section 5)
	if !stun.IsMessage(b) || b[0]&response == 0 {
		return false
	}
	for i, q := range s.questions {
		if bytes.Equal(b[transaction:attributes], q.request[transaction:attributes]) &&
			from.Port == q.server.Port && from.IP.Equal(q.server.IP) {
			s.questions = slices.Delete(s.questions, i, i+1)
			q.answer <- bytes.Clone(b) // never waits
			return true
		}
	}
	return false
}

// ReadFromUDP reads what is for the host candidate.
func (s *sharedSocket) ReadFromUDP(b []byte) (int, *net.UDPAddr, error) {
	if d, ok := s.readBefore(); ok {
		return copy(b, d.payload), d.from, nil
	}
	for {
		n, from, err := s.UDPConn.ReadFromUDP(b)
		if err != nil || !s.isAnswer(b[:n], from) {
			return n, from, err
		}
	}
}

// readBefore returns what the early reader has read for the agent. If there is nothing, the agent is to read from now on.
func (s *sharedSocket) readBefore() (datagram, bool) {
	for {
		s.mu.Lock()
		if len(s.early) > 0 {
			d := s.early[0]
			s.early = s.early[1:]
			s.mu.Unlock()
			return d, true
		}
		reader := s.reader
		s.agent = reader == nil
		s.mu.Unlock()
		if reader == nil {
			return datagram{}, false
		}
		select {
		case <-s.arrived:
		case <-reader:
		}
	}
}

func (s *sharedSocket) isAnswer(b []byte, from *net.UDPAddr) bool {
	if !stun.IsMessage(b) { // nearly everything is data, and needs no lock
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answer(b, from)
}

// ReadFrom implements net.PacketConn.
func (s *sharedSocket) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := s.ReadFromUDP(b)
	if err != nil {
		return n, nil, err // not a nil *UDPAddr in an interface
	}
	return n, from, nil
}

// Read implements net.Conn.
func (s *sharedSocket) Read(b []byte) (int, error) {
	n, _, err := s.ReadFromUDP(b)
	return n, err
}

// ReadMsgUDP implements transport.UDPConn, without out-of-band data.
func (s *sharedSocket) ReadMsgUDP(b, _ []byte) (n, oobn, flags int, from *net.UDPAddr, err error) {
	n, from, err = s.ReadFromUDP(b)
	return n, 0, 0, from, err
}

// Close closes the socket for all who share it.
func (s *sharedSocket) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return net.ErrClosed
	}
	s.closed = true
	for _, q := range s.questions {
		close(q.answer)
	}
	s.questions = nil
	s.mu.Unlock()
	return s.UDPConn.Close()
}

// end closes the socket, if it is open, and waits until nothing of it runs.
func (s *sharedSocket) end() {
	_ = s.Close()
	s.mu.Lock()
	reader := s.reader
	s.mu.Unlock()
	if reader != nil {
		<-reader
	}
}
