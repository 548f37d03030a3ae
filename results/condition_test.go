package results

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// The run of twoViewers: a (home) had three segments over HTTP in 100, 200 and 300 ms; b (mobile) two by HTTP in 400 and 900 ms and
// one by P2P in 700 ms; a started after 250 ms and b never did; both connected 2 s after a joined, which is 1 s after b did.
func TestWhatAConditionCompares(t *testing.T) {
	r := must(Summarise(twoViewers()))
	mobile := []Label{{"group", "mobile"}}
	for _, c := range []struct {
		c    Condition
		want float64
	}{
		{Condition{Metric: "p2pRatio"}, 0.25},
		{Condition{Metric: "peers"}, 2},
		{Condition{Metric: "stallRatio"}, 0.1},
		{Condition{Metric: "wastedByCause"}, 100},
		{Condition{Metric: "segmentsLoaded"}, 6},
		{Condition{Metric: "errors"}, 0}, // nothing counted is nothing happened
		{Condition{Metric: "inFlightBytes"}, 50},
		{Condition{Metric: "httpLatencyMs", Func: "count"}, 5},
		{Condition{Metric: "httpLatencyMs", Func: "mean"}, 380},
		{Condition{Metric: "httpLatencyMs", Func: "max"}, 900},
		{Condition{Metric: "httpLatencyMs", Func: "median"}, 300},
		{Condition{Metric: "httpLatencyMs", Func: "p", Percentile: 95}, 900},
		{Condition{Metric: "httpLatencyMs", Func: "p", Percentile: 40}, 200},
		{Condition{Metric: "httpLatencyMs", Func: "min"}, 100},
		{Condition{Metric: "httpLatencyMs", Func: "sum"}, 1900},
		{Condition{Metric: "httpLatencyMs", Func: "max", Labels: mobile}, 900},
		{Condition{Metric: "httpLatencyMs", Func: "count", Labels: []Label{{"group", "home"}}}, 3},
		{Condition{Metric: "httpLatencyMs", Func: "p", Percentile: 50, Labels: []Label{{"group", "home"}}}, 200},
		{Condition{Metric: "httpLatencyMs", Func: "count", Labels: []Label{{"nat", ""}}}, 5}, // of both groups
		{Condition{Metric: "p2pLatencyMs", Func: "mean", Labels: mobile}, 700},
		{Condition{Metric: "startupMs", Func: "max"}, 250},
		{Condition{Metric: "timeToFirstPeerMs", Func: "mean", Labels: mobile}, 1000},
		{Condition{Metric: "timeToFirstPeerMs", Func: "p", Percentile: 30}, 1000},
		{Condition{Metric: "degree", Func: "max"}, 1},
		{Condition{Metric: "p2pRatio", Labels: mobile}, 0.5},
		{Condition{Metric: "stallRatio", Labels: mobile}, 0.5},
		{Condition{Metric: "stalls", Labels: mobile}, 1},
		{Condition{Metric: "stalls", Labels: []Label{{"group", "home"}}}, 0},
		{Condition{Metric: "neverStarted", Labels: mobile}, 1},
		{Condition{Metric: "p2pRatio", Func: "min"}, 0},
		{Condition{Metric: "p2pRatio", Func: "p", Percentile: 100}, 0.5},
		{Condition{Metric: "uploadedBytes", Func: "sum"}, 1650},
		{Condition{Metric: "uploadGini", Labels: []Label{{"group", "home"}}}, 0},
	} {
		c.c.Text = c.c.Metric
		got, err := c.c.Of(r)
		if err != nil || !near(got, c.want, 0.01*c.want) {
			t.Errorf("%s(%s %v) p%v = %v, %v, want %v", c.c.Func, c.c.Metric, c.c.Labels, c.c.Percentile, got, err, c.want)
		}
		if err := c.c.Check(); err != nil {
			t.Errorf("%s(%s): refused before the run: %v", c.c.Func, c.c.Metric, err)
		}
	}
}

// What makes no sense is refused before anything runs, and says what would.
func TestConditionsThatMakeNoSense(t *testing.T) {
	for _, c := range []struct {
		c    Condition
		says string
	}{
		{Condition{Metric: "p2pratio"}, `did you mean "p2pRatio"`},
		{Condition{Metric: "nonsense"}, "METRICS.md"},
		{Condition{Metric: "httpLatencyMs"}, "p95(httpLatencyMs)"},
		{Condition{Metric: "requests"}, "many figures"},
		{Condition{Metric: "offload", Labels: []Label{{"group", "home"}}}, "whole swarm"},
		{Condition{Metric: "trackerOffers", Func: "mean"}, "whole swarm"},
		{Condition{Metric: "uploadGini", Func: "mean"}, "one viewer alone"},
		{Condition{Metric: "p2pRatio", Labels: []Label{{"colour", "red"}}}, "group, link, nat or region"},
	} {
		c.c.Text = "the condition"
		if err := c.c.Check(); !errors.Is(err, ErrCondition) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "the condition") {
			t.Errorf("%+v: %v, want %q", c.c, err, c.says)
		}
	}
}

