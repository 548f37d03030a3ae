package results

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// threeRuns differ in what the tests look at.
func threeRuns() []*Result {
	var runs []*Result
	for i, ratio := range []float64{0.2, 0.25, 0.3} {
		r := must(Summarise(twoViewers()))
		r.Run.Seed = uint64(i + 1)
		r.Summary.P2PRatio = ratio
		runs = append(runs, r)
	}
	runs[1].Summary.HTTPReasons = map[string]ReasonTotals{ReasonP2PFailed: {Requests: 3, Bytes: 300}}
	runs[2].Summary.StartupMs = Dist{}
	return runs
}

func TestAggregate(t *testing.T) {
	a, err := Aggregate(threeRuns())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]uint64{1, 2, 3}, a.Seeds); diff != "" {
		t.Error(diff)
	}
	ratio, _ := a.Get("p2pRatio")
	// sd 0.05, t(0.975) with 2 degrees of freedom 4.303: half an interval is 0.1242.
	if ratio.N != 3 || !near(ratio.Mean, 0.25, 1e-12) || !near(ratio.SD, 0.05, 1e-12) ||
		!near(ratio.Interval.Low, 0.1258, 1e-4) || !near(ratio.Interval.High, 0.3742, 1e-4) {
		t.Errorf("p2pRatio: %+v, %+v", ratio, ratio.Interval)
	}
	if s, _ := a.Get("httpReasons.p2pFailed.bytes"); s.N != 3 || s.Mean != 100 || s.Min != 0 {
		t.Errorf("a reason that two runs have not: %+v", s)
	}
	if s, _ := a.Get("startupMs.p50"); s.N != 2 || s.Mean != 250 {
		t.Errorf("a time that one run could not measure: %+v", s)
	}
	if _, ok := a.Get("nonsense"); ok {
		t.Error("nonsense is a metric")
	}
	// In the summary's order, though a later run brought a reason that the first had not.
	last := -1
	for _, s := range a.Metrics {
		for i, m := range metrics {
			if d, _ := Describe(s.Name); d.Name == m.Name {
				if i < last {
					t.Errorf("%s is out of order", s.Name)
				}
				last = i
			}
		}
	}
}

func TestAggregateRefusesWhatIsNoEvidence(t *testing.T) {
	if _, err := Aggregate(nil); !errors.Is(err, ErrNoRepeats) {
		t.Errorf("no runs: %v", err)
	}
	runs := threeRuns()
	runs[2].Run.Seed = 1
	if _, err := Aggregate(runs); err == nil {
		t.Error("the same seed twice was accepted")
	}
}

func TestRepeatsAreStored(t *testing.T) {
	dir := t.TempDir()
	want, err := WriteRepeats(dir, threeRuns())
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadRepeats(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("repeats (-want +got):\n%s", diff)
	}
	for _, seed := range want.Seeds {
		r, err := Read(RepeatDir(dir, seed))
		if err != nil || r.Run.Seed != seed {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
	if _, err := ReadRepeats(RepeatDir(dir, 1)); err == nil {
		t.Error("a result was read as repeats")
	}
}

// TestMissingRepeatsAreNoted: of four that were asked for three are there.
func TestMissingRepeatsAreNoted(t *testing.T) {
	a, err := Aggregate(threeRuns())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ wanted, want int }{{4, 4}, {3, 0}, {0, 0}} {
		if a.Expect(c.wanted); a.Wanted != c.want {
			t.Errorf("of %d: wanted is %d, want %d", c.wanted, a.Wanted, c.want)
		}
	}
}

// TestAFolderIsOfOneKind: whoever writes a run where repeats were, or the other way round, finds what was written last. The runs of older repeats stay.
func TestAFolderIsOfOneKind(t *testing.T) {
	dir := t.TempDir()
	kind := func() string {
		e, err := ReadEvidence(dir)
		if err != nil {
			t.Fatal(err)
		}
		return e.Kind
	}
	for range 2 {
		if _, err := WriteRepeats(dir, threeRuns()); err != nil {
			t.Fatal(err)
		}
		if got := kind(); got != KindRepeats {
			t.Errorf("repeats were written, and read is a %s", got)
		}
		if err := Write(dir, must(Summarise(twoViewers()))); err != nil {
			t.Fatal(err)
		}
		if got := kind(); got != KindRun {
			t.Errorf("a run was written, and read is a %s", got)
		}
		if _, err := Read(RepeatDir(dir, 1)); err != nil {
			t.Errorf("a run of older repeats: %v", err)
		}
	}
	if _, err := WriteRepeats(dir, threeRuns()[:1]); err != nil {
		t.Fatal(err)
	}
	if got := kind(); got != KindRepeats {
		t.Errorf("repeats of which one is there were written, and read is a %s", got)
	}
}
