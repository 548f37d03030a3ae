package player

import (
	"math"
	"slices"
	"testing"
	"time"

	"swarmlab/sim/hls"
)

func TestEstimatorByHand(t *testing.T) {
	// alpha = 0.5^(1/halfLife); a sample of weight w and value v: E = v(1-alpha^w) + alpha^w E; estimate = E / (1 - alpha^W).
	type sample struct {
		ms    float64
		bytes int64
	}
	for _, c := range []struct {
		name    string
		samples []sample
		want    float64
	}{
		{"before any sample the default", nil, 500_000},
		{"one sample is the estimate", []sample{{1000, 250_000}}, 2e6},
		{"the same again changes nothing", []sample{{1000, 250_000}, {2000, 500_000}}, 2e6},
		// Fast: 1 s at 2 Mbit/s then 3 s at 8: E1 = 2(1-.793701) = .412598; E2 = 8(.5) + .5*.412598 = 4.206299; / (1-.5^(4/3)) =
		// 4.206299/.603150 = 6.973885. Slow: E1 = 2(1-.925875) = .148251; E2 = 8(1-.793701) + .793701*.148251 = 1.768062;
		// / (1-.5^(4/9)) = 1.768062/.265133 = 6.668591. The lower of both.
		{"going up, the slow average holds back", []sample{{1000, 250_000}, {3000, 3_000_000}}, 6.6686e6},
		// Fast: E1 = 8*.5 = 4; E2 = 2*.206299 + .793701*4 = 3.587400; /.603150 = 5.947776.
		// Slow: E1 = 8*.206299 = 1.650395; E2 = 2*.074125 + .925875*1.650395 = 1.676310; /.265133 = 6.322518.
		{"going down, the fast one leads", []sample{{3000, 3_000_000}, {1000, 250_000}}, 5.94778e6},
		{"a sample is never shorter than 50 ms", []sample{{1, 10_000_000}}, 1.6e9},
		{"unless it is small: 800 Mbit/s at most", []sample{{0, 1_000_000}}, 8e8},
		{"nothing in no time is no sample", []sample{{0, 0}}, 500_000},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := newEstimator(HLSConfig{}.withDefaults(), 500_000)
			for _, s := range c.samples {
				e.sample(time.Duration(s.ms*1e6), s.bytes)
			}
			near(t, "estimate", e.bps(), c.want, c.want*1e-4)
		})
	}
}

func TestFirstByteEstimateByHand(t *testing.T) {
	e := newEstimator(HLSConfig{}.withDefaults(), 0)
	near(t, "default", e.ttfbSeconds(), 0.1, 0)
	e.sampleTTFB(2 * time.Millisecond)
	near(t, "never under 5 ms", e.ttfbSeconds(), 0.005, 1e-12)
	// A wait of 3 s weighs sqrt2*exp(-4.5) = .015710 against 1.414211 for 2 ms. alpha = .925875.
	// E = .005(1-.925875^1.414211)(.925875^.015710) + 3(1-.925875^.015710); all / (1-.925875^1.429921).
	e.sampleTTFB(3 * time.Second)
	a := math.Exp2(-1.0 / 9)
	w1, w2 := math.Sqrt2*math.Exp(-0.002*0.002/2), math.Sqrt2*math.Exp(-4.5)
	want := (0.005*(1-math.Pow(a, w1))*math.Pow(a, w2) + 3*(1-math.Pow(a, w2))) / (1 - math.Pow(a, w1+w2))
	near(t, "a long wait weighs little", e.ttfbSeconds(), want, 1e-12)
	near(t, "by hand", e.ttfbSeconds(), 0.0397, 0.00005)
}

// levels that were shown, in order.
func (d *diary) shownLevels() (l []int) {
	for _, s := range d.switches {
		l = append(l, s.To)
	}
	return l
}

func TestStartLevel(t *testing.T) {
	for _, c := range []struct {
		name  string
		kbps  []int64
		first int // level
	}{
		{"default 500 kbit/s: the highest under it", []int64{300, 450, 800}, 1},
		{"nothing fits: the lowest", []int64{600, 900}, 0},
		{"the first listed raises the default", []int64{2000, 800, 4000}, 1},
		{"to 5 Mbit/s at most", []int64{9000, 4000, 6000}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, hls.Config{Variants: ladder(c.kbps...)})
			p, d := w.viewer()
			w.do(p.Start)
			w.run(3 * time.Second)
			if len(d.appended) == 0 || d.appended[0].Level != c.first {
				t.Fatalf("appended %+v, want the first of level %d", d.appended, c.first)
			}
		})
	}
}

