package results

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPositionOnAnAxis(t *testing.T) {
	log := Dimension{Kind: LogDimension, From: 1, To: 100, Unit: "s"}
	choice := Dimension{Kind: ChoiceDimension, Choices: []string{"a", "b", "c"}}
	for _, c := range []struct {
		d     Dimension
		value string
		want  float64
		on    bool
	}{
		{Dimension{Kind: RangeDimension, From: 10, To: 30}, "15", 0.25, true},
		{Dimension{Kind: IntDimension, From: 1, To: 5}, "3", 0.5, true},
		{Dimension{Kind: RangeDimension, From: 10, To: 30}, "3000", 149.5, true},
		{log, "10s", 0.5, true},
		{log, "10", 0, false},
		{log, "0s", 0, false},
		{log, "2m", 0, false},
		{choice, "b", 0.5, true},
		{choice, "d", 0, false},
	} {
		if got, on := c.d.Position(c.value); on != c.on || math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%q on %+v is at %v, %v; want %v, %v", c.value, c.d, got, on, c.want, c.on)
		}
	}
}

// Pairs take out what the seeds have in common: values that vary by tenths differ by a hundredth for certain.
func TestGains(t *testing.T) {
	defaults := []float64{0.10, 0.50, 0.90, 0.30}
	better := []float64{0.111, 0.509, 0.910, 0.310}
	up, down := Objective{Figure: "p2pRatio", Direction: Up, Smallest: 0.02}, Objective{Figure: "stallRatio", Direction: Down}
	g := PairedGain(up, defaults, better)
	if math.Abs(g.Diff-0.01) > 1e-9 || g.Better != g.Diff || g.Interval == nil || g.Interval.Low < 0.005 {
		t.Errorf("gain %+v with interval %+v", g, g.Interval)
	}
	if g := PairedGain(down, defaults, better); g.Better != -g.Diff || g.Diff < 0 {
		t.Errorf("of a figure that shall be small: %+v", g)
	}
	if g := PairedGain(up, defaults[:1], better[:1]); g.Interval != nil {
		t.Errorf("one seed has the interval %+v", g.Interval)
	}
	chance := ConfirmGain(up, defaults, []float64{0.30, 0.20, 0.95, 0.35}, 2)
	clear := ConfirmGain(up, defaults, better, 2)
	if clear.Together.Low >= clear.Interval.Low {
		t.Errorf("for two comparisons together the interval is %+v, for one %+v; it should be wider", clear.Together, clear.Interval)
	}
	confirmed := []Confirmed{
		{Gains: []ConfirmedGain{clear}}, {Gains: []ConfirmedGain{chance}},
		{Gains: []ConfirmedGain{ConfirmGain(up, defaults, defaults, 2)}}, {Gains: []ConfirmedGain{ConfirmGain(up, better, defaults, 2)}},
	}
	JudgeGains([]Objective{up}, confirmed)
	for i, want := range []Verdict{Better, NoEvidence, Same, Worse} {
		if got := confirmed[i].Gains[0]; got.Verdict != want {
			t.Errorf("confirmed %d is %q with p %v, want %q", i, got.Verdict, got.P, want)
		}
	}
	if first := confirmed[0].Gains[0]; !first.Small || *first.Adjusted <= *first.P {
		t.Errorf("a hundredth where two matter: small %v; p %v, adjusted %v", first.Small, *first.P, *first.Adjusted)
	}
}

func TestTuningIsKeptAndRead(t *testing.T) {
	dir := t.TempDir()
	winner := 1
	whole := &Tuning{Schema: TuningSchema, Name: "live", Trials: []Trial{{}, {Number: 1}}, Front: []int{1}, Verdict: TuningVerdict{Winner: &winner}}
	if err := WriteTuning(dir, whole); err != nil {
		t.Fatal(err)
	}
	got, err := ReadTuning(dir)
	if err != nil || got.Name != "live" || *got.Verdict.Winner != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, c := range []struct{ name, text, want string }{
		{"a winner that is no trial", `{"schema":"swarmlab/tune/v1","verdict":{"winner":5}}`, "there is no trial 5"},
		{"a front of nobody", `{"schema":"swarmlab/tune/v1","front":[-1]}`, "there is no trial -1"},
		{"trials in disorder", `{"schema":"swarmlab/tune/v1","trials":[{"number":3}]}`, "must be in the order of their numbers"},
		{"another version", `{"schema":"swarmlab/tune/v9"}`, "another version"},
		{"no JSON", `{`, "unexpected end"},
	} {
		file := filepath.Join(dir, "bad.json")
		if err := os.WriteFile(file, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadTuning(file); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
