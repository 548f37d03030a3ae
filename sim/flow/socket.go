package flow

import (
	"math/rand/v2"
	"time"

	"swarmlab/sim/webtorrent"
)

// tracker is the embedded tracker with the way to it.
type tracker struct {
	*webtorrent.Tracker
	place   place
	delay   time.Duration // what it takes to handle a message
	sockets map[webtorrent.ConnID]*socket
	last    webtorrent.ConnID
	turn    *rand.PCG // the chance of whose message is being handled
}

// Uint64 makes the tracker draw from a stream of the viewer whose message it handles, so that one viewer more does not change what
// the others draw.
func (t *tracker) Uint64() uint64 { return t.turn.Uint64() }

// socket is a WebSocket to the tracker: a webtorrent.Socket.
type socket struct {
	v       *viewer
	id      webtorrent.ConnID
	handler webtorrent.SocketHandler
	chance  *rand.PCG
	open    bool
	there   time.Duration // when what was sent last reaches the tracker, and what it sent last the viewer: nothing overtakes
	here    time.Duration
	closed  bool // no event follows
}

// trackerIdle is how long the tracker holds a connection of which it hears nothing: netem's streams end after so long.
const trackerIdle = time.Minute

func newSocket(v *viewer, h webtorrent.SocketHandler) *socket {
	w := v.world
	w.tracker.last++
	s := &socket{v: v, id: w.tracker.last, handler: h, chance: rand.NewPCG(v.plan.Seed, chanceTracker+v.dialled)}
	v.dialled++
	w.tracker.sockets[s.id] = s
	v.sockets[s] = struct{}{}
	// A round trip to connect, and one to agree on WebSocket.
	w.clock.after(2*(v.out(&w.tracker.place)+v.in(&w.tracker.place)), call(func() {
		s.event(func() { s.open = true; s.handler.SocketOpened() })
	}))
	return s
}

func (s *socket) event(f func()) {
	if !s.closed {
		s.v.turn(f)
	}
}

// Send has a message reach the tracker.
func (s *socket) Send(text []byte) {
	if !s.open || s.closed {
		return
	}
	w := s.v.world
	s.there = max(s.there, w.clock.now+s.v.out(&w.tracker.place))
	w.clock.after(s.there-w.clock.now, call(func() { w.tracker.receive(w, s, text) }))
}

// receive is the tracker's turn.
func (t *tracker) receive(w *world, s *socket, text []byte) {
	if t.sockets[s.id] != s {
		return
	}
	t.turn = s.chance
	for _, out := range t.HandleMessage(w.clock.now, s.id, text) {
		to := t.sockets[out.To]
		if to == nil {
			continue
		}
		if out.Close {
			to.kick()
			continue
		}
		to.here = max(to.here, w.clock.now+t.delay+to.v.in(&t.place))
		w.clock.after(to.here-w.clock.now, call(func() {
			to.event(func() { to.handler.SocketMessage(out.Text) })
		}))
	}
}

// kick is the tracker closing the connection, which the viewer hears a way later.
func (s *socket) kick() {
	w := s.v.world
	delete(w.tracker.sockets, s.id)
	w.tracker.ConnClosed(s.id)
	s.here = max(s.here, w.clock.now+s.v.in(&w.tracker.place))
	w.clock.after(s.here-w.clock.now, call(func() {
		s.event(func() {
			s.closed = true
			delete(s.v.sockets, s)
			s.handler.SocketClosed(nil)
		})
	}))
}

// Close ends the socket; the viewer hears no more of it, and the tracker hears it a way later, after all that was sent.
func (s *socket) Close() {
	w := s.v.world
	s.end(max(s.there-w.clock.now, s.v.out(&w.tracker.place)))
}

func (s *socket) end(heard time.Duration) {
	if s.closed {
		return
	}
	w := s.v.world
	s.closed = true
	delete(s.v.sockets, s)
	w.clock.after(heard, call(func() {
		delete(w.tracker.sockets, s.id)
		w.tracker.ConnClosed(s.id)
	}))
}
