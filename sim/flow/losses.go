package flow

import (
	"math"
	"time"
)

func (w *window) drawLoss() {
	w.untilLoss = math.Inf(1)
	if w.luck != nil {
		w.untilLoss = w.luck.next()
	}
}

// opening is what a packet that was lost while the data channel opened, if there was one, makes of its window. Each
// side sends INIT, and the message that opens the channel or answers that; both are acknowledged.
//
// Pion's SCTP sets its threshold when INIT ACK comes. Without one the association is there all the same, by what the other
// side has sent, and never starts slowly. And nothing follows the message that would tell of its loss.
func (w *window) opening(c *chance) {
	switch one := c.Float64(); {
	case one < 2*c.share:
		w.threshold = 0
	case one < 4*c.share:
		w.restart()
	}
}

// restart is what a sender's timer makes of a window.
func (w *window) restart() {
	w.threshold = max(w.present()*w.rules.keep, w.rules.least*w.rules.segment)
	w.size, w.before, w.round = w.rules.segment, w.rules.segment, 0
}

// lose has packets lost, so many bytes ago, and so many bytes that were sent after them. It is noticed when what was sent
// meanwhile is through, at least a round trip later, with all others that are lost until then.
func (w *window) lose(packets int, bytesAgo, after float64, now time.Duration) {
	w.expire(now)
	rtt := time.Duration(w.trip() * 1e9)
	if w.untold(after) {
		w.probe(max(w.repaired, now) + time.Duration(w.rules.probe)*rtt)
		return
	}
	flight := w.size - bytesAgo
	if w.size < w.threshold { // by then two will have been sent for each before it in its round
		flight = max(w.size-w.gone, 0) + 2*max(w.gone-bytesAgo, 0)
	}
	if w.unnoticed > 0 { // and when an earlier one is missed nothing more is sent for a while
		flight = min(flight, w.unnoticed)
	}
	// All of them are sent again as soon as they are missed (Pion's SCTP has RFC 8985's RACK), but no more at a time than half
	// a window. They wait in the queue before the line behind everything that was sent by then.
	rounds := 1 + math.Floor(min(float64(packets)*w.rules.segment, w.size)/(w.size*w.rules.keep))
	wait := time.Duration(rounds-1)*rtt + max(rtt-w.takes(bytesAgo), w.takes(min(flight, after-bytesAgo)))
	stuck := w.stuck > 0
	if w.expires(wait) {
		w.expired = true
	} else {
		wait = w.mended(wait, now)
	}
	w.repaired = max(w.repaired, w.sending(now)+wait)
	if stuck { // in recovery, where it is answered by being sent again alone: it has its place for another round trip
		w.began = max(w.began, now) + time.Duration(w.each(w.rules.segment)/w.share()*w.trip()*1e9)
		return
	}
	if w.unnoticed > 0 {
		w.more = w.more || w.rules.again && w.unnoticed+bytesAgo < w.apart
		return
	}
	w.unnoticed, w.apart = flight, float64((flight+bytesAgo)*(1-w.rules.keep))
	w.notice(0, now)
}

// probe has the last packet of all, and what was lost before it, be there at a time, unless that is lost, too: then it is the timer's.
func (w *window) probe(at time.Duration) {
	there, heard := w.alone(w.rules.timer)
	w.repaired = at + there
	if heard > 0 && w.stuck == 0 {
		w.stuck, w.heard, w.holes = at+w.rules.timer, at+heard, 1
	}
}

// untold: too little follows a lost packet to tell of it.
func (w *window) untold(after float64) bool {
	return w.rules.probe > 0 && after < tellTale*w.rules.segment
}

// tooSlow: over a long way a probe is, and what it tells of, so that the sender's timer is before them. Pion sends it after
// two round trips, and what is missed then. Measured there, packet by packet: over up to 200 ms a transfer's last packets
// cost the next one nothing, over more a round trip, and over 240 (220 on a thin line) its window.
func (w *window) tooSlow() bool { return float64(4*w.trip())+0.16 > w.rules.timer.Seconds() }

// tellTale packets after a lost one tell of it.
const tellTale = 3

