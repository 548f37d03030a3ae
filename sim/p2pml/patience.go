package p2pml

import "swarmlab/sim/p2pml/wire"

// Patient may be implemented by an Env that can keep a message back, until the viewer's next turn whatever that is about, and
// hand it over then with Now as it was when it came. Most of what the viewers of a large swarm hear is that one more peer has what
// they have long had themselves, or is a part of a segment: it is remembered and changes nothing, so that it need not have a turn of its own.
type Patient interface {
	// Await tells which messages may be kept back from now on. Those that are on their way are to be looked at again.
	Await(p Patience)
}

// Patience is which messages make no difference to a core: announcements that name none of the segments it waits for, and parts of
// segments. The zero value is none: of an engine that says nothing it is not known.
type Patience struct {
	calm   bool
	parts  bool
	base   int64
	wanted wanted
}

// Announcement is what a frame announces. It may be handed to any number of receivers.
type Announcement struct{ loaded, loading idSet }

// Read takes a frame, and reports whether it is a whole announcement. scratch is used for decoding.
func (a *Announcement) Read(frame []byte, scratch *wire.Command) bool {
	var j wire.Joiner
	payload, complete, err := j.Add(frame)
	if err != nil || !complete || scratch.Decode(payload) != nil || scratch.ID != wire.SegmentsAnnouncement {
		return false
	}
	a.set(scratch)
	return true
}

func (a *Announcement) set(c *wire.Command) {
	a.loaded.set(c.Loaded)
	a.loading.set(c.Loading)
}

// Parts reports whether it permits raw bytes of segments from peers, see Core.wary.
func (p *Patience) Parts() bool { return p.parts }

// Any reports whether it permits any announcement.
func (p *Patience) Any() bool { return p.calm }

// Permits reports whether the announcement may be kept back.
func (p *Patience) Permits(a *Announcement) bool {
	return p.calm && !p.wanted.meets(p.base, &a.loaded) && !p.wanted.meets(p.base, &a.loading)
}

// meets tells whether any of the wanted ids stands in a set. base is that of w[0].
func (w *wanted) meets(base int64, s *idSet) bool {
	for i, is := range s.near {
		if at := uint64(s.base + int64(i) - base); at < uint64(len(w)) && w[at]&is != 0 {
			return true
		}
	}
	for _, b := range s.far {
		if at := uint64(b.base - base); at < uint64(len(w)) && w[at]&b.bits != 0 {
			return true
		}
	}
	return false
}

// Hearer is implemented by the core's PeerHandler of an open connection.
type Hearer interface {
	// PeerAnnounces is PeerMessage of the frame that the announcement was read from.
	PeerAnnounces(a *Announcement)
}

// tellPatience tells the environment how things are.
func (l *hybridLoader) tellPatience() {
	c := l.core
	if c.patient == nil {
		return
	}
	var p Patience
	if l.patient() {
		p = Patience{calm: true, base: l.calm.base, wanted: l.calm.wanted}
	}
	p.parts = c.wary == 0
	if p.calm || c.patience {
		c.patience = p.calm
		c.patient.Await(p)
	}
}

// PartsAlone permits no announcement.
var PartsAlone = Patience{parts: true}

// beware counts reasons for which raw bytes may make a difference.
func (c *Core) beware(n int) {
	was := c.wary > 0
	c.wary += n
	if is := c.wary > 0; is != was && c.patient != nil {
		c.patience = false
		c.patient.Await(Patience{parts: !is})
	}
}

// patient tells that an announcement without anything wanted would find the scheduler calm, and leave it so. What a peer no longer has
// would be news if it was wanted; so nobody may have said to have any of that.
func (l *hybridLoader) patient() bool {
	c, s := &l.calm, l.swarms.current
	switch {
	case !c.holds(l.position), l.core.loaders[slot(Secondary)] != nil, l.core.wary > 0, s.stale:
		return false
	}
	for i, w := range c.wanted {
		if w != 0 && s.any(c.base+int64(i))&w != 0 {
			return false
		}
	}
	return true
}
