package webtorrent

import (
	"errors"
	"fmt"
)

// candidate is a connection in the consumer's hands that is not open yet. It stands between the connection and the consumer
// until it is open: the description of an answerer goes to the tracker, and a failure is also the client's warning. Then it
// steps aside: the connection talks to the consumer directly.
type candidate struct {
	announcer *announcer
	conn      PeerConn
	consumer  PeerHandler
	reply     *answer // what the description completes; nil for the initiator, and once sent
	connected bool
	closed    bool
}

// receiveOffer answers an offer, once.
func (a *announcer) receiveOffer(peerID string, r *response) {
	sdp, ok := sdpOf(r.offer)
	if !ok {
		a.warn(fmt.Errorf("an offer of %q without a description", peerID))
		return
	}
	cfg := &a.client.cfg
	c := &candidate{announcer: a, consumer: nobody{}, reply: &answer{
		infoHash: cfg.InfoHash, peerID: cfg.PeerID,
		// Copies: the message they stand in is the socket's.
		toPeerID: string(r.peerID), offerID: string(r.offerID),
	}}
	c.conn = a.client.env.NewPeerConn(sdp, c)
	a.client.ev.ClientPeer(peerID, c)
}

// receiveAnswer completes one of our offers. Answers to offers we do not know, or no longer, are ignored.
func (a *announcer) receiveAnswer(peerID string, r *response) {
	id, ok := parseIDToken(r.offerID)
	if !ok {
		return
	}
	o := a.take(id)
	if o == nil || o.dead {
		return
	}
	sdp, ok := sdpOf(r.answer)
	if !ok {
		o.conn.Close()
		a.warnConnection(errors.New("an answer without a description"))
		return
	}
	c := &candidate{announcer: a, consumer: nobody{}, conn: o.conn}
	o.conn.Handle(c)
	a.client.ev.ClientPeer(peerID, c)
	if !c.closed {
		c.conn.SetAnswer(sdp)
	}
}

// Handle implements PeerConn.
func (c *candidate) Handle(h PeerHandler) {
	c.consumer = h
	if c.connected {
		c.conn.Handle(h)
	}
}

// Channel is a connection that is open, without what the client has put around it until it was.
func Channel(c PeerConn) PeerConn {
	if around, ok := c.(*candidate); ok {
		return around.conn
	}
	return c
}

// SetAnswer implements PeerConn. The client does it; a consumer has no reason to.
func (c *candidate) SetAnswer(sdp string) { c.conn.SetAnswer(sdp) }

// Send implements PeerConn.
func (c *candidate) Send(m Message) { c.conn.Send(m) }

// BufferedAmount implements PeerConn.
func (c *candidate) BufferedAmount() int { return c.conn.BufferedAmount() }

// Close implements PeerConn. No answer goes out after it.
func (c *candidate) Close() {
	c.closed = true
	c.conn.Close()
}

// PeerSignal implements PeerHandler.
func (c *candidate) PeerSignal(sdp string) {
	a, reply := c.announcer, c.reply
	if reply == nil || c.closed {
		return
	}
	c.reply = nil
	if a.link == nil {
		return // the tracker is gone; the other side's offer will time out
	}
	reply.trackerID, reply.sdpText = a.trackerID, sdp
	a.link.send(reply.append(make([]byte, 0, 256+len(sdp)+len(sdp)/8)))
}

// PeerConnected implements PeerHandler.
func (c *candidate) PeerConnected() {
	c.connected = true
	c.conn.Handle(c.consumer)
	c.consumer.PeerConnected()
}

// PeerMessage implements PeerHandler.
func (c *candidate) PeerMessage(m Message) { c.consumer.PeerMessage(m) }

// PeerBufferedAmountLow implements PeerHandler.
func (c *candidate) PeerBufferedAmountLow() { c.consumer.PeerBufferedAmountLow() }

// PeerClosed implements PeerHandler.
func (c *candidate) PeerClosed(err error) {
	c.closed = true
	if err != nil {
		c.announcer.warnConnection(err)
	}
	c.consumer.PeerClosed(err)
}

// nobody is the consumer who did not say who he is.
type nobody struct{}

func (nobody) PeerSignal(string)      {}
func (nobody) PeerConnected()         {}
func (nobody) PeerMessage(Message)    {}
func (nobody) PeerBufferedAmountLow() {}
func (nobody) PeerClosed(error)       {}