// mended is how long it takes until what is sent again after a while is there, which may be lost once more. Nothing but the sender's timer tells of
// that. Until then the sender is in recovery: its window stands still, and what is missing has its place in it.
func (w *window) mended(wait, now time.Duration) time.Duration {
	if !w.lostAgain() {
		return wait
	}
	if w.stuck > 0 { // the timer goes already
		wait = max(wait, w.stuck-now)
		w.holes++
	} else {
		wait += w.rules.timer
		w.stuck, w.heard, w.holes = w.sending(now)+wait, 0, 1
	}
	there, heard := w.alone(2 * w.rules.timer)
	w.heard = max(w.heard, w.sending(now)+wait+heard)
	return wait + there
}

// alone is how much later the only packet that is under way is there, and how much later its sender hears of that, if it is lost or what acknowledges
// it: no other tells of it. The sender's timer takes twice as long each time.
func (w *window) alone(timer time.Duration) (there, heard time.Duration) {
	arrived := false
	for ; timer < longestTimer; timer *= 2 {
		if !w.lostAgain() {
			if !arrived {
				there, arrived = heard, true
			}
			if !w.lostAgain() {
				return there, heard
			}
		}
		heard += timer
	}
	if !arrived {
		there = heard
	}
	return there, heard
}

// longestTimer is Pion's. Nobody waits for so long: the library takes another peer after seconds.
const longestTimer = time.Minute

// expire is told that time has gone on. The sender's timer makes it begin anew, when it has heard of what that sends again, and a round trip later.
func (w *window) expire(now time.Duration) {
	if w.stuck == 0 || now < w.stuck {
		return
	}
	w.restart()
	w.stuck, w.holes, w.unnoticed, w.more, w.expired = 0, 0, 0, false, false
	w.began, w.gone, w.spread = max(now, w.heard)+time.Duration(w.trip()*1e9), 0, true
}

// recovering tells that the sender knows that something is missing, and waits for its timer.
func (w *window) recovering() bool { return w.stuck > 0 && w.unnoticed <= 0 }

// lostAgain is whether a packet that is sent again is lost, too. Nothing but a timer tells of it.
func (w *window) lostAgain() bool {
	return w.rules.timer > 0 && w.luck != nil && w.luck.again()
}

// expires tells that the sender's timer does while what it has sent again waits. In slow start it does not know yet how long
// a queue has become: it counts from the last packet that was there in order.
func (w *window) expires(wait time.Duration) bool {
	return w.rules.timer > 0 && wait > w.rules.timer && w.size < w.threshold
}

// takes is how long so many bytes take at the transfers' present rates, but no longer than a queue holds. 0: there are none.
func (w *window) takes(bytes float64) time.Duration {
	var rate, queue float64
	for _, f := range w.flows {
		rate += f.rate
		queue = max(queue, f.from.queue, f.to.queue)
	}
	if rate <= 0 {
		return 0
	}
	return time.Duration(min(bytes/rate, w.trip()+queue) * 1e9)
}

// overflow loses what a queue had no room for: so many bytes, but for the packet that the link is taking.
func (w *window) overflow(bytes float64, now time.Duration) {
	if over := bytes - w.rules.segment; over > 0 {
		w.lose(int(math.Ceil(over/w.rules.segment)), 0, over, now)
	}
}

// notice is told that so much went through after a loss. The answer to the loss is a smaller window, which does not grow for another
// round trip.
func (w *window) notice(bytes float64, now time.Duration) {
	if w.unnoticed -= bytes; w.unnoticed > 0 {
		return
	}
	keep := w.rules.keep
	if w.expired {
		keep *= keep
	}
	w.size = max(w.present()*keep, w.rules.least*w.rules.segment)
	w.threshold = w.size
	w.round = -w.size - w.unnoticed
	w.unnoticed = 0
	if w.rules.again && w.stuck == 0 { // else recovery does not end before the timer does
		w.size += w.rules.segment
	}
	if w.more && len(w.flows) > 0 {
		w.unnoticed = w.size
	}
	pause := w.rules.segment / w.size // what is sent again has the place of something new
	if w.expired {
		pause += silence
	}
	w.began = w.sending(now) + time.Duration(pause*w.trip()*1e9)
	w.gone, w.spread = 0, true
	w.more, w.expired, w.ending = false, false, false
}

// silence is for how many round trips next to nothing is sent after a timer has expired, before slow start is back at what
// it may send: a loss of a first megabyte over 1.5 Mbit/s and 220 ms costs half a second with it.
const silence = 2

// resent is how long what is through now waits for lost packets that were before it. nil is no window.
func (w *window) resent(now time.Duration) time.Duration {
	if w == nil {
		return 0
	}
	return max(0, w.repaired-now)
}
