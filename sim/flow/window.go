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
	rtt       float64       // seconds, with empty queues
	acks      float64       // seconds that acknowledgements wait just now, in the queues of what goes the other way
	size      float64       // bytes
	threshold float64       // below it: slow start
	before    float64       // size when the present transfers began
	began     time.Duration // when the round did that things are sent in
	gone      float64       // bytes sent in it
	spread    bool          // the present transfers' packets do not leave in bursts any more
	more      bool          // there is another loss to be noticed after this one
	round     float64       // bytes through since the window last grew; negative for a round trip after a loss was noticed
	unnoticed float64       // bytes that go through until a loss is noticed, a round trip after it; 0: there is none
	perLoss   float64       // bytes between two losses, on the average
	untilLoss float64
	repaired  time.Duration // when the last lost packet is, or was, there at last: what comes after it waits
	chance    *rand.Rand
	trips     *trips // what it makes of its packets' round trips; nil: nothing
}

// rules are what transports differ in.
type rules struct {
	segment, initial, most float64 // bytes
	growth                 float64 // bytes that a window grows by in a round trip after slow start
	keep                   float64 // of the window after a loss
	least                  float64 // segments that are kept then
	// slow and steady are how much faster than window / round trip packets may leave in slow start and after it; 0: as fast as the link
	// takes them.
	slow, steady float64
	// hystart leaves slow start where a round trip is longer than the shortest by an eighth of it, at least 4 and at most 16 ms: Ha
	// and Rhee, Taming the elephants (Computer Networks 55(9), 2011). A line with jitter does so soon.
	hystart bool
	// probe is how many round trips go by until a packet is there after all that was lost with fewer than three to follow, which would
	// have told of it: a probe is sent after two (RFC 8985), and nothing is concluded from it. 0: quic-go's probe is as good as others.
	probe int
	// whole: a packet waits until the window has room for all of it.
	whole bool
	// again: recovery is over as soon as what was lost is there, and not when all is that had been sent by the time it was missed. So another
	// packet lost of the same window is missed, and answered, once more; and the acknowledgement that ends recovery finds a window that is its
	// threshold, which counts as slow start, and gives it a segment.
	again bool
	// spent: in slow start the window grows by the acknowledgements that come while more than half of it is in flight, even if nothing
	// more is to be sent. Pion's SCTP wants something to be waiting.
	spent bool
}

var (
	// sctpRules are those of Pion's SCTP, which are RFC 9260's (7.2); it receives at most 1 MiB ahead.
	// Its first window of 4380 bytes has room for three packets, which with the command before them are an even number: receivers acknowledge two
	// at a time, and an odd one after 200 ms.
	sctpRules = rules{
		segment: 1163, initial: 3 * 1163, most: 1 << 20, growth: 1228, keep: 0.5, least: 4, probe: 3, whole: true, again: true,
	}
	// quicRules are those of quic-go, which are TCP Reno's but for RFC 9002's larger beginning and CUBIC's gentler answer to loss.
	quicRules = rules{
		segment: 1240, initial: 32 * 1280, most: 6 << 20, growth: 1240, keep: 0.7, least: 2, slow: 2, steady: 1.25, hystart: true, spent: true,
	}
)

// shortestTrip keeps a round trip of nothing from making a rate of everything.
const shortestTrip = 100e-6

func (w *window) init(r *rules, rtt time.Duration, loss float64, chance *rand.Rand, late func() time.Duration) {
	w.rules, w.chance = r, chance
	w.rtt = max(rtt.Seconds(), shortestTrip)
	w.size, w.threshold = r.initial, r.most
	w.perLoss = math.Inf(1)
	if loss > 0 {
		w.perLoss = r.segment / loss
	}
	w.drawLoss()
	if r.hystart {
		w.trips = newTrips(r, late)
	}
}

func (w *window) drawLoss() {
	w.untilLoss = math.Inf(1)
	if !math.IsInf(w.perLoss, 1) {
		w.untilLoss = w.chance.ExpFloat64() * w.perLoss
	}
}

// share is the part of the window that one of the transfers has.
func (w *window) share() float64 {
	size := w.size
	if w.rules.whole {
		size = math.Floor(size/w.rules.segment+1e-9) * w.rules.segment
	}
	return size / float64(max(len(w.flows), 1))
}

