package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// SweepSchema names the layout of [Sweep].
const SweepSchema = "swarmlab/sweep/v1"

// SweepFile is a sweep's name within its output folder.
const SweepFile = "sweep.json"

// Sweep is a grid: every combination of some settings' values, each run with the same seeds. It is written as sweep.json.
type Sweep struct {
	Schema  string `json:"schema"`
	Name    string `json:"name,omitempty"` // the scenario's
	Tier    string `json:"tier"`
	Version string `json:"version"`
	// Command repeats the sweep when typed into a shell.
	Command string `json:"command,omitempty"`
	// Scenario is the one that the settings are put into, as resolved.
	Scenario json.RawMessage `json:"scenario,omitempty"`
	Seeds    []uint64        `json:"seeds"`
	// Metrics are those that tables and pictures show, the first one first. Cells have all metrics.
	Metrics []string `json:"metrics"`
	Axes    []Axis   `json:"axes"`
	// Cells are all combinations; the last axis moves fastest.
	Cells []SweepCell `json:"cells"`
}

// Axis is a field of the scenario and the values it is given, as one writes them in a scenario.
type Axis struct {
	Path   string   `json:"path"`
	Values []string `json:"values"`
}

// SweepCell is one combination.
type SweepCell struct {
	// Place has, for each axis, the index of its value.
	Place []int `json:"place"`
	// Runs are those that are finished, in the order of the seeds.
	Runs []SweepRun `json:"runs"`
}

// SweepRun is what one run measured, by flat name as in [Value].
type SweepRun struct {
	Seed   uint64             `json:"seed"`
	Values map[string]float64 `json:"values"`
}

// NewSweepRun keeps of a result what a sweep needs.
func NewSweepRun(r *Result) SweepRun {
	run := SweepRun{Seed: r.Run.Seed, Values: map[string]float64{}}
	for _, v := range r.Summary.Values() {
		run.Values[v.Name] = sixFigures(v.Value)
	}
	return run
}

// Spread is a metric over the cell's runs; false if none measured it.
func (c SweepCell) Spread(metric string) (Spread, bool) {
	values := c.Measured(metric)
	if len(values) == 0 {
		return Spread{Name: metric}, false
	}
	return spreadOf(metric, values), true
}

// Measured are a metric's values, without the runs that could not measure it.
func (c SweepCell) Measured(metric string) []float64 {
	var out []float64
	for _, run := range c.Runs {
		if x, ok := run.value(metric); ok {
			out = append(out, x)
		}
	}
	return out
}

// Settings are the combination's values, one for each axis.
func (s *Sweep) Settings(c SweepCell) []string {
	out := make([]string, len(s.Axes))
	for i, axis := range s.Axes {
		out[i] = axis.Values[c.Place[i]]
	}
	return out
}

// Finished counts the runs that are there.
func (s *Sweep) Finished() (n int) {
	for _, c := range s.Cells {
		n += len(c.Runs)
	}
	return n
}

// Best is the cell with the best mean of a metric, the first one of equals; -1 if no cell measured it, or neither direction is better.
func (s *Sweep) Best(metric string) int {
	m, _ := Describe(metric)
	best, at := 0.0, -1
	for i, c := range s.Cells {
		spread, ok := c.Spread(metric)
		if !ok || m.Direction == Neutral {
			continue
		}
		if at < 0 || m.Direction == Up && spread.Mean > best || m.Direction == Down && spread.Mean < best {
			best, at = spread.Mean, i
		}
	}
	return at
}

// WriteSweep keeps sweep.json in dir, whole or not at all.
func WriteSweep(dir string, s *Sweep) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { // results are for everybody
		return fmt.Errorf("make the output folder: %w", err)
	}
	return WriteFile(filepath.Join(dir, SweepFile), s.encode)
}

// encode writes one line for each cell.
func (s *Sweep) encode(w io.Writer) error {
	head := *s
	head.Cells = nil
	top, err := json.MarshalIndent(head, "", "  ")
	if err != nil {
		return err
	}
	const noCells = ",\n  \"cells\": null\n}"
	if _, err := io.WriteString(w, strings.TrimSuffix(string(top), noCells)); err != nil {
		return err
	}
	if err := encodeLines(w, "cells", s.Cells); err != nil {
		return err
	}
	_, err = io.WriteString(w, "\n}\n")
	return err
}

