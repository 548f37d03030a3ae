package oracle

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"swarmlab/results"
)

func TestInterval(t *testing.T) {
	// Student's t for 99 % and 9 degrees of freedom is 3.2498; the deviation of 0..9 is 3.0277.
	ten := []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	if got, want := interval(ten), 3.2498*3.0277/math.Sqrt(10); math.Abs(got-want) > 1e-3 {
		t.Errorf("%v, want %v", got, want)
	}
	if interval([]float64{1}) != 0 {
		t.Error("one run has an interval")
	}
}

func TestMeasures(t *testing.T) {
	for _, c := range []struct {
		what           string
		ours, released []float64
		within         bool
	}{
		{"the same", []float64{0.5, 0.6}, []float64{0.5, 0.6}, true},
		{"too little to matter", []float64{0.5, 0.5}, []float64{0.509, 0.509}, true},
		{"a point apart, without spread", []float64{0.5, 0.5}, []float64{0.511, 0.511}, false},
		{"inside the spread", []float64{0.4, 0.5, 0.6}, []float64{0.45, 0.55, 0.65}, true},
		{"outside the spread", []float64{0.40, 0.41, 0.42}, []float64{0.60, 0.61, 0.62}, false},
	} {
		if m := newMeasure(c.ours, c.released, 0.01); m.Within() != c.within {
			t.Errorf("%s: %+v", c.what, m)
		}
	}
}

func TestReport(t *testing.T) {
	same := &Pair{Seed: 1, Lines: 10, Ours: results.Summary{P2PRatio: 0.5, CopiesPerSegment: 2}, Released: results.Summary{P2PRatio: 0.5, CopiesPerSegment: 2}}
	other := *same
	other.Ours.P2PRatio, other.Ours.CopiesPerSegment, other.Difference = 0.6, 2.2, "3 lines agree, then"
	good := Report{Seeds: 1, Cases: []CaseReport{NewCaseReport("good", []*Pair{same})}}
	if got := good.Problems(); len(got) != 0 {
		t.Errorf("%q", got)
	}
	bad := Report{Seeds: 1, Cases: []CaseReport{NewCaseReport("bad", []*Pair{&other})}}
	got := strings.Join(bad.Problems(), "\n")
	for _, want := range []string{"1 of 1 runs differ", "p2pRatio is 0.6", "copiesPerSegment is 2.2", "all cases together"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	var table, file bytes.Buffer
	if err := bad.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(table.String(), "0.6  0.5!") {
		t.Errorf("\n%s", &table)
	}
	if err := bad.WriteJSON(&file); err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(file.Bytes(), &back); err != nil || back.Cases[0].Measures["p2pRatio"].Ours != 0.6 {
		t.Error(err, back)
	}
}

func TestWhatIsExact(t *testing.T) {
	const intact = "an invariant was broken: segmentsIntact: 1 of 160 segments loaded differ from what the origin made"
	disordered := results.Summary{Errors: map[string]int64{"disordered-segment": 1}}
	corrupt := results.Summary{CorruptSegments: 1}
	for _, c := range []struct {
		what string
		pair Pair
		want bool
	}{
		{"nothing differs", Pair{}, true},
		{"the traces differ", Pair{Difference: "line 3"}, false},
		{"both break the same", Pair{OursBreach: intact, ReleasedBreach: intact}, true},
		{"one breaks something", Pair{OursBreach: intact}, false},
		{"our core tells of its doubt", Pair{Ours: disordered, Released: corrupt, ReleasedBreach: intact}, true},
		{"but of no such damage", Pair{Released: corrupt, ReleasedBreach: intact}, false},
		{"and more is broken", Pair{Ours: disordered, Released: corrupt, ReleasedBreach: intact + "\nmore"}, false},
	} {
		if got := c.pair.Exact(); got != c.want {
			t.Errorf("%s: exact is %v", c.what, got)
		}
	}
}
