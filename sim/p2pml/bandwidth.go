package p2pml

import (
	"math"
	"slices"
	"time"
)

// bandwidthKeep is how much loading time of samples a meter keeps.
const bandwidthKeepMs = 20_000

// bandwidthMeter estimates throughput in two ways: over wall time, and over the time in which anything was being loaded.
//
// P2P Media Loader 2.3 behaviour: bandwidth. Times are milliseconds as in the library, so that its rounding is ours.
type bandwidthMeter struct {
	samples  []bandwidthSample
	walls    []float64 // of the samples, ms of wall time; unless nobody asks
	loads    int       // running now
	stopped  float64   // when the last load ended
	started  bool      // a load has ended before
	idleMs   float64   // time without any load since the first one
	modified uint64    // grows with every change, for caches
	asked    asked
}

// bandwidthSample is some bytes at a time of loading, in ms. A tenth of what very many viewers hold is such; so it takes no more than it must: the
// time is a float64 in two halves, since a whole one would have the sample padded.
type bandwidthSample struct{ low, high, bytes uint32 }

func newBandwidthSample(bytes uint32, loading float64) bandwidthSample {
	bits := math.Float64bits(loading)
	return bandwidthSample{uint32(bits), uint32(bits >> 32), bytes}
}

func (s *bandwidthSample) loading() float64 {
	return math.Float64frombits(uint64(s.high)<<32 | uint64(s.low))
}

// asked is how far back a meter will ever be asked, in seconds of loading and of wall time: nothing older is kept. The library keeps
// what is not older than bandwidthKeepMs, whoever wants it, which is the zero value's way; where it drops too much, so must we. Bytes
// come only while something loads, so that loading time never goes back.
type asked struct{ loading, wall float64 }

// What hybridLoader.bandwidth and peer.bandwidth ask for.
var (
	askedOfAll  = asked{loading: 5, wall: 90}
	askedOfHTTP = asked{loading: 5}
	askedOfPeer = asked{loading: 15}
)

// hasWalls tells whether wall may be asked.
func (b *bandwidthMeter) hasWalls() bool { return b.asked.wall > 0 || b.asked == asked{} }

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// addBytes takes one message of a peer's or one run of a body, which is less than 4 GiB.
func (b *bandwidthMeter) addBytes(n int, now time.Duration) {
	b.modified++
	wall := ms(now)
	loading := wall - b.idleMs
	if last := len(b.samples) - 1; last >= 0 && b.samples[last].loading() == loading && (!b.hasWalls() || b.walls[last] == wall) &&
		n <= int(math.MaxUint32-b.samples[last].bytes) {
		b.samples[last].bytes += uint32(n) // the same instant: no sum can tell them apart
		return
	}
	if len(b.samples) == cap(b.samples) && b.asked != (asked{}) {
		b.dropUnasked(wall)
		b.samples = slices.Grow(b.samples, 2+len(b.samples)/4)
	}
	b.samples = append(b.samples, newBandwidthSample(uint32(n), loading))
	if b.hasWalls() {
		b.walls = append(b.walls, wall)
	}
}

// dropUnasked forgets what nobody will ask for, as of a time in ms.
func (b *bandwidthMeter) dropUnasked(wall float64) {
	old := 0
	for i := range b.samples {
		if b.samples[i].loading() >= wall-b.idleMs-float64(b.asked.loading*1000) || b.hasWalls() && b.walls[i] >= wall-float64(b.asked.wall*1000) {
			break
		}
		old++
	}
	b.drop(old)
}

// drop forgets the oldest.
func (b *bandwidthMeter) drop(n int) {
	b.samples = append(b.samples[:0], b.samples[n:]...)
	if b.hasWalls() {
		b.walls = append(b.walls[:0], b.walls[n:]...)
	}
}

func (b *bandwidthMeter) startLoading(now time.Duration) {
	b.modified++
	b.dropStale()
	if b.loads == 0 && b.started {
		b.idleMs += ms(now) - b.stopped
	}
	b.loads++
}

func (b *bandwidthMeter) stopLoading(now time.Duration) {
	if b.loads == 0 {
		return
	}
	b.loads--
	if b.loads == 0 {
		b.stopped, b.started = ms(now), true
	}
}

func (b *bandwidthMeter) dropStale() {
	if len(b.samples) == 0 {
		return
	}
	threshold := b.samples[len(b.samples)-1].loading() - bandwidthKeepMs
	stale := 0
	for stale < len(b.samples) && b.samples[stale].loading() <= threshold {
		stale++
	}
	b.drop(stale)
}

// clear forgets the history, not the loads that are running.
func (b *bandwidthMeter) clear() {
	b.modified++
	b.drop(len(b.samples))
}

// loadingOnly is the rate in bit/s over the last seconds of loading time.
func (b *bandwidthMeter) loadingOnly(seconds float64) float64 {
	if len(b.samples) == 0 {
		return 0
	}
	newest := b.samples[len(b.samples)-1].loading()
	oldest, bytes := newest, 0.0
	for i := len(b.samples) - 1; i >= 0 && b.samples[i].loading() >= newest-float64(seconds*1000); i-- {
		oldest = b.samples[i].loading()
		bytes += float64(b.samples[i].bytes)
	}
	return bytes * 8000 / math.Max(newest-oldest, 1)
}

// wall is the rate in bit/s over the last seconds of wall time, counting nothing older than since.
func (b *bandwidthMeter) wall(seconds float64, since, now time.Duration) float64 {
	oldest, bytes := ms(now), 0.0
	threshold := math.Max(ms(now)-float64(seconds*1000), ms(since))
	for i := len(b.samples) - 1; i >= 0 && b.walls[i] >= threshold; i-- {
		oldest = b.walls[i]
		bytes += float64(b.samples[i].bytes)
	}
	return bytes * 8000 / math.Max(ms(now)-oldest, 1)
}

func (b *bandwidthMeter) loadingOnlyMax() float64 {
	return math.Max(b.loadingOnly(1), math.Max(b.loadingOnly(3), b.loadingOnly(5)))
}

func (b *bandwidthMeter) wallMax(since, now time.Duration) float64 {
	return math.Max(b.wall(30, since, now), math.Max(b.wall(60, since, now), b.wall(90, since, now)))
}
