package viewer

import (
	"testing"
	"time"
)

// Five offers at once are ready as measured in Chromium, and one alone; a browser at rest remembers nothing.
func TestOffersAreMadeOneAfterTheOther(t *testing.T) {
	var b Browser
	for round := range 2 {
		now := time.Duration(round) * time.Minute
		var ready time.Duration
		for i := range 5 {
			last := ready
			if ready = b.Offer(now); i == 0 && !between(ready, 107, 114) || ready <= last {
				t.Errorf("at %v offer %d is ready after %v, the one before after %v", now, i, ready, last)
			}
		}
		if !between(ready, 142, 158) {
			t.Errorf("at %v five offers are ready after %v", now, ready)
		}
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
		var b Browser
		if got := b.Answer(time.Hour, tt.checked, tt.reached); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.what, got, tt.want)
		}
	}
	var b Browser
	b.Offer(0)
	if got := b.Answer(0, 0, true); got != 16*time.Millisecond {
		t.Errorf("an answer behind an offer takes %v", got)
	}
}
