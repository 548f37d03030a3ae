package results

import (
	"math"
	"testing"
	"time"
)

func TestLatencyRecorder(t *testing.T) {
	r := NewLatencyRecorder()
	if got := r.Result(); got.Count != 0 || got.P50 != 0 || r.Quantile(0.5) != 0 {
		t.Errorf("nothing recorded: %+v", got)
	}
	for i := range 100_000 { // 1 to 100,000 microseconds, backwards
		r.Record(time.Duration(100_000-i) * time.Microsecond)
	}
	got := r.Result()
	for name, v := range map[string][2]float64{
		"mean": {got.Mean, 50.0005}, "p50": {got.P50, 50}, "p90": {got.P90, 90}, "p95": {got.P95, 95}, "p99": {got.P99, 99},
		"p99.9": {got.P999, 99.9}, "p99.99": {got.P9999, 99.99}, "max": {got.Max, 100},
		"curve": {got.Histogram.Quantile(0.5), 50},
	} {
		if math.Abs(v[0]-v[1]) > 0.01*v[1] {
			t.Errorf("%s is %g, want %g", name, v[0], v[1])
		}
	}
	if got.Count != 100_000 || got.Histogram.Count != 100_000 {
		t.Errorf("%d counted, %d in the histogram", got.Count, got.Histogram.Count)
	}
	r.Reset()
	r.Record(-time.Second)
	r.Record(1000 * time.Hour)
	if got := r.Result(); got.Count != 2 || got.P50 != 0 || got.Max < 4e6 {
		t.Errorf("out of range: %+v", got)
	}
}

func TestDeliveryShare(t *testing.T) {
	d := TrackerDelivery{}
	if d.Share() != 1 {
		t.Error("nothing expected is nothing lost")
	}
	d.Offers = TrackerRelayed{Expected: 100, Delivered: 95, ToDeparted: 5}
	d.Answers = TrackerRelayed{Expected: 100, Delivered: 50}
	if d.Share() != 0.75 {
		t.Errorf("share is %g", d.Share())
	}
}
