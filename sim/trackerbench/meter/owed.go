package meter

import "time"

// Owed is the responses that a tracker owes one membership. The zero value owes none.
type Owed struct {
	debts []debt
	got   []time.Duration // arrivals; negative (all bits turned) for a failure reason
}

type debt struct {
	due  time.Duration
	kind debtKind
}

type debtKind uint8

const (
	debtMeasured debtKind = iota // an announce due within the window
	debtOther                    // another announce, an answer, a stop
)

// Responses collects what came of all debts.
type Responses struct {
	Expected, Delivered, Lost, Unowed, Ambiguous int64
	// Latency is told of every measured announce's response.
	Latency func(due, at time.Duration)
	// Lag is how long offers took, at most, that arrived about a time; ok is false if there were none.
	Lag func(at time.Duration) (lag time.Duration, ok bool)
	// Interval is between two announces of a membership.
	Interval time.Duration
}

// mostDebts bounds what is kept while responses are missing.
const mostDebts = 1 << 12

// Owe adds a debt: an announce, an answer where trackers reply to those, a stop.
func (o *Owed) Owe(r *Responses, due time.Duration, measured bool) {
	if len(o.debts) >= mostDebts {
		o.Settle(r)
	}
	d := debt{due, debtOther}
	if measured {
		d.kind = debtMeasured
		r.Expected++
	}
	o.debts = append(o.debts, d)
}

// Response takes one that arrived; failed is one that is a failure reason.
func (o *Owed) Response(r *Responses, at time.Duration, failed bool) {
	if len(o.got) >= len(o.debts) {
		if !failed {
			r.Unowed++
		}
		return
	}
	if failed {
		at = ^at
	}
	o.got = append(o.got, at)
	if len(o.got) < len(o.debts) {
		return
	}
	for i, d := range o.debts {
		r.match(d, o.got[i])
	}
	o.clear()
}

// clear keeps what little memory the next few need.
func (o *Owed) clear() {
	const few = 4
	if cap(o.debts) > few {
		*o = Owed{}
		return
	}
	o.debts, o.got = o.debts[:0], o.got[:0]
}

func (r *Responses) match(d debt, at time.Duration) {
	if d.kind != debtMeasured {
		return
	}
	if at < 0 {
		r.Lost++
		return
	}
	r.Delivered++
	r.Latency(d.due, at)
}

func (r *Responses) lose(d debt) {
	if d.kind == debtMeasured {
		r.Lost++
	}
}

// Settle decides which debts the responses so far were to, and gives up the others.
func (o *Owed) Settle(r *Responses) {
	missing, i := len(o.debts)-len(o.got), 0
	for _, at := range o.got {
		when := at
		if at < 0 {
			when = ^at
		}
		for missing > 0 && o.debts[i+1].due <= when && when-o.debts[i].due > r.patience(when) {
			r.lose(o.debts[i])
			i++
			missing--
		}
		if missing > 0 && o.debts[i].kind == debtMeasured && o.debts[i+1].due <= when {
			r.Ambiguous++
		}
		r.match(o.debts[i], at)
		i++
	}
	for _, d := range o.debts[i:] {
		r.lose(d)
	}
	o.clear()
}

// patience is how long a response may have taken that arrived then: twice as long as offers, which the tracker sends in the same
// moment, and a bit; but where that would be as long as an interval, little more than they took. Without offers there is no telling; then half of
// what lies between two announces.
func (r *Responses) patience(at time.Duration) time.Duration {
	const bit = 50 * time.Millisecond
	if lag, ok := r.Lag(at); ok {
		return min(2*lag+bit, max(lag+lag/8+bit/50, r.Interval/2))
	}
	return r.Interval / 2
}
