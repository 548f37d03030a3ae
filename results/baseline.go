package results

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
)

// BaselineSchema names the layout of [Baseline].
const BaselineSchema = "swarmlab/baseline/v1"

// Baseline is what a scenario is expected to measure, made to be kept with the code and read in a review: the judged metrics, one
// on a line, and the scenario, a field on a line, in an order that never changes.
type Baseline struct {
	Schema  string           `json:"schema"`
	Name    string           `json:"name"`
	Tier    string           `json:"tier"`
	Clock   string           `json:"clock"`
	Version string           `json:"version"`
	Seeds   []uint64         `json:"seeds"`
	Metrics []BaselineMetric `json:"metrics"`
	// Scenario is the scenario as resolved, so that a comparison can tell what was changed since.
	Scenario json.RawMessage `json:"scenario,omitempty"`
}

// BaselineMetric is a metric's values, one for each seed. Mean is there for who reads the file.
type BaselineMetric struct {
	Metric string     `json:"metric"`
	Mean   float64    `json:"mean"`
	Values []*float64 `json:"values"` // nil: this seed could not measure it
}

// NewBaseline makes a baseline of what was measured.
func NewBaseline(e *Evidence) *Baseline {
	b := &Baseline{Schema: BaselineSchema, Name: e.Name, Tier: e.Tier, Clock: e.Clock, Version: e.Version, Seeds: e.Seeds, Scenario: e.Scenario}
	for _, j := range judged {
		s, ok := e.Spread(j.Name)
		if !ok {
			continue
		}
		m := BaselineMetric{Metric: j.Name, Mean: sixFigures(s.Mean)}
		for _, x := range e.values[j.Name] {
			if math.IsNaN(x) {
				m.Values = append(m.Values, nil)
			} else {
				m.Values = append(m.Values, &x)
			}
		}
		b.Metrics = append(b.Metrics, m)
	}
	return b
}

// Evidence is the baseline as a side of a comparison.
func (b *Baseline) Evidence(label string) (*Evidence, error) {
	e := &Evidence{
		Label: label, Kind: KindBaseline, Schema: BaselineSchema, Name: b.Name, Tier: b.Tier, Clock: b.Clock, Version: b.Version,
		Seeds: b.Seeds, Scenario: b.Scenario, values: map[string][]float64{},
	}
	seen := map[uint64]bool{}
	for _, s := range b.Seeds {
		if seen[s] {
			return nil, fmt.Errorf("%s: seed %d is there twice", label, s)
		}
		seen[s] = true
	}
	if len(b.Seeds) == 0 || len(b.Metrics) == 0 {
		return nil, fmt.Errorf("%s: this baseline has no seeds or no metrics; --update-baseline writes a new one", label)
	}
	for _, m := range b.Metrics {
		if _, known := Describe(m.Metric); !known {
			continue // of a later version; what this one does not know it cannot judge
		}
		if _, twice := e.values[m.Metric]; twice || len(m.Values) != len(b.Seeds) {
			return nil, fmt.Errorf("%s: metric %s has %d values, there are %d seeds; each metric is there once with a value for each seed", label, m.Metric, len(m.Values), len(b.Seeds))
		}
		for i, x := range m.Values {
			if x != nil {
				e.set(m.Metric, i, len(b.Seeds), *x)
			} else {
				e.set(m.Metric, i, len(b.Seeds), math.NaN())
			}
		}
	}
	sortLikeSummary(e.names)
	return e, e.possible()
}

// ReadBaseline reads a baseline's file.
func ReadBaseline(path string) (*Evidence, error) {
	b := &Baseline{}
	if err := readJSON(path, "", BaselineSchema, b); err != nil {
		return nil, err
	}
	return b.Evidence(path)
}

// WriteBaseline writes the file whole or not at all.
func WriteBaseline(path string, b *Baseline) error { return WriteFile(path, b.encode) }

func (b *Baseline) encode(w io.Writer) error {
	head := *b
	head.Metrics, head.Scenario, head.Seeds = nil, nil, nil
	text := fmt.Sprintf("{\n  \"schema\": %q,\n", head.Schema)
	for _, f := range []struct{ key, value string }{{"name", b.Name}, {"tier", b.Tier}, {"clock", b.Clock}, {"version", b.Version}} {
		quoted, err := json.Marshal(f.value)
		if err != nil {
			return err
		}
		text += fmt.Sprintf("  %q: %s,\n", f.key, quoted)
	}
	seeds, err := json.Marshal(b.Seeds)
	if err != nil {
		return err
	}
	text += fmt.Sprintf("  \"seeds\": %s,\n  \"metrics\": [", seeds)
	for i, m := range b.Metrics {
		if i > 0 {
			text += ","
		}
		text += "\n    " + m.line()
	}
	text += "\n  ]"
	if len(b.Scenario) > 0 {
		var scenario any
		if err := json.Unmarshal(b.Scenario, &scenario); err != nil {
			return fmt.Errorf("the scenario: %w", err)
		}
		// Through a map, so that keys are sorted and the order of a struct's fields never shows in a review.
		lines, err := json.MarshalIndent(scenario, "  ", "  ")
		if err != nil {
			return err
		}
		text += ",\n  \"scenario\": " + string(lines)
	}
	_, err = io.WriteString(w, text+"\n}\n")
	return err
}

// line writes the values by hand: encoding/json writes 1e+06 as 1000000 and 0.0000001 as 1e-7, and a column of figures should look
// like one.
func (m BaselineMetric) line() string {
	text := fmt.Sprintf(`{"metric": %q, "mean": %s, "values": [`, m.Metric, figureText(m.Mean))
	for i, x := range m.Values {
		if i > 0 {
			text += ", "
		}
		if x == nil {
			text += "null"
		} else {
			text += figureText(*x)
		}
	}
	return text + "]}"
}

func figureText(x float64) string { return strconv.FormatFloat(sixFigures(x), 'f', -1, 64) }
