package p2pml

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// TestASampleIsExact: to the last bit of its time, which is seldom a whole number of milliseconds.
func TestASampleIsExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		bytes, loading := rng.Uint32(), rng.NormFloat64()*1e6
		if s := newBandwidthSample(bytes, loading); s.bytes != bytes || s.loading() != loading {
			t.Fatalf("%d bytes at %v have become %d at %v", bytes, loading, s.bytes, s.loading())
		}
	}
}

// TestBytesOfAnInstant are one sample, unless they are too many for one; all of them count.
func TestBytesOfAnInstant(t *testing.T) {
	var m bandwidthMeter
	m.startLoading(0)
	m.addBytes(1000, time.Second)
	for range 3 {
		m.addBytes(500, 2*time.Second)
	}
	if got := m.loadingOnly(5); len(m.samples) != 2 || got != 2500*8 {
		t.Errorf("%v bit/s, of %d samples; want %d, of 2", got, len(m.samples), 2500*8)
	}
	tooMany := uint32(math.MaxUint32 - 1499)
	m.addBytes(int(tooMany), 2*time.Second)
	if got, want := m.loadingOnly(5), float64(math.MaxUint32+1001)*8; len(m.samples) != 3 || got != want {
		t.Errorf("%v bit/s, of %d samples; want %v, of 3", got, len(m.samples), want)
	}
}

// TestAMeterKeepsWhatItIsAsked holds meters that keep only what they will be asked against one that keeps what the library keeps.
func TestAMeterKeepsWhatItIsAsked(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		var whole bandwidthMeter
		meters := []*bandwidthMeter{{asked: askedOfAll}, {asked: askedOfHTTP}, {asked: askedOfPeer}}
		both := func(f func(b *bandwidthMeter)) {
			f(&whole)
			for _, m := range meters {
				f(m)
			}
		}
		var now time.Duration
		loads, most := 0, 0
		for range 5000 {
			now += time.Duration(rng.ExpFloat64() * float64(100*time.Millisecond))
			switch n := rng.IntN(20); {
			case n == 0:
				both(func(b *bandwidthMeter) { b.startLoading(now) })
				loads++
			case n == 1:
				both(func(b *bandwidthMeter) { b.stopLoading(now) })
				loads = max(0, loads-1)
			case n == 2 && rng.IntN(100) == 0:
				both((*bandwidthMeter).clear)
			case loads > 0: // no bytes come else
				size := rng.IntN(65536)
				both(func(b *bandwidthMeter) { b.addBytes(size, now) })
			}
			since := max(0, now-time.Duration(rng.Int64N(int64(3*time.Minute))))
			for i, m := range meters {
				if got, want := m.loadingOnlyMax(), whole.loadingOnlyMax(); got != want {
					t.Fatalf("meter %d at %v: %v while loading, want %v", i, now, got, want)
				}
			}
			if got, want := meters[0].wallMax(since, now), whole.wallMax(since, now); got != want {
				t.Fatalf("at %v: %v over time, want %v", now, got, want)
			}
			if got, want := meters[2].loadingOnly(15), whole.loadingOnly(15); got != want {
				t.Fatalf("at %v: %v of a peer, want %v", now, got, want)
			}
			most = max(most, len(meters[1].samples))
		}
		if most > 400 {
			t.Errorf("%d samples kept for five seconds", most)
		}
	}
}
