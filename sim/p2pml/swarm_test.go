package p2pml

import (
	"fmt"
	"testing"
	"time"

	"swarmlab/sim/webtorrent"
)

// The swarms here are real cores with real announce clients, joined by an in-memory tracker and fluid data channels.

func TestOneViewerIsPlainHTTP(t *testing.T) {
	w := newWorld(t)
	v := newViewer(w, "only", testConfig(), playlistOf(0, 30, 4))
	v.join(0)
	w.run(150 * time.Second)
	if len(v.got) != 30 || len(v.env.fetched) != 30 || v.chunks[P2P] != 0 || v.reasons[RandomPrefetch] != 0 {
		t.Errorf("got %d, fetched %d, P2P %d, %v", len(v.got), len(v.env.fetched), v.chunks[P2P], v.reasons)
	}
	for reason := range v.reasons {
		if reason != HighDemandNoPeer {
			t.Errorf("a download for the reason %s", reason)
		}
	}
}

func TestSecondViewerGetsTheRestFromTheFirst(t *testing.T) {
	w := newWorld(t)
	cfg := testConfig()
	sums := map[string]bool{}
	a, b := newViewer(w, "a", cfg, playlistOf(0, 30, 4)), newViewer(w, "b", cfg, playlistOf(0, 30, 4))
	w.origin = func(_ *fakeEnv, r FetchRequest) plan { return serve(r, 400_000, 200*time.Millisecond) }
	for _, v := range []*viewer{a, b} {
		v.env.assemble = func(s *Segment, blocks []webtorrent.Message) webtorrent.Message {
			m := webtorrent.Message{}
			for _, part := range blocks {
				m.Size += part.Size
			}
			sums[fmt.Sprint(v.env.name, s.ExternalID, m.Size)] = true
			return m
		}
	}
	a.join(0)
	b.join(125 * time.Second)
	w.run(260 * time.Second)
	if len(a.got) != 30 || len(b.got) != 30 || len(sums) != 60 {
		t.Fatalf("got %d and %d, %d assembled", len(a.got), len(b.got), len(sums))
	}
	for i := range int64(30) {
		if !sums[fmt.Sprint("b", i, 400_000)] {
			t.Errorf("segment %d of the second viewer is not whole", i)
		}
	}
	// The high-demand window of the start is HTTP, the rest comes from the one who has it all.
	if http := len(b.env.fetched); http > 5 || b.loaded[P2P] < 25*400_000 {
		t.Errorf("second viewer: %d by HTTP, %d bytes by P2P", http, b.loaded[P2P])
	}
	swarmConserved(t, w, a, b)
}

// swarmConserved checks every viewer's books and that what was uploaded is what was downloaded, or in flight.
func swarmConserved(t *testing.T, w *world, viewers ...*viewer) {
	t.Helper()
	up, down, flight := int64(0), int64(0), int64(0)
	for _, v := range viewers {
		v.conserved(t)
		up += v.uploaded
		down += v.chunks[P2P]
		flight += v.lost
		for _, l := range v.core.loaders {
			if l == nil {
				continue
			}
			for _, s := range l.swarms.all {
				for _, p := range s.peers {
					flight += p.out.dataBytes()
				}
			}
		}
	}
	for _, c := range w.conns {
		flight += int64(c.inFlight())
	}
	if up != down+flight {
		t.Errorf("uploaded %d, downloaded %d, in flight %d", up, down, flight)
	}
}

