package results

import (
	"math"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"gonum.org/v1/gonum/stat"
)

// Dist is a distribution in seven figures. A quantile is the smallest value that at least that share of the values do not
// exceed (nearest rank). With Count 0 the others are 0 and mean nothing.
type Dist struct {
	Count int64   `json:"count"`
	Mean  float64 `json:"mean"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P95   float64 `json:"p95"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
}

// Histograms are the distributions in full, good for drawing and for merging.
type Histograms struct {
	StartupMs         Histogram `json:"startupMs"`
	TimeToFirstPeerMs Histogram `json:"timeToFirstPeerMs"`
	HTTPLatencyMs     Histogram `json:"httpLatencyMs"`
	P2PLatencyMs      Histogram `json:"p2pLatencyMs"`
	LiveLatencyMs     Histogram `json:"liveLatencyMs"`
}

// Histogram is a distribution to two significant figures: empty buckets are left out.
type Histogram struct {
	Count   int64    `json:"count"`
	Buckets []Bucket `json:"buckets"`
}

// Bucket holds Count values that are above the bucket before it and not above UpTo.
type Bucket struct {
	UpTo  float64 `json:"upTo"`
	Count int64   `json:"count"`
}

// Quantile is the upper end of the bucket in which quantile q (0 to 1) lies; 0 if there is nothing.
func (h Histogram) Quantile(q float64) float64 {
	rank := int64(math.Ceil(q * float64(h.Count)))
	var seen int64
	for _, b := range h.Buckets {
		if seen += b.Count; seen >= rank && seen > 0 {
			return b.UpTo
		}
	}
	return 0
}

// micros are durations in microseconds. An hour and eleven minutes is as long as one can be.
type micros []uint32

func (m *micros) add(d time.Duration) {
	*m = append(*m, uint32(min(max(d.Microseconds(), 0), math.MaxUint32))) // bounded on this line
}

// p50Ms is the median in milliseconds, nil if there is none.
func (m micros) p50Ms() *float64 {
	if len(m) == 0 {
		return nil
	}
	sorted := slices.Clone(m)
	slices.Sort(sorted)
	ms := milliseconds(int64(sorted[(len(sorted)+1)/2-1]))
	return &ms
}

// meanMs is the mean in milliseconds, nil if there is none.
func (m micros) meanMs() *float64 {
	if len(m) == 0 {
		return nil
	}
	var sum int64
	for _, v := range m {
		sum += int64(v)
	}
	ms := round3(float64(sum) / float64(len(m)) / 1000)
	return &ms
}

// durations collects a run's durations of one kind.
type durations struct {
	hdr *hdrhistogram.Histogram
	sum float64 // microseconds
	max int64
}

// Three significant figures for the summary: a quantile is then within 0.1 %.
func newDurations() *durations {
	return &durations{hdr: hdrhistogram.New(1, math.MaxUint32, 3)}
}

func (d *durations) addAll(values micros) {
	for _, v := range values {
		d.add(int64(v))
	}
}

func (d *durations) addDuration(v *time.Duration) {
	if v != nil {
		d.add(min(max(v.Microseconds(), 0), math.MaxUint32))
	}
}

func (d *durations) add(us int64) {
	// The range holds every value that can get here, so there is no error to report.
	_ = d.hdr.RecordValue(us)
	d.sum += float64(us)
	d.max = max(d.max, us)
}

func (d *durations) dist() Dist {
	n := d.hdr.TotalCount()
	if n == 0 {
		return Dist{}
	}
	// A bucket's upper end may lie above the largest value there was.
	at := func(p float64) float64 { return milliseconds(min(d.hdr.ValueAtPercentile(p), d.max)) }
	return Dist{
		Count: n,
		Mean:  round3(d.sum / float64(n) / 1000),
		P50:   at(50),
		P90:   at(90),
		P95:   at(95),
		P99:   at(99),
		Max:   milliseconds(d.max),
	}
}

// histogram is for pictures, for which two figures do and which keeps a result small.
func (d *durations) histogram() Histogram {
	coarse := hdrhistogram.New(1, math.MaxUint32, 2)
	for _, bar := range d.hdr.Distribution() {
		if bar.Count > 0 {
			_ = coarse.RecordValues(min(bar.To, d.max), bar.Count)
		}
	}
	h := Histogram{Count: d.hdr.TotalCount(), Buckets: []Bucket{}}
	for _, bar := range coarse.Distribution() {
		if bar.Count > 0 {
			h.Buckets = append(h.Buckets, Bucket{UpTo: milliseconds(min(bar.To, d.max)), Count: bar.Count})
		}
	}
	return h
}

// distOf is the exact distribution of a few values.
func distOf(values []float64) Dist {
	if len(values) == 0 {
		return Dist{}
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	at := func(p float64) float64 { return stat.Quantile(p, stat.Empirical, sorted, nil) }
	return Dist{
		Count: int64(len(sorted)),
		Mean:  stat.Mean(sorted, nil),
		P50:   at(0.50),
		P90:   at(0.90),
		P95:   at(0.95),
		P99:   at(0.99),
		Max:   sorted[len(sorted)-1],
	}
}

func milliseconds(us int64) float64 { return float64(us) / 1000 }

// round3 keeps a millisecond figure to the microsecond: what is below is noise, and takes room.
func round3(x float64) float64 { return math.Round(x*1000) / 1000 }
