package sim

import (
	"testing"
	"time"

	"swarmlab/results"
)

// TestProgressGoesByWork: when all viewers have the whole video, nearly all work is done, however much of it is left to watch.
func TestProgressGoesByWork(t *testing.T) {
	s := scenario(t, small) // 4 viewers of 30 s at 300 kbit/s: 15 segments of 75,000 bytes, which are 399 packets of MPEG-TS
	stream, err := OpenStream(s)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	const all = 4 * 15 * 399 * 188
	if got := planOf(s, stream).bytes; got != all {
		t.Errorf("expects %v bytes, the four load %d", got, all)
	}
	g := newGauge(s, stream)
	var shown Progress
	show := g.relay(func(p Progress) { shown = p })
	for _, c := range []struct {
		at        time.Duration
		bytes     int64
		low, high float64
	}{
		{time.Second, 0, 0, 0.01},
		{2 * time.Second, all / 2, 0.45, 0.46},
		{10 * time.Second, all / 2, 0.92, 0.93},
		{40 * time.Second, all, 1, 1}, // more than expected is still all
	} {
		g.sample(c.at, results.Sample{HTTPBytes: c.bytes / 3, P2PBytes: c.bytes - c.bytes/3})
		show(time.Hour)
		within(t, "the share done", shown.Share, c.low, c.high)
		if shown.Simulated > 40*time.Second {
			t.Errorf("%v of 40 s simulated", shown.Simulated)
		}
	}
}

// TestProgressOfAnOriginThatIsTooSlow: what viewers wait for may never come, and the run is over all the same.
func TestProgressOfAnOriginThatIsTooSlow(t *testing.T) {
	s := scenario(t, small, "peers.arrival={kind: together}") // 4 viewers for 40 s
	stream, err := OpenStream(s)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	g := newGauge(s, stream)
	for at := time.Second; at <= 40*time.Second; at += time.Second {
		g.sample(at, results.Sample{HTTPBytes: 1000, Viewers: 4})
		want := at.Seconds() / 40
		within(t, "the share done", g.state.Load().Share, want-0.02, want+0.02)
	}
}

// TestProgressGoesByWhoIsThere: of a crowd that comes at the end most is left to do until then, and what goes on after the end of the run counts
// for nothing.
func TestProgressGoesByWhoIsThere(t *testing.T) {
	s := scenario(t, small, "stream.kind=live", "peers.arrival={kind: stagger, gap: 10s}", "peers.session={kind: lognormal, median: 25s, sigma: 0.01}")
	stream, err := OpenStream(s)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	// They come after 0, 10, 20 and 30 s, and stay for some 25, but the run is over after 40.
	within(t, "seconds that viewers are there", planOf(s, stream).viewerSeconds, 25+25+20+10-2, 25+25+20+10+2)
}

// TestProgressKnowsWhatALiveViewerLoads: what the playlist has when it comes, too, which is a quarter of two minutes' bytes. Without, a run told for
// a minute that it was all but over.
func TestProgressKnowsWhatALiveViewerLoads(t *testing.T) {
	s := preset(t, "live", "peers.count=30", "run.duration=2m")
	stream, err := OpenStream(s)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	r := runFlow(t, s)
	within(t, "the share of what was expected that was loaded",
		float64(r.Summary.HTTPBytes+r.Summary.P2PBytes)/planOf(s, stream).bytes, 0.85, 1)
}
