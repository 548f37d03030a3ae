package flow

import (
	"math"
	"time"

	"swarmlab/netem"
)

// window is the congestion window of one connection in one direction, and through it of all transfers that share the connection:
// slow start, congestion avoidance and the answer to loss as RFC 5681 has them, reckoned in bytes acknowledged instead of packets.
// A transfer that nothing else limits has the rate window / round trip.
//
// Lost packets are drawn one by one, as so many bytes between two of them. Over a long time the mean rate is then what Mathis,
// Semke, Mahdavi and Ott's formula says (The Macroscopic Behavior of the TCP Congestion Avoidance Algorithm, CCR 27(3), 1997):
// rate = segment / round trip * sqrt(3/2) / sqrt(loss) where a loss halves the window. Most transfers of a swarm are too short for
// that mean, which is why the window is followed and not the formula used.
//
// Where a link is the limit the window goes on growing, which fills the queue before the link until it overflows: that is a loss
// too, and what is in the queue is what everybody's packets wait for.
type window struct {
	rules     *rules
	flows     []*flow
	rtt       float64       // seconds, with empty queues
	acks      float64       // seconds that acknowledgements wait just now, in the queues of what goes the other way
	size      float64       // bytes
	threshold float64       // below it: slow start
	before    float64       // size when the present transfers began
	began     time.Duration // when the round did that things are sent in
	gone      float64       // bytes sent in it
	ending    bool          // HyStart has ended slow start in this round, whose acknowledgements make the window what it is said to be
	spread    bool          // the present transfers' packets do not leave in bursts any more
	more      bool          // there is another loss to be noticed after this one
	expired   bool          // the sender's timer has, before it heard of what it sent again
	stuck     time.Duration // until then the sender waits for its timer, since what it sent again was lost, too; 0: it does not
	heard     time.Duration // when it has heard of what the timer sends
	holes     int           // packets of which it has not heard until then
	apart     float64       // with fewer bytes unnoticed another loss is answered, too
	round     float64       // bytes through since the window last grew; negative for a round trip after a loss was noticed
	unnoticed float64       // bytes that go through until a loss is noticed, a round trip after it; 0: there is none
	luck      luck
	untilLoss float64         // bytes
	repaired  time.Duration   // when the last lost packet is, or was, there at last: what comes after it waits
	trips     *trips          // what it makes of its packets' round trips; nil: nothing
	ackClock  *netem.AckClock // what acknowledgements that come now faster and now slower make of its rate; nil: nothing
}

// shortestTrip keeps a round trip of nothing from making a rate of everything.
const shortestTrip = 100e-6

func (w *window) init(r *rules, rtt time.Duration, losses luck, late func() time.Duration) {
	w.rules, w.luck = r, losses
	w.rtt = max(rtt.Seconds(), shortestTrip)
	w.size, w.threshold = r.initial, r.most
	w.drawLoss()
	if r.hystart {
		w.trips = newTrips(r, late)
	}
}

// share is the part of the window that one of the transfers has.
func (w *window) share() float64 {
	size := w.size
	if w.recovering() {
		size = max(size-float64(float64(w.holes)*w.rules.segment), w.rules.segment)
	}
	if w.rules.whole {
		unit := w.rules.segment
		if !w.recovering() && size >= w.threshold && size >= 2*unit { // an odd packet waits to be acknowledged with the next round's first
			unit *= 2
		}
		size = math.Floor(size/unit+1e-9) * unit
	}
	return w.each(size)
}

// each is what one of the transfers has of what all have.
func (w *window) each(of float64) float64 { return of / float64(max(len(w.flows), 1)) }

// present is what the window really is: in slow start it is doubled for a whole round, in which it grows by what is acknowledged of the last one.
func (w *window) present() float64 {
	if (w.size < w.threshold || w.ending) && len(w.flows) > 0 {
		return (w.size + min(w.gone, w.size)) / 2
	}
	return w.size
}

// limit is the rate of one of the transfers, that may leave so much faster than a window each round trip; 0: as fast as the link
// takes it.
func (w *window) limit(pace float64) float64 {
	if pace == 0 {
		return unlimited
	}
	return pace * w.share() / w.trip()
}

// trip is the round trip, but for queues on the way there: those are what rates are shared out for.
func (w *window) trip() float64 { return w.rtt + w.acks }

// grow is the answer to the acknowledgements of a whole window, at the end of a round trip that was used to the full, with more to be
// sent. A window that nobody fills does not grow: quic-go and Pion's SCTP look whether what is in flight, or waits, fills it.
func (w *window) grow() {
	if w.recovering() {
		w.round = 0
		return
	}
	if w.round < w.size {
		return
	}
	if w.size < w.threshold {
		w.size += min(w.round, w.size)
		w.round = 0
	} else {
		rounds := math.Floor(w.round / w.size)
		w.round -= float64(rounds * w.size)
		w.size += float64(w.rules.growth * rounds)
	}
	w.size = min(w.size, w.rules.most)
	w.trips.nextRound()
}

// passed is told that so much got through, how long it waited on the way, and how much is still to follow.
func (w *window) passed(bytes int64, queued time.Duration, after int64, now time.Duration) {
	n := float64(bytes)
	w.gone += n
	w.acknowledged(n, queued, now)
	if w.unnoticed > 0 {
		w.notice(n, now)
	}
	for w.untilLoss -= n; w.untilLoss <= 0; {
		since := -w.untilLoss
		w.drawLoss()
		w.untilLoss -= since
		w.lose(1, since, since+float64(after), now)
		if w.untold(since+float64(after)) && w.unnoticed == 0 && w.stuck == 0 && w.tooSlow() {
			w.restart()
		}
	}
}

// acknowledged is told that so much got through, and counts what may grow the window.
func (w *window) acknowledged(n float64, queued, now time.Duration) {
	switch {
	case w.trips == nil:
		w.round += n
	case w.size < w.threshold:
		if w.trips.rising(w, n, queued) {
			w.size += float64(enoughToTell * w.rules.segment) // it has grown by what is acknowledged so far
			w.threshold, w.ending = w.size, true
		}
		w.round += n
	case w.trips.full(n, now) || w.round < 0:
		w.round += n
	}
}

// rest is told that nothing is to be sent any more. The window was taken to double with each round, and the last round's
// acknowledgements come, or have come, to a window that is not full: of a window W, then 2 W, of which x was sent, the acknowledgements
// of (W + 2 x) / 3 find more than half of it in flight, and those of x / 2 something waiting.
func (w *window) rest(now time.Duration) {
	if w.size < w.threshold {
		grown := float64((w.size+w.round)/2) + w.rules.segment // two packets are acknowledged at a time
		if w.rules.spent {
			grown = 2 * (w.size + w.round) / 3
		}
		w.size = min(max(grown, w.before), w.rules.most)
	}
	if w.unnoticed > 0 {
		w.notice(w.unnoticed, now)
	}
	w.round, w.ending = 0, false
	w.trips.rest()
}
