package flow

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// A crowd's viewers are a live heap of gigabytes, of which little becomes garbage. Go's collector would look for it beside the run,
// with a quarter of the processors, and whoever writes a pointer meanwhile has to tell it; on one processor it was at work most of the
// time while a crowd connected, and took up to three tenths of it. So a crowd's run stands still once a simulated second, if need be, and lets the collector have all processors for a moment.
// It must not be held to a limit of memory that the viewers alone go beyond, since it would never stop collecting. Smaller audiences are left to
// what the process has set, which is kinder to time and harder on memory.
//
// What the run was said to need is used before anything is collected: a run of ten minutes would else be collected a dozen times on its way there.
//
// So the runtime is kept from collecting by itself. To have it do so only where the heap has grown far is not enough: it also collects what it has
// not for two minutes, and with a hundred thousand viewers was at that for a third of the time. A limit of memory is left to it, in case that a second brings
// more than anybody expects.
const (
	crowdOfViewers = 2000
	crowdGrowth    = 1.35 // of the heap since the last time
	crowdLimit     = 2.5  // of what is enough
	objectsShare   = 0.85 // of what is said to be needed: the rest is stacks, and what lies between objects

	// Where memory is what may run out it is collected sooner. A hundred thousand viewers, who were said to need 17.7 GB, took as much
	// with a quarter (17.3 GB with this, in the same build), and half a minute for each time.
	hugeHeap   = 2 << 30
	hugeShare  = 0.75
	hugeGrowth = 1.15
)

// crowdHeap is a run's part in how the process collects its garbage. nil is that of a small audience, and does nothing.
type crowdHeap struct{ said uint64 } // bytes of objects that the run was said to need

// newCrowdHeap has garbage collected as suits so many viewers, who were said to need so much memory, until it rests; unless the environment says how
// it is to be collected.
func newCrowdHeap(viewers int, memoryBytes int64) *crowdHeap {
	if viewers < crowdOfViewers || os.Getenv("GOGC") != "" {
		return nil
	}
	c := &crowdHeap{said: objectsOf(float64(memoryBytes))}
	garbage.begin(c.said)
	return c
}

// objectsOf is how much of the memory that a run was said to need may be objects before any are collected. Ten thousand viewers' ten
// minutes were collected twelve times at three quarters, and eight times at nine tenths; they take as much memory at the end.
func objectsOf(memory float64) uint64 {
	return uint64(min(objectsShare*memory, max(hugeHeap, hugeShare*memory)))
}

// look collects if enough has come since that was done last.
func (c *crowdHeap) look() {
	if c != nil {
		garbage.look()
	}
}

// rest sets the garbage collector back, when no other crowd is there.
func (c *crowdHeap) rest() {
	if c != nil {
		garbage.end(c.said)
	}
}

// garbage is the process's, whose heap and settings all runs share: those of a sweep go on side by side.
var garbage = collector{objects: []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}}

// collector runs the garbage collector for crowds.
type collector struct {
	mu      sync.Mutex
	crowds  int
	said    uint64 // bytes of objects that they were said to need
	enough  uint64 // bytes of objects
	objects []metrics.Sample
	percent int // as it was before the first of them
	limit   int64
}

func (c *collector) begin(said uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.crowds == 0 {
		c.percent, c.limit = debug.SetGCPercent(-1), debug.SetMemoryLimit(-1)
	}
	c.crowds++
	c.said += said
	inLargePages(int(min(said, math.MaxInt)))
	c.expect()
}

func (c *collector) end(said uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.said -= said
	if c.crowds--; c.crowds == 0 {
		debug.SetGCPercent(c.percent)
		debug.SetMemoryLimit(c.limit)
		runtime.GC() // what the run leaves is room for its report: ten thousand viewers' is a seventh of what they took
	}
}

// leastCollected is not worth it.
const leastCollected = 64 << 20

func (c *collector) look() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held() >= max(c.enough, leastCollected) {
		runtime.GC()
		c.expect()
	}
}

// expect takes the heap as it is for what is alive.
func (c *collector) expect() {
	c.enough = max(c.said, enoughAfter(c.held()))
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(min(crowdLimit*float64(max(c.enough, leastCollected)), math.MaxInt64/2)))
	}
}

// enoughAfter is how large the heap may become when so much of it is alive.
func enoughAfter(held uint64) uint64 {
	return max(min(uint64(float64(held)*crowdGrowth), hugeHeap), uint64(float64(held)*hugeGrowth))
}

func (c *collector) held() uint64 {
	metrics.Read(c.objects)
	return c.objects[0].Value.Uint64()
}
