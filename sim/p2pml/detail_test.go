package p2pml

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/webtorrent"
)

func (p *remote) announcements() int { return len(p.commands(wire.SegmentsAnnouncement)) }

func TestWhatIsAnnouncedWhen(t *testing.T) {
	r := newRig(t, nil)
	p := r.connect("p")
	last := func() string {
		all := p.commands(wire.SegmentsAnnouncement)
		return fmt.Sprint(len(all), all[len(all)-1].Loaded, all[len(all)-1].Loading)
	}
	step := func(what, want string) {
		t.Helper()
		if got := last(); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	l := r.core.loaders[0]
	seg := l.last.rendition.byExternalID
	step("on connect", "1 [] [0 1]")
	r.env.do(func() { l.startHTTP(seg(9), RandomPrefetch); l.startHTTP(seg(8), RandomPrefetch) })
	step("two HTTP starts in one turn", "2 [] [0 1 9 8]")
	r.env.do(func() {
		seg(9).request.run.(*httpLoad).fail(ErrorHTTP, "")
		seg(8).request.run.(*httpLoad).fail(ErrorHTTP, "")
	})
	step("HTTP failures", "3 [] [0 1 9 8]")
	r.env.do(l.wake)
	step("a failure is announced once", "3 [] [0 1 9 8]")
	r.store(5, 10)
	step("something is stored", "4 [5] [0 1 9 8]")
	r.connect("q")
	step("another one connects", "4 [5] [0 1 9 8]")
}

func TestReportedBandwidth(t *testing.T) {
	const bitrate = 1e6
	for _, c := range []struct {
		what  string
		ratio float64
		kbps  float64 // over the last 30 s of wall time
		want  string
	}{
		{"a loaded queue: what the network gave", 0.8, 100, "loading"},
		{"nearly a loaded queue", 0.79, 100, "http"},
		{"a swarm that keeps up", 0, 900, "loading"},
		{"a swarm that nearly keeps up", 0, 899, "http"},
	} {
		r := newRig(t, nil)
		core, l := r.core, r.core.loaders[0]
		core.activeBitrate = bitrate
		core.all, core.http = bandwidthMeter{}, bandwidthMeter{}
		bytes := int(c.kbps * 1000 / 8 * 20)
		core.all.startLoading(0)
		core.http.startLoading(0)
		core.all.addBytes(bytes/2, 0)
		core.all.addBytes(bytes-bytes/2, 100*time.Millisecond)
		core.http.addBytes(bytes/8, 0)
		core.http.addBytes(bytes/8, 100*time.Millisecond)
		r.w.now = 20 * time.Second
		want := core.all.loadingOnlyMax()
		if c.want == "http" {
			want = core.http.loadingOnlyMax()
		}
		if got := l.bandwidth(c.ratio); got != want || core.http.loadingOnlyMax() == core.all.loadingOnlyMax() {
			t.Errorf("%s: %v, want %v", c.what, got, want)
		}
		core.activeBitrate = 0
		if got := l.bandwidth(c.ratio); got != core.all.loadingOnly(3) {
			t.Errorf("%s, bitrate unknown: %v", c.what, got)
		}
	}
	r := newRig(t, nil)
	r.w.run(5 * time.Second)
	r.core.SetActiveLevelBitrate(5)
	r.w.run(6 * time.Second)
	r.core.SetActiveLevelBitrate(5)
	r.want(r.core.loaders[0].levelChanged == 5*time.Second, "level changed at %v", r.core.loaders[0].levelChanged)
}

// In the narrow race of a rendition switch the library files a segment under the wrong stream: if both happen in one task of the page,
// the switch first. The other way round the pass that files it comes before the switch.
func TestStoredUnderTheStreamThatIsAskedForNow(t *testing.T) {
	for _, defect := range []bool{true, false} {
		r := newRig(t, func(c *Config) { c.Defects.FiledUnderPlayed = defect })
		r.env.do(func() {
			r.core.AddStream(Stream{RuntimeID: "b", Type: Main, Index: "b"})
			segs := playlistOf(0, 3, 4)
			segs[0].RuntimeID = "b0"
			r.core.UpdateStream("b", segs[:1], nil)
		})
		old := r.core.renditions[0]
		r.env.do(func() {
			h := old.byExternalID(0).request.run.(*httpLoad)
			h.FetchHeaders(FetchHeaders{Status: 200, ContentLength: 10})
			h.FetchBody(webtorrent.Message{Size: 10})
			r.core.LoadSegment("b0", r.viewer)
			h.FetchDone(nil)
		})
		r.want(r.core.shelfOf(old).has(0) == !defect && r.core.shelfOf(r.core.renditions[1]).has(0) == defect,
			"with the defect %v it was filed the other way", defect)
	}
}

func TestASuccessForgetsTimeouts(t *testing.T) {
	r := newRig(t, onlyP2P)
	p := r.connect("p")
	p.announce(0, 1)
	r.w.run(4 * time.Second) // two time-outs
	p.give(10)
	r.w.run(8 * time.Second) // two more, for the next segment
	r.want(len(r.errors) == 4 && !p.closed, "%d errors, closed %v", len(r.errors), p.closed)
	r.w.run(10 * time.Second)
	r.want(p.closed, "the third in a row did not close")
}

func TestTheHeaderRestartsTheSilenceTimer(t *testing.T) {
	r := newRig(t, onlyP2P)
	p := r.connect("p")
	p.announce(0)
	r.w.run(1900 * time.Millisecond)
	p.header(10)
	r.w.run(3800 * time.Millisecond)
	r.want(len(r.errors) == 0, "%v", r.errors)
	p.data(5)
	r.w.run(5799 * time.Millisecond)
	r.want(len(r.errors) == 0, "%v", r.errors)
	r.w.run(5800 * time.Millisecond)
	r.want(len(r.errors) == 1, "%v", r.errors)
}

func TestAFailureClearsAPeersSpeedAndAnAbortDoesNot(t *testing.T) {
	for _, failure := range []bool{false, true} {
		r := newRig(t, onlyP2P)
		p := r.connect("p")
		p.announce(0, 1)
		p.give(1000)
		peer := r.swarm().peers[0]
		r.want(peer.bandwidth() > 0, "no speed")
		if failure {
			p.command(wire.Command{ID: wire.SegmentAbsent, Segment: 1, Request: p.request().Request})
		} else {
			r.env.do(r.core.renditions[0].byExternalID(1).request.abort)
		}
		r.want((peer.bandwidth() == 0) == failure, "failure %v: speed %v", failure, peer.bandwidth())
	}
}

// VOD eviction keeps a segment that ends exactly at the playhead.
func TestEvictionBorder(t *testing.T) {
	r := newRig(t, func(c *Config) { c.SegmentMemoryStorageLimitMiB = 2 })
	r.store(0, mebibyte)
	r.store(1, mebibyte)
	r.env.do(func() { r.core.UpdatePlayback(4, 1) })
	r.store(2, mebibyte)
	sh := r.core.shelfOf(r.core.renditions[0])
	r.want(sh.has(0) && sh.len() == 3, "%d stored", sh.len())
	r.env.do(func() { r.core.UpdatePlayback(4.1, 1) })
	r.store(3, mebibyte)
	r.want(!sh.has(0) && sh.len() == 3, "%d stored", sh.len())
}

func TestPrefetchLeavesExhaustedSegmentsAlone(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Main.SimultaneousHTTPDownloads, c.Main.HighDemandTimeWindow = 30, 0 })
	r.connect("p")
	l := r.core.loaders[0]
	q := l.requestOf(l.last.rendition.byExternalID(5))
	for range 3 {
		r.env.do(func() { startHTTP(q, l.cfg, RandomPrefetch) })
		r.env.do(func() { q.run.(*httpLoad).fail(ErrorHTTP, "") })
	}
	r.w.run(5 * time.Second)
	got := map[string]int{}
	for _, f := range r.env.fetched {
		got[f.URL]++
	}
	r.want(got["seg5"] == 3 && got["seg6"] == 1, "seg5 %d times, seg6 %d times", got["seg5"], got["seg6"])
}