func TestBitrateFollowsTheBandwidth(t *testing.T) {
	for _, kind := range []hls.Kind{hls.VOD, hls.Live} {
		w := newWorld(t, hls.Config{Kind: kind, SegmentDuration: 4 * time.Second, Window: 8, Length: 1200 * time.Second, Variants: ladder(400, 1000, 2500, 5000)})
		w.rate = func(at time.Duration) float64 {
			if at < 100*time.Second {
				return 4e6
			}
			if at < 220*time.Second {
				return 1.5e6
			}
			return 12e6
		}
		p, d := w.viewer(func(c *Config) { c.HLS.MaxMaxBufferLength = 20 * time.Second })
		w.do(p.Start)
		w.run(95 * time.Second)
		// 0.7 * 4 Mbit/s carries 2.5, and 0.95 * 4 does not carry 5.
		if l := p.Snapshot().Level; l != 2 {
			t.Errorf("%s at 4 Mbit/s: level %d, want 2", kind, l)
		}
		w.run(215 * time.Second)
		// 0.7 * 1.5 Mbit/s carries 1000 from either side, whether or not a segment was given up for the lowest level.
		if l := p.Snapshot().Level; l != 1 {
			t.Errorf("%s at 1.5 Mbit/s: level %d, want 1 (%v)", kind, l, d.switches)
		}
		w.run(320 * time.Second)
		if l := p.Snapshot().Level; l != 3 {
			t.Errorf("%s at 12 Mbit/s: level %d, want 3", kind, l)
		}
		if s := p.Snapshot(); s.Stalled > 12*time.Second {
			t.Errorf("%s: stalled for %v", kind, s.Stalled)
		}
	}
}

// rules asks bestLevel in a made-up state.
func rules(t *testing.T, live bool, last int, kbps ...int64) *Player {
	w := newWorld(t, hls.Config{})
	p, _ := w.viewer()
	p.takeMaster(&hls.Master{Variants: ladder(kbps...)})
	list := &playlist{live: live, targetDuration: 4, duration: 40, segments: make([]segment, 10)}
	for _, l := range p.levels {
		l.details = &details{playlist: list}
	}
	p.lastLoaded, p.loadLevel, p.auto.lastLoaded, p.auto.fragDuration = p.levels[last], last, last, 4
	p.bandwidth.sampleTTFB(100 * time.Millisecond)
	return p
}

func TestBestLevelRules(t *testing.T) {
	for _, c := range []struct {
		name   string
		live   bool
		last   int
		c      choice
		want   int
		change func(p *Player)
	}{
		// Levels: 500, 1000, 2000 kbit/s; segments of 4 s; first byte in 100 ms.
		{"up needs 0.7 of the bandwidth", true, 0, choice{bps: 1.42e6, top: 2, down: .95, up: .7}, 0, nil},
		{"up, with enough", true, 0, choice{bps: 1.43e6, top: 2, down: .95, up: .7}, 1, nil},
		{"staying needs 0.95", true, 2, choice{bps: 2.11e6, top: 2, down: .95, up: .7}, 2, nil},
		{"down, with less", true, 2, choice{bps: 2.10e6, top: 2, down: .95, up: .7}, 1, nil},
		{"live does not look at the buffer", true, 1, choice{bps: 1.1e6, top: 2, buffer: .2, down: .95, up: .7}, 1, nil},
		// VOD: 4 Mbit at 1.045 Mbit/s take 3.83 s and the first byte .1.
		{"VOD must come before the picture stands", false, 1, choice{bps: 1.1e6, top: 2, buffer: 3.8, down: .95, up: .7}, 0, nil},
		{"VOD, in time", false, 1, choice{bps: 1.1e6, top: 2, buffer: 4.0, down: .95, up: .7}, 1, nil},
		{"VOD, nothing in time", false, 1, choice{bps: 1.1e6, top: 2, buffer: 1, down: .95, up: .7}, -1, nil},
		{"VOD, patience counts like buffer", false, 1, choice{bps: 1.1e6, top: 2, buffer: 1, patience: 3, down: .95, up: .7}, 1, nil},
		{"a level with errors is left alone", true, 0, choice{bps: 9e6, top: 2, down: .95, up: .7}, 1, func(p *Player) { p.levels[2].fragmentError = 1 }},
		{"unless it is the current one", true, 2, choice{bps: 9e6, top: 2, down: .95, up: .7}, 2, func(p *Player) { p.levels[2].fragmentError = 1 }},
		{"another codec family is left alone", true, 0, choice{bps: 9e6, top: 2, down: .95, up: .7}, 1, func(p *Player) { p.levels[2].codecSet = "hvc1,mp4a" }},
		{"no lower frame rate on the way up", true, 0, choice{bps: 9e6, top: 2, down: .95, up: .7}, 0, func(p *Player) { p.levels[0].frameRate = 50 }},
		{"with two segments in the buffer the average bitrate counts", false, 1, choice{bps: 2.2e6, top: 2, buffer: 9, down: .95, up: .7}, 2, func(p *Player) { p.levels[2].averageBitrate = 1.5e6 }},
		{"with less, the peak", false, 1, choice{bps: 2.2e6, top: 2, buffer: 7.9, down: .95, up: .7}, 1, func(p *Player) { p.levels[2].averageBitrate = 1.5e6 }},
		{"a level without a playlist costs one more round", false, 1, choice{bps: 9e6, top: 2, buffer: 1.45, down: .95, up: .7}, 1, func(p *Player) { p.levels[2].details = nil }},
		{"with its playlist it fits", false, 1, choice{bps: 9e6, top: 2, buffer: 1.45, down: .95, up: .7}, 2, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := rules(t, c.live, c.last, 500, 1000, 2000)
			if c.change != nil {
				c.change(p)
			}
			if got := p.bestLevel(c.c); got != c.want {
				t.Errorf("level %d, want %d", got, c.want)
			}
		})
	}
}

