package results

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func near(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance }

func TestGini(t *testing.T) {
	for _, c := range []struct {
		what   string
		values []float64
		want   float64
	}{
		{"nobody", nil, 0},
		{"nobody uploads", []float64{0, 0, 0}, 0},
		{"all the same", []float64{5, 5, 5, 5}, 0},
		{"one of four has everything: 3/4", []float64{0, 8, 0, 0}, 0.75},
		{"1, 2, 3, 4: (-3*1 -1*2 +1*3 +3*4) / (4*10)", []float64{4, 1, 3, 2}, 0.25},
		{"one alone", []float64{7}, 0},
	} {
		before := slices.Clone(c.values)
		if got := Gini(c.values); !near(got, c.want, 1e-12) {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
		if !slices.Equal(before, c.values) {
			t.Errorf("%s: the values were changed", c.what)
		}
	}
}

func TestSpreadWithStudentsT(t *testing.T) {
	// t(0.975) from the tables: 12.706 with 1 degree of freedom, 2.776 with 4, 2.262 with 9.
	for _, c := range []struct {
		values   []float64
		mean, sd float64
		half     float64
	}{
		{[]float64{1, 3}, 2, math.Sqrt2, 12.706 * math.Sqrt2 / math.Sqrt2},
		{[]float64{2, 4, 4, 4, 6}, 4, math.Sqrt2, 2.776 * math.Sqrt2 / math.Sqrt(5)},
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 5.5, 3.02765, 2.262 * 3.02765 / math.Sqrt(10)},
		{[]float64{3, 3, 3}, 3, 0, 0},
	} {
		s := spreadOf("x", c.values)
		if s.N != len(c.values) || !near(s.Mean, c.mean, 1e-9) || !near(s.SD, c.sd, 1e-5) {
			t.Errorf("%v: n %d, mean %v, sd %v", c.values, s.N, s.Mean, s.SD)
		}
		if s.Interval == nil || !near(s.Interval.Low, c.mean-c.half, 2e-3) || !near(s.Interval.High, c.mean+c.half, 2e-3) {
			t.Errorf("%v: interval %v, want %v +- %v", c.values, s.Interval, c.mean, c.half)
		}
		if s.Min != slices.Min(c.values) || s.Max != slices.Max(c.values) {
			t.Errorf("%v: %v to %v", c.values, s.Min, s.Max)
		}
	}
	if s := spreadOf("x", []float64{4}); s.Interval != nil || s.SD != 0 || s.Mean != 4 {
		t.Errorf("one run has no interval: %+v", s)
	}
}

func TestDistOfByNearestRank(t *testing.T) {
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(100 - i)
	}
	for _, c := range []struct {
		values []float64
		want   Dist
	}{
		{nil, Dist{}},
		{[]float64{3}, Dist{1, 3, 3, 3, 3, 3, 3}},
		{[]float64{20, 10}, Dist{2, 15, 10, 20, 20, 20, 20}},
		{hundred, Dist{100, 50.5, 50, 90, 95, 99, 100}},
	} {
		if got := distOf(c.values); got != c.want {
			t.Errorf("%v: %+v, want %+v", c.values, got, c.want)
		}
	}
}

func TestDurationsMatchSortedValues(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	d, exact := newDurations(), []float64{}
	var m micros
	for range 20_000 {
		v := time.Duration(math.Exp(5+1.5*rng.NormFloat64()) * float64(time.Millisecond))
		m.add(v)
		exact = append(exact, float64(v.Microseconds())/1000)
	}
	d.addAll(m)
	want, got := distOf(exact), d.dist()
	for _, c := range []struct {
		name      string
		got, want float64
		relative  float64
	}{
		{"mean", got.Mean, want.Mean, 1e-5}, {"p50", got.P50, want.P50, 1e-3}, {"p90", got.P90, want.P90, 1e-3},
		{"p95", got.P95, want.P95, 1e-3}, {"p99", got.P99, want.P99, 1e-3}, {"max", got.Max, want.Max, 0},
	} {
		if !near(c.got, c.want, c.relative*c.want+1e-9) {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
	h := d.histogram()
	var sum int64
	for i, b := range h.Buckets {
		sum += b.Count
		if i > 0 && b.UpTo <= h.Buckets[i-1].UpTo {
			t.Fatalf("buckets out of order at %d", i)
		}
	}
	if sum != 20_000 || h.Count != sum || h.Buckets[len(h.Buckets)-1].UpTo != got.Max {
		t.Errorf("histogram: %d in buckets, count %d, last up to %v of %v", sum, h.Count, h.Buckets[len(h.Buckets)-1].UpTo, got.Max)
	}
	if q := h.Quantile(0.5); !near(q, want.P50, want.P50*0.02) {
		t.Errorf("median of the histogram %v, want %v within 2 %%", q, want.P50)
	}
	if len(h.Buckets) > 2000 {
		t.Errorf("%d buckets are not compact", len(h.Buckets))
	}
}

func TestDurationsAtTheEdges(t *testing.T) {
	var m micros
	m.add(-time.Second)
	m.add(0)
	m.add(1000 * time.Hour)
	d := newDurations()
	d.addAll(m)
	got := d.dist()
	if got.Count != 3 || got.P50 != 0 || got.Max != math.MaxUint32/1000.0 {
		t.Errorf("dist = %+v", got)
	}
	if h := (Histogram{}); h.Quantile(0.5) != 0 {
		t.Errorf("a quantile of nothing: %v", h.Quantile(0.5))
	}
}

// The set of segments must agree with a plain map, whatever the order in which segments come.
func TestSegmentSetAgreesWithAMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		sets, seen := []*segmentSet{{}, {}}, map[SegmentID]int64{}
		for range 60 {
			id := SegmentID{Stream: []string{"v0", "v1"}[rng.IntN(2)], Sequence: rng.Int64N(40) - 5}
			size := 1000 + id.Sequence
			sets[rng.IntN(2)].add(id, size)
			seen[id] = size
		}
		var bytes int64
		for _, size := range seen {
			bytes += size
		}
		if n, b := distinct(sets); n != int64(len(seen)) || b != bytes {
			t.Fatalf("%d segments, %d bytes; want %d, %d", n, b, len(seen), bytes)
		}
		for _, s := range sets {
			for _, runs := range s.streams {
				for i := 1; i < len(runs); i++ {
					if runs[i].first <= runs[i-1].first+int64(len(runs[i-1].sizes)) {
						t.Fatalf("runs touch or overlap: %+v", runs)
					}
				}
			}
		}
	}
}
