package p2pml

import (
	"cmp"
	"slices"

	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/webtorrent"
)

// swarm is one rendition's loader of the P2P side: its tracker client, its connections, its announcements.
//
// P2P Media Loader 2.3 behaviour: duplicate peers and lifecycle; when announcements are sent.
type swarm struct {
	core      *Core
	loader    *hybridLoader
	rendition *rendition
	kind      StreamType
	cfg       *StreamConfig
	client    trackerClient
	destroyed bool
	expiry    webtorrent.Timer // an inactive swarm's end

	entries []*entry // everybody ever met and not closed, in order of first meeting: the order of choice
	byID    map[string]*entry
	met     uint64  // entries so far
	peers   []*peer // the connected ones, in the same order
	blank   []peer  // for those to come

	announcePending, announceNothing bool
	announce                         func()
	ids                              []int64 // scratch

	haveLoaded, haveLoading tally // what connected peers have announced
	stale                   bool  // the two above
}

// entry is what is known of one remote peer id.
type entry struct {
	id         string
	order      uint64 // of first meeting
	met        bool   // a candidate was seen before
	peer       *peer
	candidates []*candidate
}

// candidate is a connection, first on its way, then, if it is the first of its peer to open, the peer's.
type candidate struct {
	swarm *swarm
	entry *entry
	conn  webtorrent.PeerConn
	shown string
	peer  *peer
	done  bool   // lost against another, or failed
	ended bool   // the connection is closed, by either side
	order uint64 // of being offered
}

func newSwarm(l *hybridLoader, r *rendition) *swarm {
	core := l.core
	s := &swarm{core: core, loader: l, rendition: r, kind: l.kind, cfg: l.cfg, byID: make(map[string]*entry)}
	s.announce = s.sendAnnouncement
	core.identify(r)
	s.client = core.newTracker(core, s, r.infoHash, core.peerID(r.infoHash, s.cfg))
	s.client.Start()
	return s
}

// offered takes a connection on its way, from the tracker client.
func (s *swarm) offered(peerID string, conn webtorrent.PeerConn) {
	e := s.byID[peerID]
	if s.destroyed || e != nil && e.peer != nil {
		s.core.ticks.after(conn.Close)
		return
	}
	if e == nil {
		s.met++
		e = &entry{id: peerID, order: s.met}
		s.byID[peerID] = e
		s.entries = append(s.entries, e)
	}
	c := &candidate{swarm: s, entry: e, conn: conn}
	if !e.met || !s.core.cfg.Defects.LateCandidateAnonymous {
		c.shown = peerID
	}
	e.met = true
	e.candidates = append(e.candidates, c)
	s.core.open.add(c)
	conn.Handle(c)
}

// PeerSignal implements webtorrent.PeerHandler. The tracker client consumes descriptions.
func (c *candidate) PeerSignal(string) {}

// PeerConnected implements webtorrent.PeerHandler: the first of a peer's candidates wins, the others are destroyed. Nothing
// decides between the two sides, so they may keep different ones and lose both.
func (c *candidate) PeerConnected() {
	s, e := c.swarm, c.entry
	if c.done || e.peer != nil {
		return
	}
	losers := e.candidates
	e.candidates = nil
	for _, other := range losers {
		if other != c && !other.done {
			other.done = true
			s.core.ticks.after(other.close)
		}
	}
	c.conn = webtorrent.Channel(c.conn) // what was around it until now is no longer needed
	c.peer = newPeer(s, e.id, c.shown, c)
	c.conn.Handle(c.peer)
	e.peer = c.peer
	s.connected(e)
	s.core.ev.OnPeerConnect(PeerConnect{At: s.core.env.Now(), Type: s.kind, PeerID: e.id})
	if !s.cfg.IsP2PUploadDisabled {
		for _, m := range s.announcement(false) { // even if there is nothing to announce
			c.peer.out.write(m)
		}
	}
}

// PeerMessage implements webtorrent.PeerHandler. What comes over an open connection goes to the peer, if it is the first of its
// own, and else nowhere.
func (c *candidate) PeerMessage(webtorrent.Message) {}

// PeerBufferedAmountLow implements webtorrent.PeerHandler.
func (c *candidate) PeerBufferedAmountLow() {}

// PeerClosed implements webtorrent.PeerHandler.
func (c *candidate) PeerClosed(err error) {
	c.ended = true
	c.swarm.core.open.remove(c)
	switch {
	case c.done:
	case c.peer != nil:
		c.peer.lost(err)
	default:
		// The library leaves a failed candidate where it is, which nobody notices; the entry keeps its place in the order here too.
		c.done = true
		// The tracker client warns of it.
		c.entry.candidates = slices.DeleteFunc(c.entry.candidates, func(o *candidate) bool { return o == c })
	}
}

// close closes the connection.
func (c *candidate) close() {
	if !c.ended {
		c.ended = true
		c.swarm.core.open.remove(c)
		c.conn.Close()
	}
}

// forget forgets whoever has a peer id; the next announce can bring it back, at the end of the order.
func (s *swarm) forget(id string) {
	s.loader.stir()
	e := s.byID[id]
	if e == nil {
		return
	}
	delete(s.byID, id)
	if s.destroyed { // with everybody else
		return
	}
	s.entries = slices.DeleteFunc(s.entries, func(o *entry) bool { return o == e })
	p := e.peer
	if p == nil {
		return
	}
	s.peers = without(s.peers, p)
	if p.tallied && !s.stale {
		s.haveLoaded.take(&p.loaded)
		s.haveLoading.take(&p.loading)
	}
	p.tallied = false
}

