package netem

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
)

// streamHello is the byte that opens a stream for the other side. It is not the application's.
const streamHello = 0

// streamConn is one QUIC stream as a net.Conn.
type streamConn struct {
	stream *quic.Stream
	local  net.Addr
	remote net.Addr

	hello   bool          // the peer's hello byte is still to be read; who holds reading
	reading chan struct{} // holds a token while somebody reads
	writing chan struct{} // holds a token while somebody writes: Close must not run beside Write
	closed  chan struct{}
	once    sync.Once
}

var _ net.Conn = (*streamConn)(nil)

func newStreamConn(s *quic.Stream, local endpoint, remote net.Addr, accepted bool) *streamConn {
	c := &streamConn{
		stream: s, local: local.tcpAddr(), remote: remote, hello: accepted,
		reading: make(chan struct{}, 1), writing: make(chan struct{}, 1), closed: make(chan struct{}),
	}
	if e, ok := endpointOf(remote); ok {
		c.remote = e.tcpAddr() // servers print it and split it; they expect TCP's
	}
	return c
}

// Read implements net.Conn.
func (c *streamConn) Read(b []byte) (int, error) {
	select {
	case c.reading <- struct{}{}:
	case <-c.closed:
		return 0, c.fail("read", net.ErrClosed)
	}
	defer func() { <-c.reading }()
	if c.hello {
		var one [1]byte
		if _, err := io.ReadFull(c.stream, one[:]); err != nil {
			return 0, c.fail("read", err)
		}
		c.hello = false
	}
	if len(b) == 0 {
		return 0, nil
	}
	n, err := c.stream.Read(b)
	if n > 0 && err != nil && !errors.Is(err, io.EOF) {
		return n, nil // the error comes with the next Read
	}
	return n, c.fail("read", err)
}

// Write implements net.Conn. It returns when all but the last packet's worth has been sent: QUIC's window is the only send
// buffer.
func (c *streamConn) Write(b []byte) (int, error) {
	select {
	case c.writing <- struct{}{}:
	case <-c.closed:
		return 0, c.fail("write", net.ErrClosed)
	}
	defer func() { <-c.writing }()
	n, err := c.stream.Write(b)
	return n, c.fail("write", err)
}

// CloseWrite sends the end of the stream; reading goes on. (As of net.TCPConn.)
func (c *streamConn) CloseWrite() error {
	select {
	case c.writing <- struct{}{}:
	case <-c.closed:
		return c.fail("close", net.ErrClosed)
	}
	defer func() { <-c.writing }()
	return c.fail("close", c.stream.Close())
}

// Close implements net.Conn: what was written is still delivered, then the peer reads EOF; what the peer has sent and sends is
// refused, so that its writes fail.
func (c *streamConn) Close() error {
	err := c.fail("close", net.ErrClosed)
	c.once.Do(func() {
		close(c.closed)
		c.stream.CancelRead(resetByCloser)
		_ = c.stream.SetWriteDeadline(time.Unix(1, 0)) // a writer that waits for room gives up
		c.writing <- struct{}{}
		_ = c.stream.Close() // fails only if the peer has reset the stream
		<-c.writing
		err = nil
	})
	return err
}

// reset ends the stream both ways, undelivered.
func (c *streamConn) reset() {
	c.once.Do(func() {
		close(c.closed)
		c.stream.CancelRead(refusedStream)
		c.stream.CancelWrite(refusedStream)
	})
}

// fail names the connection in an error. io.EOF stays bare, as readers compare it.
func (c *streamConn) fail(op string, err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	select {
	case <-c.closed:
		err = net.ErrClosed
	default:
		err = streamError(err)
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}

// LocalAddr implements net.Conn.
func (c *streamConn) LocalAddr() net.Addr { return c.local }

// RemoteAddr implements net.Conn.
func (c *streamConn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline implements net.Conn.
func (c *streamConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetReadDeadline implements net.Conn.
func (c *streamConn) SetReadDeadline(t time.Time) error { return c.stream.SetReadDeadline(t) }

// SetWriteDeadline implements net.Conn.
func (c *streamConn) SetWriteDeadline(t time.Time) error {
	select {
	case <-c.closed: // Close has set its own
		return c.fail("set", net.ErrClosed)
	default:
		return c.stream.SetWriteDeadline(t)
	}
}

func (c *streamConn) String() string { return fmt.Sprintf("%v -> %v", c.local, c.remote) }
