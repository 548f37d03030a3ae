package flow

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"swarmlab/results"
	"swarmlab/scenarios"
	"swarmlab/sim/p2pml"
	viewing "swarmlab/sim/viewer"
	"swarmlab/sim/webtorrent"
)

// viewer is one viewer of the flow tier, and the environment (p2pml.Env) that its player and core see.
type viewer struct {
	*viewing.Viewer
	world *world

	// What others look at who send something here is side by side in memory, and each side of the line within what memory hands over
	// at once.
	mail     mailbox
	place    place
	late     struct{ up, down wander }
	deferred []func() // microtasks of the current turn
	up, down side

	gone     bool // left, or the run is over: nothing reaches it any more
	vanished bool
	rand     *rand.Rand
	plan     scenarios.Viewer
	http     *window       // of the connection to the origin, towards the viewer
	opened   time.Duration // when the connection to the origin is, or will be, open; 0: not asked for yet

	conns        map[*peerConn]struct{}
	blank        []peerConn // for those to come
	fetches      map[*fetch]struct{}
	sockets      map[*socket]struct{}
	final        sample
	descriptions viewing.Descriptions
	offers       uint64 // connections offered so far
	asked        uint64 // requests made so far
	dialled      uint64 // sockets opened so far: each has its own chance
}

// sample is what a viewer tells the sampler.
type sample struct {
	totals results.Totals
	gauge  results.Gauge
}

var _ p2pml.Env = (*viewer)(nil)

// turn runs f and then the microtasks it deferred, as a JavaScript engine does.
func (v *viewer) turn(f func()) {
	if v.gone {
		return
	}
	v.read()
	f()
	v.rest()
}

// rest ends a turn: it runs the microtasks.
func (v *viewer) rest() {
	if len(v.deferred) == 0 {
		return
	}
	for i := 0; i < len(v.deferred); i++ { // they may defer more
		v.deferred[i]()
	}
	clear(v.deferred)
	v.deferred = v.deferred[:0]
}

// Now is the time since the run began.
func (v *viewer) Now() time.Duration {
	if v.mail.reading {
		return v.mail.at
	}
	return v.world.clock.now
}

// timer is one pending call.
type timer struct {
	event
	v *viewer
	f func()
}

func (t *timer) do() { t.v.turn(t.f) }

// Stop reports whether it prevented the call.
func (t *timer) Stop() bool { return t.v.world.clock.drop(&t.event) }

// Reset implements webtorrent.Resetter.
func (t *timer) Reset(d time.Duration) {
	c := &t.v.world.clock
	c.set(&t.event, c.now+max(d, 0))
}

// After runs f on the viewer's turn.
func (v *viewer) After(d time.Duration, f func()) webtorrent.Timer {
	t := &timer{v: v, f: f}
	t.event = newEvent(t)
	c := &v.world.clock
	c.set(&t.event, c.now+max(d, 0))
	return t
}

// Rand is the viewer's own stream of chance.
func (v *viewer) Rand() *rand.Rand { return v.rand }

// Defer runs f at the end of the current turn.
func (v *viewer) Defer(f func()) { v.deferred = append(v.deferred, f) }

// Fetch starts an HTTP GET.
func (v *viewer) Fetch(r p2pml.FetchRequest, h p2pml.FetchHandler) p2pml.Fetch {
	return newFetch(v, r, h)
}

// OpenSocket begins to open a WebSocket. There is one tracker, whatever its address.
func (v *viewer) OpenSocket(_ string, h webtorrent.SocketHandler) webtorrent.Socket {
	return newSocket(v, h)
}

// NewPeerConn begins to make a peer connection.
func (v *viewer) NewPeerConn(offer string, h webtorrent.PeerHandler) webtorrent.PeerConn {
	return newPeerConn(v, offer, h)
}

// originOpen is when a request can leave for the origin: the first one waits a round trip for its connection.
func (v *viewer) originOpen() time.Duration {
	w := v.world
	if v.opened == 0 {
		v.opened = w.clock.now + v.out(&w.origin.place) + w.queue(&w.origin.up) + v.in(&w.origin.place)
	}
	return max(v.opened, w.clock.now)
}

// httpWindow is that of the one connection to the origin, which all requests share.
func (v *viewer) httpWindow() *window {
	w := v.world
	if v.http == nil && w.rampUp {
		v.http = new(window)
		link := v.plan.Link
		trip := w.roundTrip(&v.place, &w.origin.place) + 2*w.inOrder(link.Jitter)
		var losses luck
		if loss := pathLoss(w.origin.link, link); loss > 0 {
			losses = newChance(&quicRules, loss, rand.New(rand.NewPCG(v.plan.Seed, chanceHTTP)))
		}
		v.http.init(&quicRules, trip, losses, v.lateness)
		v.http.ackClock = w.ackClock(jitteryLine{link.Jitter, trip})
	}
	return v.http
}

// lateness is what the way to the viewer and back takes above its mean just now.
func (v *viewer) lateness() time.Duration {
	now := v.world.clock.now
	return v.late.up.delay(now) + v.late.down.delay(now)
}

// leave ends the stay. Who vanishes tells nobody.
func (v *viewer) leave(clean bool) {
	if v.gone {
		return
	}
	if !clean {
		v.vanish()
	}
	v.last(func() { v.Leave(clean) })
	// What still loads would take its share of the lines from those who stay.
	for _, f := range v.loading() {
		f.Cancel()
	}
	v.mail.discard()
	v.blank = nil
}

// loading lists the requests that are under way, in the order they were made.
func (v *viewer) loading() []*fetch {
	return slices.SortedFunc(maps.Keys(v.fetches), func(a, b *fetch) int { return cmp.Compare(a.number, b.number) })
}

// finish ends the record where the run ends.
func (v *viewer) finish() {
	if !v.gone {
		v.last(v.Finish)
	}
}

func (v *viewer) last(end func()) {
	v.turn(func() {
		_, v.final.gauge = v.Sample()
		end()
		v.final.totals, _ = v.Sample()
	})
	v.gone = true
}

// vanish cuts the viewer off before it can say anything.
func (v *viewer) vanish() {
	v.vanished = true
	for _, c := range v.world.byID(v.conns) {
		c.vanish()
	}
	for s := range v.sockets { // no order reaches anything: they all end at one later instant, each by itself
		s.end(trackerIdle)
	}
}

// ask takes the viewer's state.
func (v *viewer) ask() sample {
	if v.gone {
		return v.final
	}
	if v.mail.parcels > 0 || len(v.mail.letters) > manyLetters {
		v.read()
	}
	var s sample
	s.totals, s.gauge = v.Sample() // which no announcement changes
	v.rest()
	return s
}
