package netem

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

const ms = time.Millisecond

// TestAckClock holds it against packets of 1.25 kB over lines of their own rate, with other draws, in floating point, and sent at a pace or not: a pace changes
// nothing. What was found with 200,000 of them in round numbers is beside it, so that not both can go wrong.
func TestAckClock(t *testing.T) {
	for _, c := range []struct {
		line                 string
		rate                 Rate
		deviation, roundTrip time.Duration
		carries              [4]float64
	}{
		{"lte-congested", 5 * Mbit, 30 * ms, 111 * ms, [4]float64{0.23, 0.43, 0.76, 0.94}},
		{"lte", 25 * Mbit, 12 * ms, 56 * ms, [4]float64{0.26, 0.50, 0.85, 0.99}},
		{"3g", 1600 * Kbit, 40 * ms, 201 * ms, [4]float64{0.23, 0.43, 0.76, 0.96}},
		{"cable", 200 * Mbit, 4 * ms, 21 * ms, [4]float64{0.265, 0.51, 0.91, 1}},
	} {
		each := 10_000 / float64(c.rate) * 1000
		mean := c.roundTrip + 2*InOrder(c.deviation)
		a := NewAckClock(c.deviation, mean)
		for i, windows := range []float64{0.25, 0.5, 1, 1.5} {
			window := int(windows * c.roundTrip.Seconds() * 1000 / each)
			fill := float64(window) * each / (mean.Seconds() * 1000)
			got := a.Rate(fill) * fill
			for _, pace := range []float64{math.Inf(1), 2, 1.25} {
				took := packetsOver(c.deviation, c.roundTrip.Seconds()*1000, each, window, pace, int(120_000/each))
				if want := each / took; math.Abs(got-want) > 0.06*want {
					t.Errorf("%s: of %v windows %.3f of the line, packets at a pace of %v have %.3f", c.line, windows, got, pace, want)
				}
			}
			fill = windows * c.roundTrip.Seconds() / mean.Seconds()
			if got, want := a.Rate(fill)*fill, c.carries[i]; math.Abs(got-want) > 0.04*want {
				t.Errorf("%s: of %v windows %.3f of the line, want %.3f", c.line, windows, got, want)
			}
		}
	}
}

// packetsOver is how many milliseconds a packet takes, each by itself, of a sender that lets ten leave at once and the others at a pace, in windows a round trip
// as it has it in mind.
func packetsOver(deviation time.Duration, trip, each float64, window int, pace float64, packets int) float64 {
	rng := rand.New(rand.NewPCG(7, 7))
	down, up := newJitter(Link{Jitter: deviation}, rng), newJitter(Link{Jitter: deviation}, rng)
	over := func(e effect, at float64) float64 {
		late, _ := e.pass(int64(at * 1e6))
		return at + trip/2 + float64(late)/1e6
	}
	acknowledged := make([]float64, packets)
	var at, free, arrived, told, tokensAt float64
	smoothed, tokens := trip, 10.0
	for i := range packets {
		if i >= window {
			at = max(at, acknowledged[i-window])
		}
		if !math.IsInf(pace, 1) {
			rate := pace * float64(window) / smoothed
			tokens = min(10, tokens+(at-tokensAt)*rate)
			if tokens < 1 {
				at += (1 - tokens) / rate
				tokens = 1
			}
			tokens--
			tokensAt = at
		}
		free = max(at, free) + each
		arrived = max(arrived, over(down, free))
		told = max(told, over(up, arrived))
		acknowledged[i] = told
		smoothed += (told - at - smoothed) / 8
	}
	return at / float64(packets)
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

// TestJitterKeepIsWhatItIsSaidToBe: it is written as a number.
func TestJitterKeepIsWhatItIsSaidToBe(t *testing.T) {
	if want := math.Exp(-float64(jitterStep) / float64(jitterMemory)); math.Abs(jitterKeep-want) > 1e-15 {
		t.Errorf("%v, want %v", jitterKeep, want)
	}
}
