package p2pml

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"swarmlab/sim/webtorrent"
)

// replay runs two cores in a world with the recorded trace's timings: when the second joins, when the channel opens, how long
// each HTTP download takes, how fast the channel is. What the cores then do, and in which order, must be what was recorded, up to
// the first random timer.
func replay(t *testing.T, file string, segments int64, rate float64, until time.Duration) {
	trace := readTrace(t, file)
	w := newWorld(t)
	w.rate = rate
	cfg := testConfig()
	playlist := playlistOf(0, segments, 4)
	viewers := map[string]*viewer{
		"A": newViewer(w, "A", cfg, playlist),
		"B": newViewer(w, "B", cfg, playlist),
	}
	httpEnds := map[string]time.Duration{}
	opened := map[string]time.Duration{}
	joined := map[string]bool{}
	for _, l := range trace {
		key := fmt.Sprintf("%s seg%d", l.who, l.seg)
		switch {
		case l.kind == "request" && !joined[l.who]:
			joined[l.who] = true
			viewers[l.who].join(l.at)
		case l.kind == "loaded" && l.from == "http":
			httpEnds[key] = l.at
		case l.kind == "connect":
			opened[l.who] = l.at
		}
	}
	w.origin = func(e *fakeEnv, r FetchRequest) plan {
		took := httpEnds[e.name+" "+r.URL] - w.now
		if took <= 10*time.Millisecond {
			t.Errorf("%v: %s fetched %s, which the trace never did", w.now, e.name, r.URL)
			took = 200 * time.Millisecond
		}
		return serve(r, 400_000, took-10*time.Millisecond)
	}
	w.connects = func(e *fakeEnv) time.Duration { return opened[e.name] - w.now }
	w.onSend = func(e *fakeEnv, m webtorrent.Message) { viewers[e.name].sent(m) }
	w.run(until - time.Millisecond)

	for who, v := range viewers {
		var want []string
		var at []time.Duration
		var got []int64
		for _, l := range trace {
			if l.who == who && l.kind == "got" && l.at < until {
				got = append(got, l.seg)
			}
			if l.who == who && l.text != "" && l.at < until {
				want, at = append(want, l.text), append(at, l.at)
			}
		}
		compare(t, who, v, want, at)
		if !slices.Equal(got, v.got) {
			t.Errorf("%s: the player got %v, want %v", who, v.got, got)
		}
	}
}

func compare(t *testing.T, who string, v *viewer, want []string, at []time.Duration) {
	t.Helper()
	for i := range max(len(want), len(v.log)) {
		switch {
		case i >= len(want):
			t.Fatalf("%s: at %v we also did %q", who, v.at[i], v.log[i])
		case i >= len(v.log):
			t.Fatalf("%s: the library at %v also did %q", who, at[i], want[i])
		case v.log[i] != want[i]:
			t.Fatalf("%s, line %d: at %v we did\n %s\nthe library, at %v,\n %s", who, i, v.at[i], v.log[i], at[i], want[i])
		}
	}
	if len(want) < 10 {
		t.Fatalf("%s: only %d lines compared", who, len(want))
	}
}

func TestRecordedTrace(t *testing.T) {
	replay(t, "trace.json", 30, 4e6, 7000*time.Millisecond)
}

func TestRecordedTraceSlowLink(t *testing.T) {
	replay(t, "trace-slow-link.json", 12, 60_000, 5000*time.Millisecond)
}
