package flow

import "time"

// When what a window lets go leaves: the rounds of its transfers.

// step is how much of what is left to send before the window is looked at again: in slow start what is missing of a round, for the
// window doubles then; later as many rounds as it is much the same for.
func (w *window) step(left int64, first bool, now time.Duration) int64 {
	w.expire(now)
	if len(w.flows) == 0 {
		w.before, w.began, w.gone, w.spread = w.size, now, 0, false
	}
	w.turns(now)
	w.grow()
	if w.unnoticed > 0 { // then the window is another
		left = min(left, int64(max(w.each(w.unnoticed), w.rules.segment)))
	}
	share := int64(max(w.rules.segment, w.room()))
	if w.size >= w.threshold && !first {
		share = int64(max(w.rules.segment, w.each(w.size*max(1, w.size/w.rules.segment/sameFor))))
	}
	if share+share/4 > left {
		return left
	}
	return share
}

// sameFor: after slow start, where it grows by a packet a round, a window of twice so many packets is taken to be the same for
// two rounds, and so on. (While it was for a whole message a window of four packets took 14 rounds for one, instead of eight.)
const sameFor = 6

// room is what one of the transfers may still send in this round.
func (w *window) room() float64 { return w.each(w.size - max(w.round, 0)) }

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

// turns goes on to the next round, for what is sent from now on.
func (w *window) turns(now time.Duration) {
	if w.gone < w.size {
		return
	}
	w.gone, w.ending = 0, false
	w.began = max(now, w.began+time.Duration(w.trip()*1e9))
}

// sending is when what is said to go now does: of a burst not before its round begins.
func (w *window) sending(now time.Duration) time.Duration {
	if w.spread || w.rules.slow != 0 {
		return now
	}
	return max(now, w.began)
}
