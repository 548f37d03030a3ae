package webtorrent

import (
	"fmt"
	"slices"
)

// batch is the offers of one announce. It is sent when the last of them is gathered; if one dies before, never: the next
// interval tries again.
type batch struct {
	announcer *announcer
	started   bool
	// gathered are in the order in which gathering ended, as the library sends them.
	gathered []Offer
	pending  int // offers neither answered nor timed out
	timeout  Timer
}

// pendingOffer is an offer that waits for its description, then for an answer. It is the handler of its connection meanwhile.
type pendingOffer struct {
	batch *batch
	id    ID
	conn  PeerConn

	gathered, dead bool
}

func (a *announcer) generateOffers(started bool) {
	env, cfg := a.client.env, &a.client.cfg
	b := &batch{announcer: a, started: started, pending: cfg.Offers}
	for range cfg.Offers {
		o := &pendingOffer{batch: b, id: randomID(env)}
		a.pending = append(a.pending, o)
		o.conn = env.NewPeerConn("", o)
	}
	b.timeout = env.After(cfg.OfferTimeout, func() {
		a.discard(func(o *pendingOffer) bool { return o.batch == b })
	})
}

func randomID(env Env) ID {
	var id ID
	for i := range id {
		id[i] = byte(env.Rand().Uint32())
	}
	return id
}

// dropOffers ends all that wait: the tracker that knew of them is gone.
func (a *announcer) dropOffers() {
	a.discard(func(o *pendingOffer) bool {
		stop(o.batch.timeout)
		return true
	})
}

// discard forgets and closes the pending offers that match, oldest first.
func (a *announcer) discard(match func(*pendingOffer) bool) {
	var closing []*pendingOffer
	a.pending = slices.DeleteFunc(a.pending, func(o *pendingOffer) bool {
		if !match(o) {
			return false
		}
		closing = append(closing, o)
		return true
	})
	for _, o := range closing {
		if !o.dead {
			o.dead = true
			o.conn.Close()
		}
	}
}

// take finds the offer an answer is for. The timeout of its batch stays as long as there are others.
func (a *announcer) take(id ID) *pendingOffer {
	for i, o := range a.pending {
		if o.id == id {
			a.pending = slices.Delete(a.pending, i, i+1)
			if o.batch.pending--; o.batch.pending == 0 {
				stop(o.batch.timeout)
			}
			return o
		}
	}
	return nil
}

// PeerSignal implements PeerHandler.
func (o *pendingOffer) PeerSignal(sdp string) {
	b := o.batch
	if o.dead || o.gathered {
		return
	}
	o.gathered = true
	b.gathered = append(b.gathered, Offer{ID: o.id, SDP: sdp})
	if len(b.gathered) == b.announcer.client.cfg.Offers {
		b.announcer.sendAnnounce(b)
	}
}

func (a *announcer) sendAnnounce(b *batch) {
	if a.link == nil {
		return
	}
	m := announce{
		infoHash: a.client.cfg.InfoHash, peerID: a.client.cfg.PeerID,
		started: b.started, trackerID: a.trackerID, offers: b.gathered,
	}
	a.link.send(m.append(make([]byte, 0, m.size())))
	b.gathered = nil // the descriptions are long, and no longer wanted
}

// PeerClosed implements PeerHandler: the offer failed before anybody answered. It is remembered until its time is over, so that
// a late answer finds it and does nothing.
func (o *pendingOffer) PeerClosed(err error) {
	o.dead = true
	if err != nil {
		o.batch.announcer.warnConnection(err)
	}
}

// PeerConnected implements PeerHandler. Nothing connects without an answer.
func (o *pendingOffer) PeerConnected() {}

// PeerMessage implements PeerHandler.
func (o *pendingOffer) PeerMessage(Message) {}

// PeerBufferedAmountLow implements PeerHandler.
func (o *pendingOffer) PeerBufferedAmountLow() {}

func (a *announcer) warnConnection(err error) {
	a.client.warn(fmt.Errorf("connection error: %w", err))
}
