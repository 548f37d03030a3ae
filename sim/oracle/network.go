package oracle

import (
	"encoding/hex"
	"errors"
	"time"

	"swarmlab/sim/p2pml"
	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/webtorrent"
)

// fetch tells the core what becomes of an HTTP request.
type fetch struct {
	core *Core
	id   uint32
}

// FetchHeaders implements p2pml.FetchHandler.
func (f *fetch) FetchHeaders(h p2pml.FetchHeaders) {
	if f.core.gone {
		return
	}
	t := f.core.tell(inFetchHeaders).u32(f.id).u32(uint32(h.Status)).f64(float64(h.ContentLength)).flag(h.ContentRange != nil)
	if r := h.ContentRange; r != nil {
		t.f64(float64(r.Start)).f64(float64(r.End)).f64(float64(r.Total))
	}
}

// FetchBody implements p2pml.FetchHandler.
func (f *fetch) FetchBody(m webtorrent.Message) {
	if !f.core.gone && m.Size > 0 {
		f.core.tell(inFetchBody).u32(f.id).u32(uint32(m.Size)).u32(f.core.run(p2pml.HTTP, m))
	}
}

// FetchDone implements p2pml.FetchHandler.
func (f *fetch) FetchDone(err error) {
	if f.core.gone {
		return
	}
	delete(f.core.fetches, f.id)
	text := ""
	if err != nil {
		text = err.Error()
		if text == "" {
			text = "failed"
		}
	}
	f.core.tell(inFetchDone).u32(f.id).str(text)
}

// client is one announce client of the core. The client itself is ours, for both kinds of core.
type client struct {
	core *Core
	id   uint32
	*webtorrent.Client
}

func (c *Core) startTracker(r *reader) {
	id, infoHash, peerID := r.u32(), r.str(), r.str()
	urls := make([]string, min(r.u32(), 1<<16))
	for i := range urls {
		urls[i] = r.str()
	}
	t := &client{core: c, id: id}
	t.Client = webtorrent.NewClient(c.env, c.sockets, webtorrent.ClientConfig{
		InfoHash: infoHash, PeerID: peerID, Trackers: urls,
		Offers: c.cfg.Announce.Offers, Interval: c.cfg.Announce.Interval, OfferTimeout: c.cfg.Announce.OfferTimeout,
		SilentReattach: c.cfg.Defects.SilentReattach,
	}, t)
	c.clients[id] = t
	t.Start()
}

// ClientPeer implements webtorrent.ClientEvents.
func (t *client) ClientPeer(peerID string, pc webtorrent.PeerConn) {
	c := t.core
	if c.gone {
		pc.Close()
		return
	}
	c.nextConn++
	p := &conn{core: c, id: c.nextConn, PeerConn: pc}
	c.conns[p.id] = p
	pc.Handle(p)
	c.tell(inPeer).u32(t.id).u32(p.id).str(hex.EncodeToString([]byte(peerID)))
}

// ClientWarning implements webtorrent.ClientEvents.
func (t *client) ClientWarning(err error) { t.complain(inTrackerWarning, err) }

// ClientError implements webtorrent.ClientEvents.
func (t *client) ClientError(err error) { t.complain(inTrackerError, err) }

func (t *client) complain(k kind, err error) {
	if !t.core.gone {
		t.core.tell(k).u32(t.id).str(err.Error())
	}
}

// ClientAnnounced implements webtorrent.ClientEvents. The library makes nothing of it.
func (t *client) ClientAnnounced(time.Duration, int, int) {}

// conn is one of the core's connections.
type conn struct {
	core *Core
	id   uint32
	webtorrent.PeerConn
}

// PeerSignal implements webtorrent.PeerHandler. The announce client consumes descriptions.
func (p *conn) PeerSignal(string) {}

func (p *conn) tell(k kind) *fields { return p.core.tell(k).u32(p.id) }

// PeerConnected implements webtorrent.PeerHandler.
func (p *conn) PeerConnected() {
	if !p.core.gone {
		p.tell(inPeerConnected)
	}
}

// PeerMessage implements webtorrent.PeerHandler.
func (p *conn) PeerMessage(m webtorrent.Message) {
	switch {
	case p.core.gone:
	case m.Bytes != nil && wire.IsCommand(m.Bytes):
		p.tell(inPeerCommand).bytes(m.Bytes)
	default:
		p.tell(inPeerData).u32(uint32(m.Size)).u32(p.core.run(p2pml.P2P, m))
	}
}

// PeerBufferedAmountLow implements webtorrent.PeerHandler.
func (p *conn) PeerBufferedAmountLow() {
	if !p.core.gone {
		p.tell(inPeerBufferedAmountLow)
	}
}

// PeerClosed implements webtorrent.PeerHandler.
func (p *conn) PeerClosed(err error) {
	if !p.core.gone {
		delete(p.core.conns, p.id)
		p.tell(inPeerClosed).flag(errors.Is(err, webtorrent.ErrChannelClosed)).flag(err != nil)
	}
}
