package faults

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/gobwas/ws"
)

// client is a WebSocket to the tracker whose every byte we decide about.
type client struct {
	net.Conn
	in *bufio.Reader

	write sync.Mutex // pongs are written by who reads
}

type dial func(context.Context) (*client, error)

// dialer makes the handshake as any browser does.
func dialer(t Target) dial {
	return func(ctx context.Context) (*client, error) {
		d := ws.Dialer{Timeout: 10 * time.Second, TLSConfig: t.TLS, NetDial: t.Allow.Dialer().DialContext}
		conn, in, _, err := d.Dial(ctx, t.URL)
		if err != nil {
			return nil, err
		}
		c := newClient(conn)
		if in != nil { // the tracker has said something with its handshake
			c.in = in
		}
		return c, nil
	}
}

func newClient(conn net.Conn) *client { return &client{Conn: conn, in: bufio.NewReader(conn)} }

// writeLimit is how long a tracker may take no bytes of ours.
const writeLimit = 5 * time.Second

// raw sends bytes as they are.
func (c *client) raw(b []byte) error {
	c.write.Lock()
	defer c.write.Unlock()
	_ = c.SetWriteDeadline(time.Now().Add(writeLimit))
	_, err := c.Write(b)
	return err
}

// say sends one text message.
func (c *client) say(text []byte) error { return c.raw(frame(ws.OpText, true, text)) }

// frame is a frame as a client sends it, masked by zeros: trackers do not care.
func frame(op ws.OpCode, fin bool, payload []byte) []byte {
	return headed(ws.Header{Fin: fin, OpCode: op, Masked: true, Length: int64(len(payload))}, payload)
}

// headed puts any header in front of any payload.
func headed(h ws.Header, payload []byte) []byte {
	var b bytes.Buffer
	_ = ws.WriteHeader(&b, h) // into memory
	b.Write(payload)
	return b.Bytes()
}

var errTooLong = errors.New("the tracker sends a message of more than 1 MiB")

// hear returns the next message. io.EOF: the tracker closed the connection in order.
func (c *client) hear(limit time.Duration) ([]byte, error) {
	const most = 1 << 20
	_ = c.SetReadDeadline(time.Now().Add(limit))
	var message []byte
	for {
		h, err := ws.ReadHeader(c.in)
		if err != nil {
			return nil, err
		}
		if h.Length > most-int64(len(message)) {
			return nil, errTooLong
		}
		payload := make([]byte, h.Length)
		if _, err := io.ReadFull(c.in, payload); err != nil {
			return nil, err
		}
		switch h.OpCode {
		case ws.OpPing:
			if err := c.raw(frame(ws.OpPong, true, payload)); err != nil {
				return nil, err
			}
		case ws.OpPong:
		case ws.OpClose:
			return nil, io.EOF
		default:
			if message = append(message, payload...); h.Fin {
				return message, nil
			}
		}
	}
}

// end breaks the connection off.
func (c *client) end() { _ = c.Close() }

// gaveNoSign tells a time that ran out from a connection that ended.
func gaveNoSign(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// reset ends the connection by a reset instead of in order.
func (c *client) reset() error {
	tcp, ok := c.Conn.(*net.TCPConn)
	if !ok {
		return c.Close() // under TLS there is no way to it
	}
	if err := tcp.SetLinger(0); err != nil {
		return fmt.Errorf("set up a reset: %w", err)
	}
	return tcp.Close()
}
