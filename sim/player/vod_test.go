package player

import (
	"strings"
	"testing"
	"time"

	"swarmlab/sim/hls"
)

func TestStartupOnVOD(t *testing.T) {
	w := newWorld(t, hls.Config{})
	w.rtt, w.rate = 50*time.Millisecond, constant(8e6)
	p, d := w.viewer()
	w.do(p.Start)
	w.run(10 * time.Second)
	// Master, playlist and segment one after another: 3 round trips, and 400,000 bytes at 8 Mbit/s.
	if len(d.startup) != 1 {
		t.Fatalf("startups: %v", d.startup)
	}
	near(t, "startup", d.startup[0].Delay.Seconds(), 0.15+0.4, 1e-3)
	near(t, "position after 10 s", p.Snapshot().Position, 10-0.55, 1e-3)
	want := []string{"master.m3u8", "v0/playlist.m3u8"}
	for i, u := range want {
		if got := w.requests[i].url; got != w.base+u {
			t.Errorf("request %d: %s, want %s", i, got, u)
		}
	}
	if len(d.stalls) != 0 || len(d.errors) != 0 || len(d.seeks) != 0 {
		t.Errorf("stalls %v, errors %v, seeks %v", d.stalls, d.errors, d.seeks)
	}
}

func TestBufferFillsToTheGoalAndNotBeyond(t *testing.T) {
	for _, c := range []struct {
		name    string
		bitrate int64
		set     time.Duration
		goal    float64
	}{
		{"60 MB at 6 Mbit/s are 80 s", 6_000_000, 0, 80},
		{"never under 30 s", 20_000_000, 0, 30},
		{"the page may lower the cap", 6_000_000, 12 * time.Second, 12},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, hls.Config{Length: 400 * time.Second, Variants: []hls.Variant{{Bandwidth: c.bitrate}}})
			w.rate = constant(400e6)
			p, _ := w.viewer(func(cfg *Config) { cfg.HLS.MaxMaxBufferLength = c.set })
			w.do(p.Start)
			highest, lowest := 0.0, 1e9
			for at := 30 * time.Second; at < 150*time.Second; at += 37 * time.Millisecond {
				w.run(at)
				b := p.Snapshot().BufferedAhead
				highest, lowest = max(highest, b), min(lowest, b)
			}
			// The next segment is asked for on the first 100 ms tick under the goal and adds 4 s at most.
			if highest > c.goal+4 || highest < c.goal+3.5 {
				t.Errorf("buffer reached %.2f s, want just under %.0f", highest, c.goal+4)
			}
			if lowest < c.goal-0.6 || lowest > c.goal {
				t.Errorf("buffer fell to %.2f s, want just under %.0f", lowest, c.goal)
			}
		})
	}
}

func TestRequestsKeepThe100msPhase(t *testing.T) {
	w := newWorld(t, hls.Config{Length: 400 * time.Second, Variants: []hls.Variant{{Bandwidth: 20_000_000}}})
	w.rate = constant(400e6)
	p, _ := w.viewer()
	w.do(p.Start)
	w.run(120 * time.Second)
	parsed := w.rtt // the master arrives after one round trip, and the ticks begin
	var steady int
	for _, q := range w.requests[12:] {
		if (q.at-parsed)%tickInterval != 0 {
			t.Errorf("request at %v is off the 100 ms grid from %v", q.at, parsed)
		}
		steady++
	}
	if steady < 15 {
		t.Errorf("only %d requests in steady state", steady)
	}
}

func TestIdlePlayerHardlyWakes(t *testing.T) {
	w := newWorld(t, hls.Config{Length: 600 * time.Second, Variants: []hls.Variant{{Bandwidth: 20_000_000}}})
	w.rate = constant(4e9)
	p, _ := w.viewer()
	w.do(p.Start)
	w.run(60 * time.Second)
	before, asked := w.wakeups, len(w.requests)
	w.run(160 * time.Second)
	// Each segment costs the world 1 + size/chunk events; a tick every 100 ms would add a thousand.
	perSegment := 10_000_000/chunk + 3
	own := w.wakeups - before - (len(w.requests)-asked)*perSegment
	if own > 100 {
		t.Errorf("%d wake-ups in 100 s of undisturbed watching", own)
	}
}

