package player

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"swarmlab/sim/hls"
	"swarmlab/sim/p2pml"
)

func TestEngineIsToldOfTheStream(t *testing.T) {
	w := newWorld(t, hls.Config{Length: 60 * time.Second, Variants: []hls.Variant{
		{Name: "hi", Bandwidth: 2_149_280, AverageBandwidth: 1_900_000, Codecs: "mp4a.40.2,avc1.64001f", Resolution: hls.Resolution{Width: 1280, Height: 720}, FrameRate: "30.000", VideoRange: "SDR"},
		{Name: "lo", Bandwidth: 300_000},
	}})
	p, _, s := w.engineViewer(func(c *Config) { c.MasterURL += "?token=1" })
	w.base += "" // the query goes to the origin, and is cut for the swarm id
	w.answer = func(_ time.Duration, url string, f *transfer) bool {
		return strings.HasSuffix(url, "?token=1") && f.text(string(w.origin.MasterPlaylist()))
	}
	w.do(p.Start)
	w.run(time.Second)
	if want := []string{"http://origin.test/master.m3u8"}; !slices.Equal(s.told, want) {
		t.Errorf("manifest %v, want %v", s.told, want)
	}
	// Fingerprints made by the released library for these very variants (its hls.js integration, real hls.js parser).
	want := []p2pml.Stream{
		{RuntimeID: "http://origin.test/hi/playlist.m3u8", Type: p2pml.Main, Index: "p9QryK/5vvR/xzLA6yQBp0Rhv5A="},
		{RuntimeID: "http://origin.test/lo/playlist.m3u8", Type: p2pml.Main, Index: "bpXcLwjhs6M+MhtmRzyq8F4QiWA="},
	}
	if !slices.Equal(s.streams, want) {
		t.Errorf("streams %v, want %v", s.streams, want)
	}
	if len(s.segments) != 15 || len(s.live) != 1 || s.live[0] {
		t.Errorf("%d segments, live %v; want 15, [false]", len(s.segments), s.live)
	}
	for i, id := range s.order {
		if got := s.segments[id]; got.ExternalID != int64(i) || got.Start != float64(4*i) || got.End != float64(4*i+4) || got.URL != id {
			t.Errorf("segment %d: %+v", i, got)
		}
	}
	if len(s.loads) == 0 || s.loads[0] != s.order[0] {
		t.Errorf("the engine was asked for %v", s.loads)
	}
	if n := len(w.segments()); n != 0 {
		t.Errorf("the player itself fetched %d segments", n)
	}
}

const directMedia = `#EXTM3U
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:7
#EXTINF:4,
#EXT-X-BYTERANGE:1000@0
all.ts
#EXTINF:4,
#EXT-X-BYTERANGE:500
all.ts
#EXTINF:3.5,
b.ts
#EXT-X-ENDLIST
`

func TestMediaPlaylistLoadedDirectly(t *testing.T) {
	w := newWorld(t, hls.Config{})
	w.answer = func(_ time.Duration, url string, f *transfer) bool {
		return strings.HasSuffix(url, "m3u8") && f.text(directMedia)
	}
	p, d, s := w.engineViewer(func(c *Config) { c.MasterURL = w.base + "direct.m3u8" })
	w.do(p.Start)
	w.run(60 * time.Second)
	if want := []p2pml.Stream{{RuntimeID: w.base + "direct.m3u8", Type: p2pml.Main, Index: "UYnLxGhQilEV4D0HbCx+kRv0ZF0="}}; !slices.Equal(s.streams, want) {
		t.Errorf("streams %v, want %v", s.streams, want)
	}
	if want := []string{w.base + "all.ts|0-999", w.base + "all.ts|1000-1499", w.base + "b.ts"}; !slices.Equal(s.order, want) {
		t.Errorf("segments %v, want %v", s.order, want)
	}
	// VOD ids are indexes, whatever the media sequence says.
	if got := s.segments[s.order[1]]; got.ExternalID != 1 || *got.ByteRange != (p2pml.ByteRange{Start: 1000, End: 1499}) || got.Start != 4 || got.End != 8 {
		t.Errorf("second segment: %+v", got)
	}
	if len(w.requests) != 1 || len(s.bitrates) != 0 {
		t.Errorf("requests %v, bitrates %v; want one and none", w.requests, s.bitrates)
	}
	if len(d.ended) != 1 || len(d.played) != 3 || !d.played[0].ByEngine {
		t.Errorf("ended %v, played %v", d.ended, d.played)
	}
}

