package trackerbench

import (
	"time"

	"swarmlab/sim/trackerbench/load"
	"swarmlab/sim/trackerbench/meter"
	"swarmlab/sim/trackerbench/wire"
)

// session is one viewer: a connection, and a membership of each of its swarms. It keeps its slot until nobody will hear of it any more.
type session struct {
	members    []member
	generation uint32 // of the slot: tells its viewers apart
	place      int32
	state      sessionState
	since      time.Duration // connecting: when it was due to connect; departed: when it left
}

type sessionState uint8

const (
	unused     sessionState = iota
	connecting              // dialled
	waiting                 // for the time to dial again
	present                 // open
	departed                // has left, but may still listen
)

// member is a viewer in one swarm.
type member struct {
	serial   uint32 // place in Graph.Members
	swarm    int32
	standing standing
	pending  time.Duration // when an announce was due that could not be sent yet; negative: none
	ghost    time.Duration // departed: when the last offer came that was made after the leaving
	owed     meter.Owed
}

// standing is what the tracker can know of a member.
type standing uint8

const (
	outside standing = iota
	joining          // announced
	sure             // the tracker has shown that it knows it
)

const (
	// listenAfter is how long one that has left still listens for offers. A silent one listens for longer, as trackers need longer.
	listenAfter       = 2 * time.Second
	listenAfterSilent = time.Minute
	// redialAfter is how soon a connection that was lost is dialled again, up to twice that. Clients wait longer, from 10 s on; a
	// population that had fallen by half at the window's end would measure a smaller load than asked for.
	redialAfter = time.Second
)

const nothingPending = time.Duration(-1)

// join lets a new viewer take a place.
func (r *round) join(place int32, due time.Duration) {
	var slot int32
	if n := len(r.free); n > 0 {
		slot = r.free[n-1]
		r.free = r.free[:n-1]
	} else {
		slot = int32(len(r.sessions)) // fewer than places and leavings together
		r.sessions = append(r.sessions, &session{})
	}
	s := r.sessions[slot]
	*s = session{members: s.members[:0], generation: s.generation + 1, place: place}
	for m := range r.load.SwarmsPerSocket {
		swarm := r.plan.SwarmOf(place, uint8(m)) // at most MostPerSocket
		s.members = append(s.members, member{
			serial: uint32(len(r.graph.Members)), swarm: int32(swarm), pending: nothingPending, ghost: -1,
		})
		r.graph.Members = append(r.graph.Members, Member{Swarm: int32(swarm), Joined: due, Left: -1})
	}
	r.slotOf[place] = slot
	r.dial(slot, due)
}

func (r *round) dial(slot int32, due time.Duration) {
	s := r.sessions[slot]
	s.state, s.since = connecting, due
	r.sockets.Dialled++
	r.net.Dial(int(slot))
}

// Opened implements socket.Events.
func (r *round) Opened(slot int, at time.Duration) {
	r.series.Advance(at, r.open)
	s := r.sessions[slot]
	s.state = present
	r.open++
	r.sockets.Opened++
	r.connect.Record(at - s.since)
	for m := range s.members {
		due := at
		if pending := s.members[m].pending; pending >= 0 {
			due = pending
		}
		r.announce(s, int32(slot), uint8(m), due, at)
	}
}

// Closed implements socket.Events.
func (r *round) Closed(slot int, at time.Duration, reason string) {
	r.series.Advance(at, r.open)
	s := r.sessions[slot]
	switch s.state {
	case connecting:
		r.sockets.Failed++
		count(r.sockets.FailedReasons, reason)
	case present:
		r.open--
		r.sockets.UnexpectedCloses++
		count(r.sockets.CloseReasons, reason)
		r.series.Now.Closes++
		r.outside(s, at)
	case departed:
		r.forget(int32(slot))
		return
	default:
		return
	}
	s.state = waiting
	r.later.Add(at+redialAfter+time.Duration(r.rng.Float64()*float64(redialAfter)),
		later{slot: int32(slot), generation: s.generation, what: laterRedial})
}

// count counts by reason; of what a tracker says there may be any number, of which the first are enough.
func count(reasons map[string]int64, reason string) {
	const most = 32
	if _, known := reasons[reason]; !known && len(reasons) >= most {
		reason = "others"
	}
	reasons[reason]++
}

// outside ends all memberships, as far as the tracker can know.
func (r *round) outside(s *session, at time.Duration) {
	for i := range s.members {
		m := &s.members[i]
		m.owed.Settle(&r.responses)
		if m.standing != outside {
			r.truth.Left(at, int(m.swarm), m.standing == sure)
		}
		m.standing = outside
	}
}

// leave takes the viewer off its place.
func (r *round) leave(place int32, how load.Goodbye) {
	slot := r.slotOf[place]
	if slot < 0 {
		return
	}
	r.slotOf[place] = -1
	s, now := r.sessions[slot], r.net.Now()
	for i := range s.members {
		r.graph.Members[s.members[i].serial].Left = now
	}
	if s.state != present {
		r.net.Close(int(slot))
		r.forget(slot)
		return
	}
	r.open--
	if how == load.Clean {
		for i := range s.members {
			r.stop(s, slot, i, now)
		}
	}
	for i := range s.members { // responses are owed until the connection ends
		m := &s.members[i]
		r.truth.Left(now, int(m.swarm), m.standing == sure)
		m.standing = outside
	}
	listen := listenAfter
	switch how {
	case load.Closes:
		r.net.Finish(int(slot))
	case load.Silent:
		listen = listenAfterSilent
	default: // it has said goodbye
	}
	s.state, s.since = departed, now
	r.later.Add(now+listen, later{slot: slot, generation: s.generation, what: laterForget})
}

// forget frees the slot of a viewer that has left.
func (r *round) forget(slot int32) {
	s := r.sessions[slot]
	for i := range s.members {
		m := &s.members[i]
		m.owed.Settle(&r.responses)
		r.unsent(m)
		if s.state == departed {
			r.staleness.Record(max(0, m.ghost-s.since))
		}
	}
	s.state = unused
	s.generation++
	r.free = append(r.free, slot)
}

// unsent gives up an announce that could not be sent.
func (r *round) unsent(m *member) {
	if m.pending >= 0 && r.inWindow(m.pending) {
		r.delivery.Unsent++
	}
	m.pending = nothingPending
}

// cut breaks all connections. They are dialled again when the plan says so.
func (r *round) cut() {
	now := r.net.Now()
	for _, slot := range r.slotOf {
		if slot < 0 {
			continue
		}
		s := r.sessions[slot]
		r.net.Reset(int(slot))
		if s.state == present {
			r.open--
			r.outside(s, now)
		}
		s.state = waiting
	}
}

func (s *session) peer(slot int32, m uint8) wire.Peer {
	return wire.Peer{Slot: uint32(slot), Generation: s.generation & (1<<18 - 1), Member: m}
}