func TestStallAndResumeAreExact(t *testing.T) {
	// Segments of 4 s and 376,000 bytes (2000 whole packets) over a link of 376 kbit/s: each takes 8 s and the request 20 ms. The
	// first is shown at 40 ms + 8.02 s; the second comes 8.02 s later, 4 s of picture in between: every stall lasts 4.02 s.
	w := newWorld(t, hls.Config{Variants: []hls.Variant{{Bandwidth: 752_000}}})
	w.rate = constant(376e3)
	p, d := w.viewer()
	w.do(p.Start)
	w.run(60 * time.Second)
	near(t, "startup", d.startup[0].Delay.Seconds(), 8.06, 1e-3)
	if len(d.stalls) < 4 {
		t.Fatalf("stalls: %v", d.stalls)
	}
	for i, s := range d.stalls[:4] {
		near(t, "stall begins", s.At.Seconds(), 8.06+float64(i)*8.02+4, 1e-3)
		near(t, "stall position", s.Position, float64(i+1)*4, 1e-6)
		near(t, "stall lasts", d.resumes[i].Lasted.Seconds(), 4.02, 1e-3)
		near(t, "goes on where it stood", d.resumes[i].Position, s.Position, 1e-6)
	}
}

func TestVODEnds(t *testing.T) {
	w := newWorld(t, hls.Config{Length: 18 * time.Second})
	p, d := w.viewer()
	w.do(p.Start)
	w.run(60 * time.Second)
	if len(d.ended) != 1 {
		t.Fatalf("ended %d times", len(d.ended))
	}
	near(t, "ended at", d.ended[0].At.Seconds(), d.startup[0].At.Seconds()+18, 1e-6)
	s := p.Snapshot()
	if s.State != "ended" || len(d.stalls) != 0 || len(d.played) != 5 || len(d.appended) != 5 {
		t.Errorf("state %s, %d stalls, %d played, %d appended; want ended, 0, 5, 5", s.State, len(d.stalls), len(d.played), len(d.appended))
	}
	near(t, "watched", s.Watched.Seconds(), 18, 1e-6)
	for i, e := range d.played {
		if e.Sequence != int64(i) || e.ExternalID != int64(i) || e.Bytes == 0 || e.ByEngine {
			t.Errorf("played[%d] = %+v", i, e)
		}
	}
	if n := w.pending(); n != 0 {
		t.Errorf("%d timers after the end", n)
	}
}

func TestSeek(t *testing.T) {
	w := newWorld(t, hls.Config{Length: 400 * time.Second})
	w.rate = constant(8e6)
	p, d := w.viewer(func(c *Config) { c.HLS.MaxMaxBufferLength = 20 * time.Second })
	w.do(p.Start)
	w.run(20 * time.Second)
	asked := len(w.requests)
	w.do(func() { p.Seek(201) }) // far out of the buffer
	w.run(21 * time.Second)
	if i, ok := w.origin.Locate(strings.TrimPrefix(w.requests[asked].url, w.base)); !ok || i.Seq != 50 {
		t.Errorf("the first request after the seek is %s, want segment 50", w.requests[asked].url)
	}
	if len(d.stalls) != 1 || len(d.resumes) != 1 {
		t.Fatalf("stalls %v, resumes %v", d.stalls, d.resumes)
	}
	near(t, "seek waits for one segment", d.resumes[0].Lasted.Seconds(), 0.42, 1e-3)
	last := d.appended[len(d.appended)-1]
	if last.Start < 200 {
		t.Errorf("loading goes on at %.0f s", last.Start)
	}
	w.do(func() { p.Seek(5) }) // into what is still buffered: no stall, no request for it
	w.run(22 * time.Second)
	if len(d.stalls) != 1 {
		t.Errorf("a seek into the buffer stalled: %v", d.stalls)
	}
	near(t, "position", p.Snapshot().Position, 6, 1e-3)
	w.do(func() { p.Seek(399) })
	w.run(30 * time.Second)
	if len(d.ended) != 1 {
		t.Errorf("ended %d times after a seek to the end", len(d.ended))
	}
	w.do(func() { p.Seek(0) })
	w.run(32 * time.Second)
	near(t, "plays again after the end", p.Snapshot().Position, 2, 1e-3)
}

func TestPause(t *testing.T) {
	w := newWorld(t, hls.Config{})
	p, d := w.viewer()
	w.do(p.Start)
	w.run(10 * time.Second)
	at := p.Snapshot().Position
	w.do(p.Pause)
	w.run(25 * time.Second)
	s := p.Snapshot()
	near(t, "paused position", s.Position, at, 1e-9)
	near(t, "paused time", s.Paused.Seconds(), 15, 1e-9)
	w.do(p.Resume)
	w.run(27 * time.Second)
	near(t, "position after resume", p.Snapshot().Position, at+2, 1e-9)
	if len(d.stalls) != 0 || p.Snapshot().Stalls != 0 {
		t.Errorf("a pause counted as a stall")
	}
}

func TestStartPosition(t *testing.T) {
	w := newWorld(t, hls.Config{})
	p, d := w.viewer(func(c *Config) { c.StartPosition = 41 })
	w.do(p.Start)
	w.run(5 * time.Second)
	near(t, "starts at", d.startup[0].Position, 41, 1e-9)
	if d.appended[0].Sequence != 10 {
		t.Errorf("first segment %d, want 10", d.appended[0].Sequence)
	}
}
