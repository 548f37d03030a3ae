package trackerbench

import (
	"context"
	"fmt"
	"math"
	"time"

	"swarmlab/results"
)

// Search is how to look for the highest rate that a tracker serves well. The zero value of a field is its default.
type Search struct {
	// P99 is what 99 of 100 announces must not exceed until their first offer arrives (their response, in a load without offers).
	// Default 100 ms. Delivery is the share of offers and answers that must arrive, up to 1. Default 0.999.
	P99      time.Duration
	Delivery float64
	// MaxSteps bounds the rounds. Default 12. Precision is how close the highest rate that held and the lowest that did not must be, as a
	// ratio. Default 1.1.
	MaxSteps  int
	Precision float64
	// Trying, if not nil, is told each rate before its round; Done each step after it, and may add to it.
	Trying func(ratePerSecond float64)
	Done   func(*results.TrackerStep, *Measurement)
}

func (s Search) withDefaults() Search {
	if s.P99 <= 0 {
		s.P99 = 100 * time.Millisecond
	}
	if s.Delivery <= 0 {
		s.Delivery = 0.999
	}
	if s.MaxSteps <= 0 {
		s.MaxSteps = 12
	}
	if s.Precision <= 1 {
		s.Precision = 1.1
	}
	return s
}

// FindMax looks for the highest rate within a service level: it doubles the rate from that of the load until a round fails, then halves
// the ratio between what held and what did not. Every step is a round of its own, with new connections. A round in which
// the generator was the bottleneck is made again once, and if it still was, the search goes no higher and says so. If ctx ends, the error is
// its own, and what was found so far is returned along.
func FindMax(ctx context.Context, target Target, options Options, search Search) (*results.TrackerFindMax, error) {
	return findMax(search, func(rate float64, step int) (*Measurement, error) {
		o := options
		o.Load.Rate, o.Load.Interval = rate, 0
		o.Round = options.Round + (step+1)<<16 // no round of the comparison has the same ids
		return Measure(ctx, target, o, nil)
	}, options.Load.Rate)
}

// finder is one search under way.
type finder struct {
	search     Search
	try        func(rate float64, step int) (*Measurement, error)
	found      *results.TrackerFindMax
	low, high  float64 // the highest rate that held, the lowest that did not; 0: none
	ourLimit   bool    // high is the generator's
	roundsMade int
}

func findMax(search Search, try func(rate float64, step int) (*Measurement, error), start float64) (*results.TrackerFindMax, error) {
	search = search.withDefaults()
	f := &finder{search: search, try: try, found: &results.TrackerFindMax{
		LimitP99Ms: float64(search.P99.Microseconds()) / 1000, LimitDelivery: search.Delivery, Steps: []results.TrackerStep{},
	}}
	if start <= 0 {
		start = 1000
	}
	const lowest = 1 // announces a second
	for rate := start; ; rate = f.next() {
		if rate < lowest {
			f.found.Ended = "not even one announce a second held"
			break
		}
		if f.roundsMade >= search.MaxSteps {
			f.found.Ended = fmt.Sprintf("after %d rounds, which is as many as may be made", search.MaxSteps)
			break
		}
		if err := f.step(rate); err != nil {
			f.found.RatePerSecond = f.low
			return f.found, err
		}
		if f.low > 0 && f.high > 0 && f.high/f.low <= search.Precision {
			f.found.Ended = fmt.Sprintf("%.0f announces a second held, %.0f did not", f.low, f.high)
			break
		}
	}
	if f.ourLimit {
		f.found.Ended += "; above that the generator is the bottleneck, so the tracker may well do more"
	}
	f.found.RatePerSecond = f.low
	return f.found, nil
}

// next is the rate to try next.
func (f *finder) next() float64 {
	switch {
	case f.high == 0:
		return 2 * f.low
	case f.low == 0:
		return f.high / 2
	}
	return math.Sqrt(f.low * f.high)
}

// step tries one rate.
func (f *finder) step(rate float64) error {
	const tries = 2
	for range tries {
		if f.search.Trying != nil {
			f.search.Trying(rate)
		}
		m, err := f.try(rate, f.roundsMade)
		if err != nil {
			return err
		}
		f.roundsMade++
		s := f.judge(rate, &m.Round)
		if f.search.Done != nil {
			f.search.Done(&s, m)
		}
		f.found.Steps = append(f.found.Steps, s)
		switch {
		case s.Held:
			f.low = rate
			return nil
		case s.Valid:
			f.high, f.ourLimit = rate, false
			return nil
		case f.roundsMade >= f.search.MaxSteps:
			f.high, f.ourLimit = rate, true
			return nil
		}
	}
	f.high, f.ourLimit = rate, true
	return nil
}

// judge holds a round against the service level. One that holds it does so even if the generator was late: the tracker was no worse than
// reported.
func (f *finder) judge(rate float64, r *results.TrackerRound) results.TrackerStep {
	latency := r.AnnounceToFirstOfferMs
	if latency.Count == 0 {
		latency = r.AnnounceToResponseMs
	}
	s := results.TrackerStep{
		RatePerSecond: rate, AchievedPerSecond: achieved(r), Valid: r.Generator.Valid, FirstOfferMs: latency,
		DeliveryShare: r.Delivery.Share(),
	}
	switch {
	case latency.Count == 0:
		s.Why = "nothing arrived"
	case s.DeliveryShare < f.search.Delivery:
		s.Why = fmt.Sprintf("%.3f %% were delivered; it must be %.3f %%", 100*s.DeliveryShare, 100*f.search.Delivery)
	case latency.P99 > f.found.LimitP99Ms:
		s.Why = fmt.Sprintf("p99 is %.3g ms; it must be at most %.3g ms", latency.P99, f.found.LimitP99Ms)
	default:
		s.Held = true
		s.Why = fmt.Sprintf("p99 %.3g ms, %.3f %% delivered", latency.P99, 100*s.DeliveryShare)
	}
	if !s.Held && !s.Valid {
		s.Why += "; but the generator was the bottleneck"
	}
	return s
}

// achieved is announces a second as the tracker served them while the window lasted: by the offers that arrived, or without any by the responses.
func achieved(r *results.TrackerRound) float64 {
	var offers, responses, seconds float64
	for _, s := range r.Series {
		if s.InWindow {
			offers += float64(s.Offers)
			responses += float64(s.Responses)
			seconds++
		}
	}
	switch {
	case seconds == 0:
		return 0
	case r.Delivery.Offers.Expected == 0:
		return responses / seconds
	}
	perAnnounce := float64(r.Delivery.Offers.Expected) / float64(r.Delivery.Announces)
	return offers / perAnnounce / seconds
}
