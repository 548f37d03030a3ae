package results

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Kinds of [Evidence].
const (
	KindRun      = "run"
	KindRepeats  = "repeats"
	KindBaseline = "baseline"
)

// Evidence is one side of a comparison: what runs of one scenario with different seeds measured. It is made of a run, of
// repeats or of a baseline.
type Evidence struct {
	Label    string          `json:"label"` // how the user names it
	Kind     string          `json:"kind"`
	Schema   string          `json:"schema"` // of the file it comes from
	Name     string          `json:"name,omitempty"`
	Tier     string          `json:"tier"`
	Clock    string          `json:"clock"`
	Version  string          `json:"version"`
	Seeds    []uint64        `json:"seeds"`
	Scenario json.RawMessage `json:"-"`
	// Runs are the results in full, in the order of Seeds; a baseline has none.
	Runs []*Result `json:"-"`

	names  []string             // metrics, in the summary's order
	values map[string][]float64 // by metric, one for each seed; NaN: not measured
}

// NewEvidence makes evidence of runs of one scenario, each with a seed of its own.
func NewEvidence(label string, runs []*Result) (*Evidence, error) {
	if len(runs) == 0 {
		return nil, ErrNoRepeats
	}
	first := runs[0]
	e := &Evidence{
		Label: label, Kind: KindRepeats, Schema: schemaRead(first), Name: first.Run.Name, Tier: first.Run.Tier, Clock: first.Run.Clock,
		Scenario: first.Scenario, Runs: runs, values: map[string][]float64{},
	}
	if len(runs) == 1 {
		e.Kind = KindRun
	}
	var versions []string
	for i, r := range runs {
		if slices.Contains(e.Seeds, r.Run.Seed) {
			return nil, fmt.Errorf("%s: seed %d is there twice, and the same run twice is no evidence", label, r.Run.Seed)
		}
		e.Seeds = append(e.Seeds, r.Run.Seed)
		if !slices.Contains(versions, r.Run.Version) {
			versions = append(versions, r.Run.Version)
		}
		for _, v := range r.Summary.Values() {
			e.set(v.Name, i, len(runs), v.Value)
		}
	}
	e.Version = strings.Join(versions, ", ")
	sortLikeSummary(e.names)
	return e, e.possible()
}

// Interrupted is how many of the runs were ended before their time.
func (e *Evidence) Interrupted() (n int) {
	for _, r := range e.Runs {
		if r.Run.Interrupted {
			n++
		}
	}
	return n
}

// possible refuses figures that no run can measure: squared they would be infinite, and infinity is not JSON.
func (e *Evidence) possible() error {
	const most = 1e100
	for _, name := range e.names {
		for _, x := range e.Measured(name) {
			if math.Abs(x) > most {
				return fmt.Errorf("%s: %s is %g, which no run can measure", e.Label, name, x)
			}
		}
	}
	return nil
}

// schemaRead is the schema of the file that a result came from.
func schemaRead(r *Result) string {
	if r.ReadFrom != "" {
		return r.ReadFrom
	}
	return Schema
}

// set notes a value of the run in place i.
func (e *Evidence) set(name string, i, runs int, value float64) {
	if _, known := e.values[name]; !known {
		e.names = append(e.names, name)
		e.values[name] = make([]float64, runs)
		for j := range e.values[name] {
			if !isCounter(name) { // where absent means none
				e.values[name][j] = math.NaN()
			}
		}
	}
	e.values[name][i] = sixFigures(value)
}

// sixFigures is as exact as baselines are written: what differs beyond is nothing.
func sixFigures(x float64) float64 {
	y, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 6, 64), 64)
	return y
}

// Measured are the values of a metric, without the seeds that could not measure it.
func (e *Evidence) Measured(name string) []float64 {
	var out []float64
	for _, x := range e.values[name] {
		if !math.IsNaN(x) {
			out = append(out, x)
		}
	}
	return out
}

// Value is a metric of the run in place i; false if it was not measured.
func (e *Evidence) Value(name string, i int) (float64, bool) {
	values := e.values[name]
	if values == nil || math.IsNaN(values[i]) {
		return 0, false
	}
	return values[i], true
}

// Spread is a metric's spread over the seeds that measured it.
func (e *Evidence) Spread(name string) (Spread, bool) {
	values := e.Measured(name)
	if len(values) == 0 {
		return Spread{Name: name}, false
	}
	return spreadOf(name, values), true
}

// both are the values of a metric on two sides: pair by pair, if the sides are to be paired.
func both(a, b *Evidence, name string, paired bool) (x, y []float64) {
	if !paired {
		return a.Measured(name), b.Measured(name)
	}
	va, vb := a.values[name], b.values[name]
	if va == nil || vb == nil {
		return a.Measured(name), b.Measured(name) // one of them is empty
	}
	for i, seed := range a.Seeds {
		j := slices.Index(b.Seeds, seed)
		if j >= 0 && !math.IsNaN(va[i]) && !math.IsNaN(vb[j]) {
			x, y = append(x, va[i]), append(y, vb[j])
		}
	}
	return x, y
}

// pairable: every seed of the side with fewer is on the other side as well.
func pairable(a, b *Evidence) bool {
	if len(b.Seeds) < len(a.Seeds) {
		a, b = b, a
	}
	for _, s := range a.Seeds {
		if !slices.Contains(b.Seeds, s) {
			return false
		}
	}
	return true
}
