package packet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/pion/datachannel"
	"github.com/pion/sctp"
	"github.com/pion/webrtc/v4"

	"swarmlab/sim/webtorrent"
)

// maxDataMessage is the largest data-channel message taken from a peer, as Chromium announces it (a=max-message-size:262144).
// A larger one ends the connection: no peer decides how much memory we use.
const maxDataMessage = 262144

// gatherLimit is how long after its creation a description is used as it stands, gathered or not. simple-peer counts 5 s from
// the first candidate; with host candidates, that is from the start.
const gatherLimit = 5 * time.Second

// offGrid is a short time after which no packet arrives, if one arrived now.
const offGrid = time.Millisecond + 137*time.Microsecond

var (
	errChannelClosed = webtorrent.ErrChannelClosed
	errConnFailed    = errors.New("the peer connection failed")
)

// peerConn is one Pion peer connection with its data channel, on one side: a webtorrent.PeerConn. One goroutine negotiates, the
// next one reads and finally closes; a writer exists while there is something to write. Everything the viewer hears of it
// arrives as a turn.
type peerConn struct {
	v       *viewer
	handler webtorrent.PeerHandler // only touched on the turn
	closed  bool                   // likewise; no event follows

	ctx    context.Context
	cancel context.CancelCauseFunc
	least  time.Duration // how long a browser gathers
	answer chan string   // the other side's answer, for the initiator
	opened chan datachannel.ReadWriteCloserDeadliner
	outbox *outbox

	channel datachannel.ReadWriteCloserDeadliner // set before the outbox flows
	writers sync.WaitGroup
}

// newPeerConn begins to make a connection for which a browser would gather for least. Pion does so in 1 ms.
func newPeerConn(v *viewer, offer string, least time.Duration, h webtorrent.PeerHandler) *peerConn {
	ctx, cancel := context.WithCancelCause(v.ctx)
	c := &peerConn{
		v: v, handler: h, ctx: ctx, cancel: cancel, least: least,
		answer: make(chan string, 1),
		opened: make(chan datachannel.ReadWriteCloserDeadliner, 1),
	}
	c.outbox = newOutbox(func() { c.event(func() { c.handler.PeerBufferedAmountLow() }) }, func() { c.writers.Go(c.write) })
	v.group.Go(func() { c.open(offer) })
	return c
}

// Handle names who is told from now on.
func (c *peerConn) Handle(h webtorrent.PeerHandler) { c.handler = h }

// SetAnswer gives the initiator the other side's answer; a second one is ignored.
func (c *peerConn) SetAnswer(sdp string) {
	select {
	case c.answer <- sdp:
	default:
	}
}

// Send queues one message for the channel.
func (c *peerConn) Send(m webtorrent.Message) {
	if !c.closed {
		c.outbox.push(m.Bytes)
	}
}

// BufferedAmount counts what has not left yet.
func (c *peerConn) BufferedAmount() int { return c.outbox.buffered() }

// Close ends the connection; the viewer hears no more of it.
func (c *peerConn) Close() {
	c.closed = true
	c.cancel(errChannelClosed)
}

// event tells the viewer, on its turn, unless it has closed the connection meanwhile.
func (c *peerConn) event(f func()) {
	c.v.turns.post(func() {
		if !c.closed {
			f()
		}
	})
}

// open owns the connection until its channel is open, and leaves it to a goroutine with a stack of its own: the one on which
// Pion negotiated stays as large as that needed, for Go shrinks no stack whose waiting calls fill a quarter of it.
func (c *peerConn) open(offer string) {
	ownNet := newConnectionNet(c.v.host.Net())
	pc, err := newAPI(connectionHost{c.v.host, ownNet}).NewPeerConnection(c.v.rtc)
	if err != nil {
		c.end(fmt.Errorf("make a peer connection: %w", err))
		return
	}
	if err := c.connect(pc, offer); err != nil {
		c.shut(pc, ownNet)
		c.end(err)
		return
	}
	c.v.group.Go(func() {
		err := c.move()
		c.shut(pc, ownNet)
		c.end(err)
	})
}

