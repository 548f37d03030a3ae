package results

import "time"

// LatencyRecorder collects latencies into a [TrackerLatency]. Values below a microsecond count as 0, those above an hour and eleven
// minutes as that. It is not safe for concurrent use.
type LatencyRecorder struct{ d *durations }

// NewLatencyRecorder makes an empty one; it takes some 200 kB.
func NewLatencyRecorder() *LatencyRecorder { return &LatencyRecorder{newDurations()} }

// Record adds one latency.
func (r *LatencyRecorder) Record(latency time.Duration) { r.d.addDuration(&latency) }

// Count is how many were recorded.
func (r *LatencyRecorder) Count() int64 { return r.d.hdr.TotalCount() }

// Quantile is the smallest latency that at least the share q (0 to 1) of them do not exceed; 0 if there are none.
func (r *LatencyRecorder) Quantile(q float64) time.Duration {
	return time.Duration(min(r.d.hdr.ValueAtPercentile(100*q), r.d.max)) * time.Microsecond
}

// Max is the longest; 0 if there are none.
func (r *LatencyRecorder) Max() time.Duration { return time.Duration(r.d.max) * time.Microsecond }

// Reset forgets everything.
func (r *LatencyRecorder) Reset() {
	if r.Count() > 0 {
		r.d.hdr.Reset()
		r.d.sum, r.d.max = 0, 0
	}
}

// Result is the distribution so far.
func (r *LatencyRecorder) Result() TrackerLatency {
	d := r.d.dist()
	at := func(q float64) float64 { return milliseconds(r.Quantile(q).Microseconds()) }
	return TrackerLatency{Histogram: r.d.histogram(), TrackerQuantiles: TrackerQuantiles{
		Count: d.Count, Mean: d.Mean, P50: d.P50, P90: d.P90, P95: d.P95, P99: d.P99,
		P999: at(0.999), P9999: at(0.9999), Max: d.Max,
	}}
}
