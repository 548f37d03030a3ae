package results

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// made makes runs whose ratios and stalls are given, everything else equal.
func made(t *testing.T, firstSeed uint64, ratios []float64, stalls int64) *Evidence {
	t.Helper()
	var runs []*Result
	for i, ratio := range ratios {
		r := must(Summarise(twoViewers()))
		r.Run.Seed = firstSeed + uint64(i)
		r.Summary.P2PRatio = ratio
		r.Summary.Stalls = stalls
		runs = append(runs, r)
	}
	e, err := NewEvidence("made", runs)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestVerdicts(t *testing.T) {
	steady, noisy := []float64{0.70, 0.71, 0.69, 0.70, 0.71}, []float64{0.6, 0.8, 0.7, 0.65, 0.75}
	c, err := Compare([]*Evidence{
		made(t, 1, steady, 1),
		made(t, 11, []float64{0.80, 0.81, 0.80, 0.79, 0.81}, 9), // clearly better, and stalls
		made(t, 21, noisy, 1),      // who knows
		made(t, 31, steady[:1], 1), // one seed
		made(t, 1, []float64{0.7005, 0.7105, 0.6905, 0.7006, 0.7105}, 1),
	})
	if err != nil {
		t.Fatal(err)
	}
	type want struct {
		verdict Verdict
		small   bool
	}
	for i, w := range []map[string]want{
		{"p2pRatio": {Better, false}, "stalls": {Worse, false}, "offload": {Same, false}},
		{"p2pRatio": {NoEvidence, false}, "stalls": {Same, false}},
		{"p2pRatio": {NoEvidence, false}, "stalls": {NoEvidence, false}},
		{"p2pRatio": {Better, true}},
	} {
		for metric, want := range w {
			row, ok := c.Pairs[i].Row(metric)
			if !ok || row.Verdict != want.verdict || row.Small != want.small {
				t.Errorf("pair %d, %s: %+v, want %v", i, metric, row, want)
			}
		}
	}
	if c.Pairs[0].Paired || !c.Pairs[3].Paired {
		t.Error("pairs are those with the same seeds")
	}
	// Honest about too few seeds: how many would do.
	if n := c.Pairs[1].SeedsNeeded(); n < 20 || n >= mostSeeds {
		t.Errorf("%d seeds are said to be enough for a point with a spread of 8", n)
	}
	if row, _ := c.Pairs[2].Row("p2pRatio"); row.P != nil || row.Interval != nil || row.SeedsNeeded != 0 {
		t.Errorf("one seed says something of chance: %+v", row)
	}
	// What is not judged has no verdict, only its own p.
	if row, _ := c.Pairs[0].Row("p2pBytes"); row.Verdict != Same || row.Adjusted != nil || row.Judged {
		t.Errorf("%+v", row)
	}
	if _, err := json.Marshal(c); err != nil {
		t.Error(err)
	}
}

func TestCompareNeedsTwo(t *testing.T) {
	if _, err := Compare([]*Evidence{made(t, 1, []float64{1}, 0)}); err == nil {
		t.Error("one side was compared")
	}
}

func TestDiffering(t *testing.T) {
	a, b := made(t, 1, []float64{1}, 0), made(t, 2, []float64{1}, 0)
	a.Scenario = json.RawMessage(`{"description": "old", "run": {"seed": 1, "duration": "3m"}, "peers": {"count": 2, "groups": [{"link": "cable"}, {"link": "lte"}]}}`)
	b.Scenario = json.RawMessage(`{"description": "new", "run": {"seed": 18446744073709551615}, "peers": {"count": 3, "groups": [{"link": "cable"}, {"link": "dsl"}]}}`)
	b.Tier, b.Clock, b.Version, b.Schema = "flow", "real", "v2", "swarmlab/result/v2"
	want := []Differing{
		{"schema", "swarmlab/result/v1", "swarmlab/result/v2"}, {"tier", "packet", "flow"}, {"clock", "virtual", "real"}, {"version", "test", "v2"},
		{"peers.count", "2", "3"}, {"peers.groups[1].link", "lte", "dsl"}, {"run.duration", "3m", "not set"},
	}
	if diff := cmp.Diff(want, differing(a, b)); diff != "" {
		t.Error(diff)
	}
	b.Scenario = nil
	if got := differing(a, b); got[len(got)-1] != (Differing{"scenario", "recorded", "not recorded"}) {
		t.Errorf("%v", got)
	}
	if got := differing(a, a); len(got) != 0 {
		t.Errorf("differs from itself in %v", got)
	}
}

func TestNaturally(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"groups[2].link", "groups[10].link", -1}, {"groups[2].link", "groups[2].nat", -1}, {"a", "b", -1}, {"a", "a", 0},
		{"groups[10]", "groups[2]", 1}, {"groups", "groups[0]", -1}, {"a[x]", "a[y]", -1},
	} {
		if got := naturally(c.a, c.b); got < 0 != (c.want < 0) || got > 0 != (c.want > 0) {
			t.Errorf("%s, %s: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

// What a check found goes into a file and comes back.
func TestCheckedIsJSON(t *testing.T) {
	now := made(t, 1, []float64{0.2, 0.25, 0.3}, 0)
	base := made(t, 1, []float64{0.7, 0.75, 0.81}, 0)
	c, err := NewChecked(now, []Condition{{Text: "p2pRatio > 0.5", Metric: "p2pRatio", Op: ">", Value: 0.5}}, base, nil)
	if err != nil || !c.Crossed || !c.Thresholds[0].Crossed || len(c.Gate.Crossed()) != 1 {
		t.Fatalf("%+v, %v", c, err)
	}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var back Checked
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c.Thresholds, back.Thresholds); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(c.Gate.Rows, back.Gate.Rows, cmpopts.IgnoreUnexported(GateRow{})); diff != "" {
		t.Error(diff)
	}
}
