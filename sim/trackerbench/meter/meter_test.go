package meter

import (
	"strings"
	"testing"
	"time"

	"swarmlab/results"
	"swarmlab/sim/trackerbench/wire"
)

const ms1 = time.Millisecond

func TestLedger(t *testing.T) {
	l := NewLedger(0, 5)
	slot, number := l.Announce(ms1, 7, 5, 3, 3, true)
	tag := func(i uint8) wire.OfferTag { return wire.OfferTag{Due: ms1, Slot: slot, Index: i} }
	at := func(d time.Duration) Arrival { return Arrival{At: d, Measured: true, Edge: NoEdge} }
	if from, n, ok := l.From(tag(0)); !ok || from != 7 || n != number {
		t.Fatalf("from %d, number %d, %v", from, n, ok)
	}
	if first, dup := l.Offer(tag(2), at(3*ms1)); !first || dup {
		t.Error("the first offer is not the first")
	}
	if first, dup := l.Offer(tag(2), at(4*ms1)); first || !dup {
		t.Error("the same offer again is no duplicate")
	}
	withEdge := at(5 * ms1)
	withEdge.Edge = 99
	l.Offer(tag(0), withEdge)
	gone := at(6 * ms1)
	gone.Departed, gone.Ghost = true, true
	l.Offer(tag(1), gone)
	l.AnswerSent(true, true)
	l.AnswerSent(true, true)
	l.AnswerSent(true, false)
	if edge, ok := l.Answer(tag(0), at(9*ms1), 7*ms1); !ok || edge != 99 {
		t.Errorf("edge %d, %v", edge, ok)
	}
	l.Answer(tag(0), at(9*ms1), 7*ms1)
	l.Announce(2*ms1, 8, 5, 5, 5, true)  // nothing of it arrives
	l.Announce(3*ms1, 8, 5, 5, 5, false) // not measured
	l.Settle()
	want := results.TrackerRelayed{Sent: 10, Expected: 8, Delivered: 2, ToDeparted: 1, Ghosts: 1, Lost: 5, Duplicated: 1}
	if l.Offers != want {
		t.Errorf("offers %+v\nwant   %+v", l.Offers, want)
	}
	want = results.TrackerRelayed{Sent: 3, Expected: 2, Delivered: 1, Lost: 1, Duplicated: 1}
	if l.Answers != want {
		t.Errorf("answers %+v\nwant    %+v", l.Answers, want)
	}
	for name, got := range map[string][2]time.Duration{
		"first":  {l.FirstOffer.Max(), 2 * ms1},
		"last":   {l.LastOffer.Max(), 5 * ms1},
		"cycle":  {l.OfferToAnswer.Max(), 8 * ms1},
		"answer": {l.AnswerRelay.Max(), 2 * ms1},
	} {
		if got[0] != got[1] {
			t.Errorf("%s offer after %v, want %v", name, got[0], got[1])
		}
	}
}

// An offer that comes when its announce has been given up is late, not lost.
func TestLedgerForgets(t *testing.T) {
	l := NewLedger(1, 2)
	slot, _ := l.Announce(ms1, 1, 1, 1, 1, true)
	for i := range len(l.ring) {
		l.Announce(time.Duration(i+2)*ms1, 1, 0, 0, 0, true)
	}
	if l.Offers.Lost != 1 {
		t.Fatalf("%d lost when the ring has gone round", l.Offers.Lost)
	}
	l.Offer(wire.OfferTag{Due: ms1, Slot: slot}, Arrival{At: time.Hour, Measured: true})
	l.Settle()
	if l.Offers.Lost != 0 || l.Offers.Delivered != 1 {
		t.Errorf("late offer: %+v", l.Offers)
	}
	if _, _, ok := l.From(wire.OfferTag{Due: ms1, Slot: wire.MostSlots - 1}); ok {
		t.Error("an announce beyond the ring")
	}
}

// rec is Responses that notes what was matched to what.
func rec(lag, interval time.Duration) (*Responses, map[time.Duration]time.Duration) {
	got := map[time.Duration]time.Duration{}
	return &Responses{
		Latency:  func(due, at time.Duration) { got[due] = at },
		Lag:      func(time.Duration) (time.Duration, bool) { return lag, lag > 0 },
		Interval: interval,
	}, got
}