func TestLiveUpdatesReachTheEngine(t *testing.T) {
	w := newWorld(t, liveStream(2*time.Second, 6))
	p, _, s := w.engineViewer()
	w.do(p.Start)
	w.run(41 * time.Second)
	if len(s.segments) != 6 || len(s.order) < 24 || len(s.removed) != len(s.order)-6 {
		t.Fatalf("%d segments known, %d added, %d removed", len(s.segments), len(s.order), len(s.removed))
	}
	if !slices.Equal(s.removed, s.order[:len(s.removed)]) {
		t.Error("segments are not removed oldest first")
	}
	first := s.segments[s.order[len(s.removed)]].ExternalID
	for i, id := range s.order[len(s.removed):] {
		seg := s.segments[id]
		info, _ := w.origin.Segment(0, seg.ExternalID)
		if seg.ExternalID != first+int64(i) || !strings.HasSuffix(seg.URL, info.URI) {
			t.Errorf("%+v is not sequence %d (%s)", seg, first+int64(i), info.URI)
		}
		near(t, "timeline", seg.Start, float64(seg.ExternalID-1000)*2, 1e-6)
	}
	if len(s.live) < 15 || !s.live[0] {
		t.Errorf("SetIsLive: %v", s.live)
	}
}

func TestTimeUpdates(t *testing.T) {
	w := newWorld(t, hls.Config{Length: 60 * time.Second})
	p, d, s := w.engineViewer()
	w.do(p.Start)
	w.run(10 * time.Second)
	for i := 1; i < len(s.playbackAt); i++ {
		near(t, "interval", (s.playbackAt[i] - s.playbackAt[i-1]).Seconds(), 0.25, 1e-9)
		near(t, "position", s.playback[i]-s.playback[i-1], 0.25, 1e-6)
	}
	if len(s.playback) < 35 {
		t.Fatalf("%d updates", len(s.playback))
	}
	w.do(p.Pause)
	n := len(s.playback)
	w.run(20 * time.Second)
	if len(s.playback) != n {
		t.Error("a paused element told its position")
	}
	w.do(func() { p.Seek(50) })
	if len(s.playback) != n+1 || s.playback[n] != 50 {
		t.Errorf("the seek was not told: %v", s.playback[n:])
	}
	w.do(p.Resume)
	s.delay = time.Hour
	w.run(50 * time.Second)
	if len(d.stalls) == 0 {
		t.Fatal("no stall")
	}
	n = len(s.playback)
	w.run(60 * time.Second)
	if len(s.playback) != n {
		t.Error("a stalled element told its position")
	}
}

func TestEngineShortensTheBuffer(t *testing.T) {
	for _, c := range []struct {
		name     string
		segment  time.Duration
		segments int
		change   func(*Config)
		want     float64
	}{
		{"to the high-demand window", 4 * time.Second, 40, nil, 15},
		{"or two target durations", 10 * time.Second, 20, nil, 20},
		{"the larger of both windows", 4 * time.Second, 40, func(c *Config) { c.P2P.Secondary.HighDemandTimeWindow = 22 * time.Second }, 22},
		{"not with four segments", 10 * time.Second, 4, nil, 30},
		{"not what the page has set", 4 * time.Second, 40, func(c *Config) { c.HLS.MaxBufferLength = 25 * time.Second }, 75},
		{"never up", 4 * time.Second, 40, func(c *Config) { c.P2P.Main.HighDemandTimeWindow = time.Hour }, 75},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, hls.Config{SegmentDuration: c.segment, Length: time.Duration(c.segments) * c.segment, Variants: []hls.Variant{{Bandwidth: 6_400_000}}})
			change := func(cfg *Config) {}
			if c.change != nil {
				change = c.change
			}
			p, _, s := w.engineViewer(change)
			s.delay = 10 * time.Millisecond
			w.do(p.Start)
			highest := 0.0
			for at := time.Second; at < 60*time.Second; at += 50 * time.Millisecond {
				w.run(at)
				highest = max(highest, p.Snapshot().BufferedAhead)
			}
			if seg := c.segment.Seconds(); highest > c.want+seg || highest < min(c.want+seg-0.2, seg*float64(c.segments)-2) {
				t.Errorf("buffer reached %.2f s, want just under %.0f", highest, c.want+seg)
			}
		})
	}
}

