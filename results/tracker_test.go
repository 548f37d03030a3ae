package results

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func round(valid bool, p50 float64, cpu *float64) TrackerRound {
	r := TrackerRound{Generator: TrackerGenerator{Valid: valid}, TrackerCPUUsPerAnnounce: cpu}
	r.AnnounceToFirstOfferMs = TrackerLatency{TrackerQuantiles: TrackerQuantiles{Count: 10, P50: p50, P99: 10 * p50, Max: 20 * p50},
		Histogram: Histogram{Count: 10, Buckets: []Bucket{{p50, 5}, {20, 5}}}}
	r.Delivery.Offers = TrackerRelayed{Expected: 100, Delivered: 99, Lost: 1}
	r.Delivery.FailureTexts = map[string]int64{"no": 1}
	return r
}

func us(x float64) *float64 { return &x }

func TestTrackerSummary(t *testing.T) {
	target := TrackerTarget{Name: "a", Rounds: []TrackerRound{round(true, 3, us(30)), round(true, 1, nil), round(true, 2, us(10))}}
	s := target.Summary()
	q := s.AnnounceToFirstOfferMs
	if q.P50 != 2 || q.P99 != 20 || q.Max != 60 || q.Count != 30 {
		t.Errorf("%+v", q)
	}
	if s.DeliveryShare != 0.99 || s.Delivery.Offers.Lost != 3 || s.Delivery.FailureTexts["no"] != 3 || !s.Valid || s.Rounds != 3 {
		t.Errorf("%+v", s)
	}
	if want := (&TrackerSpread{N: 2, Median: 20, Min: 10, Max: 30}); cmp.Diff(want, s.TrackerCPUUsPerAnnounce) != "" {
		t.Errorf("%+v", s.TrackerCPUUsPerAnnounce)
	}
	if s.ConnectMs != (TrackerQuantiles{}) || s.TargetOverlap != nil || s.MaxRatePerSecond != nil {
		t.Errorf("there was none of it: %+v", s)
	}
	h := target.Merged(func(r *TrackerRound) *TrackerLatency { return &r.AnnounceToFirstOfferMs })
	if diff := cmp.Diff(Histogram{Count: 30, Buckets: []Bucket{{1, 5}, {2, 5}, {3, 5}, {20, 15}}}, h); diff != "" {
		t.Error(diff)
	}
}

// A round in which the generator was too slow spoils the tracker's figures, and so does there being no round.
func TestTrackerSummaryIsValidOnlyIfAllOfItIs(t *testing.T) {
	for _, c := range []struct {
		rounds []TrackerRound
		want   bool
	}{
		{nil, false},
		{[]TrackerRound{round(true, 1, nil)}, true},
		{[]TrackerRound{round(true, 1, nil), round(false, 1, nil)}, false},
	} {
		target := TrackerTarget{Rounds: c.rounds}
		if got := target.Summary().Valid; got != c.want {
			t.Errorf("%d rounds: %v", len(c.rounds), got)
		}
	}
}

// No field of the ledger is forgotten in the sum: with every number 1, two rounds make 2.
func TestTrackerDeliveryAddsEverything(t *testing.T) {
	var one, sum TrackerDelivery
	setAll(reflect.ValueOf(&one).Elem(), 1)
	sum.add(&one)
	sum.add(&one)
	var two TrackerDelivery
	setAll(reflect.ValueOf(&two).Elem(), 2)
	if diff := cmp.Diff(two, sum); diff != "" {
		t.Error(diff)
	}
}

func setAll(v reflect.Value, n int64) {
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.Int64:
			f.SetInt(n)
		case reflect.Struct:
			setAll(f, n)
		}
	}
}

func TestTrackerStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	r := &TrackerRun{Schema: TrackerSchema, Version: "v", Targets: []TrackerTarget{{Name: "a", Rounds: []TrackerRound{round(true, 1, us(3))}}}}
	if err := WriteTracker(dir, r); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, filepath.Join(dir, ResultFile)} {
		got, err := ReadTracker(path)
		if err != nil || !IsTracker(path) {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r, got); diff != "" {
			t.Error(diff)
		}
	}
	if _, err := Read(dir); !errors.Is(err, ErrSchema) {
		t.Errorf("read as a run of viewers: %v", err)
	}
	other := filepath.Join(t.TempDir(), ResultFile)
	for text, isSchema := range map[string]bool{
		`{"schema":"swarmlab/result/v1"}`:                  true,
		`{"schema":"swarmlab/tracker/v9"}`:                 true,
		`{"schema":"swarmlab/tracker/v1","targets":[{}]}`:  false,
		`{"schema":"swarmlab/tracker/v1","targets":"all"}`: false,
	} {
		if err := os.WriteFile(other, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadTracker(other); err == nil || errors.Is(err, ErrSchema) != isSchema {
			t.Errorf("%s: %v", text, err)
		}
	}
	if IsTracker(filepath.Join(dir, "nothing")) {
		t.Error("nothing is a result")
	}
}
