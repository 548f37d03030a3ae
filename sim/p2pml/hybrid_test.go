package p2pml

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"swarmlab/sim/p2pml/wire"
)

// passes counts scheduling passes, those included that need not be run (see calm).
func (r *rig) passes(f func()) uint64 {
	r.core.restless = true
	r.core.loaders[0].stir()
	before := r.core.loaders[0].passes
	f()
	r.core.restless = false
	return r.core.loaders[0].passes - before
}

func TestPlaybackThrottle(t *testing.T) {
	r := newRig(t, nil)
	r.w.run(500 * time.Millisecond)
	playback := func(at time.Duration, position, rate float64) uint64 {
		r.w.run(at)
		return r.passes(func() { r.env.do(func() { r.core.UpdatePlayback(position, rate) }) })
	}
	// The pass of the request was at 0.
	for _, c := range []struct {
		what string
		at   int // ms
		pos  float64
		want uint64
	}{
		{"within a second", 900, 0.1, 0},
		{"after exactly a second", 1000, 0.2, 0},
		{"after more than a second", 1001, 0.3, 1},
		{"the same position and rate", 9000, 0.3, 0},
		{"again, long after", 9001, 0.4, 1},
		{"a step of half a segment", 9002, 2.4, 0},
		{"a jump of more", 9003, 4.5, 1},
	} {
		if got := playback(time.Duration(c.at)*time.Millisecond, c.pos, 1); got != c.want {
			t.Errorf("%s: %d passes, want %d", c.what, got, c.want)
		}
	}
	playback(20*time.Second, 4.5, 0)
	if got := r.core.loaders[0].rate; got != 1 {
		t.Errorf("rate 0 was taken: %v", got)
	}
}

func TestTriggers(t *testing.T) {
	r := newRig(t, onlyP2P)
	p := r.connect("p")
	for what, f := range map[string]func(){
		"an announcement":        func() { p.announce(30) },
		"a request":              func() { r.env.do(r.request) },
		"an abort by the player": func() { r.env.do(func() { r.core.AbortSegmentLoading("seg0") }) },
		"a playlist update":      func() { r.env.do(func() { r.core.UpdateStream("main", nil, []string{"seg39"}) }) },
	} {
		if got := r.passes(f); got == 0 {
			t.Errorf("%s does not run the scheduler", what)
		}
	}
	for what, f := range map[string]func(){
		"a peer that connects":    func() { r.connect("q") },
		"a playlist without news": func() { r.env.do(func() { r.core.UpdateStream("main", playlistOf(0, 3, 4), nil) }) },
		"another stream's playlist": func() {
			r.env.do(func() { r.core.AddStream(Stream{RuntimeID: "b"}); r.core.UpdateStream("b", playlistOf(90, 3, 4), nil) })
		},
		"an abort of another's request": func() { r.env.do(func() { r.core.AbortSegmentLoading("seg7") }) },
	} {
		if got := r.passes(f); got != 0 {
			t.Errorf("%s runs the scheduler", what)
		}
	}
}

func TestInitialHTTPDelay(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Main.HTTPDownloadInitialTimeout = 2 * time.Second })
	r.w.run(2*time.Second - time.Millisecond)
	r.want(len(r.env.fetched) == 0, "%d fetches", len(r.env.fetched))
	r.w.run(2 * time.Second)
	r.want(len(r.env.fetched) == 2, "%d fetches", len(r.env.fetched))
}

func TestANewRequestReplacesTheOneBefore(t *testing.T) {
	r := newRig(t, nil)
	r.next = 1
	r.env.do(r.request)
	r.want(len(r.failed) == 1 && errors.Is(r.failed[0], ErrAborted), "player told %v", r.failed)
	r.store(5, 10)
	r.next = 5
	r.env.do(r.request)
	r.want(len(r.failed) == 1 && len(r.got) == 1, "a stored segment: player told %v, got %v", r.failed, r.got)
	r.env.do(func() { r.core.AbortSegmentLoading("seg1") })
	r.want(len(r.failed) == 2, "segment 1 was not pending any more")
}

// The request in hand when the player jumps is served first, though it lies in no window.
func TestEngineImmediate(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Main.HTTPDownloadTimeWindow = 20 * time.Second })
	r.next = 20
	r.env.do(r.request)
	r.want(len(r.env.fetches) == 0, "%d downloads, of what is not in the queue any more", len(r.env.fetches))
	r.env.do(func() { r.core.UpdatePlayback(5, 1) })
	r.want(r.reasons[EngineImmediate] == 1 && r.env.fetched[len(r.env.fetched)-1].URL == "seg20", "%v", r.reasons)
}

