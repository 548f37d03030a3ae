package slowlink

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"
)

// streamEnd is one end of a stream of netem's. It needs no introduction, so of an end's methods it has what measuring asks for.
type streamEnd struct {
	net.Conn
	work  sync.WaitGroup
	meter meter
}

// newStreamEnds connects the left host to a port of the right one.
func newStreamEnds(ctx context.Context, e *emulated, port int) (left, right *streamEnd, err error) {
	listener, err := e.right.Listen(port)
	if err != nil {
		return nil, nil, err
	}
	out, err := e.left.DialContext(ctx, "tcp", fmt.Sprint("right:", port))
	if err != nil {
		return nil, nil, err
	}
	in, err := listener.Accept()
	if err != nil {
		return nil, nil, err
	}
	left, right = &streamEnd{Conn: out}, &streamEnd{Conn: in}
	right.work.Go(right.read)
	return left, right, nil
}

func (s *streamEnd) read() {
	b := make([]byte, MessageBytes)
	for {
		n, err := s.Read(b)
		if err != nil {
			return // closed: nothing else ends it
		}
		s.meter.bytes(n)
	}
}

func (s *streamEnd) Send(context.Context) (time.Time, error) {
	begun := time.Now()
	s.work.Go(func() { push(s.Conn) })
	return begun, nil
}

func (s *streamEnd) Arrivals(context.Context) ([]Arrival, error) { return s.meter.all() }

func (s *streamEnd) Close() error {
	_ = s.SetDeadline(time.Unix(1, 0))
	s.work.Wait()
	return s.Conn.Close()
}
