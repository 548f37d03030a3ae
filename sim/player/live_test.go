package player

import (
	"testing"
	"time"

	"swarmlab/sim/hls"
)

func liveStream(segment time.Duration, window int) hls.Config {
	return hls.Config{Kind: hls.Live, SegmentDuration: segment, Window: window, FirstSequence: 1000}
}

// behind is how many seconds the picture is behind the end of the newest published segment.
func behind(w *world, p *Player) float64 {
	_, last, _ := w.origin.Window(0, w.now)
	info, _ := w.origin.Segment(0, last)
	d := p.latest()
	end := d.end(d.index(d.last())) + float64(last-d.last())*info.Duration.Seconds()
	return end - p.Snapshot().Position
}

func TestLiveStartDistance(t *testing.T) {
	for _, c := range []struct {
		name    string
		segment time.Duration
		window  int
		engine  bool
		set     int
		want    float64 // target durations behind the edge of the first playlist
	}{
		{"plain hls.js: 3 segments", 2 * time.Second, 8, false, 0, 6},
		{"with the engine: window-1 segments", 2 * time.Second, 8, true, 0, 14},
		{"with the engine, but four segments or fewer: 3", 4 * time.Second, 4, true, 0, 12},
		{"with the engine: never over 120 s", 4 * time.Second, 60, true, 0, 120},
		{"the page's own count stands", 2 * time.Second, 8, true, 4, 8},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, liveStream(c.segment, c.window))
			w.rtt = 4 * time.Millisecond
			w.now = 300 * time.Millisecond // off the publication grid
			set := func(cfg *Config) { cfg.HLS.LiveSyncDurationCount = c.set }
			p, d := w.viewer(set)
			if c.engine {
				p, d, _ = w.engineViewer(set)
			}
			w.do(p.Start)
			w.run(w.now + time.Second)
			if len(d.startup) != 1 {
				t.Fatalf("startups: %v", d.startup)
			}
			edge := d.loads[1].Edge
			near(t, "starts behind the edge", edge-d.startup[0].Position, c.want, 0.05)
		})
	}
}

func TestOneLivePageInSevenStartsNearTheEdge(t *testing.T) {
	near3, pages := 0, 700
	w := newWorld(t, liveStream(2*time.Second, 8))
	for range pages {
		w.now += 100 * time.Millisecond
		p, d, _ := w.engineViewer(func(c *Config) { c.HLS.LiveStartRace = 0 })
		w.do(p.Start)
		w.run(w.now + 500*time.Millisecond)
		switch distance := d.loads[1].Edge - d.startup[0].Position; {
		case distance < 6.1 && distance > 5.9:
			near3++
		case distance < 13.8 || distance > 14.1:
			t.Fatalf("started %.2f s behind the edge", distance)
		}
		w.do(p.Leave)
	}
	near(t, "share near the edge", float64(near3)/float64(pages), 1.0/7, 0.04)
}

func TestLiveKeepsItsDistance(t *testing.T) {
	for _, engine := range []bool{false, true} {
		w := newWorld(t, liveStream(2*time.Second, 8))
		w.now = 700 * time.Millisecond
		p, d := w.viewer()
		if engine {
			p, d, _ = w.engineViewer()
		}
		w.do(p.Start)
		w.run(5 * time.Second)
		first := p.Snapshot().LiveLatency
		lo, hi := first, first
		for at := 5 * time.Second; at < 605*time.Second; at += 313 * time.Millisecond {
			w.run(at)
			l := p.Snapshot().LiveLatency
			lo, hi = min(lo, l), max(hi, l)
		}
		// The edge is guessed from the playlist's age, so it wobbles by how late a playlist was asked for, never by a segment.
		if len(d.stalls) != 0 || len(d.seeks) > 1 || hi-lo > 2.1 {
			t.Errorf("engine %v: %d stalls, seeks %v, latency from %.2f to %.2f", engine, len(d.stalls), d.seeks, lo, hi)
		}
		near(t, "picture moved", p.Snapshot().Watched.Seconds(), 604.3, 0.7)
		if n := len(p.levels[0].tracked); n > 40 {
			t.Errorf("remembers %d segments after ten minutes", n)
		}
		if n := len(p.played.pending); n > 12 {
			t.Errorf("%d segments wait to be played", n)
		}
	}
}