func TestHighDemandTakesTheSlotOfTheFurthestDownload(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Main.SimultaneousHTTPDownloads = 2 })
	l := r.core.loaders[0]
	// 0 and 1 are being loaded. They end, and two prefetches take the slots.
	r.env.do(func() {
		for _, id := range []int64{0, 1, 2, 3} {
			if q := l.last.rendition.byExternalID(id).request; q != nil && q.status == loading {
				q.abort()
			}
			l.core.storage.store(l.last.rendition.swarmID, l.last.rendition.byExternalID(id), message(make([]byte, 1)))
		}
		l.startHTTP(l.last.rendition.byExternalID(9), RandomPrefetch)
		l.startHTTP(l.last.rendition.byExternalID(6), RandomPrefetch)
	})
	r.log = nil
	r.w.run(2 * time.Second)
	r.env.do(func() { r.core.UpdatePlayback(1.5, 1) })
	if got := fmt.Sprint(r.log); got != "[abort 9 http start 4 http]" {
		t.Errorf("%s", got)
	}
}

// P2P serves high demand only when HTTP has failed for good, and gives way to nothing then.
func TestHighDemandByP2PWhenHTTPIsExhausted(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Main.HTTPErrorRetries = 1 })
	answers(r.w, status(500))
	r.env.do(func() { r.core.Destroy() })
	w := r.w
	v := newViewer(w, "v", r.core.cfg, playlistOf(0, 3, 4))
	v.core.newTracker = func(*Core, *swarm, string, string) trackerClient { return noTracker{} }
	v.env.do(v.request)
	r2 := &rig{viewer: v, t: t, w: w}
	p := r2.connect("p")
	p.announce(1)
	w.run(time.Second)
	r2.want(v.reasons[HighDemandP2P] == 1 && p.request().Segment == 1, "%v", v.reasons)
}

func TestReasonsOfHighDemand(t *testing.T) {
	for _, c := range []struct {
		want StartReason
		do   func(r *rig)
	}{
		{HighDemandNoPeer, func(*rig) {}},
		{HighDemandNotAnnounced, func(r *rig) { r.connect("p").announce(30) }},
		{HighDemandPeerLoading, func(r *rig) { r.connect("p").command(wire.Command{Loading: []int64{20}}) }},
		{HighDemandPeerHadIt, func(r *rig) { r.connect("p").announce(20) }},
	} {
		r := newRig(t, func(c *Config) { c.Main.SimultaneousP2PDownloads, c.Main.HighDemandTimeWindow = 0, 4*time.Second })
		c.do(r)
		r.next = 20
		r.env.do(func() { r.core.UpdatePlayback(80, 1); r.request() })
		r.want(r.why[20] == c.want, "%s, not %s", r.why[20], c.want)
	}
}

func TestReasonAfterFailures(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Main.HTTPDownloadInitialTimeout = 3 * time.Second })
	answers(r.w, status(500), whole)
	r.connect("p").announce(0)
	r.w.run(5 * time.Second) // P2P times out at 2 s and is running again at 3 s
	r.want(r.reasons[HighDemandP2PReplaced] == 1 && r.reasons[HighDemandHTTPRetry] == 1, "%v", r.reasons)
}

func TestPrefetchConditions(t *testing.T) {
	run := func(change func(*Config), do func(r *rig)) int {
		r := newRig(t, func(c *Config) {
			c.Main.HighDemandTimeWindow = 0
			if change != nil {
				change(c)
			}
		})
		do(r)
		r.w.run(1001 * time.Millisecond)
		return r.reasons[RandomPrefetch]
	}
	connect := func(r *rig) { r.connect("p") }
	if n := run(nil, connect); n != 1 {
		t.Errorf("one slot is free and a peer is there: %d started", n)
	}
	if n := run(nil, func(*rig) {}); n != 0 {
		t.Errorf("no peer: %d started", n)
	}
	if n := run(func(c *Config) { c.Main.SimultaneousHTTPDownloads = 1 }, connect); n != 0 {
		t.Errorf("no free slot: %d started", n)
	}
	if n := run(onlyP2P, connect); n != 0 {
		t.Errorf("initial delay: %d started", n)
	}
	if n := run(nil, func(r *rig) {
		connect(r)
		r.env.do(func() { r.core.loaders[0].swarms.current.peers[0].loaded.set(ids(0, 39)) })
		r.swarm().availabilityChanged()
	}); n != 0 {
		t.Errorf("a peer has everything: %d started", n)
	}
	if n := run(func(c *Config) { c.SegmentMemoryStorageLimitMiB = 1 }, func(r *rig) {
		connect(r)
		r.store(30, 950_000)
	}); n != 0 {
		t.Errorf("storage is nearly full: %d started", n)
	}
}

func TestPrefetchPeriodGrowsWithPeers(t *testing.T) {
	r := newRig(t, nil)
	for _, id := range []string{"a", "b", "c"} {
		r.connect(id)
	}
	rng, s := scriptedRand(0.9999)
	r.env.rng = rng
	r.w.run(1000 * time.Millisecond) // armed with no peer: exactly a second
	drawn := s.calls
	r.w.run(4998 * time.Millisecond)
	r.want(drawn > 0 && s.calls == drawn, "%d draws, then %d: it fired again within 1 s + 3 x 0.9999 s", drawn, s.calls)
	r.w.run(5000 * time.Millisecond)
	r.want(s.calls > drawn, "it did not fire after 4 s")
}

