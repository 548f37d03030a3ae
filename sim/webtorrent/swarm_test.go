package webtorrent

import (
	"fmt"
	"testing"
	"time"
)

// swarmOf is n viewers and a tracker, all in memory and in virtual time: 20 ms to the tracker and back each, 100 ms to gather.
type swarmOf struct {
	w       *world
	tr      *Tracker
	sockets map[ConnID]*fakeSocket
	viewers []*viewer
}

func newSwarm(t *testing.T, n int, cfg TrackerConfig, arrival time.Duration) *swarmOf {
	s := &swarmOf{w: newWorld(), tr: newTestTracker(t, cfg), sockets: map[ConnID]*fakeSocket{}}
	for i := range n {
		v := &viewer{T: t, w: s.w, env: newFakeEnv(s.w, fmt.Sprintf("v%d", i), uint64(i)), ev: &events{}}
		v.env.dial = s.dial
		v.pool = NewSockets(v.env)
		v.c = v.client(ClientConfig{PeerID: peerName(i)}, v.ev)
		s.viewers = append(s.viewers, v)
		s.w.after(time.Duration(i)*arrival, v.c.Start)
	}
	return s
}

const oneWay = 20 * time.Millisecond

func (s *swarmOf) dial(sock *fakeSocket) {
	id := ConnID(len(s.sockets))
	s.sockets[id] = sock
	sock.onSend = func(text []byte) {
		m := string(text)
		s.w.after(oneWay, func() { s.arrive(id, m) })
	}
	sock.onClose = func() { s.w.after(oneWay, func() { s.tr.ConnClosed(id) }) }
	s.w.after(oneWay, func() {
		if !sock.done {
			sock.open()
		}
	})
}

func (s *swarmOf) arrive(from ConnID, m string) {
	for _, out := range s.tr.HandleMessage(s.w.now, from, []byte(m)) {
		to, text := s.sockets[out.To], string(out.Text)
		s.w.after(oneWay, func() {
			if !to.done {
				to.message(text)
			}
		})
	}
}

func TestTwoClientsMeet(t *testing.T) {
	s := newSwarm(t, 2, TrackerConfig{}, time.Second)
	s.w.run(5 * time.Second)
	a, b := s.viewers[0], s.viewers[1]
	if len(a.ev.connected) != 1 || a.ev.connected[0] != peerName(1) || len(b.ev.connected) != 1 || b.ev.connected[0] != peerName(0) {
		t.Fatalf("connected: %v and %v", a.ev.connected, b.ev.connected)
	}
	// The second came, offered, and was answered by the first.
	if len(a.env.answerers()) != 1 || len(b.env.answerers()) != 0 {
		t.Errorf("%d and %d answers", len(a.env.answerers()), len(b.env.answerers()))
	}
	if a.ev.counts[0] != [2]int{0, 1} || b.ev.counts[0] != [2]int{0, 2} || a.ev.announced[0] != DefaultAnnounceInterval {
		t.Errorf("told %v, %v and an interval of %v", a.ev.counts, b.ev.counts, a.ev.announced[0])
	}
	b.c.Destroy()
	s.w.run(time.Second)
	if c := s.tr.Counters(); c.Peers != 1 || c.AnswersRelayed != 1 || c.OffersRelayed != 1 {
		t.Errorf("%+v", c)
	}
}

// After the join wave everybody has offered to min(5, others so far); the next round adds five offers each.
func TestManyClientsGetConnected(t *testing.T) {
	const n = 60
	s := newSwarm(t, n, TrackerConfig{Interval: 30 * time.Second}, 100*time.Millisecond)
	s.w.run(20 * time.Second)
	wantOffers := 0
	for i := range n {
		wantOffers += min(i, DefaultOffers)
	}
	c := s.tr.Counters()
	if c.Announces != n || c.OffersRelayed != int64(wantOffers) || c.AnswersRelayed != c.OffersRelayed || c.Peers != n || c.Errors != 0 {
		t.Fatalf("after the wave: %+v, want %d offers relayed", c, wantOffers)
	}
	s.connections(t, wantOffers)
	for i, v := range s.viewers {
		offered := min(i, DefaultOffers)
		if got := len(v.ev.connected) - len(v.env.answerers()); got != offered {
			t.Errorf("viewer %d reached %d others, want %d", i, got, offered)
		}
	}
	s.w.run(30 * time.Second)
	s.connections(t, wantOffers+n*DefaultOffers)
	for _, v := range s.viewers {
		if len(v.ev.warnings) != 0 {
			t.Fatalf("warnings: %v", v.ev.warnings)
		}
		v.c.Destroy()
	}
	s.w.run(time.Minute)
	if c := s.tr.Counters(); c.Peers != 0 || c.Swarms != 0 {
		t.Errorf("after all left: %+v", c)
	}
}

func (s *swarmOf) connections(t *testing.T, want int) {
	t.Helper()
	ends := 0
	for _, v := range s.viewers {
		ends += len(v.ev.connected)
	}
	if ends != 2*want {
		t.Fatalf("%d ends of connections, want %d", ends, 2*want)
	}
}

// A tracker that goes away and comes back: everybody is in the swarm again, and connections have survived.
func TestSwarmSurvivesItsTracker(t *testing.T) {
	const n = 20
	s := newSwarm(t, n, TrackerConfig{Interval: 30 * time.Second}, 10*time.Millisecond)
	s.w.run(10 * time.Second)
	before := s.tr.Counters()
	for id := range ConnID(n) {
		s.tr.ConnClosed(id)
		s.sockets[id].fail(nil)
	}
	if s.tr.Counters().Peers != 0 {
		t.Fatal("the tracker kept peers")
	}
	s.w.run(6 * time.Minute)
	if c := s.tr.Counters(); c.Peers != n || c.OffersRelayed <= before.OffersRelayed {
		t.Errorf("after coming back: %+v", c)
	}
	for _, v := range s.viewers {
		if v.ev.closed != 0 {
			t.Fatal("a connection was lost with the tracker")
		}
	}
}
