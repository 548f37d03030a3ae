package viewer

import (
	"testing"
	"time"
)

// Five offers at once are ready as measured in Chromium, and one alone; so are those of a second tracker, begun a moment later, with the
// first one's; and a browser at rest remembers nothing.
func TestOffersAreReadyTogether(t *testing.T) {
	for _, tt := range []struct {
		what      string
		begun     []int64 // ms
		low, high int64   // all are ready then
	}{
		{"one", []int64{0}, 107, 114},
		{"five", []int64{0, 0, 0, 0, 0}, 142, 158},
		{"five, the first in the run's first moment", []int64{30, 30, 30, 30, 30}, 172, 188},
		{"two trackers", []int64{0, 0, 0, 0, 0, 7, 7, 7, 7, 7}, 195, 205},
	} {
		for round := range 2 {
			var d Descriptions
			start := time.Duration(round) * time.Minute
			if round > 0 { // after others
				d.Offer(0)
				d.Offer(0)
			}
			var gathered []time.Duration
			for _, ms := range tt.begun {
				now := start + time.Duration(ms)*time.Millisecond
				gathered = append(gathered, now+d.Offer(now))
			}
			for i, at := range gathered {
				if ready := at + d.Rest(at) - start; !between(ready, tt.low, tt.high) {
					t.Errorf("%s: offer %d is ready after %v, want %d to %d ms", tt.what, i, ready, tt.low, tt.high)
				}
			}
		}
	}
	var d Descriptions
	d.Offer(0)
	now := 105 * time.Millisecond // the first has gathered, and is nearly through
	at := now + d.Offer(now)
	if ready := at + d.Rest(at) - now; !between(ready, 107, 114) {
		t.Errorf("behind one that is nearly ready an offer takes %v", ready)
	}
}

func between(d time.Duration, low, high int64) bool {
	return d >= time.Duration(low)*time.Millisecond && d <= time.Duration(high)*time.Millisecond
}

func TestAnAnswerWaitsForAWayAtMost(t *testing.T) {
	for _, tt := range []struct {
		what    string
		checked time.Duration
		reached bool
		want    time.Duration
	}{
		{"on one machine", 0, true, 6 * time.Millisecond},
		{"nearby", 30 * time.Millisecond, true, 36 * time.Millisecond},
		{"at the other end of the world", 300 * time.Millisecond, true, 106 * time.Millisecond},
		{"behind a NAT", 30 * time.Millisecond, false, 106 * time.Millisecond},
	} {
		var d Descriptions
		if got := d.Answer(time.Hour, tt.checked, tt.reached); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.what, got, tt.want)
		}
	}
	var d Descriptions
	d.Answer(0, 0, true)
	if got := d.Answer(0, 0, true); got != 12*time.Millisecond {
		t.Errorf("the second of two answers takes %v", got)
	}
}