func TestPeersListsSurviveAHostileAnnouncement(t *testing.T) {
	var s idSet
	s.set([]int64{700, -1, 5, 1 << 50, 5, 700, -70})
	for _, id := range []int64{700, -1, 5, 1 << 50, -70} {
		if !s.has(id) {
			t.Errorf("%d is missing", id)
		}
	}
	if s.len() != 5 || s.has(6) || s.has(-2) {
		t.Errorf("%d ids", s.len())
	}
	s.remove(5)
	s.add(6)
	if s.has(5) || !s.has(6) {
		t.Error("remove, add")
	}
}

// TestSetsAreSets holds one against a map: ids that come and go anyhow, and such as a live playlist's.
func TestSetsAreSets(t *testing.T) {
	for _, live := range []bool{false, true} {
		rng := rand.New(rand.NewPCG(1, 2))
		var s idSet
		model := map[int64]bool{}
		for step := range int64(5000) {
			id := int64(rng.IntN(600) - 200)
			if live {
				id = step/3 + int64(rng.IntN(40))
			}
			if rng.IntN(2) == 0 || live {
				s.add(id)
				model[id] = true
			} else {
				s.remove(id)
				delete(model, id)
			}
			for old := range model {
				if live && old < step/3-20 {
					s.remove(old)
					delete(model, old)
				}
			}
			for ask := step/3 - 250; ask < step/3+250; ask++ {
				if s.has(ask) != model[ask] {
					t.Fatalf("live: %v, step %d: %d is in it: %v", live, step, ask, s.has(ask))
				}
			}
			if s.len() != len(model) || live && len(s.far) > 0 || len(s.far) > 12 {
				t.Fatalf("live: %v, step %d: %d ids of %d, %d blocks", live, step, s.len(), len(model), len(s.far))
			}
		}
	}
}

