package flow

import (
	"errors"
	"strconv"
	"time"

	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

var (
	errConnFailed  = errors.New("the peer connection failed")
	errNoSuchOffer = errors.New("take the offer: it is none")
)

// peerConn is one side of a peer connection with its data channel: a webtorrent.PeerConn.
type peerConn struct {
	v         *viewer
	handler   webtorrent.PeerHandler
	remote    *peerConn // set when the other side is known
	detour    time.Duration
	connected bool
	closed    bool // no event follows
	lane      lane
	id        uint64
	next      *event // what happens to it without its doing
}

// newPeerConn begins to make a connection. offer is "" or another's description.
func newPeerConn(v *viewer, offer string, h webtorrent.PeerHandler) *peerConn {
	w := v.world
	w.lastConn++
	c := v.newConn()
	c.v, c.handler, c.id = v, h, w.lastConn
	v.conns[c] = struct{}{}
	if offer == "" {
		w.conns[c.id] = c
		signal := func() { c.handler.PeerSignal(describe(c.id)) }
		c.soon(w.offerDelay(v), func() {
			if rest := w.offerRest(v); rest > 0 {
				c.soon(rest, signal)
				return
			}
			signal()
		})
		return c
	}
	id, ok := described(offer)
	if !ok {
		c.soon(0, func() { c.end(errNoSuchOffer) })
		return c
	}
	c.remote = w.conns[id] // nil: the offer is withdrawn, and its answer will find nobody
	w.conns[c.id] = c
	c.soon(w.answerDelay(v, c.remote), func() {
		// Whoever answers begins to look for the other at once, and gives up in time.
		c.soon(w.failAfter, func() { c.end(errConnFailed) })
		c.handler.PeerSignal(describe(c.id))
	})
	return c
}

// connsAtOnce are made at a time. Who announces something looks at all its connections one after the other: where they lie side by side, the
// processor sees to the next ones by itself. With the peers, of which the same is true (p2pml), it was a twelfth of a crowd's cost.
const connsAtOnce = 8

func (v *viewer) newConn() *peerConn {
	if len(v.blank) == 0 {
		v.blank = make([]peerConn, connsAtOnce)
	}
	c := &v.blank[0]
	v.blank = v.blank[1:]
	return c
}

// A description says nothing but whose it is.
func describe(id uint64) string { return "fluid " + strconv.FormatUint(id, 36) }

func described(sdp string) (uint64, bool) {
	if len(sdp) < 7 || sdp[:6] != "fluid " {
		return 0, false
	}
	id, err := strconv.ParseUint(sdp[6:], 36, 64)
	return id, err == nil
}

// soon sets the one thing that happens to the connection next.
func (c *peerConn) soon(d time.Duration, f func()) {
	if c.next != nil {
		c.v.world.clock.drop(c.next)
	}
	c.next = c.v.world.clock.after(d, call(func() {
		c.next = nil
		c.event(f)
	}))
}

// event is a turn of the viewer's, unless it has closed the connection.
func (c *peerConn) event(f func()) {
	if !c.closed {
		c.v.turn(f)
	}
}

// Handle names who is told from now on.
func (c *peerConn) Handle(h webtorrent.PeerHandler) { c.handler = h }

// SetAnswer gives the initiator the other side's answer; a second one is ignored.
func (c *peerConn) SetAnswer(sdp string) {
	w := c.v.world
	if c.closed || c.remote != nil {
		return
	}
	id, ok := described(sdp)
	if !ok {
		c.soon(0, func() { c.end(errConnFailed) })
		return
	}
	w.connect(c, w.conns[id])
}

// connect begins to connect two sides, of which the second may be gone.
func (w *world) connect(a, b *peerConn) {
	if b == nil || b.closed || b.remote != a {
		a.soon(w.failAfter, func() { a.end(errConnFailed) })
		return
	}
	delete(w.conns, a.id)
	delete(w.conns, b.id)
	a.remote = b
	detour, ok := w.reach(a.v, b.v)
	a.detour, b.detour = detour, detour
	var first, second time.Duration
	if ok {
		first, second, ok = w.connecting(a, b)
	}
	if !ok {
		a.soon(w.failAfter, func() { a.end(errConnFailed) })
		return
	}
	a.soon(first, a.open)
	b.soon(second, b.open)
}

// open is told that the data channel is open on this side.
func (c *peerConn) open() {
	if c.remote.closed || c.remote.v.vanished {
		c.soon(c.v.world.failAfter, func() { c.end(errConnFailed) })
		return
	}
	c.lane.init(c)
	c.connected = true
	c.handler.PeerConnected()
}

// receive takes a message that has arrived, in a turn of its own.
func (c *peerConn) receive(m webtorrent.Message) {
	c.v.read()
	c.hand(m)
	c.v.rest()
}

// deaf tells that what arrives reaches nobody.
func (c *peerConn) deaf() bool { return c.closed || !c.connected || c.v.gone }

// hand tells the viewer of a message.
func (c *peerConn) hand(m webtorrent.Message) {
	if c.deaf() {
		return
	}
	if m.Bytes == nil {
		c.v.world.received += int64(m.Size)
	}
	if tamper := c.v.world.tamper; tamper != nil {
		var ok bool
		if m, ok = tamper(m); !ok {
			return
		}
	}
	c.handler.PeerMessage(m)
}

// announce is hand of an announcement that was read when it was kept back.
func (c *peerConn) announce(n *notice) {
	if c.deaf() {
		return
	}
	if h, ok := c.handler.(p2pml.Hearer); ok {
		h.PeerAnnounces(&n.says)
		return
	}
	c.handler.PeerMessage(webtorrent.Text(n.frame))
}

func (c *peerConn) tellLow() {
	if !c.closed {
		c.handler.PeerBufferedAmountLow()
	}
}

// Send hands one message to the channel.
func (c *peerConn) Send(m webtorrent.Message) {
	if c.connected && !c.closed {
		c.lane.send(m)
	}
}

// BufferedAmount is what has not gone yet.
func (c *peerConn) BufferedAmount() int { return c.lane.buffered }

// made tells whether the other side has the connection, or is about to. One side's channel opens half a round trip before the other's.
func (c *peerConn) made() bool {
	r := c.remote
	return r != nil && !r.closed && r.remote == c && (c.connected || r.connected)
}

// Close ends the connection; the viewer hears no more of it. The other side hears it a way later.
func (c *peerConn) Close() {
	if c.closed {
		return
	}
	c.shut()
	if c.made() && !c.v.vanished {
		r, w := c.remote, c.v.world
		w.clock.after(max(w.delay(&c.v.place, &r.v.place)+c.detour, c.lane.arrives-w.clock.now), call(func() {
			r.event(func() { r.end(webtorrent.ErrChannelClosed) })
		}))
	}
	c.letGo()
}

// end tells the viewer that the connection is over.
func (c *peerConn) end(err error) {
	c.shut()
	h := c.handler
	c.letGo()
	h.PeerClosed(err)
}

// letGo forgets everybody else: it stays in memory for as long as those beside it, and would keep viewers there who have left.
func (c *peerConn) letGo() { c.handler, c.remote = nil, nil }

// shut gives back what the connection holds.
func (c *peerConn) shut() {
	w := c.v.world
	c.closed = true
	if c.next != nil {
		w.clock.drop(c.next)
		c.next = nil
	}
	delete(w.conns, c.id)
	delete(c.v.conns, c)
	c.lane.stop()
}

// vanish is the end of a connection of which the other side is not told: what is under way to it stays there, and it gives up
// when it has heard nothing for long enough.
func (c *peerConn) vanish() {
	if !c.made() {
		return
	}
	r := c.remote
	r.lane.freeze()
	r.soon(c.v.world.lostAfter, func() { r.end(errConnFailed) })
}