// end tells the viewer why the connection ended. Nothing of it is left then.
func (c *peerConn) end(err error) {
	c.outbox.close()
	c.event(func() {
		c.closed = true
		c.handler.PeerClosed(err)
	})
}

// connect negotiates and waits for the channel.
func (c *peerConn) connect(pc *webrtc.PeerConnection, offer string) error {
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		// "disconnected" alone does nothing in the library: the connection may recover.
		if s == webrtc.PeerConnectionStateFailed || s == webrtc.PeerConnectionStateClosed {
			c.cancel(errConnFailed)
		}
	})
	if err := c.negotiate(pc, offer); err != nil {
		return err
	}
	select {
	case <-c.ctx.Done():
		return context.Cause(c.ctx)
	case c.channel = <-c.opened:
		endMedia(pc)
		return nil
	}
}

// shut closes the Pion connection. It is called on the owner's goroutine and may take as long as the DTLS close alert needs.
func (c *peerConn) shut(pc *webrtc.PeerConnection, ownNet *connectionNet) {
	c.cancel(errChannelClosed)
	// Pion holds its SCTP transport's lock while it waits, up to 0.4 s, for an abort to leave, and none leaves when the association
	// has just ended. A goroutine that finds the lock taken then keeps a virtual clock from moving, for ever. The only one that might
	// is the one that accepts channels, on its way out: so wait for an instant at which nothing else happens. Packets arrive at whole
	// milliseconds (netem's grid).
	time.Sleep(offGrid)
	// GracefulClose waits for the stack's goroutines: a bubble ends only when all of them have.
	_ = pc.GracefulClose() // the connection is gone either way
	ownNet.Close()
}

// negotiate exchanges the descriptions, without trickling: each goes out when its gathering is complete.
func (c *peerConn) negotiate(pc *webrtc.PeerConnection, offer string) error {
	if offer != "" {
		pc.OnDataChannel(c.adopt)
		if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
			return fmt.Errorf("take the offer: %w", err)
		}
		answer, err := pc.CreateAnswer(nil)
		if err != nil {
			return fmt.Errorf("make an answer: %w", err)
		}
		return c.describe(pc, answer)
	}
	// An empty label would do: the library's is 40 random hex digits, and nobody reads it.
	channel, err := pc.CreateDataChannel("swarmlab", nil)
	if err != nil {
		return fmt.Errorf("make the data channel: %w", err)
	}
	c.adopt(channel)
	description, err := pc.CreateOffer(nil)
	if err != nil {
		return fmt.Errorf("make an offer: %w", err)
	}
	if err := c.describe(pc, description); err != nil {
		return err
	}
	select {
	case <-c.ctx.Done():
		return context.Cause(c.ctx)
	case answer := <-c.answer:
		if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
			return fmt.Errorf("take the answer: %w", err)
		}
		return nil
	}
}

// describe sets the local description, waits for its candidates and signals it.
func (c *peerConn) describe(pc *webrtc.PeerConnection, d webrtc.SessionDescription) error {
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(d); err != nil {
		return fmt.Errorf("set the local description: %w", err)
	}
	if err := sleep(c.ctx, c.least); err != nil {
		return context.Cause(c.ctx)
	}
	limit := time.NewTimer(gatherLimit - c.least)
	defer limit.Stop()
	select {
	case <-c.ctx.Done():
		return context.Cause(c.ctx)
	case <-gathered:
	case <-limit.C:
	}
	sdp := pc.LocalDescription().SDP
	c.event(func() { c.signal(d.Type, sdp) })
	return nil
}

