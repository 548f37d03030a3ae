package trackerbench

import (
	"time"

	"swarmlab/results"
	"swarmlab/sim/trackerbench/meter"
	"swarmlab/sim/trackerbench/socket"
)

// outcome takes the balance. The round is over.
func (r *round) outcome(started time.Time) *Measurement {
	now := r.net.Now()
	for _, s := range r.sessions {
		if s.state == unused {
			continue
		}
		for i := range s.members {
			m := &s.members[i]
			m.owed.Settle(&r.responses)
			r.unsent(m)
			if s.state == departed {
				r.staleness.Record(max(0, m.ghost-s.since))
			}
		}
	}
	r.ledger.Settle()
	out := results.TrackerRound{
		Round: r.options.Round, Started: started,
		ConnectMs: r.connect.Result(), AnnounceToResponseMs: r.response.Result(),
		AnnounceToFirstOfferMs: r.ledger.FirstOffer.Result(), AnnounceToLastOfferMs: r.ledger.LastOffer.Result(),
		OfferToAnswerMs: r.ledger.OfferToAnswer.Result(), AnswerRelayMs: r.ledger.AnswerRelay.Result(),
		ScrapeMs: r.scrape.Result(), StalenessMs: r.staleness.Result(), LatenessMs: r.lateness.Result(),
		Delivery: r.delivered(), Counts: r.truth.Counts, Sockets: r.sockets,
		Series: r.series.Finish(now, r.open),
	}
	for _, dues := range r.scrapes {
		out.Counts.ScrapesLost += int64(len(dues))
	}
	out.Sockets.OpenAtWindow = r.window.openAtStart
	out.Generator = r.cost()
	median := r.ledger.FirstOffer.Quantile(0.5)
	if r.ledger.FirstOffer.Count() == 0 {
		median = r.response.Quantile(0.5)
	}
	meter.Judge(&out.Generator, out.LatenessMs, median, r.net.Stats().OutOfDescriptors)
	return &Measurement{Round: out, Load: r.resolved(), Graph: r.graph}
}

func (r *round) delivered() results.TrackerDelivery {
	d := r.delivery
	d.ResponsesExpected, d.ResponsesDelivered = r.responses.Expected, r.responses.Delivered
	d.ResponsesLost, d.ResponsesUnowed = r.responses.Lost, r.responses.Unowed
	d.ResponsesAmbiguous = r.responses.Ambiguous
	d.Offers, d.Answers = r.ledger.Offers, r.ledger.Answers
	return d
}

// cost is what the load took of this machine.
func (r *round) cost() results.TrackerGenerator {
	g, w := r.generator, r.window
	spent := w.after.Since(w.before)
	g.CPUSeconds = spent.CPU.Seconds()
	if spent.Wall > 0 {
		g.CPUShare = spent.CPU.Seconds() / spent.Wall.Seconds()
	}
	if n := r.delivery.Announces; n > 0 {
		g.CPUUsPerAnnounce = float64(spent.CPU.Microseconds()) / float64(n)
	}
	g.GCPauseMaxMs = float64(spent.PauseMax.Microseconds()) / 1000
	g.GCPauseTotalMs = float64(spent.PauseSum.Microseconds()) / 1000
	g.StealShare = spent.StealShare
	total := r.net.Stats()
	d := difference(w.statsAfter, w.statsBefore)
	g.ShortWrites, g.QueueOverflows = total.ShortWrites, total.QueueOverflows
	g.BytesSent, g.BytesReceived = d.BytesSent, d.BytesReceived
	g.MessagesSent, g.MessagesReceived = d.MessagesSent, d.MessagesReceived
	return g
}

func difference(a, b socket.Stats) socket.Stats {
	a.BytesSent -= b.BytesSent
	a.BytesReceived -= b.BytesReceived
	a.MessagesSent -= b.MessagesSent
	a.MessagesReceived -= b.MessagesReceived
	return a
}

// resolved is the load as it was.
func (r *round) resolved() results.TrackerLoad {
	l := r.load
	sizes := l.Swarms.Sizes(l.Peers*l.SwarmsPerSocket, l.Peers)
	offer, answer := r.descriptions.MeanBytes()
	largest := 0
	for _, n := range sizes {
		largest = max(largest, n)
	}
	return results.TrackerLoad{
		Seed: l.Seed, Peers: l.Peers, SwarmsPerSocket: l.SwarmsPerSocket, Swarms: l.Swarms.String(), SwarmCount: l.Swarms.Count,
		Memberships: l.Peers * l.SwarmsPerSocket, LargestSwarm: largest,
		RatePerSecond: l.Rate, IntervalSeconds: l.Interval.Seconds(), Timers: string(l.Timers),
		Arrival: string(l.Arrival), ArrivalSeconds: l.ArriveOver.Seconds(),
		WarmupSeconds: r.start.Seconds(), WindowSeconds: l.Window.Seconds(), DrainSeconds: r.options.Drain.Seconds(),
		Offers: max(0, l.Offers), AnswerShare: l.Answer, ThinkMs: float64(l.Think.Microseconds()) / 1000,
		LeavesPerSecond: l.LeaveRate, LeaveClean: l.LeaveClean, LeaveSilent: l.LeaveSilent,
		ScrapesPerSec: l.ScrapeRate, MeanOfferBytes: offer, MeanAnswerBytes: answer,
	}
}
