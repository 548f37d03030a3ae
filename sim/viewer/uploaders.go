package viewer

import "swarmlab/sim/p2pml"

// uploaders tells the P2P bytes of a segment apart by the peer that sent them. The library credits a segment to whoever finished
// it, and an id is missing from some of its chunk events (p2pml's Defects.LateCandidateAnonymous); but an attempt names its peer and how
// much was held when it began, so what it brought is the difference to what was held when it was over.
type uploaders map[string]*attempts

// attempts are those at one segment, as long as their bytes are kept.
type attempts struct {
	source p2pml.Source // of the running one, or the last
	peer   string
	held   int64 // when it began
	parts  []part
}

type part struct {
	peer  string
	bytes int64
}

// ended adds what the last attempt brought, of what is held now.
func (a *attempts) ended(held int64) {
	if a.source == p2pml.P2P && held > a.held {
		a.parts = append(a.parts, part{a.peer, held - a.held})
	}
}

func (u uploaders) start(e p2pml.SegmentStart) {
	a := u[e.Segment.RuntimeID]
	if a == nil {
		a = &attempts{}
		u[e.Segment.RuntimeID] = a
	}
	a.ended(e.Held)
	a.source, a.peer, a.held = e.Source, e.PeerID, e.Held
}

// loaded are the segment's bytes by peer. They add up to its P2P bytes.
func (u uploaders) loaded(e p2pml.SegmentLoaded) []part {
	a := u[e.Segment.RuntimeID]
	delete(u, e.Segment.RuntimeID)
	if a == nil {
		return nil
	}
	a.ended(e.Bytes)
	return a.parts
}

// discarded forgets what was thrown away. An attempt whose server sent everything again goes on with nothing held.
func (u uploaders) discarded(e p2pml.BytesDiscarded) {
	a := u[e.Segment.RuntimeID]
	switch {
	case a == nil:
	case e.Cause == p2pml.DiscardRestarted:
		a.held, a.parts = 0, nil
	default:
		delete(u, e.Segment.RuntimeID)
	}
}