// present is what the window really is: in slow start it is doubled for a whole round, in which it grows by what is acknowledged of the last one.
func (w *window) present() float64 {
	if w.size < w.threshold && len(w.flows) > 0 {
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

// step is how much of what is left to send before the window is looked at again: in slow start what is missing of a round, for the
// window doubles then.
func (w *window) step(left int64, first bool, now time.Duration) int64 {
	if len(w.flows) == 0 {
		w.before, w.began, w.gone, w.spread = w.size, now, 0, false
	}
	w.turns(now)
	w.grow()
	if w.unnoticed > 0 { // then the window is another
		left = min(left, int64(max(w.unnoticed/float64(max(len(w.flows), 1)), w.rules.segment)))
	}
	if w.size >= w.threshold && !first {
		return left
	}
	share := int64(max(w.rules.segment, w.room()))
	if share+share/4 > left {
		return left
	}
	return share
}

// room is what one of the transfers may still send in this round.
func (w *window) room() float64 { return (w.size - max(w.round, 0)) / float64(max(len(w.flows), 1)) }

// pace is for a part after which so much follows, on a way that takes so many bytes a second. In the long run a window goes each round trip. But
// packets leave in bursts. Where a sender spreads them those of the last round are through before it is over; where the link takes the first
// window at once, each further round begins a round trip after the one before it, and is through as soon as the link has taken it.
func (w *window) pace(part, follows int64, first bool, line float64, now time.Duration) float64 {
	pace := w.rules.steady
	if w.size < w.threshold {
		pace = w.rules.slow
	}
	switch last := float64(part+follows) <= w.room()*1.25; {
	case pace != 0 && last:
		return pace
	case pace != 0:
		return 1
	case first:
		return 0
	case float64(part) > max(w.size-w.gone, w.rules.segment)*1.25: // several rounds
		w.spread = true
		late := max(0, w.began-now).Seconds() // after a loss
		return 1 / (1 + late/w.trip()*w.share()/float64(part))
	}
	whole := max(float64(part), min(w.size-w.gone, float64(part+follows)))
	left := (w.began - now).Seconds()
	if w.spread {
		left += w.trip()
	} else {
		left += (w.gone + whole) / line
	}
	return whole / w.share() * w.trip() / max(left, w.trip()/fastest)
}

// fastest is how much faster than a window each round trip a round may go that is late.
const fastest = 16

// grow is the answer to the acknowledgements of a whole window, at the end of a round trip that was used to the full, with more to be
// sent. A window that nobody fills does not grow: quic-go and Pion's SCTP look whether what is in flight, or waits, fills it.
func (w *window) grow() {
	if w.round < w.size {
		return
	}
	if w.size < w.threshold {
		w.size += min(w.round, w.size)
		w.round = 0
	} else {
		rounds := math.Floor(w.round / w.size)
		w.round -= rounds * w.size
		w.size += w.rules.growth * rounds
	}
	w.size = min(w.size, w.rules.most)
	w.trips.nextRound()
}

// turns goes on to the next round, for what is sent from now on.
func (w *window) turns(now time.Duration) {
	if w.gone < w.size {
		return
	}
	w.gone = 0
	w.began = max(now, w.began+time.Duration(w.trip()*1e9))
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
	}
}

// acknowledged is told that so much got through, and counts what may grow the window.
func (w *window) acknowledged(n float64, queued, now time.Duration) {
	switch {
	case w.trips == nil:
		w.round += n
	case w.size < w.threshold:
		if w.trips.rising(w, n, queued) {
			w.size += enoughToTell * w.rules.segment // it has grown by what is acknowledged so far
			w.threshold = w.size
		}
		w.round += n
	case w.trips.full(n, now) || w.round < 0:
		w.round += n
	}
}

// lose has packets lost, so many bytes ago, and so many bytes that were sent after them. It is noticed a round trip later, with all
// others that are lost until then.
func (w *window) lose(packets int, bytesAgo, after float64, now time.Duration) {
	rtt := time.Duration(w.trip() * 1e9)
	if after < tellTale*w.rules.segment && w.rules.probe > 0 {
		w.repaired = max(w.repaired, now) + time.Duration(w.rules.probe)*rtt
		return
	}
	// All of them are sent again as soon as they are missed (Pion's SCTP has RFC 8985's RACK), but no more at a time than half a window.
	rounds := 1 + math.Floor(float64(packets)*w.rules.segment/(w.size*w.rules.keep))
	w.repaired = max(w.repaired, w.sending(now)+time.Duration(rounds)*rtt)
	if w.unnoticed > 0 {
		w.more = w.rules.again
		return
	}
	w.unnoticed = w.size - bytesAgo
	if w.size < w.threshold { // by then two will have been sent for each before it in its round
		w.unnoticed = max(w.size-w.gone, 0) + 2*max(w.gone-bytesAgo, 0)
	}
	w.notice(0, now)
}

// sending is when what is said to go now does: of a burst not before its round begins.
func (w *window) sending(now time.Duration) time.Duration {
	if w.spread || w.rules.slow != 0 {
		return now
	}
	return max(now, w.began)
}

// tellTale packets after a lost one tell of it.
const tellTale = 3

// notice is told that so much went through after a loss. The answer to the loss is a smaller window, which does not grow for another
// round trip.
func (w *window) notice(bytes float64, now time.Duration) {
	if w.unnoticed -= bytes; w.unnoticed > 0 {
		return
	}
	w.size = max(w.present()*w.rules.keep, w.rules.least*w.rules.segment)
	w.threshold = w.size
	w.round = -w.size - w.unnoticed
	w.unnoticed = 0
	if w.rules.again {
		w.size += w.rules.segment
	}
	if w.more && len(w.flows) > 0 {
		w.unnoticed = w.size
	}
	w.gone, w.began, w.spread, w.more = 0, w.sending(now), true, false
}

// rest is told that nothing is to be sent any more. The window was taken to double with each round, and the last round's
// acknowledgements come, or have come, to a window that is not full: of a window W, then 2 W, of which x was sent, the acknowledgements
// of (W + 2 x) / 3 find more than half of it in flight, and those of x / 2 something waiting.
func (w *window) rest(now time.Duration) {
	if w.size < w.threshold {
		grown := (w.size+w.round)/2 + w.rules.segment // two packets are acknowledged at a time
		if w.rules.spent {
			grown = (2*w.size + 2*w.round) / 3
		}
		w.size = min(max(grown, w.before), w.rules.most)
	}
	if w.unnoticed > 0 {
		w.notice(w.unnoticed, now)
	}
	w.round = 0
	w.trips.rest()
}

// resent is how long what is through now waits for lost packets that were before it. nil is no window.
func (w *window) resent(now time.Duration) time.Duration {
	if w == nil {
		return 0
	}
	return max(0, w.repaired-now)
}
