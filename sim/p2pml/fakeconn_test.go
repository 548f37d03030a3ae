package p2pml

import (
	"fmt"
	"strings"
	"time"

	"swarmlab/sim/webtorrent"
)

// fakeConn is one end of a data channel. Messages are whole and in order, at the world's rate.
type fakeConn struct {
	env       *fakeEnv
	id        int
	h         webtorrent.PeerHandler
	other     *fakeConn
	connected bool
	closed    bool
	early     []webtorrent.Message // arrived before the channel was reported open
	buffered  int
	free      time.Duration // when the line is free
	sent      []webtorrent.Message
	raw       int // bytes of segment data delivered to this end
}

func (e *fakeEnv) NewPeerConn(offer string, h webtorrent.PeerHandler) webtorrent.PeerConn {
	w := e.w
	c := &fakeConn{env: e, id: len(w.conns), h: h}
	w.conns = append(w.conns, c)
	kind := "offer"
	if offer != "" {
		kind = "answer"
		var id int
		fmt.Sscanf(offer, "offer %d", &id)
		c.other = w.conns[id]
	}
	w.at(w.now+w.latency, func() {
		if !c.closed {
			e.do(func() { c.h.PeerSignal(fmt.Sprintf("%s %d", kind, c.id)) })
		}
	})
	return c
}

func (c *fakeConn) Handle(h webtorrent.PeerHandler) { c.h = h }

func (c *fakeConn) SetAnswer(sdp string) {
	var id int
	fmt.Sscanf(strings.TrimSpace(sdp), "answer %d", &id)
	c.other = c.env.w.conns[id]
	for _, end := range []*fakeConn{c, c.other} {
		c.env.w.at(c.env.w.now+c.env.w.connects(end.env), end.opened)
	}
}

func (c *fakeConn) opened() {
	if c.closed || c.other.closed {
		return
	}
	c.connected = true
	c.env.do(c.h.PeerConnected)
	for _, m := range c.early {
		c.deliver(m)
	}
	c.early = nil
}

func (c *fakeConn) deliver(m webtorrent.Message) {
	switch {
	case c.closed:
	case !c.connected:
		c.early = append(c.early, m)
	default:
		if m.Bytes == nil {
			c.raw += m.Size
		}
		c.env.do(func() { c.h.PeerMessage(m) })
	}
}

func (c *fakeConn) Send(m webtorrent.Message) {
	w := c.env.w
	if c.closed {
		return
	}
	if w.onSend != nil {
		w.onSend(c.env, m)
	}
	c.sent = append(c.sent, m)
	c.buffered += m.Size
	c.free = max(c.free, w.now) + time.Duration(float64(m.Size)/w.rate*float64(time.Second))
	w.at(c.free, func() {
		if c.closed {
			return
		}
		above := c.buffered > webtorrent.BufferedAmountLowThreshold
		c.buffered -= m.Size
		if above && c.buffered <= webtorrent.BufferedAmountLowThreshold {
			c.env.do(c.h.PeerBufferedAmountLow)
		}
		w.at(w.now+w.latency, func() { c.other.deliver(m) })
	})
}

func (c *fakeConn) BufferedAmount() int { return c.buffered }

func (c *fakeConn) Close() {
	if c.closed {
		return
	}
	c.closed = true
	if c.other == nil {
		return
	}
	o := c.other
	c.env.w.at(c.env.w.now+c.env.w.latency, func() { o.lose(nil) })
}

func (c *fakeConn) lose(err error) {
	if !c.closed {
		c.closed = true
		c.env.do(func() { c.h.PeerClosed(err) })
	}
}