// signal tells the viewer of a description when a browser would have it ready.
func (c *peerConn) signal(what webrtc.SDPType, sdp string) {
	if what == webrtc.SDPTypeAnswer {
		c.handler.PeerSignal(sdp)
		return
	}
	c.v.After(c.v.descriptions.Rest(c.v.Now()), func() {
		if !c.closed {
			c.handler.PeerSignal(sdp)
		}
	})
}

// adopt waits for a data channel to open; the first one is the connection's (the label is not checked).
func (c *peerConn) adopt(d *webrtc.DataChannel) {
	d.OnOpen(func() {
		raw, err := d.DetachWithDeadline()
		if err != nil {
			c.cancel(fmt.Errorf("detach the data channel: %w", err))
			return
		}
		select {
		case c.opened <- raw:
		default: // a second channel is not of our protocol
			_ = raw.Close()
		}
	})
}

// move carries messages both ways until the channel or the connection ends. Its goroutine is the reader.
func (c *peerConn) move() error {
	c.event(func() { c.handler.PeerConnected() })
	closed := make(chan struct{})
	context.AfterFunc(c.ctx, func() { // needs no goroutine before its time has come
		c.outbox.close()
		_ = c.channel.SetWriteDeadline(time.Unix(1, 0)) // unblocks the writer, which may wait for a congestion window
		c.writers.Wait()
		_ = c.channel.Close() // also ends the reader
		_ = c.channel.SetReadDeadline(time.Unix(1, 0))
		close(closed)
	})
	c.outbox.flow()
	c.cancel(c.read(c.channel))
	<-closed
	return context.Cause(c.ctx)
}

// write sends what is in the outbox, and ends.
func (c *peerConn) write() {
	for {
		m, ok := c.outbox.next()
		if !ok {
			return
		}
		if _, err := c.channel.Write(m); err != nil {
			c.cancel(fmt.Errorf("%w: write to it: %w", errChannelClosed, err))
			return
		}
	}
}

// read posts every message as a turn until the channel ends.
//
// The other side resets the channel's stream and aborts the association right behind. Which of the two is heard first depends on
// whether data was under way: the reset waits for it. In a browser both are an error of the channel; the reset alone is none only
// where it is answered before the abort is sent, within the same machine (sim/oracle/README.md has the measurements).
func (c *peerConn) read(channel io.Reader) error {
	small := make([]byte, 512)
	for {
		m, err := readMessage(channel, small)
		switch {
		case errors.Is(err, io.EOF):
			return errChannelClosed
		case errors.Is(err, sctp.ErrChunk): // an abort
			return fmt.Errorf("%w: %w", errChannelClosed, err)
		case err != nil:
			return fmt.Errorf("read from the data channel: %w", err)
		}
		c.event(func() { c.deliver(m) })
	}
}

// deliver hands a message to the viewer, on its turn.
func (c *peerConn) deliver(m []byte) {
	c.v.wire.receivedMessage(m)
	if c.v.tamper != nil {
		if m = c.v.tamper(m); m == nil {
			return
		}
	}
	c.handler.PeerMessage(webtorrent.Text(m))
}

// readMessage reads one message into a buffer of its own. Pion leaves a message where it is when the buffer is too short, without
// saying how long it is: so small serves for commands, then the library's chunk size, then all that may be sent. An idle
// connection thus holds no 64 KiB.
func readMessage(channel io.Reader, small []byte) ([]byte, error) {
	n, err := channel.Read(small)
	if err == nil {
		return append([]byte(nil), small[:n]...), nil
	}
	for _, size := range []int{64 << 10, maxDataMessage} {
		if !errors.Is(err, io.ErrShortBuffer) {
			return nil, err
		}
		buf := make([]byte, size)
		if n, err = channel.Read(buf); err == nil {
			if n < size/2 {
				return append([]byte(nil), buf[:n]...), nil
			}
			return buf[:n:n], nil
		}
	}
	return nil, fmt.Errorf("a message of more than %d bytes: %w", maxDataMessage, err)
}
