package meter

import (
	"math/bits"
	"time"

	"swarmlab/results"
	"swarmlab/sim/trackerbench/wire"
)

// Ledger is the announces of the recent past: a ring, in which a new one takes the place of the oldest.
type Ledger struct {
	ring    []announce
	edges   []uint32 // of every offer that each of them can have
	offers  int
	next    uint32
	numbers uint32

	// Offers and Answers are complete after Settle.
	Offers, Answers results.TrackerRelayed

	FirstOffer, LastOffer *results.LatencyRecorder
	OfferToAnswer         *results.LatencyRecorder
	AnswerRelay           *results.LatencyRecorder
}

// announce is one announce and what arrived of it. Offers are bits.
type announce struct {
	due      time.Duration
	last     time.Duration // when the last offer arrived
	number   uint32
	from     uint32
	least    uint8 // that must arrive
	most     uint8 // that may
	measured bool
	used     bool
	arrived  [2]uint64
	answered [2]uint64
}

// NoEdge is an offer whose delivery was not kept.
const NoEdge = ^uint32(0)

// NewLedger makes one that remembers at least remembered announces of at most offers offers, at most [wire.MostSlots].
func NewLedger(remembered, offers int) *Ledger {
	const fewest = 1 << 10
	n := min(max(remembered, fewest), wire.MostSlots)
	n = 1 << bits.Len(uint(n-1)) // n is positive
	l := &Ledger{
		ring: make([]announce, n), edges: make([]uint32, n*offers), offers: offers,
		FirstOffer: results.NewLatencyRecorder(), LastOffer: results.NewLatencyRecorder(),
		OfferToAnswer: results.NewLatencyRecorder(), AnswerRelay: results.NewLatencyRecorder(),
	}
	return l
}

// Announce enters one that carries sent offers, of which least must arrive and most may: expected are those that must, and of those that may
// the ones that do. from is whoever sent it, in the caller's numbers. What is not measured counts only as long as it is remembered. due
// must be whole microseconds.
func (l *Ledger) Announce(due time.Duration, from uint32, sent, least, most int, measured bool) (slot, number uint32) {
	slot = l.next
	a := &l.ring[slot]
	l.settle(a)
	l.next = (l.next + 1) % uint32(len(l.ring)) // at most MostSlots
	*a = announce{
		due: due, number: l.numbers, from: from, measured: measured, used: true,
		least: uint8(min(least, wire.MostIndex)), most: uint8(min(most, wire.MostIndex)),
	}
	l.numbers++
	if measured {
		l.Offers.Sent += int64(sent)
		l.Offers.Expected += int64(least)
	}
	return slot, a.number
}

// find is the announce that an offer's id names; nil if it is forgotten, or never was.
func (l *Ledger) find(t wire.OfferTag) *announce {
	if int(t.Slot) >= len(l.ring) || int(t.Index) >= l.offers {
		return nil
	}
	a := &l.ring[t.Slot]
	if !a.used || a.due != t.Due {
		return nil
	}
	return a
}

// From is who sent the announce of an offer, and its number; ok is false if it is forgotten.
func (l *Ledger) From(t wire.OfferTag) (from, number uint32, ok bool) {
	a := l.find(t)
	if a == nil {
		return 0, 0, false
	}
	return a.from, a.number, true
}

// Arrival is where an offer arrived.
type Arrival struct {
	At       time.Duration
	Measured bool // the announce was due within the window
	// Departed: the receiver has left. Ghost: it had left before the announce was due.
	Departed, Ghost bool
	Edge            uint32 // of the caller's, for Established; or NoEdge
}

// Offer enters the arrival of an offer, and reports whether it is the first of its announce, and whether it has arrived before.
func (l *Ledger) Offer(t wire.OfferTag, w Arrival) (first, duplicate bool) {
	a := l.find(t)
	if a != nil {
		bit, word := uint64(1)<<(t.Index%64), t.Index/64
		duplicate = a.arrived[word]&bit != 0
		first = a.arrived == [2]uint64{}
		a.arrived[word] |= bit
		if !duplicate {
			a.last = max(a.last, w.At)
			l.edges[int(t.Slot)*l.offers+int(t.Index)] = w.Edge
		}
	}
	if !w.Measured {
		return first, duplicate
	}
	switch {
	case duplicate:
		l.Offers.Duplicated++
		return first, true
	case w.Departed:
		l.Offers.ToDeparted++
		if w.Ghost {
			l.Offers.Ghosts++
		}
	default:
		l.Offers.Delivered++
	}
	if a == nil { // so late that it has been given up
		l.Offers.Lost--
	}
	if first {
		l.FirstOffer.Record(w.At - t.Due)
	}
	if a != nil && bits.OnesCount64(a.arrived[0])+bits.OnesCount64(a.arrived[1]) == int(a.least) {
		l.LastOffer.Record(a.last - t.Due)
	}
	return first, false
}

// AnswerSent enters an answer that goes to the tracker; expected is whether it must arrive.
func (l *Ledger) AnswerSent(measured, expected bool) {
	if !measured {
		return
	}
	l.Answers.Sent++
	if expected {
		l.Answers.Expected++
	}
}

// Answer enters an answer that arrived. answerDue is when it was due to be sent, negative if that is not known. The edge is that of its offer's
// Arrival; ok is false if there was none, or it is forgotten.
func (l *Ledger) Answer(t wire.OfferTag, w Arrival, answerDue time.Duration) (edge uint32, ok bool) {
	edge, duplicate := NoEdge, false
	if a := l.find(t); a != nil {
		bit, word := uint64(1)<<(t.Index%64), t.Index/64
		duplicate = a.answered[word]&bit != 0
		a.answered[word] |= bit
		if a.arrived[word]&bit != 0 {
			edge = l.edges[int(t.Slot)*l.offers+int(t.Index)]
		}
	}
	if w.Measured {
		l.answer(t, w, answerDue, duplicate)
	}
	return edge, edge != NoEdge
}

func (l *Ledger) answer(t wire.OfferTag, w Arrival, answerDue time.Duration, duplicate bool) {
	switch {
	case duplicate:
		l.Answers.Duplicated++
		return
	case w.Departed:
		l.Answers.ToDeparted++
	default:
		l.Answers.Delivered++
	}
	l.OfferToAnswer.Record(w.At - t.Due)
	if answerDue >= 0 {
		l.AnswerRelay.Record(w.At - answerDue)
	}
}

// settle takes the balance of one announce.
func (l *Ledger) settle(a *announce) {
	if !a.used || !a.measured {
		return
	}
	got := bits.OnesCount64(a.arrived[0]) + bits.OnesCount64(a.arrived[1])
	least, most := int(a.least), int(a.most)
	l.Offers.Expected += int64(max(0, min(got, most)-least))
	l.Offers.Lost += int64(max(0, least-got))
	l.Offers.Extra += int64(max(0, got-most))
}

// Settle takes the balance of all. What arrives afterwards is lost.
func (l *Ledger) Settle() {
	for i := range l.ring {
		l.settle(&l.ring[i])
		l.ring[i].used = false
	}
	l.Offers.Lost = max(0, l.Offers.Lost)
	l.Answers.Lost = max(0, l.Answers.Expected-l.Answers.Delivered-l.Answers.ToDeparted)
}