func TestSwarms(t *testing.T) {
	for _, c := range []struct {
		name    string
		viewers int
		rate    float64
		http    time.Duration
		change  func(*Config)
	}{
		{"fast links", 6, 4e6, 200 * time.Millisecond, nil},
		{"slow links, with time-outs and aborts", 5, 60_000, 200 * time.Millisecond, nil},
		{"slow origin", 5, 1e6, 3500 * time.Millisecond, nil},
		{"many downloads at once", 5, 5e5, time.Second, func(c *Config) {
			c.Main.SimultaneousHTTPDownloads, c.Main.SimultaneousP2PDownloads = 4, 8
		}},
		{"small messages", 4, 1e6, 500 * time.Millisecond, func(c *Config) { c.Main.WebRTCMaxMessageSize = 4000 }},
		{"no defects", 5, 60_000, 200 * time.Millisecond, func(c *Config) { c.Defects = Defects{} }},
		{"little storage", 4, 2e6, 200 * time.Millisecond, func(c *Config) { c.SegmentMemoryStorageLimitMiB = 4 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.rate = c.rate
			w.origin = func(_ *fakeEnv, r FetchRequest) plan { return serve(r, 400_000, c.http) }
			cfg := testConfig()
			if c.change != nil {
				c.change(&cfg)
			}
			var all []*viewer
			for i := range c.viewers {
				v := newViewer(w, fmt.Sprint("v", i), cfg, playlistOf(0, 30, 4))
				v.join(time.Duration(i) * 3 * time.Second)
				all = append(all, v)
			}
			for i := range 60 { // look while it runs, not only at the end
				w.run(time.Duration(i+1) * 3 * time.Second)
				swarmConserved(t, w, all...)
				if t.Failed() {
					t.Fatalf("at %v", w.now)
				}
			}
			http, p2p := int64(0), int64(0)
			for _, v := range all {
				if len(v.got) != 30 {
					t.Errorf("%s got %d segments", v.env.name, len(v.got))
				}
				if v.mostAtOnce[HTTP] > cfg.Main.SimultaneousHTTPDownloads || v.mostAtOnce[P2P] > cfg.Main.SimultaneousP2PDownloads {
					t.Errorf("%s had %v downloads at once", v.env.name, v.mostAtOnce)
				}
				http, p2p = http+v.loaded[HTTP], p2p+v.loaded[P2P]
			}
			n := int64(c.viewers)
			if http < 30*400_000 || p2p*n > (http+p2p)*(n-1) {
				t.Errorf("HTTP %d, P2P %d: more than (n-1)/n", http, p2p)
			}
			if p2p == 0 {
				t.Error("nothing was shared")
			}
			for _, v := range all {
				v.env.do(v.core.Destroy)
			}
			w.run(w.now + 10*time.Second)
			for _, v := range all {
				v.nothingLeft(t)
			}
		})
	}
}

// inFlight is what the peer sent to a live connection and has not arrived, in raw bytes.
func (c *fakeConn) inFlight() int {
	if c.other == nil {
		return 0
	}
	sent, got := 0, c.raw
	for _, m := range c.other.sent {
		if m.Bytes == nil {
			sent += m.Size
		}
	}
	return sent - got
}

func (v *viewer) nothingLeft(t *testing.T) {
	t.Helper()
	if n := len(v.env.timers); n != 0 {
		t.Errorf("%s: %d timers left", v.env.name, n)
	}
	if n := len(v.env.fetches); n != 0 {
		t.Errorf("%s: %d fetches left", v.env.name, n)
	}
	for _, c := range v.env.w.conns {
		if c.env == v.env && !c.closed {
			t.Errorf("%s: connection %d left", v.env.name, c.id)
		}
	}
	for _, s := range v.env.w.sockets {
		if s.env == v.env && s.h != nil {
			t.Errorf("%s: socket left", v.env.name)
		}
	}
}

func TestNothingHappensAfterDestroy(t *testing.T) {
	r := newRig(t, nil)
	p := r.connect("p")
	c := r.candidate("q")
	p.announce(20)
	p.header(1000)
	p.data(300)
	r.env.do(r.core.Destroy)
	r.nothingLeft(t)
	r.want(p.closed && c.closed, "closed %v %v", p.closed, c.closed)
	r.want(r.dropped[P2P] == 300, "%d bytes discarded", r.dropped[P2P])
	r.conserved(t)
	lines, sent := len(r.log), len(p.sent)
	p.announce(21)
	p.data(10)
	r.env.do(func() { p.h.PeerClosed(errTest); c.h.PeerConnected(); p.h.PeerBufferedAmountLow() })
	r.env.do(func() { r.core.UpdatePlayback(50, 1); r.request(); r.core.SetIsLive(true); r.core.Destroy() })
	r.env.do(func() { r.core.UpdateStream("main", nil, []string{"seg1"}); r.core.AddStream(Stream{RuntimeID: "x"}) })
	r.env.do(func() { r.core.ApplyDynamicConfig(func(c *Config) { c.Main.IsP2PUploadDisabled = true }) })
	r.w.run(100 * time.Second)
	r.want(len(r.log) == lines && len(p.sent) == sent && len(r.failed) == 0, "%v, told %v", r.log[lines:], r.failed)
	r.want(r.core.Peers() == 0 && r.core.StorageBytes() == 0, "%d peers", r.core.Peers())
	r.nothingLeft(t)
}