// Each stream type has its own loader, limits, swarm and pending request; storage and bandwidth are shared.
func TestStreamTypesAreIndependent(t *testing.T) {
	r := newRig(t, nil)
	r.env.do(func() {
		r.addStream(Stream{RuntimeID: "audio", Type: Secondary, Index: "a"})
		r.core.LoadSegment("audio-seg0", r.viewer)
	})
	r.want(len(r.env.fetches) == 4 && len(r.failed) == 0, "%d downloads, told %v", len(r.env.fetches), r.failed)
	video, audio := r.core.loaders[0], r.core.loaders[1]
	r.want(video.busyHTTP == 2 && audio.busyHTTP == 2, "%d and %d", video.busyHTTP, audio.busyHTTP)
	r.want(video.swarms.current.rendition.infoHash != audio.swarms.current.rendition.infoHash, "one info hash")
	r.want(r.core.all.loads == 4 && r.core.http.loads == 4, "bandwidth meters see %d", r.core.all.loads)
	p := r.connect("p")
	n := p.announcements()
	r.env.do(func() {
		s := audio.last.rendition.byExternalID(7)
		r.core.storage.store(audio.last.rendition.swarmID, s, webtorrent.Message{Size: 10})
	})
	r.want(p.announcements() == n, "an audio segment was announced to a video peer")
	r.want(r.core.Peers() == 1 && r.core.StorageBytes() == 10, "%d peers, %d bytes", r.core.Peers(), r.core.StorageBytes())
}

// An upload that dies with its connection is reported, so that the swarm's books balance.
func TestUploadLost(t *testing.T) {
	r := newRig(t, func(c *Config) { onlyP2P(c); c.Main.WebRTCMaxMessageSize = 4096 })
	p := r.connect("p")
	r.store(3, 40_000)
	p.jam, p.buffered = true, 1<<20
	p.command(wire.Command{ID: wire.SegmentRequest, Segment: 3, Request: 7})
	_, left := p.dataSent()
	r.env.do(func() { p.h.PeerClosed(nil) })
	r.want(r.uploaded > 0 && r.lost == r.uploaded-int64(left), "uploaded %d, left %d, lost %d", r.uploaded, left, r.lost)
}

// PeerIDs are one per info hash for the page's lifetime: who comes back to a rendition is the same peer.
func TestPeerIDIsKeptPerInfoHash(t *testing.T) {
	r := newRig(t, nil)
	var ids []string
	r.core.newTracker = func(_ *Core, _ *swarm, _, id string) trackerClient { ids = append(ids, id); return noTracker{} }
	r.env.do(func() {
		r.core.AddStream(Stream{RuntimeID: "b", Type: Main, Index: "b"})
		r.core.UpdateStream("b", []Segment{{RuntimeID: "b0", URL: "b0", End: 4}}, nil)
	})
	first := r.core.peerIDs[r.core.renditions[0].infoHash]
	for _, seg := range []string{"b0", "seg0", "b0"} { // nothing is stored: each switch makes a new swarm
		r.env.do(func() { r.core.LoadSegment(seg, r.viewer) })
	}
	r.want(len(ids) == 3 && ids[1] == first && ids[0] == ids[2] && ids[0] != first, "%v, first %s", ids, first)
}

func TestHighDemandP2PTakesTheSlotOfAPrefetch(t *testing.T) {
	r := newRig(t, func(c *Config) { onlyP2P(c); c.Main.SimultaneousP2PDownloads = 1 })
	p, q := r.connect("p"), r.connect("q")
	p.announce(20)
	r.log = nil
	q.announce(0)
	r.want(fmt.Sprint(r.log) == "[abort 20 p2p start 0 p2p]" && q.request().Segment == 0, "%v", r.log)
}

func TestEvictionStopsWhenItFits(t *testing.T) {
	r := newRig(t, func(c *Config) { c.SegmentMemoryStorageLimitMiB = 3 })
	for id := range int64(3) {
		r.store(id, mebibyte)
	}
	r.env.do(func() { r.core.UpdatePlayback(8.5, 1) })
	r.store(3, mebibyte)
	sh := r.core.shelfOf(r.core.renditions[0])
	r.want(!sh.has(0) && sh.has(1) && sh.len() == 3, "%v left", sh.appendIDs(nil))
}

func TestWhatIsLeftOfASegment(t *testing.T) {
	m := webtorrent.Text([]byte("0123456789"))
	for from, want := range map[int64]string{0: "0123456789", 4: "456789", 10: "", 11: "", 1 << 50: "", -4: "6789", -11: "0123456789"} {
		if got := rest(m, from); string(got.Bytes) != want || got.Size != len(want) {
			t.Errorf("from %d: %q", from, got.Bytes)
		}
	}
}
