package trackerbench

import (
	"context"
	"math"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"swarmlab/results"
	"swarmlab/sim/trackerbench/load"
	"swarmlab/sim/trackerbench/profile"
	"swarmlab/sim/trackerbench/socket"
	"swarmlab/sim/trackerbench/stub"
)

// plain is a tracker that replies to announces and stops, and has no limits.
var plain = profile.Profile{Name: "stub", ReplyToStop: true}

// onStub measures a stub in virtual time, and returns it too.
func onStub(t *testing.T, how stub.Behaviour, l load.Load, change ...func(*stub.Network)) (*Measurement, *stub.Tracker) {
	t.Helper()
	tracker := stub.NewTracker(how, 1)
	p := plain
	p.MaxOffers, p.ReplyToAnswer = how.MaxOffers, how.ReplyToAnswer
	m, err := measure(t.Context(), Target{URL: "ws://stub", Profile: p}, Options{Load: l}, nil,
		func(_ socket.Config, events socket.Events) (socket.Network, error) {
			n := stub.NewNetwork(tracker, events)
			for _, c := range change {
				c(n)
			}
			return n, nil
		})
	if err != nil {
		t.Fatal(err)
	}
	return m, tracker
}

// within is 1 %, which is what the meter promises.
func within(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 0.01*math.Abs(want) {
		t.Errorf("%s is %g; it must be %g, give or take 1 %%", what, got, want)
	}
}

