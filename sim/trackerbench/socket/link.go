package socket

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// link is one connection of Goroutines. open, and the right to close finish, are the waiting goroutine's.
type link struct {
	owner  *Goroutines
	slot   int
	ctx    context.Context // ends when the connection is not wanted any more
	cancel context.CancelFunc
	reset  atomic.Bool // end with RST
	open   bool
	finish chan struct{} // closed: nothing more will be sent
	writes chan []byte
	queued atomic.Int64 // bytes
}

const linkReadBytes = 16 << 10

func newLink(g *Goroutines, slot int) *link {
	k := &link{owner: g, slot: slot, finish: make(chan struct{}), writes: make(chan []byte, writesQueued)}
	k.ctx, k.cancel = context.WithCancel(g.ctx)
	return k
}

// enqueue reports false if too much is waiting already.
func (k *link) enqueue(b []byte) bool {
	n := int64(len(b))
	if k.queued.Load()+n > int64(k.owner.cfg.QueueBytes) || k.owner.queued.Load()+n > mostQueued {
		return false
	}
	k.count(n)
	select {
	case k.writes <- b:
		return true
	default:
		k.count(-n)
		return false
	}
}

func (k *link) count(n int64) {
	k.queued.Add(n)
	k.owner.queued.Add(n)
}

// run is the connection's life.
func (k *link) run() {
	err := k.live()
	k.owner.queued.Add(-k.queued.Load()) // what was never written
	k.owner.report(k.ctx, happening{link: k, at: k.owner.Now(), kind: happenedClosed, reason: reasonOf(err)})
}

// live returns why the connection ended.
func (k *link) live() error {
	c, rest, err := k.handshake()
	if err != nil {
		return err
	}
	ended := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() { k.write(c, ended) })
	stop := context.AfterFunc(k.ctx, func() {
		if k.reset.Load() {
			if tcp, ok := under(c).(*net.TCPConn); ok {
				_ = tcp.SetLinger(0)
			}
		}
		_ = under(c).Close()
	})
	err = k.read(c, rest)
	stop()
	_ = under(c).Close()
	close(ended)
	writer.Wait()
	return err
}

// under is the TCP connection below TLS: closing that never waits.
func under(c net.Conn) net.Conn {
	if secure, ok := c.(*tls.Conn); ok {
		return secure.NetConn()
	}
	return c
}

// handshake connects, and returns what came after the response.
func (k *link) handshake() (net.Conn, []byte, error) {
	g := k.owner
	ctx, cancel := context.WithTimeout(k.ctx, g.cfg.DialTimeout)
	defer cancel()
	dialer := net.Dialer{}
	if from := g.target.source(k.slot); from.IsValid() {
		dialer.LocalAddr = &net.TCPAddr{IP: from.AsSlice()}
	}
	raw, err := dialer.DialContext(ctx, "tcp", g.target.addr.String())
	if err != nil {
		return nil, nil, err
	}
	c := k.secure(raw)
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	rest, err := k.upgrade(c)
	if !stop() && k.ctx.Err() == nil {
		return nil, nil, errors.New(reasonTimeout)
	}
	if err != nil {
		_ = raw.Close()
		return nil, nil, err
	}
	g.report(k.ctx, happening{link: k, at: g.Now(), kind: happenedOpen})
	return c, rest, nil
}

func (k *link) secure(raw net.Conn) net.Conn {
	if !k.owner.target.secure {
		return raw
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if k.owner.cfg.TLS != nil {
		cfg = k.owner.cfg.TLS.Clone()
	}
	if cfg.ServerName == "" {
		cfg.ServerName = k.owner.target.name
	}
	return tls.Client(raw, cfg)
}

// upgrade is the WebSocket handshake. It is ended by closing the connection.
func (k *link) upgrade(c net.Conn) ([]byte, error) {
	key := handshakeKey(k.slot, 0)
	if _, err := c.Write(k.owner.target.request(key)); err != nil {
		return nil, err
	}
	var in []byte
	buffer := make([]byte, linkReadBytes)
	for {
		n, err := c.Read(buffer)
		in = append(in, buffer[:n]...)
		size, bad := checkHandshake(in, key)
		switch {
		case bad != nil:
			return nil, bad
		case size > 0:
			return in[size:], nil
		case err != nil:
			return nil, err
		}
	}
}

// read takes frames until the connection ends; the error says why.
func (k *link) read(c net.Conn, in []byte) error {
	var p pieces
	buffer := make([]byte, linkReadBytes)
	for {
		used, err := k.frames(&p, in)
		if err != nil {
			return err
		}
		in = in[:copy(in, in[used:])]
		n, err := c.Read(buffer)
		k.owner.received.Add(int64(n))
		in = append(in, buffer[:n]...)
		if errors.Is(err, io.EOF) {
			return errors.New("closed by the tracker without a word")
		}
		if err != nil {
			return err
		}
	}
}

// frames handles the whole frames at the head of in.
func (k *link) frames(p *pieces, in []byte) (used int, err error) {
	for {
		f, size, err := parseFrame(in[used:])
		if err != nil {
			return used, errors.New(protocolBroken(err))
		}
		if size == 0 {
			return used, nil
		}
		if err := k.frame(p, f); err != nil {
			return used, err
		}
		used += size
	}
}

func (k *link) frame(p *pieces, f frame) error {
	switch f.op {
	case opPing:
		pong := append(make([]byte, HeaderRoom, HeaderRoom+mostControl), f.payload...)
		k.enqueue(pong[putHeader(pong, opPong, true, len(f.payload)):]) // with too much waiting, a pong is the least
	case opPong:
	case opClose:
		return errors.New(closeReason(f.payload))
	default:
		text, whole, err := p.add(f)
		if err != nil {
			return errors.New(protocolBroken(err))
		}
		if whole {
			k.owner.report(k.ctx, happening{link: k, at: k.owner.Now(), kind: happenedMessage, text: bytes.Clone(text)})
		}
	}
	return nil
}

// write sends what is queued until the connection ends, or, when it is finished, until nothing is left.
func (k *link) write(c net.Conn, ended <-chan struct{}) {
	finish := k.finish
	for {
		select {
		case b := <-k.writes:
			if !k.send(c, b) {
				return
			}
		case <-ended:
			return
		case <-finish:
			for len(k.writes) > 0 {
				if !k.send(c, <-k.writes) {
					return
				}
			}
			if half, ok := c.(interface{ CloseWrite() error }); ok {
				_ = half.CloseWrite() // if it is broken already, the reader will see
			}
			return
		}
	}
}

func (k *link) send(c net.Conn, b []byte) bool {
	n, err := c.Write(b)
	k.count(-int64(len(b)))
	k.owner.sent.Add(int64(n))
	return err == nil
}
