package netem

import (
	"math"
	"testing"
	"time"
)

const ms = time.Millisecond

// TestAckClock: what a packet each 1.25 kB took on such a line, 200,000 of them, with a pace of 1.25 windows a round trip and without one; reckoned by itself,
// in milliseconds and with independent draws. As a part of the line's rate.
func TestAckClock(t *testing.T) {
	for _, c := range []struct {
		line                 string
		deviation, roundTrip time.Duration
		quarter, half, one   float64
		oneAndAHalf          float64
	}{
		{"lte-congested", 30 * ms, 111 * ms, 0.23, 0.43, 0.76, 0.94},
		{"lte", 12 * ms, 56 * ms, 0.26, 0.50, 0.85, 0.99},
		{"3g", 40 * ms, 201 * ms, 0.23, 0.43, 0.76, 0.96},
		{"cable", 4 * ms, 21 * ms, 0.265, 0.51, 0.91, 1},
	} {
		mean := c.roundTrip + 2*InOrder(c.deviation)
		a := NewAckClock(c.deviation, mean)
		for _, w := range []struct{ window, line float64 }{{0.25, c.quarter}, {0.5, c.half}, {1, c.one}, {1.5, c.oneAndAHalf}} {
			longer := float64(mean) / float64(c.roundTrip)
			fill := w.window / longer // the window is of what goes in an empty round trip
			if got := a.Rate(fill) * fill; math.Abs(got-w.line) > 0.04*w.line {
				t.Errorf("%s: a window of %v has %.3f of the line, want %.3f", c.line, w.window, got, w.line)
			}
		}
	}
}

func TestAckClockOfFullAndCalmLines(t *testing.T) {
	if NewAckClock(0, 50*ms) != nil {
		t.Error("a line without jitter has one")
	}
	for _, fill := range []float64{0, 0.1, 1, 5} {
		if r := (*AckClock)(nil).Rate(fill); r != 1 {
			t.Errorf("without jitter a window of %v goes %v times a round trip", fill, r)
		}
	}
	if r := NewAckClock(10*ms, 50*ms).Rate(2); r != 1 {
		t.Errorf("the line is full, and the window held to %v", r)
	}
	for _, trip := range []time.Duration{0, 1, ms} { // shorter than the jitter: whatever comes of it, a number
		if r := NewAckClock(40*ms, trip).Rate(1); math.IsNaN(r) || math.IsInf(r, 0) || r < 0 {
			t.Errorf("a round trip of %v: %v", trip, r)
		}
	}
}

func BenchmarkNewAckClock(b *testing.B) {
	for b.Loop() {
		NewAckClock(12*ms, 56*ms)
	}
}