func exactly[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// uniform is a delay whose q-quantile is low + q*(high-low).
func uniform(low, high time.Duration) func(*rand.Rand) time.Duration {
	return func(r *rand.Rand) time.Duration { return low + time.Duration(r.Float64()*float64(high-low)) }
}

var steady = load.Load{Seed: 1, Peers: 500, Swarms: load.Swarms{Count: 5}, Rate: 250, Window: 20 * time.Second, Answer: 1}

func TestKnownDelaysAreReported(t *testing.T) {
	long := steady
	long.Window = time.Minute // of fewer responses the median is not within 1 % of the distribution's: its standard error is 0.4 ms then
	m, _ := onStub(t, stub.Behaviour{Latency: uniform(100*time.Millisecond, 200*time.Millisecond)}, long)
	r := m.Round
	for _, l := range []struct {
		name string
		got  results.TrackerLatency
	}{{"response", r.AnnounceToResponseMs}, {"answer relay", r.AnswerRelayMs}} {
		within(t, l.name+" p50", l.got.P50, 150)
		within(t, l.name+" p90", l.got.P90, 190)
		within(t, l.name+" p95", l.got.P95, 195)
		within(t, l.name+" p99", l.got.P99, 199)
		within(t, l.name+" p99.9", l.got.P999, 199.9)
		within(t, l.name+" max", l.got.Max, 200)
		within(t, l.name+" mean", l.got.Mean, 150)
	}
	// The first of five offers, the last of five, and an offer's and an answer's delay together have distributions of their own.
	within(t, "first offer p50", r.AnnounceToFirstOfferMs.P50, 100+100*(1-math.Pow(0.5, 1.0/5)))
	within(t, "first offer p99", r.AnnounceToFirstOfferMs.P99, 100+100*(1-math.Pow(0.01, 1.0/5)))
	within(t, "last offer p50", r.AnnounceToLastOfferMs.P50, 100+100*math.Pow(0.5, 1.0/5))
	within(t, "last offer p90", r.AnnounceToLastOfferMs.P90, 100+100*math.Pow(0.9, 1.0/5))
	within(t, "offer to answer p50", r.OfferToAnswerMs.P50, 300)
	within(t, "offer to answer p99", r.OfferToAnswerMs.P99, 400-100*math.Sqrt(0.02))
	exactly(t, "announces", r.Delivery.Announces, 15_000)
	for _, k := range []results.TrackerRelayed{r.Delivery.Offers, r.Delivery.Answers} {
		exactly(t, "offers or answers", k, results.TrackerRelayed{Sent: 75_000, Expected: 75_000, Delivered: 75_000})
	}
	exactly(t, "responses", r.Delivery.ResponsesDelivered, 15_000)
	exactly(t, "counts right", r.Counts.Right, r.Counts.Compared)
	exactly(t, "lateness", r.LatenessMs.Max, 0)
}

func TestKnownLossesAreReported(t *testing.T) {
	how := stub.Behaviour{
		Latency:    uniform(10*time.Millisecond, 20*time.Millisecond),
		DropOffers: 0.02, DropAnswers: 0.03, DropResponses: 0.01,
	}
	m, _ := onStub(t, how, steady)
	d := m.Round.Delivery
	// Chance has its own spread: four standard deviations of a binomial count.
	near := func(what string, got int64, n, p float64) {
		t.Helper()
		if want, spread := n*p, 4*math.Sqrt(n*p*(1-p)); math.Abs(float64(got)-want) > spread {
			t.Errorf("%s: %d, want %g +- %g", what, got, want, spread)
		}
	}
	near("offers lost", d.Offers.Lost, 25_000, 0.02)
	near("answers lost", d.Answers.Lost, float64(d.Answers.Expected), 0.03)
	near("responses lost", d.ResponsesLost, 5_000, 0.01)
	exactly(t, "offers", d.Offers.Delivered+d.Offers.Lost, d.Offers.Expected)
	exactly(t, "answers are to offers that arrived", d.Answers.Expected, d.Offers.Delivered)
	exactly(t, "responses", d.ResponsesDelivered+d.ResponsesLost, d.ResponsesExpected)
	// Responses carry no id: a lost one must not make the next one look half a second late.
	within(t, "response p50", m.Round.AnnounceToResponseMs.P50, 15)
	within(t, "response p99.9", m.Round.AnnounceToResponseMs.P999, 20)
	within(t, "response max", m.Round.AnnounceToResponseMs.Max, 20)
}

// delays is how long everything would take that a load's plan has due in its window, if it were done only at the end of a standstill.
func delays(l load.Load, from, until time.Duration) *results.LatencyRecorder {
	l, err := l.WithDefaults()
	if err != nil {
		panic(err)
	}
	rec := results.NewLatencyRecorder()
	for p := l.NewPlan(); ; {
		e, ok := p.Due(math.MaxInt64)
		if !ok {
			return rec
		}
		if e.Kind == load.Announce && e.At >= l.WindowStart() {
			wait := time.Duration(0)
			if e.At >= from && e.At < until {
				wait = until - e.At
			}
			rec.Record(wait)
		}
	}
}

// A tracker that stands still for a second makes everything wait that is due in it: of a window of twenty seconds, 5 % of the
// announces, for up to a second.
func TestAStallIsSeenByAllThatWasDueInIt(t *testing.T) {
	how := stub.Behaviour{Latency: uniform(time.Millisecond, time.Millisecond), StallAt: 10 * time.Second, StallFor: time.Second}
	l := steady
	l.Answer = 0
	want := delays(l, how.StallAt, how.StallAt+how.StallFor).Result()
	for _, drops := range []float64{0, 0.01} {
		how.DropResponses = drops
		m, _ := onStub(t, how, l)
		for name, got := range map[string]results.TrackerLatency{
			"first offer": m.Round.AnnounceToFirstOfferMs, "response": m.Round.AnnounceToResponseMs,
		} {
			exactly(t, name+" p90", got.P90, 1)
			within(t, name+" p99", got.P99, want.P99+1)
			within(t, name+" p99.9", got.P999, want.P999+1)
			within(t, name+" max", got.Max, want.Max+1)
		}
		if drops == 0 {
			exactly(t, "ambiguous", m.Round.Delivery.ResponsesAmbiguous, 0)
		}
		exactly(t, "offers lost", m.Round.Delivery.Offers.Lost, 0)
	}
}

// A generator that is away for a second sends late what was due meanwhile, to a tracker that is fast. From when it was sent, nothing
// took longer than a millisecond; but viewers would have waited (coordinated omission).
func TestLatencyCountsFromTheDueTime(t *testing.T) {
	l := steady
	l.Answer = 0
	away := func(n *stub.Network) { n.FreezeAt, n.FreezeFor = 10*time.Second, time.Second }
	want := delays(l, 10*time.Second, 11*time.Second).Result()
	if want.P99 < 700 {
		t.Fatalf("the standstill makes a p99 of %g ms; this tests nothing", want.P99)
	}
	m, _ := onStub(t, stub.Behaviour{Latency: uniform(time.Millisecond, time.Millisecond)}, l, away)
	within(t, "first offer p99", m.Round.AnnounceToFirstOfferMs.P99, want.P99+1)
	within(t, "response p99", m.Round.AnnounceToResponseMs.P99, want.P99+1)
	within(t, "first offer max", m.Round.AnnounceToFirstOfferMs.Max, want.Max+1)
	within(t, "lateness p99", m.Round.LatenessMs.P99, want.P99)
	exactly(t, "offers lost", m.Round.Delivery.Offers.Lost, 0)
	if m.Round.Generator.Valid {
		t.Error("a generator that was away for a second is called valid")
	}
	if !strings.Contains(strings.Join(m.Round.Generator.Reasons, "\n"), "late") {
		t.Errorf("the reasons do not tell: %q", m.Round.Generator.Reasons)
	}
}

func TestMisdeedsAreReported(t *testing.T) {
	how := stub.Behaviour{DoubleOffers: 0.01, StrayOffers: 0.01, BendOffers: 0.01, CountsOff: 3}
	l := steady
	l.Answer = 0
	// The stub also counts what it did before the window; there is little of that.
	m, tracker := onStub(t, how, l)
	o := m.Round.Delivery.Offers
	for _, x := range []struct {
		name      string
		got       int64
		committed int
	}{{"duplicated", o.Duplicated, tracker.Doubled}, {"misdirected", o.Misdirected, tracker.Stray}, {"altered", o.Altered, tracker.Bent}} {
		if float64(x.got) < 0.85*float64(x.committed) || x.got > int64(x.committed)+int64(x.committed)/20 {
			t.Errorf("%s: %d, the stub did it %d times", x.name, x.got, x.committed)
		}
	}
	exactly(t, "offers misdirected are lost", o.Lost > 0 && o.Lost <= o.Misdirected, true)
	exactly(t, "counts too high", m.Round.Counts.TooHigh, m.Round.Counts.Compared)
	exactly(t, "most off", m.Round.Counts.MostOff, 3)
}

func TestGhostsAndStaleness(t *testing.T) {
	l := steady
	l.Answer, l.LeaveRate, l.LeaveClean = 0, 20, 1
	fresh, _ := onStub(t, stub.Behaviour{Latency: uniform(time.Millisecond, time.Millisecond)}, l)
	exactly(t, "ghosts of a good tracker", fresh.Round.Delivery.Offers.Ghosts, 0)
	exactly(t, "staleness of a good tracker", fresh.Round.StalenessMs.Max, 0)
	stale, _ := onStub(t, stub.Behaviour{Latency: uniform(time.Millisecond, time.Millisecond), GhostFor: time.Second}, l)
	if stale.Round.Delivery.Offers.Ghosts < 200 {
		t.Errorf("%d ghosts of a tracker that forgets after a second", stale.Round.Delivery.Offers.Ghosts)
	}
	// Two or three offers come in a second; half of the time the last of them in its last third.
	if p50 := stale.Round.StalenessMs.P50; p50 < 500 || p50 > 1001 {
		t.Errorf("staleness p50 is %g ms; it forgets after 1000", p50)
	}
	within(t, "staleness max", stale.Round.StalenessMs.Max, 1000)
	exactly(t, "offers lost", stale.Round.Delivery.Offers.Lost, 0)
	exactly(t, "left", stale.Round.StalenessMs.Count > 300, true)
}

func TestOtherLoads(t *testing.T) {
	for name, change := range map[string]func(*load.Load, *stub.Behaviour){
		"flash":            func(l *load.Load, _ *stub.Behaviour) { l.Arrival = load.ArriveFlash },
		"storm":            func(l *load.Load, _ *stub.Behaviour) { l.Arrival = load.ArriveStorm },
		"poisson":          func(l *load.Load, _ *stub.Behaviour) { l.Arrival, l.Timers = load.ArrivePoisson, load.TimersPoisson },
		"several a socket": func(l *load.Load, _ *stub.Behaviour) { l.SwarmsPerSocket = 3 },
		"zipf":             func(l *load.Load, _ *stub.Behaviour) { l.Swarms = load.Swarms{Count: 50, Exponent: 1} },
		"no offers":        func(l *load.Load, _ *stub.Behaviour) { l.Offers = load.NoOffers },
		"capped":           func(l *load.Load, b *stub.Behaviour) { l.Offers, b.MaxOffers = 10, 3 },
		"thinking":         func(l *load.Load, _ *stub.Behaviour) { l.Think = 300 * time.Millisecond },
		"replies":          func(_ *load.Load, b *stub.Behaviour) { b.ReplyToAnswer = true },
		"scrapes":          func(l *load.Load, _ *stub.Behaviour) { l.ScrapeRate = 100 },
		"leaving":          func(l *load.Load, _ *stub.Behaviour) { l.LeaveRate, l.LeaveClean, l.LeaveSilent = 20, 0.3, 0.3 },
	} {
		t.Run(name, func(t *testing.T) {
			l, how := steady, stub.Behaviour{Latency: uniform(5*time.Millisecond, 6*time.Millisecond)}
			l.Window, l.Rate = 4*time.Second, 200
			change(&l, &how)
			m, _ := onStub(t, how, l)
			d := m.Round.Delivery
			if d.Announces < 600 {
				t.Errorf("%d announces in 4 s at 200 a second", d.Announces)
			}
			// What is under way when connections break is nobody's fault: 6 ms of 200 announces a second; and a bit.
			mayBreak := int64(0)
			if l.Arrival == load.ArriveStorm {
				mayBreak = 6
			}
			exactly(t, "offers lost", d.Offers.Lost <= 5*mayBreak, true)
			exactly(t, "answers lost, but to those that left", d.Answers.Lost <= 2*5*mayBreak+int64(l.LeaveRate*l.Window.Seconds()), true)
			exactly(t, "responses lost", d.ResponsesLost <= mayBreak, true)
			exactly(t, "unowed", d.ResponsesUnowed, 0)
			exactly(t, "misdirected", d.Offers.Misdirected+d.Answers.Misdirected+d.Offers.Duplicated+d.Answers.Duplicated, 0)
			exactly(t, "unreadable", d.Unreadable, 0)
			exactly(t, "counts too low", m.Round.Counts.TooLow+m.Round.Counts.ScrapesWrong, 0)
			exactly(t, "counts too high, but by those that fell silent", m.Round.Counts.TooHigh > 0, l.LeaveSilent > 0)
			if l.Arrival != load.ArriveStorm { // then some announces are due while there is no connection
				within(t, "response p50", m.Round.AnnounceToResponseMs.P50, 5.5)
				within(t, "response max", m.Round.AnnounceToResponseMs.Max, 6)
			}
			if l.Think > 0 {
				within(t, "answer relay p50", m.Round.AnswerRelayMs.P50, 5.5)
			}
			if l.ScrapeRate > 0 {
				within(t, "scrape p50", m.Round.ScrapeMs.P50, 5.5)
				exactly(t, "scrapes", m.Round.ScrapeMs.Count > 300, true)
			}
			if l.Offers == 10 {
				exactly(t, "expected", d.Offers.Expected, 3*d.Announces)
			}
		})
	}
}

// The same on real sockets, where only the coarse can be promised.
func TestOnRealSockets(t *testing.T) {
	for name, serve := range map[string]func(*stub.Handler) (*httptest.Server, Target){
		"ws": func(h *stub.Handler) (*httptest.Server, Target) {
			s := httptest.NewServer(h)
			return s, Target{URL: "ws" + strings.TrimPrefix(s.URL, "http"), Profile: plain}
		},
		"wss": func(h *stub.Handler) (*httptest.Server, Target) {
			s := httptest.NewTLSServer(h)
			c := s.Client()
			return s, Target{URL: "wss" + strings.TrimPrefix(s.URL, "https"), Profile: plain, TLS: tlsOf(c)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := stub.NewHandler(stub.NewTracker(stub.Behaviour{
				Latency: uniform(50*time.Millisecond, 60*time.Millisecond), DropOffers: 0.1,
			}, 1))
			s, target := serve(h)
			defer s.Close()
			m, err := Measure(t.Context(), target, Options{Drain: 3 * time.Second, Load: load.Load{
				Seed: 2, Peers: 50, Swarms: load.Swarms{Count: 2}, Rate: 100, ArriveOver: 200 * time.Millisecond,
				Settle: 300 * time.Millisecond, Window: 2 * time.Second, Answer: 1,
			}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			d := m.Round.Delivery
			// On a busy machine some connections open late: their first announce falls into the window, and what was due on them before waits for it.
			exactly(t, "announces are 200 or a few more", d.Announces >= 200 && d.Announces <= 250, true)
			exactly(t, "responses", d.ResponsesDelivered, d.Announces-d.Unsent)
			exactly(t, "refused by the socket", m.Round.Generator.QueueOverflows, 0)
			exactly(t, "opened", m.Round.Sockets.Opened, 50)
			if share := float64(d.Offers.Lost) / float64(d.Offers.Expected); share < 0.03 || share > 0.17 {
				t.Errorf("%.3f of the offers lost; the stub drops 0.1", share)
			}
			exactly(t, "answers", d.Answers.Delivered, d.Offers.Delivered)
			if p50 := m.Round.AnnounceToResponseMs.P50; p50 < 50 || p50 > 5000 {
				t.Errorf("response p50 is %g ms; the stub takes 50 to 60, and a busy machine its time", p50)
			}
		})
	}
}

func TestATrackerThatLetsNobodyIn(t *testing.T) {
	s := httptest.NewServer(nil) // 404
	defer s.Close()
	target := Target{URL: "ws" + strings.TrimPrefix(s.URL, "http"), Profile: plain}
	_, err := Measure(t.Context(), target, Options{Drain: 100 * time.Millisecond, Load: load.Load{
		Peers: 5, Swarms: load.Swarms{Count: 1}, Rate: 10, ArriveOver: 10 * time.Millisecond, Settle: 10 * time.Millisecond, Window: 200 * time.Millisecond,
	}}, nil)
	if err == nil || !strings.Contains(err.Error(), "status 404 (5 times)") {
		t.Errorf("error is %v", err)
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := httptest.NewServer(stub.NewHandler(stub.NewTracker(stub.Behaviour{}, 1)))
	defer s.Close()
	_, err := Measure(ctx, Target{URL: "ws" + strings.TrimPrefix(s.URL, "http"), Profile: plain}, Options{}, nil)
	if err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Errorf("error is %v", err)
	}
}