func TestPeerChoice(t *testing.T) {
	for _, c := range []struct {
		what   string
		speeds []float64
		want   []float64 // weights; nil: no speed is known
	}{
		{"nobody is known", []float64{0, 0}, nil},
		{"the slow keep a tenth", []float64{1000, 10}, []float64{1000, 100}},
		{"newcomers together do not outweigh the proven", []float64{1000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, nil},
	} {
		got := append([]float64(nil), c.speeds...)
		known := speedWeights(got)
		if c.want != nil && fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %v", c.what, got)
		}
		if len(c.speeds) == 21 && (got[1] != 50 || !known) {
			t.Errorf("%s: %v", c.what, got)
		}
		if len(c.speeds) == 2 && known != (c.want != nil) {
			t.Errorf("%s: known %v", c.what, known)
		}
	}
}

func TestOnlyFreePeersAreChosen(t *testing.T) {
	r := newRig(t, onlyP2P)
	p, q := r.connect("p"), r.connect("q")
	p.announce(0, 1, 2)
	q.announce(1)
	r.want(len(p.commands(wire.SegmentRequest)) == 1 && len(q.commands(wire.SegmentRequest)) == 1, "one each")
	r.want(p.request().Segment == 0 && q.request().Segment == 1, "p %d, q %d", p.request().Segment, q.request().Segment)
	p.give(10)
	r.want(p.request().Segment == 2, "then %d", p.request().Segment)
}

func TestRenditionSwitch(t *testing.T) {
	for _, stored := range []bool{false, true} {
		r := newRig(t, nil)
		r.env.do(func() { r.addStream(Stream{RuntimeID: "other", Type: Main, Index: "other"}) })
		p := r.connect("p")
		if stored {
			r.store(5, 10)
		}
		old := r.swarm()
		swap := func(to string) { r.env.do(func() { r.core.LoadSegment(to, r.viewer) }) }
		swap("other-seg0")
		r.want(old.destroyed == !stored && p.closed == !stored, "stored %v: destroyed %v, closed %v", stored, old.destroyed, p.closed)
		if !stored {
			continue
		}
		p.command(wire.Command{ID: wire.SegmentRequest, Segment: 5, Request: 1})
		r.want(len(p.commands(wire.SegmentData)) == 1, "the inactive swarm does not upload")
		r.want(r.passes(func() { p.announce(3) }) == 0, "the inactive swarm wakes the scheduler")
		r.w.run(20 * time.Second)
		swap("seg9")
		r.w.run(45 * time.Second)
		r.want(r.swarm() == old && !old.destroyed, "coming back in time did not save it")
		swap("other-seg0")
		r.w.run(75*time.Second - time.Millisecond)
		r.want(!old.destroyed, "destroyed before 30 s")
		r.w.run(75 * time.Second)
		r.want(old.destroyed && p.closed, "not destroyed after 30 s")
	}
}

func TestDuplicateConnections(t *testing.T) {
	r := newRig(t, onlyP2P)
	first, second := r.candidate("p"), r.candidate("p")
	r.env.do(second.h.PeerConnected)
	r.want(first.closed && !second.closed, "first closed %v, second %v", first.closed, second.closed)
	third := r.candidate("p")
	r.want(third.closed && r.connected["p"] == 1, "a third one while connected: closed %v", third.closed)
	r.env.do(func() { second.h.PeerClosed(nil) })
	fourth := r.connect("p")
	r.want(!fourth.closed && r.connected["p"] == 2 && r.core.Peers() == 1, "reconnecting failed")
	r.env.do(func() { first.h.PeerClosed(errTest); first.h.PeerConnected() })
	r.want(r.core.Peers() == 1, "a late event of a loser counts")
}

func TestPeerOrderIsThatOfFirstMeeting(t *testing.T) {
	r := newRig(t, onlyP2P)
	a := r.candidate("a")
	r.connect("b")
	r.env.do(a.h.PeerConnected)
	got := r.swarm().peers
	r.want(len(got) == 2 && got[0].id == "a", "order %v", got)
}

func TestDynamicP2PDisable(t *testing.T) {
	r := newRig(t, nil)
	p := r.connect("p")
	r.env.do(func() { r.core.ApplyDynamicConfig(func(c *Config) { c.Main.IsP2PDisabled = true }) })
	r.want(p.closed && len(r.failed) == 1 && len(r.env.timers) == 0 && len(r.env.fetches) == 0, "closed %v, told %v", p.closed, r.failed)
	r.want(!r.core.IsSegmentLoadable("seg0") && r.core.HasSegment("seg0"), "still loadable")
}

func TestUnknownSegment(t *testing.T) {
	r := newRig(t, nil)
	r.want(!r.core.HasSegment("x") && !r.core.IsSegmentLoadable("x") && r.core.IsSegmentLoadable("seg3"), "loadable")
	r.env.do(func() { r.core.LoadSegment("x", r.viewer) })
	r.want(len(r.failed) == 1 && errors.Is(r.failed[0], ErrFailed), "told %v", r.failed)
}

func TestGenerations(t *testing.T) {
	if got := fmt.Sprint(Generations()); got != "[v2-random]" {
		t.Error(got)
	}
	defer func() {
		if recover() == nil {
			t.Error("a second registration did not panic")
		}
	}()
	register(generation{name: DefaultGeneration})
}