func TestResponses(t *testing.T) {
	const s = time.Second
	for name, c := range map[string]struct {
		lag       time.Duration
		do        func(*Owed, *Responses)
		matched   map[time.Duration]time.Duration
		lost      int64
		unowed    int64
		ambiguous int64
	}{
		"one by one": {
			do: func(o *Owed, r *Responses) {
				for i := range time.Duration(3) {
					o.Owe(r, i*s, true)
					o.Response(r, i*s+5, false)
				}
			}, matched: map[time.Duration]time.Duration{0: 5, s: s + 5, 2 * s: 2*s + 5},
		},
		// However late: if none is missing in the end, the order says all.
		"a tracker that lags by more than an interval": {
			lag: s / 100,
			do: func(o *Owed, r *Responses) {
				o.Owe(r, 0, true)
				o.Owe(r, s, true)
				o.Owe(r, 2*s, true)
				o.Response(r, 2*s+1, false)
				o.Response(r, 2*s+2, false)
				o.Response(r, 2*s+3, false)
			}, matched: map[time.Duration]time.Duration{0: 2*s + 1, s: 2*s + 2, 2 * s: 2*s + 3},
		},
		"the first is missing": {
			lag: s / 100,
			do: func(o *Owed, r *Responses) {
				o.Owe(r, 0, true)
				o.Owe(r, s, true)
				o.Response(r, s+5, false)
				o.Owe(r, 2*s, true)
				o.Response(r, 2*s+5, false)
			}, matched: map[time.Duration]time.Duration{s: s + 5, 2 * s: 2*s + 5}, lost: 1,
		},
		"the last is missing": {
			lag: s / 100,
			do: func(o *Owed, r *Responses) {
				o.Owe(r, 0, true)
				o.Response(r, 5, false)
				o.Owe(r, s, true)
			}, matched: map[time.Duration]time.Duration{0: 5}, lost: 1,
		},
		// Offers took two seconds too: the responses are the lagging ones.
		"lagging when it ends": {
			lag: 2 * s,
			do: func(o *Owed, r *Responses) {
				o.Owe(r, 0, true)
				o.Owe(r, s, true)
				o.Owe(r, 2*s, true)
				o.Response(r, 2*s+5, false)
			}, matched: map[time.Duration]time.Duration{0: 2*s + 5}, lost: 2, ambiguous: 1,
		},
		"answers and stops are owed too": {
			do: func(o *Owed, r *Responses) {
				o.Owe(r, 0, true)
				o.Owe(r, 1, false)
				o.Response(r, 5, false)
				o.Response(r, 6, false)
			}, matched: map[time.Duration]time.Duration{0: 5},
		},
		"a failure reason is a reply, and a loss": {
			do: func(o *Owed, r *Responses) {
				o.Owe(r, 0, true)
				o.Owe(r, 1, true)
				o.Response(r, 5, true)
				o.Response(r, 6, false)
			}, matched: map[time.Duration]time.Duration{1: 6}, lost: 1,
		},
		"nothing was asked": {
			do:      func(o *Owed, r *Responses) { o.Response(r, 5, false); o.Response(r, 6, true) },
			matched: map[time.Duration]time.Duration{}, unowed: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, got := rec(c.lag, s)
			var o Owed
			c.do(&o, r)
			o.Settle(r)
			if len(got) != len(c.matched) {
				t.Errorf("matched %v, want %v", got, c.matched)
			}
			for due, at := range c.matched {
				if got[due] != at {
					t.Errorf("the announce of %v got its response at %v, want %v", due, got[due], at)
				}
			}
			if r.Lost != c.lost || r.Unowed != c.unowed || r.Ambiguous != c.ambiguous {
				t.Errorf("lost %d, unowed %d, ambiguous %d; want %d, %d, %d", r.Lost, r.Unowed, r.Ambiguous, c.lost, c.unowed, c.ambiguous)
			}
			if r.Delivered+r.Lost != r.Expected {
				t.Errorf("%d delivered and %d lost of %d", r.Delivered, r.Lost, r.Expected)
			}
		})
	}
}

func TestOwedIsBounded(t *testing.T) {
	r, _ := rec(ms1, time.Second)
	var o Owed
	for i := range 10 * mostDebts {
		o.Owe(r, time.Duration(i), true)
	}
	if len(o.debts) > mostDebts {
		t.Errorf("%d debts are kept of a tracker that never replies", len(o.debts))
	}
	o.Settle(r)
	if r.Lost != 10*mostDebts {
		t.Errorf("%d lost", r.Lost)
	}
}

func TestTruth(t *testing.T) {
	tr := NewTruth(1)
	check := func(at time.Duration, said int64, right bool) {
		t.Helper()
		before := tr.Counts.Right
		tr.Announced(at, 0, said, 0)
		if (tr.Counts.Right > before) != right {
			t.Errorf("at %v %d members are called right: %v", at, said, !right)
		}
	}
	check(0, 0, true)
	check(0, 1, false)
	tr.Joining(0)
	check(0, 0, true) // the announce may not have arrived
	check(0, 1, true)
	tr.Sure(0, 0)
	check(0, 0, true) // said before it was
	check(2*time.Second, 0, false)
	check(2*time.Second, 1, true)
	tr.Left(3*time.Second, 0, true)
	check(3*time.Second, 1, true)
	check(5*time.Second, 1, false)
	check(5*time.Second, 0, true)
	if tr.Counts.Compared != 10 || tr.Counts.TooHigh != 2 || tr.Counts.TooLow != 1 || tr.Counts.MostOff != 1 {
		t.Errorf("%+v", tr.Counts)
	}
	for range 20 {
		tr.Joining(0)
		tr.Sure(6*time.Second, 0)
	}
	if tr.Others(0, true) != 19 || tr.Others(0, false) != 20 {
		t.Errorf("others: %d and %d", tr.Others(0, true), tr.Others(0, false))
	}
	tr.Announced(10*time.Second, 0, 12, 12)
	if tr.Counts.TooLow != 1 {
		t.Error("a tracker that holds twelve is called wrong for saying so")
	}
}