func TestLiveRefreshCadence(t *testing.T) {
	t.Run("a target duration after a change", func(t *testing.T) {
		w := newWorld(t, liveStream(4*time.Second, 6))
		w.now, w.rtt = 500*time.Millisecond, 100*time.Millisecond
		p, _ := w.viewer()
		w.do(p.Start)
		w.run(60 * time.Second)
		times := w.playlistTimes(0)
		for i := 1; i < len(times); i++ {
			near(t, "interval", (times[i] - times[i-1]).Seconds(), 4, 1e-9)
		}
		if len(times) != 15 {
			t.Errorf("%d loads in a minute", len(times))
		}
	})
	t.Run("half of one when nothing is new", func(t *testing.T) {
		w := newWorld(t, liveStream(4*time.Second, 6))
		frozen := w.origin.MediaPlaylist(0, 10*time.Second)
		w.answer = func(_ time.Duration, url string, f *transfer) bool {
			return url == w.base+w.origin.MediaPath(0) && f.text(string(frozen))
		}
		p, _ := w.viewer()
		w.do(p.Start)
		w.run(30 * time.Second)
		times := w.playlistTimes(0)
		near(t, "after the first load", (times[1] - times[0]).Seconds(), 4, 1e-9)
		for i := 2; i < len(times); i++ {
			near(t, "interval", (times[i] - times[i-1]).Seconds(), 2, 1e-9)
		}
	})
	t.Run("at once when the answer took longer than that", func(t *testing.T) {
		w := newWorld(t, liveStream(2*time.Second, 6))
		w.answer = func(at time.Duration, url string, f *transfer) bool {
			if url != w.base+w.origin.MediaPath(0) || at < 10*time.Second {
				return false
			}
			f.later(5*time.Second, func() { f.text(string(w.origin.MediaPlaylist(0, w.now))) })
			return true
		}
		p, _ := w.viewer()
		w.do(p.Start)
		w.run(40 * time.Second)
		times := w.playlistTimes(0)
		n := len(times)
		near(t, "interval", (times[n-1] - times[n-2]).Seconds(), 5.02, 1e-9)
	})
	t.Run("the last segment's duration if it is shorter and the picture near the edge", func(t *testing.T) {
		w := newWorld(t, liveStream(2500*time.Millisecond, 6)) // target duration 3
		p, _ := w.viewer()
		w.do(p.Start)
		w.run(30 * time.Second)
		times := w.playlistTimes(0)
		near(t, "interval", (times[3] - times[2]).Seconds(), 2.5, 1e-9)
	})
}

// hls.js asks for a playlist twice more, after 1 s and 2 s, and then gives up for good: a real page that wants to survive an
// outage has to start again by itself.
func TestLongPlaylistOutageIsFatalButTheBufferPlaysOut(t *testing.T) {
	w := newWorld(t, liveStream(2*time.Second, 8))
	w.now = 300 * time.Millisecond
	w.answer = func(at time.Duration, _ string, f *transfer) bool { return at > 30*time.Second && f.fail(errReset) }
	p, d := w.viewer()
	w.do(p.Start)
	w.run(29 * time.Second)
	if len(d.stalls) != 0 {
		t.Fatalf("stalled before the outage: %v", d.stalls)
	}
	ahead := p.Snapshot().BufferedAhead
	w.run(120 * time.Second)
	if len(d.fatal) != 1 || len(d.stalls) != 1 || p.Snapshot().State != "failed" {
		t.Fatalf("fatal %v, stalls %v, state %s", d.fatal, d.stalls, p.Snapshot().State)
	}
	if at := d.stalls[0].At.Seconds(); at < 29+ahead-1e-6 {
		t.Errorf("the picture stood at %.2f s with %.2f s in the buffer at 29 s", at, ahead)
	}
}

// An origin that serves an old playlist for a while (a broken cache) and then the truth: the window has passed the viewer.
func TestOvertakenViewerSeeksToTheSyncPosition(t *testing.T) {
	w := newWorld(t, liveStream(2*time.Second, 8))
	w.now = 300 * time.Millisecond
	var frozen []byte
	w.answer = func(at time.Duration, url string, f *transfer) bool {
		if url != w.base+w.origin.MediaPath(0) || at < 30*time.Second || at > 90*time.Second {
			return false
		}
		if frozen == nil {
			frozen = w.origin.MediaPlaylist(0, 30*time.Second)
		}
		return f.text(string(frozen))
	}
	p, d := w.viewer()
	w.do(p.Start)
	w.run(89 * time.Second)
	if len(d.stalls) != 1 {
		t.Fatalf("stalls %v", d.stalls)
	}
	if s := p.Snapshot(); s.State != "stalled" {
		t.Fatalf("state %s during the outage", s.State)
	}
	w.run(100 * time.Second)
	var jump *Seek
	for i := range d.seeks {
		if d.seeks[i].Reason == SeekLiveEdge {
			jump = &d.seeks[i]
		}
	}
	if jump == nil || len(d.resumes) != 1 {
		t.Fatalf("seeks %v, resumes %v, errors %v", d.seeks, d.resumes, d.errors)
	}
	// 3 segments behind the edge, and one second for the stall.
	near(t, "distance after the seek", behind(w, p), 7, 1.1)
	near(t, "target latency", p.Snapshot().TargetLatency, 7, 1e-9)
	near(t, "state", p.Snapshot().Stalled.Seconds(), d.resumes[0].Lasted.Seconds(), 1e-9)
	w.run(160 * time.Second)
	if len(d.stalls) != 1 {
		t.Errorf("stalled again: %v", d.stalls)
	}
}

func TestLiveThatEndsPlaysOut(t *testing.T) {
	w := newWorld(t, liveStream(2*time.Second, 8))
	var over string
	w.answer = func(at time.Duration, url string, f *transfer) bool {
		if at < 20*time.Second || url != w.base+w.origin.MediaPath(0) {
			return false
		}
		if over == "" {
			over = string(w.origin.MediaPlaylist(0, at)) + "#EXT-X-ENDLIST\n"
		}
		return f.text(over)
	}
	p, d := w.viewer()
	w.do(p.Start)
	w.run(60 * time.Second)
	if len(d.ended) != 1 || len(d.stalls) != 0 {
		t.Fatalf("ended %v, stalls %v", d.ended, d.stalls)
	}
	if n := len(w.playlistTimes(0)); n > 12 {
		t.Errorf("%d playlist loads; an ended stream is not reloaded", n)
	}
}
