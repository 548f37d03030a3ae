package flow

import (
	"math"
	"math/rand/v2"
	"time"
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
	rtt       float64 // seconds, with empty queues
	size      float64 // bytes
	threshold float64 // below it: slow start
	perLoss   float64 // bytes between two losses, on the average
	untilLoss float64
	resending time.Duration // a lost packet is sent again a round trip later, and what comes after it waits
	chance    *rand.Rand
	late      func() time.Duration // what the round trip is above its mean just now
	earliest  time.Duration        // the least of it so far
}

// rules are what transports differ in.
type rules struct {
	segment, initial, most float64 // bytes
	keep                   float64 // of the window after a loss
	// pace is how much faster than window / round trip the first window of a transfer may leave; 0: as fast as the link takes it.
	pace float64
	// hystart leaves slow start where a round trip is longer than the shortest by an eighth of it, at least 4 and at most 16 ms: Ha
	// and Rhee, Taming the elephants (Computer Networks 55(9), 2011). A line with jitter does so soon.
	hystart bool
}

var (
	// sctpRules are those of Pion's SCTP, which are RFC 9260's (7.2); it receives at most 1 MiB ahead.
	sctpRules = rules{segment: 1163, initial: 4380, most: 1 << 20, keep: 0.5}
	// quicRules are those of quic-go, which are TCP Reno's but for RFC 9002's larger beginning and CUBIC's gentler answer to loss.
	quicRules = rules{segment: 1240, initial: 32 * 1280, most: 6 << 20, keep: 0.7, pace: 1, hystart: true}
)

// enoughToTell is how many segments must go before HyStart judges by them: eight acknowledgements.
const enoughToTell = 16

// shortestTrip keeps a round trip of nothing from making a rate of everything.
const shortestTrip = 100e-6

func (w *window) init(r *rules, rtt time.Duration, loss float64, chance *rand.Rand, late func() time.Duration) {
	w.rules, w.chance, w.late = r, chance, late
	w.rtt = max(rtt.Seconds(), shortestTrip)
	w.size, w.threshold = r.initial, r.most
	w.perLoss = math.Inf(1)
	if loss > 0 {
		w.perLoss = r.segment / loss
	}
	w.drawLoss()
	w.heard()
}

// heard takes a sample of the round trip.
func (w *window) heard() time.Duration {
	if !w.rules.hystart {
		return 0
	}
	late := w.late()
	w.earliest = min(w.earliest, late)
	return late - w.earliest
}

func (w *window) drawLoss() {
	w.untilLoss = math.Inf(1)
	if !math.IsInf(w.perLoss, 1) {
		w.untilLoss = w.chance.ExpFloat64() * w.perLoss
	}
}

// share is the part of the window that one of the transfers has.
func (w *window) share() float64 { return w.size / float64(max(len(w.flows), 1)) }

// limit is what one of the transfers may have. The first window of one goes ahead of the acknowledgements that bring the next.
func (w *window) limit(first bool) float64 {
	switch {
	case !first:
		return w.share() / w.rtt
	case w.rules.pace == 0:
		return unlimited
	}
	return w.rules.pace * w.share() / w.rtt
}

// step is how much of what is left to send before the window is looked at again: in slow start a window, for it doubles then.
func (w *window) step(left int64, first bool) int64 {
	if w.size >= w.threshold && !first {
		return left
	}
	share := int64(w.share())
	if share+share/4 > left {
		return left
	}
	return share
}

// passed is told that so much got through, and how long it waited on the way.
func (w *window) passed(bytes int64, queued time.Duration) {
	n := float64(bytes)
	if w.size < w.threshold {
		w.size += n
		eighth := time.Duration(w.rtt / 8 * 1e9)
		if late := w.heard(); w.rules.hystart && n >= enoughToTell*w.rules.segment &&
			late+queued > min(max(eighth, 4*time.Millisecond), 16*time.Millisecond) {
			w.threshold = w.size
		}
	} else {
		w.size += float64(w.rules.segment * n / w.size)
	}
	w.size = min(w.size, w.rules.most)
	if w.untilLoss -= n; w.untilLoss <= 0 {
		w.lose()
	}
}

// lose is the answer to loss.
func (w *window) lose() {
	w.size = max(w.size*w.rules.keep, 2*w.rules.segment)
	w.threshold = w.size
	w.resending = time.Duration(w.rtt * 1e9)
	w.drawLoss()
}

// resent is how long what is through now waits for a lost packet that was before it. nil is no window.
func (w *window) resent() time.Duration {
	if w == nil {
		return 0
	}
	wait := w.resending
	w.resending = 0
	return wait
}
