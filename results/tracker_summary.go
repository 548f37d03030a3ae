package results

import (
	"cmp"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// TrackerSummary is a benchmark of trackers in the figures that scripts ask for.
type TrackerSummary struct {
	Targets []TrackerTargetSummary `json:"targets"`
}

// TrackerTargetSummary is one tracker over its rounds. Quantiles and costs are medians of the rounds, counts are sums.
type TrackerTargetSummary struct {
	Name    string `json:"name"`
	URL     string `json:"url"`
	Profile string `json:"profile"`
	Rounds  int    `json:"rounds"`
	// Valid: in no round the generator was the bottleneck, and there is a round at all.
	Valid bool   `json:"valid"`
	Error string `json:"error,omitempty"`

	ConnectMs              TrackerQuantiles `json:"connectMs"`
	AnnounceToResponseMs   TrackerQuantiles `json:"announceToResponseMs"`
	AnnounceToFirstOfferMs TrackerQuantiles `json:"announceToFirstOfferMs"`
	AnnounceToKthOfferMs   TrackerQuantiles `json:"announceToKthOfferMs"`
	OfferToAnswerMs        TrackerQuantiles `json:"offerToAnswerMs"`
	ScrapeMs               TrackerQuantiles `json:"scrapeMs"`
	StalenessMs            TrackerQuantiles `json:"stalenessMs"`
	Lateness               TrackerQuantiles `json:"lateness"`

	Delivery         TrackerDelivery `json:"delivery"`
	DeliveryShare    float64         `json:"deliveryShare"` // of expected offers and answers
	UnexpectedCloses int64           `json:"unexpectedCloses"`

	// nil if the tracker's process could not be watched.
	TrackerCPUUsPerAnnounce *TrackerSpread `json:"trackerCpuUsPerAnnounce,omitempty"`
	TrackerCPUUsPerRelayed  *TrackerSpread `json:"trackerCpuUsPerRelayedMessage,omitempty"`
	TrackerRSSBytes         *TrackerSpread `json:"trackerRssBytes,omitempty"`
	TrackerRSSPerConnection *TrackerSpread `json:"trackerRssBytesPerConnection,omitempty"`
	TargetOverlap           *TrackerSpread `json:"targetOverlap,omitempty"`
	MaxRatePerSecond        *float64       `json:"maxRatePerSecond,omitempty"` // of --find-max
}

// TrackerQuantiles is a latency in milliseconds, of one round or of all: then it is the median over rounds of each figure, and all
// rounds' count and maximum. With Count 0 the others are 0 and mean nothing.
type TrackerQuantiles struct {
	Count int64   `json:"count"`
	Mean  float64 `json:"mean"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P95   float64 `json:"p95"`
	P99   float64 `json:"p99"`
	P999  float64 `json:"p999"`
	P9999 float64 `json:"p9999"`
	Max   float64 `json:"max"`
}

// TrackerSpread is a figure over rounds.
type TrackerSpread struct {
	N      int     `json:"n"`
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// Summary works the summary out.
func (r *TrackerRun) Summary() TrackerSummary {
	s := TrackerSummary{Targets: []TrackerTargetSummary{}}
	for i := range r.Targets {
		s.Targets = append(s.Targets, r.Targets[i].Summary())
	}
	return s
}

// Summary works one tracker's summary out.
func (t *TrackerTarget) Summary() TrackerTargetSummary {
	latency := func(f func(*TrackerRound) *TrackerLatency) TrackerQuantiles { return t.Quantiles(f) }
	s := TrackerTargetSummary{
		Name: t.Name, URL: t.URL, Profile: t.Profile, Rounds: len(t.Rounds), Valid: len(t.Rounds) > 0, Error: t.Error,
		ConnectMs:              latency(func(r *TrackerRound) *TrackerLatency { return &r.ConnectMs }),
		AnnounceToResponseMs:   latency(func(r *TrackerRound) *TrackerLatency { return &r.AnnounceToResponseMs }),
		AnnounceToFirstOfferMs: latency(func(r *TrackerRound) *TrackerLatency { return &r.AnnounceToFirstOfferMs }),
		AnnounceToKthOfferMs:   latency(func(r *TrackerRound) *TrackerLatency { return &r.AnnounceToLastOfferMs }),
		OfferToAnswerMs:        latency(func(r *TrackerRound) *TrackerLatency { return &r.OfferToAnswerMs }),
		ScrapeMs:               latency(func(r *TrackerRound) *TrackerLatency { return &r.ScrapeMs }),
		StalenessMs:            latency(func(r *TrackerRound) *TrackerLatency { return &r.StalenessMs }),
		Lateness:               latency(func(r *TrackerRound) *TrackerLatency { return &r.LatenessMs }),
	}
	for i := range t.Rounds {
		round := &t.Rounds[i]
		s.Valid = s.Valid && round.Generator.Valid
		s.Delivery.add(&round.Delivery)
		s.UnexpectedCloses += round.Sockets.UnexpectedCloses
	}
	s.DeliveryShare = s.Delivery.Share()
	s.TrackerCPUUsPerAnnounce = t.Spread(func(r *TrackerRound) *float64 { return r.TrackerCPUUsPerAnnounce })
	s.TrackerCPUUsPerRelayed = t.Spread(ofProcess(func(p *TrackerProcess) float64 { return p.CPUUsPerRelayed }))
	s.TrackerRSSBytes = t.Spread(ofProcess(func(p *TrackerProcess) float64 { return float64(p.RSSBytes) }))
	s.TrackerRSSPerConnection = t.Spread(func(r *TrackerRound) *float64 {
		if r.Round > 1 {
			return nil // it finds memory that the first one left
		}
		return ofProcess(func(p *TrackerProcess) float64 { return p.RSSPerConnection })(r)
	})
	s.TargetOverlap = t.Spread(func(r *TrackerRound) *float64 {
		if r.Overlay == nil || r.Overlay.TargetOverlap == 0 {
			return nil
		}
		return &r.Overlay.TargetOverlap
	})
	if t.FindMax != nil {
		s.MaxRatePerSecond = &t.FindMax.RatePerSecond
	}
	return s
}

func ofProcess(f func(*TrackerProcess) float64) func(*TrackerRound) *float64 {
	return func(r *TrackerRound) *float64 {
		if r.Process == nil || r.Process.ExitedDuringTheRound {
			return nil
		}
		x := f(r.Process)
		return &x
	}
}

// Spread is a figure over the rounds that have it; nil if none has.
func (t *TrackerTarget) Spread(of func(*TrackerRound) *float64) *TrackerSpread {
	var values []float64
	for i := range t.Rounds {
		if x := of(&t.Rounds[i]); x != nil {
			values = append(values, *x)
		}
	}
	if len(values) == 0 {
		return nil
	}
	return &TrackerSpread{N: len(values), Median: median(values), Min: slices.Min(values), Max: slices.Max(values)}
}

// median is the middle value, or the mean of the two in the middle. It sorts the values.
func median(values []float64) float64 {
	slices.Sort(values)
	return (stat.Quantile(0.5, stat.Empirical, values, nil) + values[len(values)/2]) / 2
}

// Quantiles is a latency over the rounds in which there was any.
func (t *TrackerTarget) Quantiles(of func(*TrackerRound) *TrackerLatency) TrackerQuantiles {
	q := TrackerQuantiles{}
	figure := func(f func(*TrackerLatency) float64) float64 {
		var values []float64
		for i := range t.Rounds {
			if l := of(&t.Rounds[i]); l.Count > 0 {
				values = append(values, f(l))
			}
		}
		if len(values) == 0 {
			return 0
		}
		return median(values)
	}
	for i := range t.Rounds {
		l := of(&t.Rounds[i])
		q.Count += l.Count
		q.Max = max(q.Max, l.Max)
	}
	q.Mean = figure(func(l *TrackerLatency) float64 { return l.Mean })
	q.P50 = figure(func(l *TrackerLatency) float64 { return l.P50 })
	q.P90 = figure(func(l *TrackerLatency) float64 { return l.P90 })
	q.P95 = figure(func(l *TrackerLatency) float64 { return l.P95 })
	q.P99 = figure(func(l *TrackerLatency) float64 { return l.P99 })
	q.P999 = figure(func(l *TrackerLatency) float64 { return l.P999 })
	q.P9999 = figure(func(l *TrackerLatency) float64 { return l.P9999 })
	return q
}

// Merged is the distribution of a latency in all rounds together.
func (t *TrackerTarget) Merged(of func(*TrackerRound) *TrackerLatency) Histogram {
	counts := map[float64]int64{}
	h := Histogram{Buckets: []Bucket{}}
	for i := range t.Rounds {
		l := of(&t.Rounds[i]).Histogram
		h.Count += l.Count
		for _, b := range l.Buckets {
			counts[b.UpTo] += b.Count
		}
	}
	for upTo, n := range counts { // sorted below
		h.Buckets = append(h.Buckets, Bucket{upTo, n})
	}
	slices.SortFunc(h.Buckets, func(a, b Bucket) int { return cmp.Compare(a.UpTo, b.UpTo) })
	return h
}

// add adds another round's ledger.
func (d *TrackerDelivery) add(o *TrackerDelivery) {
	d.Announces += o.Announces
	d.Unsent += o.Unsent
	d.ResponsesExpected += o.ResponsesExpected
	d.ResponsesDelivered += o.ResponsesDelivered
	d.ResponsesLost += o.ResponsesLost
	d.ResponsesUnowed += o.ResponsesUnowed
	d.ResponsesAmbiguous += o.ResponsesAmbiguous
	d.Offers.add(&o.Offers)
	d.Answers.add(&o.Answers)
	d.Failures += o.Failures
	d.Unreadable += o.Unreadable
	for text, n := range o.FailureTexts { // sums do not depend on the order
		if d.FailureTexts == nil {
			d.FailureTexts = map[string]int64{}
		}
		d.FailureTexts[text] += n
	}
}

func (r *TrackerRelayed) add(o *TrackerRelayed) {
	r.Sent += o.Sent
	r.Expected += o.Expected
	r.Delivered += o.Delivered
	r.ToDeparted += o.ToDeparted
	r.Ghosts += o.Ghosts
	r.Lost += o.Lost
	r.Extra += o.Extra
	r.Duplicated += o.Duplicated
	r.Misdirected += o.Misdirected
	r.Altered += o.Altered
}