// connected takes an entry's peer in, which has announced nothing yet.
func (s *swarm) connected(e *entry) {
	i, _ := slices.BinarySearchFunc(s.peers, e.order, func(p *peer, order uint64) int { return cmp.Compare(p.at.entry.order, order) })
	peers := make([]*peer, 0, len(s.peers)+1) // a new list: somebody may be walking the old one
	s.peers = append(append(append(peers, s.peers[:i]...), e.peer), s.peers[i:]...)
	e.peer.tallied = !s.stale
	s.loader.stir()
}

// without is a new list, too.
func without(peers []*peer, p *peer) []*peer {
	rest := make([]*peer, 0, max(len(peers)-1, 0))
	for _, o := range peers {
		if o != p {
			rest = append(rest, o)
		}
	}
	return rest
}

// availabilityChanged: what a peer has was changed by hand.
func (s *swarm) availabilityChanged() {
	s.stale = true
	s.loader.stir()
}

// announced: a peer replaces its lists. Only the current swarm's peers wake the scheduler.
func (s *swarm) announced(p *peer, a *Announcement) {
	counted := p.tallied && !s.stale
	news := !counted
	changes := p.loaded.replace(&a.loaded, s.core.changes[:0])
	ofLoaded := len(changes)
	changes = p.loading.replace(&a.loading, changes)
	for i, c := range changes {
		if !counted {
			break
		}
		wanted := s.loader.calm.wantedOf(c.base) & (c.gone | c.come)
		before := s.any(c.base)
		if i < ofLoaded {
			s.haveLoaded.apply(c)
			news = news || wanted&c.come != 0
		} else {
			s.haveLoading.apply(c)
		}
		// Whoever else loads or loses what others have too is no news.
		news = news || wanted != 0 && wanted&(before^s.any(c.base)) != 0
	}
	s.core.changes = changes
	if s.loader.swarms.current == s {
		s.loader.heard(news)
	}
}

// any are the ids of a block that any connected peer has announced.
func (s *swarm) any(base int64) uint64 { return s.haveLoaded.word(base) | s.haveLoading.word(base) }

// available reports whether any connected peer has the segment, or at least is loading it over HTTP.
func (s *swarm) available(id int64) (loaded, any bool) {
	if s.stale {
		s.haveLoaded.clear()
		s.haveLoading.clear()
		for _, p := range s.peers {
			s.haveLoaded.add(&p.loaded)
			s.haveLoading.add(&p.loading)
			p.tallied = true
		}
		s.stale = false
	}
	loaded = s.haveLoaded.has(id)
	return loaded, loaded || s.haveLoading.has(id)
}

// broadcast announces to all peers at the end of the turn: several causes in one turn make one announcement. nothing sends an
// empty one, which is how a viewer that stops uploading takes back what it said.
func (s *swarm) broadcast(nothing bool) {
	if s.announcePending || s.destroyed || s.cfg.IsP2PUploadDisabled && !nothing {
		return
	}
	s.announcePending, s.announceNothing = true, nothing
	s.core.micro.put(s.announce)
}

func (s *swarm) sendAnnouncement() {
	s.announcePending = false
	if s.destroyed || len(s.peers) == 0 {
		return
	}
	s.core.warmth += s.warmPeers()
	messages := s.announcement(s.announceNothing)
	// Where nothing else is put off, the queues would run one after the other as soon as this is over: one message can as well go now.
	atOnce := s.core.micro.last() && len(messages) == 1
	for _, p := range s.peers {
		if atOnce && p.out.pass(messages[0]) {
			continue
		}
		for _, m := range messages {
			p.out.write(m)
		}
	}
}

// announcement makes the messages that list what we have and what we are fetching over HTTP. They are the same for everybody.
func (s *swarm) announcement(nothing bool) []webtorrent.Message {
	c := wire.Command{ID: wire.SegmentsAnnouncement}
	if !nothing {
		s.ids = s.core.shelfOf(s.rendition).appendIDs(s.ids[:0])
		loaded := len(s.ids)
		s.ids = s.loader.appendLoadingHTTP(s.ids, s.rendition)
		c.Loaded, c.Loading = s.ids[:loaded:loaded], s.ids[loaded:]
		if !s.core.cfg.Defects.FullBlock256 {
			c.Loaded, c.Loading = wire.OmitFromFullBlocks(c.Loaded), wire.OmitFromFullBlocks(c.Loading)
		}
	}
	frames := wire.Frames(wire.Encode(c), s.cfg.maxMessageSize())
	messages := make([]webtorrent.Message, len(frames))
	for i, f := range frames {
		messages[i] = webtorrent.Text(f)
	}
	return messages
}

func (s *swarm) warn(err error) {
	s.core.ev.OnTrackerWarning(TrackerWarning{At: s.core.env.Now(), Type: s.kind, Err: err})
}

func (s *swarm) fault(err error) {
	s.core.ev.OnTrackerError(TrackerError{At: s.core.env.Now(), Type: s.kind, Err: err})
}

func (s *swarm) destroy() {
	if s.destroyed {
		return
	}
	s.destroyed = true
	s.stopExpiry()
	s.client.Destroy()
	for _, e := range slices.Clone(s.entries) {
		if e.peer != nil {
			e.peer.close()
		}
		for _, c := range e.candidates {
			c.done = true
			s.core.ticks.after(c.close)
		}
		e.candidates = nil
	}
	s.entries, s.byID, s.peers, s.blank = nil, nil, nil, nil
}

func (s *swarm) stopExpiry() {
	if s.expiry != nil {
		s.expiry.Stop()
		s.expiry = nil
	}
}