func TestSeries(t *testing.T) {
	s := NewSeries(time.Second, 3*time.Second)
	s.Advance(500*ms1, 1)
	s.Offer(10 * ms1)
	s.Advance(1200*ms1, 2)
	s.Offer(30 * ms1)
	s.Offer(40 * ms1)
	s.Late(3 * ms1)
	if lag, ok := s.Lag(600 * ms1); !ok || lag != 10*ms1 {
		t.Errorf("lag %v, %v", lag, ok)
	}
	got := s.Finish(4500*ms1, 5)
	if len(got) != 4 {
		t.Fatalf("%d seconds: %+v", len(got), got)
	}
	for i, want := range []results.TrackerSecond{
		{T: 1, Open: 2, Offers: 1, OfferP50Ms: 10, OfferP99Ms: 10, OfferMaxMs: 10},
		{T: 2, InWindow: true, Open: 5, Offers: 2, OfferP50Ms: 30, OfferP99Ms: 40, OfferMaxMs: 40, LateMaxMs: 3},
		{T: 3, InWindow: true, Open: 5}, {T: 4, Open: 5},
	} {
		if near := got[i]; near.OfferP50Ms < want.OfferP50Ms*0.99 || near.OfferP50Ms > want.OfferP50Ms*1.01 {
			t.Errorf("second %d: %+v", i, got[i])
		}
		got[i].OfferP50Ms, got[i].OfferP99Ms = want.OfferP50Ms, want.OfferP99Ms // to three figures
		if got[i] != want {
			t.Errorf("second %d: %+v, want %+v", i, got[i], want)
		}
	}
}

func TestJudge(t *testing.T) {
	late := func(p99 float64) results.TrackerLatency {
		return results.TrackerLatency{TrackerQuantiles: results.TrackerQuantiles{Count: 100, P99: p99}}
	}
	for name, c := range map[string]struct {
		g      results.TrackerGenerator
		late   float64
		median time.Duration
		files  int64
		reason string
	}{
		"good":              {results.TrackerGenerator{CPUShare: 0.6}, 0.9, ms1, 0, ""},
		"busy":              {results.TrackerGenerator{CPUShare: 0.8}, 0.1, ms1, 0, "used 80 % of its core"},
		"late":              {results.TrackerGenerator{}, 1.2, ms1, 0, "more than 1.2 ms late; the limit is 1 ms"},
		"late for little":   {results.TrackerGenerator{}, 4, 100 * ms1, 0, ""},
		"garbage":           {results.TrackerGenerator{GCPauseMaxMs: 7}, 0, ms1, 0, "garbage collector stopped the generator for 7 ms"},
		"no more files":     {results.TrackerGenerator{}, 0, ms1, 3, "3 connections failed"},
		"tracker is slow":   {results.TrackerGenerator{QueueOverflows: 100, ShortWrites: 100}, 0, ms1, 0, ""},
		"several at a time": {results.TrackerGenerator{CPUShare: 0.9}, 2, ms1, 0, "used 90 %"},
	} {
		Judge(&c.g, late(c.late), c.median, c.files)
		if c.g.Valid != (c.reason == "") || !strings.Contains(strings.Join(c.g.Reasons, "\n"), c.reason) {
			t.Errorf("%s: valid %v, %q; want %q", name, c.g.Valid, c.g.Reasons, c.reason)
		}
	}
}

func TestMachine(t *testing.T) {
	before := ReadMachine()
	sum := 0
	for time.Since(before.At) < 30*ms1 {
		for i := range 100_000 {
			sum += i
		}
	}
	spent := ReadMachine().Since(before)
	if spent.Wall < 30*ms1 || spent.CPU <= 0 || spent.StealShare < 0 || spent.StealShare > 1 || sum == 0 {
		t.Errorf("spent %+v", spent)
	}
}

// A tracker that may leave one out owes it in neither case: not if it does, and not if it does not.
func TestLedgerOffersThatMayArrive(t *testing.T) {
	l := NewLedger(0, 5)
	for _, arrive := range []int{3, 4, 5} {
		due := time.Duration(arrive) * time.Millisecond
		slot, _ := l.Announce(due, 1, 5, 4, 5, true)
		for i := range arrive {
			l.Offer(wire.OfferTag{Due: due, Slot: slot, Index: uint8(i)}, Arrival{At: 2 * due, Measured: true, Edge: NoEdge})
		}
	}
	l.Settle()
	want := results.TrackerRelayed{Sent: 15, Expected: 13, Delivered: 12, Lost: 1}
	if l.Offers != want {
		t.Errorf("%+v, want %+v", l.Offers, want)
	}
}