// ReadSweep reads sweep.json from its folder or its file.
func ReadSweep(path string) (*Sweep, error) {
	s := &Sweep{}
	if err := readJSON(path, SweepFile, SweepSchema, s); err != nil {
		return nil, err
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return s, nil
}

// check refuses a file whose cells are not a grid: everything that draws relies on it.
func (s *Sweep) check() error {
	cells := 1
	for _, a := range s.Axes {
		if len(a.Values) == 0 || cells > largestFile/len(a.Values) {
			return fmt.Errorf("the axis %s has %d values, which makes no grid", a.Path, len(a.Values))
		}
		cells *= len(a.Values)
	}
	if len(s.Axes) == 0 || len(s.Cells) != cells || len(s.Metrics) == 0 {
		return fmt.Errorf("%d axes, %d cells and %d metrics make no grid", len(s.Axes), len(s.Cells), len(s.Metrics))
	}
	for _, metric := range s.Metrics {
		if _, ok := Describe(metric); !ok {
			return fmt.Errorf("there is no metric %q", metric)
		}
	}
	for i, c := range s.Cells {
		if !slices.Equal(c.Place, s.Place(i)) {
			return fmt.Errorf("cell %d is not where it belongs", i)
		}
	}
	return nil
}

// Place has, for each axis, the index of its value in cell i.
func (s *Sweep) Place(i int) []int {
	place := make([]int, len(s.Axes))
	for a := len(s.Axes) - 1; a >= 0; a-- {
		n := len(s.Axes[a].Values)
		place[a], i = i%n, i/n
	}
	return place
}

// ErrUnknownMetric means that a summary has no such value.
var ErrUnknownMetric = errors.New("no such metric")

// CheckValueName tells whether a summary can have a value of that flat name, such as p2pRatio, startupMs.p95 or
// httpReasons.highDemand.bytes.
func CheckValueName(name string) error {
	m, ok := Describe(name)
	if !ok {
		return fmt.Errorf("%w: %q%s; results/METRICS.md lists them", ErrUnknownMetric, name, similar(name))
	}
	if isCounter(name) && strings.Contains(name, ".") {
		return nil // its names come from the run
	}
	full := Summary{LiveLatencyMs: &Dist{Count: 1}, InFlightBytes: new(int64)}
	for _, d := range []*Dist{&full.StartupMs, &full.TimeToFirstPeerMs, &full.HTTPLatencyMs, &full.P2PLatencyMs, &full.Degree} {
		d.Count = 1
	}
	figures := map[string]bool{}
	for _, v := range full.Values() {
		if v.Name == name {
			return nil
		}
		if strings.HasPrefix(v.Name, m.Name+".") {
			figures[v.Name] = true
		}
	}
	if len(figures) == 0 {
		return fmt.Errorf("%w: %q", ErrUnknownMetric, name)
	}
	return fmt.Errorf("%w: %q is many figures; say which: %s", ErrUnknownMetric, name, strings.Join(slices.Sorted(maps.Keys(figures)), ", "))
}

// Paired is cell b minus cell a in a metric, seed by seed, with the 95 % interval; the interval is nil with fewer than two seeds in
// common, and n is how many there are.
func (s *Sweep) Paired(a, b int, metric string) (diff float64, interval *Interval, n int) {
	var x, y []float64
	for _, one := range s.Cells[a].Runs {
		for _, other := range s.Cells[b].Runs {
			if one.Seed != other.Seed {
				continue
			}
			va, okA := one.value(metric)
			vb, okB := other.value(metric)
			if okA && okB {
				x, y = append(x, va), append(y, vb)
			}
		}
	}
	if len(x) == 0 {
		return 0, nil, 0
	}
	d := pairedDifference(x, y)
	return d.diff, d.interval(), len(x)
}

// value is what a run measured; a counter that is absent counted nothing.
func (r SweepRun) value(metric string) (float64, bool) {
	x, ok := r.Values[metric]
	return x, ok || isCounter(metric)
}
