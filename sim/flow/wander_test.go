package flow

import (
	"math"
	"testing"
	"time"
)

// TestWander: mean nothing, the line's jitter for a deviation, near to itself for a moment and strange to itself later; and the
// same however often anybody looks.
func TestWander(t *testing.T) {
	const jitter = 4 * time.Millisecond
	w, rarely := newWander(jitter, 7), newWander(jitter, 7)
	var sum, squares, soon, later float64
	const n = 200_000
	for i := range n {
		at := time.Duration(i) * 7 * time.Millisecond
		x := float64(w.delay(at))
		if i%1000 == 0 && rarely.delay(at) != w.delay(at) {
			t.Fatalf("at %v it depends on who looked before", at)
		}
		sum += x
		squares += x * x
		soon += x * float64(w.delay(at+2*time.Millisecond))
		later += x * float64(w.delay(at+200*time.Millisecond))
	}
	near(t, "deviation", math.Sqrt(squares/n), float64(jitter), 0.02)
	if mean := sum / n; math.Abs(mean) > 0.02*float64(jitter) {
		t.Errorf("mean %v", time.Duration(mean))
	}
	if soon/squares < 0.95 || math.Abs(later/squares) > 0.05 {
		t.Errorf("correlation %.3f after 2 ms, %.3f after 200 ms", soon/squares, later/squares)
	}
	other := newWander(jitter, 8)
	if w.delay(time.Second) == other.delay(time.Second) {
		t.Error("two lines are one")
	}
}
