package flow

import (
	"math"
	"time"
)

func (w *window) drawLoss() {
	w.untilLoss = math.Inf(1)
	if !math.IsInf(w.perLoss, 1) {
		w.untilLoss = w.chance.ExpFloat64() * w.perLoss
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

// overflow loses what a queue had no room for: so many bytes, but for the packet that the link is taking.
func (w *window) overflow(bytes float64, now time.Duration) {
	if over := bytes - w.rules.segment; over > 0 {
		w.lose(int(math.Ceil(over/w.rules.segment)), 0, over, now)
	}
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

// resent is how long what is through now waits for lost packets that were before it. nil is no window.
func (w *window) resent(now time.Duration) time.Duration {
	if w == nil {
		return 0
	}
	return max(0, w.repaired-now)
}
