package flow

import "time"

// trips is what a paced transport makes of its packets' round trips, which a line with jitter makes now longer and now shorter. HyStart takes a
// longer one for a queue, and ends slow start. And where they become shorter acknowledgements come faster than packets may leave: the window is not
// full then, and one that is not full does not grow (quic-go's isCwndLimited and pacer).
type trips struct {
	rules    *rules
	late     func() time.Duration // what the round trip is above its mean just now
	earliest time.Duration        // the least of it so far
	judged   bool                 // HyStart has looked at this round
	least    time.Duration        // of what the round trips of this round were above the shortest
	behind   float64              // bytes that the window has room for and the pace has not; negative: what may leave at once
	seen     time.Duration        // late, when it was looked at
	at       time.Duration        // and when that was; negative: not since the connection rested
	faster   float64              // than they are sent acknowledgements come, by this part
}

const (
	// enoughToTell is how many segments must go before HyStart judges by them: eight acknowledgements.
	enoughToTell = 16
	// atOnce is how many segments may leave at once, whatever the pace.
	atOnce = 10
	// nearlyFull is how many segments a window may have room for that counts as full.
	nearlyFull = 3
)

func newTrips(r *rules, late func() time.Duration) *trips {
	t := &trips{rules: r, late: late}
	t.rest()
	t.hear()
	return t
}

// hear takes a sample, and says how much longer than the shortest it is.
func (t *trips) hear() time.Duration {
	if t == nil {
		return 0
	}
	late := t.late()
	t.earliest = min(t.earliest, late)
	return late - t.earliest
}

// nextRound is told that HyStart is to look again.
func (t *trips) nextRound() {
	if t != nil {
		t.judged = false
	}
}

// rest is told that nothing is to be sent any more.
func (t *trips) rest() {
	if t != nil {
		t.judged, t.at, t.faster, t.behind = false, -1, 0, -atOnce*t.rules.segment
	}
}

// rising tells, once a round, whether round trips have become so much longer that slow start is over.
func (t *trips) rising(w *window, n float64, queued time.Duration) bool {
	if t.judged {
		return false
	}
	late := t.hear() + queued
	if w.round <= 0 {
		t.least = late
	}
	t.least = min(t.least, late)
	if w.round+n < enoughToTell*t.rules.segment {
		return false
	}
	t.judged = true
	eighth := time.Duration(w.rtt / 8 * 1e9)
	return t.least > min(max(eighth, 4*time.Millisecond), 16*time.Millisecond)
}

// full tells whether what was just acknowledged, n bytes, found the window full.
func (t *trips) full(n float64, now time.Duration) bool {
	late := t.late()
	if since := now - t.at; t.at >= 0 && since > 0 {
		t.faster = (t.seen - late).Seconds() / since.Seconds()
	}
	t.seen, t.at = late, now
	t.behind = max(t.behind+float64(n*(1+t.faster-t.rules.steady)), -atOnce*t.rules.segment)
	return t.behind <= nearlyFull*t.rules.segment
}
