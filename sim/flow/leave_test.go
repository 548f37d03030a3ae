package flow

import (
	"slices"
	"testing"
	"time"

	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

// halfOpen is a couple of which only the first side's channel is open yet.
func halfOpen(t *testing.T) (w *world, a, b *peerConn, atA *listener) {
	t.Helper()
	w, a, b, atA, _ = couple(t, false)
	b.connected, b.lane = false, lane{}
	b.soon(10*time.Millisecond, b.open)
	return w, a, b, atA
}

// TestWhoLeavesWhileItsSideStillOpensIsMissed: the other side is open half a round trip before, and knows nothing of that.
func TestWhoLeavesWhileItsSideStillOpensIsMissed(t *testing.T) {
	w, _, b, atA := halfOpen(t)
	b.Close()
	w.until(time.Minute)
	wants(t, atA, "10ms closed: the data channel closed")

	w, a, b, atA := halfOpen(t)
	b.v.vanished, b.v.gone = true, true
	b.vanish()
	a.Send(data(5_000))
	w.until(time.Minute)
	wants(t, atA, "30s closed: the peer connection failed")
}

// midway is a world of a few viewers in which one loads something, on a line slow enough for that to take a while.
func midway(t *testing.T) (w *world, v *viewer) {
	t.Helper()
	w = audience(t, preset(t, "vod", "peers.count=3", "peers.groups=[{name: home, link: {preset: cable, down: 2Mbit/s}}]", "run.duration=60s"))
	for at := time.Second; at < 30*time.Second; at += 10 * time.Millisecond {
		if err := w.advance(t.Context(), at); err != nil {
			t.Fatal(err)
		}
		for _, v := range w.viewers {
			if v != nil && len(v.down.flows) > 0 {
				return w, v
			}
		}
	}
	t.Fatal("nobody loads anything")
	return nil, nil
}

// unread takes what comes and does nothing with it.
type unread struct{}

func (unread) FetchHeaders(p2pml.FetchHeaders) {}
func (unread) FetchBody(webtorrent.Message)    {}
func (unread) FetchDone(error)                 {}

// TestWhoIsGoneLoadsNothing: what is under way ends with the stay, however that ends, and gives its lines back.
func TestWhoIsGoneLoadsNothing(t *testing.T) {
	for _, clean := range []bool{true, false} {
		w, v := midway(t)
		v.Fetch(p2pml.FetchRequest{URL: "http://origin/v0/1.ts"}, unread{}) // of which the viewer's engine knows nothing
		if err := w.advance(t.Context(), w.clock.now+300*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		v.leave(clean)
		if n := len(v.down.flows); n > 0 || len(v.fetches) > 0 {
			t.Errorf("clean %v: %d transfers and %d requests go on", clean, n, len(v.fetches))
		}
		if err := w.advance(t.Context(), w.clock.now+10*time.Second); err != nil {
			t.Error(err)
		}
	}
}

// TestNothingIsKeptForWhoIsGone: letters that nobody reads would be there to the end of the run.
func TestNothingIsKeptForWhoIsGone(t *testing.T) {
	w, v, to := patientViewer(t)
	lane := &to.remote.lane
	lane.deliver(about(1, part), w.clock.now, time.Second)
	lane.deliver(about(2, announcement), w.clock.now, time.Second)
	if len(v.mail.letters) != 2 {
		t.Fatalf("%d letters", len(v.mail.letters))
	}
	parcel := v.mail.letters[0].parcel
	v.leave(true)
	if len(v.mail.letters) != 0 || v.mail.parcels != 0 || !slices.Contains(w.deliveries, parcel) {
		t.Errorf("%d letters are left, %d of them parts, or a delivery is not used again", len(v.mail.letters), v.mail.parcels)
	}
	lane.deliver(about(3, part), w.clock.now, time.Second)
	if len(v.mail.letters) != 0 {
		t.Error("something is kept")
	}
}

// quiet hears nothing of a socket.
type quiet struct{}

func (quiet) SocketOpened()        {}
func (quiet) SocketMessage([]byte) {}
func (quiet) SocketClosed(error)   {}

// TestAGoodbyeDoesNotOvertake what was sent before it: where a line's delay falls, or its queue empties, it would be there first, and the tracker
// would not hear that a viewer has stopped.
func TestAGoodbyeDoesNotOvertake(t *testing.T) {
	w, v := midway(t)
	s := newSocket(v, quiet{})
	if err := w.advance(t.Context(), w.clock.now+time.Second); err != nil {
		t.Fatal(err)
	}
	announces := w.tracker.Counters().Announces
	v.place.access = time.Second
	s.Send([]byte(`{"action":"announce","info_hash":"aaaaaaaaaaaaaaaaaaaa","peer_id":"bbbbbbbbbbbbbbbbbbbb","event":"started","numwant":0}`))
	v.place.access = 0
	s.Close()
	if err := w.advance(t.Context(), w.clock.now+500*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if w.tracker.sockets[s.id] != s {
		t.Error("the tracker has heard the goodbye already")
	}
	if err := w.advance(t.Context(), w.clock.now+2*time.Second); err != nil {
		t.Fatal(err)
	}
	if w.tracker.sockets[s.id] != nil {
		t.Error("the tracker has not heard the goodbye")
	}
	if w.tracker.Counters().Announces == announces {
		t.Error("the tracker has not heard what was sent before it")
	}
}

// TestAReconnectHasAChanceOfItsOwn: else the tracker would choose for it as it did before.
func TestAReconnectHasAChanceOfItsOwn(t *testing.T) {
	_, v := midway(t)
	var drawn []uint64
	for range 3 {
		drawn = append(drawn, newSocket(v, quiet{}).chance.Uint64())
	}
	slices.Sort(drawn)
	if len(slices.Compact(drawn)) != 3 {
		t.Errorf("three sockets of a viewer drew %v", drawn)
	}
}

var _ webtorrent.SocketHandler = quiet{}

// TestWhatIsClosedKeepsNobodyInMemory: connections lie there side by side, for as long as any of them is in use.
func TestWhatIsClosedKeepsNobodyInMemory(t *testing.T) {
	w, a, b, _, _ := couple(t, true)
	a.Close()
	w.until(time.Second)
	for name, c := range map[string]*peerConn{"who closed": a, "who heard of it": b} {
		if !c.closed || c.remote != nil || c.handler != nil {
			t.Errorf("%s: closed %v, knows the other side %v, its own %v", name, c.closed, c.remote != nil, c.handler != nil)
		}
	}
}
