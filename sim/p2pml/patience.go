package p2pml

import "swarmlab/sim/p2pml/wire"

// Patient may be implemented by an Env that can keep an announcement back, until the viewer's next turn whatever that is about, and
// hand it over then with Now as it was when it came. Most of what the viewers of a large swarm hear is that one more peer has what
// they have long had themselves: it is remembered and changes nothing, so that it need not have a turn of its own.
type Patient interface {
	// Await tells which announcements may be kept back from now on. Those that are on their way are to be looked at again.
	Await(p Patience)
}

// Patience is which announcements make no difference to a core: those that name none of the segments it waits for. The zero value is
// none.
type Patience struct {
	calm   bool
	base   int64
	wanted wanted
}

// Announcement is what a frame announces.
type Announcement struct{ blocks []idBlock }

// Read takes a frame, and reports whether it is a whole announcement. scratch is used for decoding.
func (a *Announcement) Read(frame []byte, scratch *wire.Command) bool {
	var j wire.Joiner
	payload, complete, err := j.Add(frame)
	if err != nil || !complete || scratch.Decode(payload) != nil || scratch.ID != wire.SegmentsAnnouncement {
		return false
	}
	a.blocks = a.blocks[:0]
	for _, ids := range [...][]int64{scratch.Loaded, scratch.Loading} {
		for _, id := range ids {
			b := blockOf(id)
			if n := len(a.blocks); n > 0 && a.blocks[n-1].base == b.base {
				a.blocks[n-1].bits |= b.bits
			} else {
				a.blocks = append(a.blocks, b)
			}
		}
	}
	return true
}

// Permits reports whether the announcement may be kept back.
func (p *Patience) Permits(a *Announcement) bool {
	if !p.calm {
		return false
	}
	for _, b := range a.blocks {
		if i := uint64(b.base - p.base); i < uint64(len(p.wanted)) && p.wanted[i]&b.bits != 0 {
			return false
		}
	}
	return true
}

// tellPatience tells the environment how things are.
func (l *hybridLoader) tellPatience() {
	c := l.core
	if c.patient == nil {
		return
	}
	var p Patience
	if l.patient() {
		p = Patience{true, l.calm.base, l.calm.wanted}
	}
	if p.calm || c.patience {
		c.patience = p.calm
		c.patient.Await(p)
	}
}

// patient tells that an announcement without anything wanted would find the scheduler calm, and leave it so. What a peer no longer has
// would be news if it was wanted; so nobody may have said to have any of that.
func (l *hybridLoader) patient() bool {
	c, s := &l.calm, l.swarms.current
	switch {
	case !c.holds(l.position), l.core.loaders[slot(Secondary)] != nil, l.core.closing > 0, s.stale:
		return false
	}
	for i, w := range c.wanted {
		if w != 0 && s.any(c.base+int64(i))&w != 0 {
			return false
		}
	}
	return true
}
