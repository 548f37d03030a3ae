package flow

import (
	"runtime"
	"runtime/debug"
	"testing"
)

var kept [][]byte

// TestACrowdIsCollectedForWhenItHasGrown: garbage goes when enough has come, and not before; afterwards all is set as it was.
func TestACrowdIsCollectedForWhenItHasGrown(t *testing.T) {
	t.Setenv("GOGC", "")
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	if newCollector(crowdOfViewers-1) != nil {
		t.Error("a small audience has a collector of its own")
	}
	c := newCollector(crowdOfViewers)
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
	c.expect()
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
	c.rest()
	if got := debug.SetGCPercent(100); got != 100 {
		t.Errorf("left at %d %%", got)
	}
	t.Setenv("GOGC", "30")
	if newCollector(crowdOfViewers) != nil {
		t.Error("the environment's word does not count")
	}
}