// A segment that cannot make it is given up and the next is asked of a lower level.
func TestAbandon(t *testing.T) {
	w := newWorld(t, hls.Config{Length: 400 * time.Second, Variants: ladder(5000, 300, 1000)})
	w.rate = func(at time.Duration) float64 {
		if at > 16*time.Second {
			return 0.6e6
		}
		return 20e6
	}
	p, d := w.viewer(func(c *Config) { c.HLS.MaxMaxBufferLength = 8 * time.Second })
	w.do(p.Start)
	w.run(60 * time.Second)
	if len(d.aborted) == 0 || len(d.lost) == 0 || d.lost[0].BytesHTTP == 0 {
		t.Fatalf("no segment was given up: %v", d.shownLevels())
	}
	first := d.aborted[0]
	if wait := first.At - 16*time.Second; wait < 1900*time.Millisecond || wait > 6*time.Second {
		t.Errorf("given up %v after the link broke down; not before half a segment (2 s)", wait)
	}
	if !slices.Contains(d.shownLevels(), 0) {
		t.Errorf("never came down to level 0: %v", d.shownLevels())
	}
	if s := p.Snapshot(); s.Stalled > 6*time.Second {
		t.Errorf("stalled %v although a segment of the lowest level takes 2 s", s.Stalled)
	}
}

// The engine's loader looks complete from the start, so that a slow engine is never given up.
func TestEngineIsNeverAbandoned(t *testing.T) {
	w := newWorld(t, hls.Config{Length: 400 * time.Second, Variants: ladder(5000, 300, 1000)})
	p, d, s := w.engineViewer()
	s.bandwidth = 20e6
	w.do(p.Start)
	w.run(10 * time.Second)
	s.delay = 40 * time.Second
	w.run(60 * time.Second)
	if len(s.aborts) != 0 || len(d.stalls) == 0 {
		t.Errorf("aborts %v, stalls %v; want none and some", s.aborts, d.stalls)
	}
}

// What the integration makes hls.js believe: 400,000 bytes at the engine's 2 Mbit/s took 1.6 s, whatever the clock says.
func TestEngineTimings(t *testing.T) {
	w := newWorld(t, hls.Config{Variants: ladder(500, 1000, 3000)})
	p, _, s := w.engineViewer()
	s.bandwidth, s.delay = 2e6, 3*time.Second
	w.do(p.Start)
	w.run(30 * time.Second)
	near(t, "estimate", p.Snapshot().BandwidthBps, 2e6, 1e-3)
	near(t, "first byte", p.bandwidth.ttfbSeconds(), 0.010, 1e-9)
	if l := p.Snapshot().Level; l != 1 {
		t.Errorf("level %d at 2 Mbit/s, want 1", l)
	}
	if !slices.Contains(s.bitrates, 1e6) {
		t.Errorf("the engine was told of bitrates %v", s.bitrates)
	}
}