func TestEngineThatCannotLoad(t *testing.T) {
	t.Run("switched off: the player fetches by itself", func(t *testing.T) {
		w := newWorld(t, hls.Config{Length: 20 * time.Second})
		p, d, s := w.engineViewer()
		s.off = true
		w.do(p.Start)
		w.run(30 * time.Second)
		if len(s.loads) != 0 || len(w.segments()) != 5 || len(d.direct) != 5 || len(d.ended) != 1 {
			t.Errorf("engine %v, own requests %v", s.loads, w.segments())
		}
	})
	t.Run("VOD rejected: hls.js asks again after 1, 2, 4 s", func(t *testing.T) {
		w := newWorld(t, hls.Config{Length: 20 * time.Second})
		p, d, s := w.engineViewer()
		n := 0
		var at []float64
		s.deliver = func(_ p2pml.Segment, h p2pml.LoadHandler) {
			at = append(at, w.now.Seconds())
			w.later(50*time.Millisecond, func() {
				if n++; n <= 3 {
					h.SegmentFailed(p2pml.ErrFailed)
					return
				}
				h.SegmentLoaded(p2pml.Loaded{BandwidthBps: 1e7})
			})
		}
		w.do(p.Start)
		w.run(15 * time.Second)
		for i, want := range []float64{1, 2, 4} {
			near(t, "wait", at[i+1]-at[i], want+0.1, 0.0501)
		}
		if len(d.errors) != 3 || len(d.startup) != 1 {
			t.Errorf("errors %v, startup %v", d.errors, d.startup)
		}
	})
	t.Run("live rejected: skipped", func(t *testing.T) {
		w := newWorld(t, liveStream(2*time.Second, 8))
		p, d, s := w.engineViewer()
		s.deliver = func(x p2pml.Segment, h p2pml.LoadHandler) {
			w.later(20*time.Millisecond, func() {
				if x.ExternalID == 1012 {
					h.SegmentFailed(p2pml.ErrFailed)
					return
				}
				h.SegmentLoaded(p2pml.Loaded{BandwidthBps: 1e7})
			})
		}
		w.do(p.Start)
		w.run(60 * time.Second)
		if len(d.errors) != 1 || d.errors[0].Action != ActionGap || len(d.stalls) != 1 || len(d.resumes) != 1 {
			t.Errorf("errors %v, stalls %v", d.errors, d.stalls)
		}
		if n := strings.Count(fmt.Sprint(s.loads), "1012"); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

const fmp4Media = `#EXTM3U
#EXT-X-TARGETDURATION:4
#EXT-X-MAP:URI="init.mp4",BYTERANGE="800@0"
#EXTINF:4,
a.m4s
#EXTINF:4,
b.m4s
#EXT-X-MAP:URI="init2.mp4"
#EXTINF:4,
c.m4s
#EXT-X-ENDLIST
`

func TestInitSegmentsAreFetchedByThePlayer(t *testing.T) {
	w := newWorld(t, hls.Config{})
	w.answer = func(_ time.Duration, url string, f *transfer) bool {
		if strings.HasSuffix(url, "m3u8") {
			return f.text(fmp4Media)
		}
		return f.text(strings.Repeat("x", 800))
	}
	p, d, s := w.engineViewer(func(c *Config) { c.MasterURL = w.base + "direct.m3u8" })
	w.do(p.Start)
	w.run(60 * time.Second)
	var own []string
	for _, q := range w.requests[1:] {
		own = append(own, fmt.Sprint(strings.TrimPrefix(q.url, w.base), q.r))
	}
	if want := []string{"init.mp4&{0 799}", "init2.mp4<nil>"}; !slices.Equal(own, want) {
		t.Errorf("the player fetched %v, want %v", own, want)
	}
	if len(d.inits) != 2 || len(s.loads) != 3 || len(d.ended) != 1 {
		t.Errorf("inits %v, engine %v, ended %v", d.inits, s.loads, d.ended)
	}
}

func TestPlaylistCacheChangesNothing(t *testing.T) {
	cache := NewPlaylistCache()
	var runs [2]string
	for i := range runs {
		w := newWorld(t, liveStream(2*time.Second, 6))
		p, d := w.viewer(func(c *Config) {
			if i == 1 {
				c.Playlists = cache
			}
		})
		w.do(p.Start)
		w.run(5 * time.Minute)
		runs[i] = fmt.Sprint(w.requests, d.played, p.Snapshot())
	}
	if runs[0] != runs[1] {
		t.Error("a viewer with a cache behaves differently")
	}
	if len(cache.media) != cachedPlaylists || len(cache.order) != cachedPlaylists {
		t.Errorf("cache holds %d and %d", len(cache.media), len(cache.order))
	}
}