// A slow link: the no-bytes timer counts whole messages, so 60 kB/s with 64 KiB messages in both directions times out, and the
// third time-out in a row closes the connection.
func TestSlowLinkTimesOut(t *testing.T) {
	run := func(defects Defects) (timeouts, closes int) {
		w := newWorld(t)
		w.rate = 30_000 // 2.2 s a message
		cfg := testConfig()
		cfg.Defects = defects
		a, b := newViewer(w, "a", cfg, playlistOf(0, 30, 4)), newViewer(w, "b", cfg, playlistOf(0, 30, 4))
		a.join(0)
		b.join(60 * time.Second)
		w.run(90 * time.Second)
		for _, e := range b.errors {
			if e.Type == ErrorBytesReceivingTimeout && e.Source == P2P {
				timeouts++
			}
		}
		for _, n := range b.closes {
			closes += n
		}
		swarmConserved(t, w, a, b)
		return timeouts, closes
	}
	timeouts, closes := run(AllDefects())
	if timeouts < 3 || closes < 2 {
		t.Errorf("%d time-outs, %d close events", timeouts, closes)
	}
	mended := AllDefects()
	mended.MessageCountingTimeout = false
	if timeouts, _ := run(mended); timeouts != 0 {
		t.Errorf("%d time-outs without the defect", timeouts)
	}
}

// Live: what is far behind is evicted, what left the playlist is announced but not given, and everybody who shares ids shares
// segments.
func TestLive(t *testing.T) {
	w := newWorld(t)
	cfg := testConfig()
	cfg.Main.HighDemandTimeWindow = 4 * time.Second
	var all []*viewer
	for i := range 4 {
		v := newViewer(w, fmt.Sprint("v", i), cfg, playlistOf(0, 8, 2))
		v.core.SetIsLive(true)
		v.join(time.Duration(i) * 300 * time.Millisecond)
		all = append(all, v)
	}
	for i := range int64(60) {
		w.at(time.Duration(i+1)*2*time.Second, func() {
			for _, v := range all {
				v.env.do(func() {
					next := playlistOf(8+i, 1, 2)
					v.segments = append(v.segments, next...)
					v.core.UpdateStream("main", next, []string{fmt.Sprintf("seg%d", i)})
				})
			}
		})
	}
	w.run(120 * time.Second)
	p2p := int64(0)
	for _, v := range all {
		if len(v.got) < 50 {
			t.Errorf("%s got %d segments", v.env.name, len(v.got))
		}
		if n := v.core.storage.order[0].len(); n > 20 {
			t.Errorf("%s keeps %d segments", v.env.name, n)
		}
		if len(v.core.renditions[0].segments) != 8 {
			t.Errorf("playlist of %d", len(v.core.renditions[0].segments))
		}
		p2p += v.loaded[P2P]
	}
	if p2p == 0 {
		t.Error("nothing was shared")
	}
	swarmConserved(t, w, all...)
}

// With the defaults, a live window of 8 x 2 s lies inside the high-demand window, and real browsers shared nothing at all.
func TestLiveWithinTheHighDemandWindowSharesNothing(t *testing.T) {
	w := newWorld(t)
	var all []*viewer
	for i := range 3 {
		v := newViewer(w, fmt.Sprint("v", i), testConfig(), playlistOf(0, 7, 2))
		v.core.SetIsLive(true)
		v.join(time.Duration(i) * 100 * time.Millisecond)
		all = append(all, v)
	}
	w.run(20 * time.Second)
	for _, v := range all {
		if v.loaded[P2P] != 0 || len(v.got) != 7 || len(v.connected) == 0 {
			t.Errorf("%s: %d bytes by P2P, got %d, met %d", v.env.name, v.loaded[P2P], len(v.got), len(v.connected))
		}
	}
}
