package meter

import (
	"time"

	"swarmlab/results"
)

// Series is a round second by second.
type Series struct {
	// Now is the second that runs.
	Now     results.TrackerSecond
	seconds []results.TrackerSecond
	offers  *results.LatencyRecorder
	maxLag  []time.Duration // of the offers that arrived in each second; negative: none did
	lateMax time.Duration
	window  [2]time.Duration
}

// NewSeries makes one of a round whose window is from start to end.
func NewSeries(start, end time.Duration) *Series {
	return &Series{offers: results.NewLatencyRecorder(), window: [2]time.Duration{start, end}}
}

// Offer is told of every offer that arrives, and how long after its announce.
func (s *Series) Offer(latency time.Duration) {
	s.Now.Offers++
	s.offers.Record(latency)
}

// Late is told by how much later than due something was sent.
func (s *Series) Late(by time.Duration) { s.lateMax = max(s.lateMax, by) }

// Advance ends the seconds that are over. open is the number of connections. It must be called before what happened at now is told.
func (s *Series) Advance(now time.Duration, open int) {
	for now >= s.end() {
		s.finish(open)
	}
}

// end is when the second that runs is over.
func (s *Series) end() time.Duration { return time.Duration(len(s.seconds)+1) * time.Second }

func (s *Series) finish(open int) {
	n, end := s.Now, s.end()
	n.T, n.Open = end.Seconds(), open
	n.InWindow = end > s.window[0] && end-time.Second < s.window[1]
	n.OfferP50Ms, n.OfferP99Ms = ms(s.offers.Quantile(0.5)), ms(s.offers.Quantile(0.99))
	n.OfferMaxMs, n.LateMaxMs = ms(s.offers.Max()), ms(s.lateMax)
	s.seconds = append(s.seconds, n)
	lag := time.Duration(-1)
	if s.offers.Count() > 0 {
		lag = s.offers.Max()
	}
	s.maxLag = append(s.maxLag, lag)
	s.Now, s.lateMax = results.TrackerSecond{}, 0
	s.offers.Reset()
}

// Last is the last whole second; zero if there is none.
func (s *Series) Last() results.TrackerSecond {
	if len(s.seconds) == 0 {
		return results.TrackerSecond{}
	}
	return s.seconds[len(s.seconds)-1]
}

// Finish ends the last second and returns all of them.
func (s *Series) Finish(now time.Duration, open int) []results.TrackerSecond {
	s.Advance(now, open)
	if s.Now != (results.TrackerSecond{}) {
		s.finish(open)
	}
	return s.seconds
}

// Lag is the longest that an offer took of those that arrived in about the second of at. It is for times whose second is over.
func (s *Series) Lag(at time.Duration) (lag time.Duration, ok bool) {
	second := int(at / time.Second)
	for i := max(0, second-1); i <= second+1; i++ {
		if i < len(s.maxLag) && s.maxLag[i] >= 0 {
			lag, ok = max(lag, s.maxLag[i]), true
		}
	}
	if second >= len(s.maxLag) && s.offers.Count() > 0 {
		lag, ok = max(lag, s.offers.Max()), true
	}
	return lag, ok
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
