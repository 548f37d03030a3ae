package flow

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"testing"

	viewing "swarmlab/sim/viewer"
)

var kept [][]byte

// TestACrowdIsCollectedForWhenItHasGrown: garbage goes when enough has come, and not before; afterwards all is set as it was.
func TestACrowdIsCollectedForWhenItHasGrown(t *testing.T) {
	t.Setenv("GOGC", "")
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	if newCrowdHeap(crowdOfViewers-1, 0) != nil {
		t.Error("a small audience has a collector of its own")
	}
	c := newCrowdHeap(crowdOfViewers, 0)
	cycles := func() uint32 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.NumForcedGC
	}
	fill := func(n int) {
		kept = append(kept, make([]byte, n))
	}
	defer func() { kept = nil }()
	fill(leastCollected)
	runtime.GC()
	garbage.expect()
	began := cycles()
	fill(leastCollected / 8)
	c.look()
	if n := cycles() - began; n != 0 {
		t.Errorf("collected %d times after an eighth", n)
	}
	fill(leastCollected / 2)
	c.look()
	c.look()
	if n := cycles() - began; n != 1 {
		t.Errorf("collected %d times after more than two fifths", n)
	}
	garbage.said += 1 << 40
	garbage.expect()
	fill(leastCollected)
	c.look()
	if n := cycles() - began; n != 1 {
		t.Errorf("collected %d times before there was what was said to be needed", n)
	}
	garbage.said -= 1 << 40
	c.rest()
	if got := debug.SetGCPercent(100); got != 100 {
		t.Errorf("left at %d %%", got)
	}
	t.Setenv("GOGC", "30")
	if newCrowdHeap(crowdOfViewers, 0) != nil {
		t.Error("the environment's word does not count")
	}
}

// TestNothingIsCollectedBeforeWhatARunIsSaidToNeed: not even by the runtime, which would look whenever there is twice what was alive, time and
// again while a crowd comes; but it does if there is far more.
func TestNothingIsCollectedBeforeWhatARunIsSaidToNeed(t *testing.T) {
	t.Setenv("GOGC", "")
	said := int64(400 << 20)
	alive := make([]byte, leastCollected)
	defer runtime.KeepAlive(alive)
	c := newCrowdHeap(crowdOfViewers, int64(float64(said)/objectsShare))
	defer c.rest()
	cycles := func() uint32 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.NumGC
	}
	began := cycles()
	defer func() { kept = nil }()
	bring := func(bytes int64) {
		for range bytes >> 20 {
			kept = [][]byte{make([]byte, 1<<20)}
		}
	}
	bring(said - leastCollected - said/8)
	c.look()
	if n := cycles() - began; n != 0 {
		t.Errorf("collected %d times", n)
	}
	bring(said / 4)
	c.look()
	if n := cycles() - began; n != 1 {
		t.Errorf("collected %d times after there was what was said", n)
	}
	bring(3 * said)
	if n := cycles() - began; n != 2 {
		t.Errorf("collected %d times when a second brought three times that", n-1)
	}
}

// TestCrowdsSideBySide: what the first of them has set stays until the last one rests, whichever that is; together they need what each was said to.
func TestCrowdsSideBySide(t *testing.T) {
	t.Setenv("GOGC", "")
	const limit, said = 1 << 40, 100 << 20
	wasPercent, wasLimit := debug.SetGCPercent(77), debug.SetMemoryLimit(limit)
	defer func() { debug.SetGCPercent(wasPercent); debug.SetMemoryLimit(wasLimit) }()
	percent := func() int {
		p := debug.SetGCPercent(-1)
		debug.SetGCPercent(p)
		return p
	}
	for _, firstRests := range []bool{true, false} {
		crowds := []*crowdHeap{newCrowdHeap(crowdOfViewers, said), newCrowdHeap(crowdOfViewers, said)}
		if want := uint64(2 * said * objectsShare); garbage.enough < want {
			t.Errorf("%d bytes are enough of %d", garbage.enough, want)
		}
		if !firstRests {
			slices.Reverse(crowds)
		}
		crowds[0].rest()
		if got := percent(); got != -1 {
			t.Errorf("collected at %d %% while one is there", got)
		}
		crowds[1].rest()
		if p, l := percent(), debug.SetMemoryLimit(-1); p != 77 || l != limit || garbage.said != 0 {
			t.Errorf("left at %d %%, a limit of %d, and %d bytes said", p, l, garbage.said)
		}
	}
}

// TestTheEnvironmentsLimitOfMemoryCounts, and whatever the limit was, it is that again afterwards.
func TestTheEnvironmentsLimitOfMemoryCounts(t *testing.T) {
	t.Setenv("GOGC", "")
	const before = 1 << 40
	was := debug.SetMemoryLimit(before)
	defer debug.SetMemoryLimit(was)
	for env, kept := range map[string]bool{"": false, "1TiB": true} {
		t.Setenv("GOMEMLIMIT", env)
		c := newCrowdHeap(crowdOfViewers, 0)
		if during := debug.SetMemoryLimit(-1); (during == before) != kept {
			t.Errorf("GOMEMLIMIT=%s: the limit is %d during a run", env, during)
		}
		c.rest()
		if after := debug.SetMemoryLimit(-1); after != before {
			t.Errorf("GOMEMLIMIT=%s: the limit is %d after a run", env, after)
		}
	}
}

// TestWhatACrowdLeavesIsCollected: the viewers' memory is there for the report.
func TestWhatACrowdLeavesIsCollected(t *testing.T) {
	t.Setenv("GOGC", "")
	s := preset(t, "live", fmt.Sprintf("peers.count=%d", crowdOfViewers), "run.duration=31s")
	out, err := Run(t.Context(), s, viewing.Options{Stream: streamOf(t, s)})
	if err != nil {
		t.Fatal(err)
	}
	left := garbage.held()
	runtime.GC()
	if alive := garbage.held(); left > alive*3/2 {
		t.Errorf("%d bytes are left, of which %d are of use", left, alive)
	}
	runtime.KeepAlive(out)
}

// TestHowFarACrowdsHeapGrows: by a third while it is small, never to less than a seventh more, and no steps in between.
func TestHowFarACrowdsHeapGrows(t *testing.T) {
	const gib = 1 << 30
	var last uint64
	for held := uint64(gib / 8); held < 16*gib; held += gib / 64 {
		enough := enoughAfter(held)
		growth := float64(enough) / float64(held)
		switch {
		case enough < last:
			t.Errorf("with %d alive it may grow to %d, with less to %d", held, enough, last)
		case held <= gib && growth < 1.34, growth < 1.14, growth > 1.36, held >= 2*gib && growth > 1.16:
			t.Errorf("with %d alive it may grow by %.2f", held, growth)
		}
		last = enough
	}
}

// TestHugeRunsAreCollectedSooner, and no run for having been said to need a little more.
func TestHugeRunsAreCollectedSooner(t *testing.T) {
	const gigabyte = 1e9
	for memory, want := range map[float64]float64{
		gigabyte: 0.85 * gigabyte, 2.4 * gigabyte: 2.04 * gigabyte, 2.7 * gigabyte: hugeHeap, 16 * gigabyte: 12 * gigabyte,
	} {
		if got := objectsOf(memory); got != uint64(want) {
			t.Errorf("%g bytes: objects may be %d, want %.0f", memory, got, want)
		}
	}
}
