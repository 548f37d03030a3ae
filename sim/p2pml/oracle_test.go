package p2pml

import (
	"slices"
	"testing"
	"time"

	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/webtorrent"
)

// What else was found by running the released library in the same world (package oracle).

// The player is answered when the core has come to rest: the pass that the segment has caused is over, and what it starts began.
func TestThePlayerIsAnsweredLast(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Main.HighDemandTimeWindow = time.Second })
	r.store(1, 10)
	before := r.core.loaders[0].passes
	asked := &asker{rig: r}
	r.env.do(func() { r.core.LoadSegment("seg1", asked) })
	r.want(asked.passes > before && !asked.due, "%d passes before the answer, one more due: %v", asked.passes-before, asked.due)
}

type asker struct {
	*rig
	passes uint64
	due    bool
}

func (a *asker) SegmentLoaded(Loaded) {
	a.passes, a.due = a.core.loaders[0].passes-1, a.core.loaders[0].scheduled // one queue is made for the answer's bandwidth
}

func TestAnAttemptGivenUpAtOnceAsksNobody(t *testing.T) {
	r := newRig(t, nil)
	before := len(r.env.fetched)
	r.env.do(func() {
		l := r.core.loaders[0]
		q := l.requestOf(l.last.rendition.byExternalID(30))
		startHTTP(q, l.cfg, RandomPrefetch)
		q.abort()
	})
	r.want(len(r.env.fetched) == before, "fetched %v", r.env.fetched[before:])
}

func TestARefusedAnswerIsNotCutOff(t *testing.T) {
	w := newWorld(t)
	w.origin = func(*fakeEnv, FetchRequest) plan {
		return plan{headers: FetchHeaders{Status: 503, ContentLength: 20}, body: 20, chunks: 1, over: time.Second}
	}
	v := newViewer(w, "v", testConfig(), playlistOf(0, 1, 4))
	v.env.do(v.request)
	w.run(100 * time.Millisecond)
	if len(v.errors) == 0 || v.errors[0].Type != ErrorHTTP || len(v.env.fetches) < len(v.errors) {
		t.Errorf("%v; %d answers still coming", v.errors, len(v.env.fetches))
	}
	w.run(10 * time.Second)
	if v.chunks[HTTP] != 0 || len(v.env.fetches) != 0 {
		t.Errorf("%d bytes counted, %d answers still coming", v.chunks[HTTP], len(v.env.fetches))
	}
}

// A peer from which nothing is missing is asked for nothing, and no request id is drawn for it.
func TestNothingMissingNothingAsked(t *testing.T) {
	r := newRig(t, onlyP2P)
	p := r.connect("p")
	p.announce(0)
	p.header(10)
	p.data(10)
	rng, script := scriptedRand(0.5)
	r.env.rng = rng
	r.w.run(2 * time.Second) // the end was never told: a time-out, and then another attempt
	r.want(r.loads == 1 && len(p.commands(wire.SegmentRequest)) == 1, "loaded %d, asked %d times", r.loads, len(p.commands(wire.SegmentRequest)))
	// The random timer's draws are the only ones.
	r.want(script.calls <= 2, "%d draws", script.calls)
	i := slices.Index(r.log, "start 0 p2p")
	r.want(i >= 0 && slices.Contains(r.log[i+1:], "start 0 p2p"), "%q", r.log)
}

// At exactly a second the library's own arithmetic decides, in floating-point milliseconds since the page was opened.
func TestTheThrottleRoundsAsTheLibraryDoes(t *testing.T) {
	for _, c := range []struct {
		at   time.Duration
		runs bool
	}{
		{65534571861, true}, // 66534.571861 - 65534.571861 is 1000.0000000000073
		{64534571861, false},
	} {
		r := newRig(t, nil)
		r.w.run(c.at)
		r.env.do(r.core.loaders[0].wake)
		r.w.now = c.at + time.Second
		runs := r.passes(func() { r.env.do(func() { r.core.UpdatePlayback(0.1, 1) }) })
		r.want((runs == 1) == c.runs, "a second after %v: %d passes", c.at, runs)
	}
}

// The end of the initial wait may find itself a moment too early, by the same arithmetic; it must not be missed, nor stand still.
func TestTheInitialWaitEnds(t *testing.T) {
	const wait = 2500 * time.Millisecond
	early := func(at time.Duration) bool { return ms(at+wait)-ms(at) < ms(wait) }
	begin := 61 * time.Second
	for !early(begin) {
		begin += 7919 * time.Nanosecond
	}
	for _, c := range []struct {
		begin, starts time.Duration
	}{
		{61 * time.Second, wait},
		{begin, wait + time.Millisecond},
	} {
		w := newWorld(t)
		cfg := testConfig()
		cfg.Main.HTTPDownloadInitialTimeout = wait
		v := newViewer(w, "v", cfg, playlistOf(0, 4, 4))
		w.run(c.begin)
		v.env.do(v.request)
		w.run(c.begin + c.starts - time.Nanosecond)
		if len(v.env.fetched) != 0 {
			t.Errorf("began at %v: %d requests too early", c.begin, len(v.env.fetched))
		}
		w.run(c.begin + c.starts)
		if len(v.env.fetched) == 0 {
			t.Errorf("began at %v: no request after %v", c.begin, c.starts)
		}
	}
}

// A pass that is due when the player asks for a segment does not know of that request yet: the library looks after its storage first.
func TestARequestComesAfterThePassThatIsDue(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Main.HighDemandTimeWindow = 5 * time.Second })
	r.log = nil
	r.env.do(func() {
		r.core.UpdateStream("main", nil, []string{"seg0"}) // the one asked for last: the queue is empty, and all downloads are given up
		r.core.AbortSegmentLoading("seg0")
		r.core.LoadSegment("seg1", r.viewer)
	})
	want := []string{"abort 0 http", "abort 1 http", "start 1 http"}
	r.want(slices.Equal(r.log[:min(3, len(r.log))], want), "%q, want %q", r.log, want)
}

// Streams that lose segments are told in the order of those segments, not of the streams.
func TestEvictionTellsStreamsInTheOrderOfTheirSegments(t *testing.T) {
	for live, want := range map[bool][]string{
		true:  {"second", "first", "third", "third"}, // both at once
		false: {"second", "third", "first", "third"}, // as room is needed
	} {
		var told []string
		cfg := testConfig()
		cfg.SegmentMemoryStorageLimitMiB = 100.0 / mebibyte
		st := newStorage(&cfg, &live, func(swarmID string) { told = append(told, swarmID) })
		main := newRendition(Stream{Type: Main})
		put := func(swarmID string, id int64) {
			st.store(swarmID, &segment{Segment: Segment{ExternalID: id, Start: float64(4 * id), End: float64(4*id + 4)}, rendition: main}, webtorrent.Message{Size: 50})
		}
		put("first", 2)
		put("second", 1)
		st.updatePlayback(1000)
		told = nil
		put("third", 300)
		put("third", 301)
		if !slices.Equal(told, want) {
			t.Errorf("live %v: told %q, want %q", live, told, want)
		}
	}
}