// What makes sense and was not measured is another matter.
func TestConditionsOnWhatWasNotMeasured(t *testing.T) {
	r := must(Summarise(twoViewers()))
	r.Summary.InFlightBytes = nil
	r.Cohorts = nil // a result from before they were kept
	for _, c := range []Condition{
		{Metric: "liveLatencyMs", Func: "mean"},
		{Metric: "inFlightBytes"},
		{Metric: "stalls", Labels: []Label{{"group", "nobody"}}},
		{Metric: "startupMs", Func: "mean", Labels: []Label{{"group", "mobile"}}},
		{Metric: "httpLatencyMs", Func: "mean", Labels: []Label{{"group", "home"}}},
	} {
		if _, err := c.Of(r); !errors.Is(err, ErrNotMeasured) {
			t.Errorf("%+v: %v", c, err)
		}
		if err := c.Check(); err != nil {
			t.Errorf("%+v: refused before the run: %v", c, err)
		}
	}
}

// Every metric of every viewer adds up to what the summary says: the two ways to a figure lead to the same.
func TestViewersTogetherAreTheSummary(t *testing.T) {
	r := must(Summarise(twoViewers()))
	for _, f := range figuresOfViewers {
		whole, err := Condition{Metric: f.metric}.Of(r)
		if err != nil {
			t.Errorf("%s: %v", f.metric, err)
		}
		everybody := *r
		for i := range everybody.Peers {
			everybody.Peers[i].Region = "eu"
		}
		parts, err := Condition{Metric: f.metric, Labels: []Label{{"region", "eu"}}}.Of(&everybody)
		if err != nil || !near(parts, whole, 1e-6) {
			t.Errorf("%s: all viewers together %v, the summary %v, %v", f.metric, parts, whole, err)
		}
	}
}

func TestThresholdsOverSeeds(t *testing.T) {
	runs := threeRuns() // p2pRatio 0.2, 0.25, 0.3
	for _, c := range []struct {
		op      string
		value   float64
		crossed bool
		by      float64
		sure    float64 // one-sided t with 2 degrees of freedom; -1: not said
	}{
		{">", 0.2, false, 0.05, 0.8873}, // t = 1.732
		{">", 0.3, true, -0.05, 0.8873}, // the mean decides, not the best
		{">=", 0.25, false, 0, 0.5},
		{">", 0.25, true, 0, 0.5},
		{"<", 0.9, false, 0.65, 0.9990},
		{"<", 0.24, true, -0.01, 0.6190},
		{"==", 0.25, true, 0, -1}, // in every seed
		{"!=", 0.25, true, 0, -1},
		{"!=", 0.26, false, -0.01, -1},
	} {
		got, err := Condition{Text: "x", Metric: "p2pRatio", Op: c.op, Value: c.value}.Held(runs)
		if err != nil || got.Crossed != c.crossed || !near(got.By, c.by, 1e-9) {
			t.Errorf("%s %v: %+v, %v", c.op, c.value, got, err)
		}
		if c.sure < 0 != (got.Sure == nil) || got.Sure != nil && !near(*got.Sure, c.sure, 2e-4) {
			t.Errorf("%s %v: sure %v, want %v", c.op, c.value, got.Sure, c.sure)
		}
	}
	// One that only some seeds could measure is of those; one that none could is crossed.
	some, err := Condition{Text: "x", Metric: "startupMs", Func: "p", Percentile: 50, Op: "<", Value: 300}.Held(runs)
	if err != nil || some.Crossed || len(some.Values) != 2 || some.Problem != "" {
		t.Errorf("some: %+v, %v", some, err)
	}
	none, err := Condition{Text: "x", Metric: "liveLatencyMs", Func: "mean", Op: "<", Value: 300}.Held(runs)
	if err != nil || !none.Crossed || none.Problem == "" {
		t.Errorf("none: %+v, %v", none, err)
	}
	if _, err := (Condition{Text: "x", Metric: "nonsense", Op: "<"}).Held(runs); err == nil {
		t.Error("nonsense was evaluated")
	}
	one, err := Condition{Text: "x", Metric: "p2pRatio", Op: ">", Value: 0.1}.Held(runs[:1])
	if err != nil || one.Crossed || one.Sure != nil || one.Interval != nil {
		t.Errorf("one seed: %+v, %v", one, err)
	}
}

func TestCohorts(t *testing.T) {
	in := twoViewers()
	third := NewViewer(ViewerInfo{Name: "c", Group: "home", NAT: "symmetric", JoinedAt: time.Second})
	in.Viewers = append(in.Viewers, third)
	r := must(Summarise(in))
	if len(r.Cohorts) != 3 || r.Cohorts[0].Group != "home" || r.Cohorts[2].NAT != "symmetric" || r.Cohorts[1].Viewers != 1 {
		t.Fatalf("%+v", r.Cohorts)
	}
	var all Histogram
	for _, c := range r.Cohorts {
		all = all.Merge(c.Histograms.HTTPLatencyMs)
	}
	whole := r.Histograms.HTTPLatencyMs
	if all.Count != whole.Count || !near(all.Quantile(0.5), whole.Quantile(0.5), 0.01*whole.Quantile(0.5)) || all.Quantile(1) != whole.Quantile(1) {
		t.Errorf("cohorts together %+v, all %+v", all, whole)
	}
	for i := 1; i < len(all.Buckets); i++ {
		if all.Buckets[i-1].UpTo >= all.Buckets[i].UpTo {
			t.Errorf("buckets out of order: %+v", all.Buckets)
		}
	}
}
