package oracle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"swarmlab/results"
	"swarmlab/sim/p2pml"
)

// Report is what comes of a comparison.
type Report struct {
	Seeds int          `json:"seeds"`
	Cases []CaseReport `json:"cases"`
}

// CaseReport holds one case's figures over all seeds.
type CaseReport struct {
	Name        string             `json:"name"`
	Runs        int                `json:"runs"`
	Exact       int                `json:"exact"` // runs whose traces are the same, to the last line
	Lines       int                `json:"lines"` // of the released core's traces
	Faults      int                `json:"faults"`
	Measures    map[string]Measure `json:"measures"`
	Differences []string           `json:"differences,omitempty"`
	Breaches    []string           `json:"breaches,omitempty"` // invariants that both kinds of core break alike
}

// Measure is one figure of a case: means over the seeds, and how far apart they may be.
type Measure struct {
	Ours       float64 `json:"ours"`
	Released   float64 `json:"released"`
	Difference float64 `json:"difference"`
	Limit      float64 `json:"limit"` // the combined 99 % interval, or what is too little to matter
}

// Within reports whether the difference may be chance.
func (m Measure) Within() bool { return math.Abs(m.Difference) <= m.Limit }

// measures are what is compared, with the difference that is too little to matter.
var measures = []struct {
	name, short string
	small       float64
	of          func(*results.Summary) float64
}{
	{"p2pRatio", "ratio", 0.01, func(s *results.Summary) float64 { return s.P2PRatio }},
	{"copiesPerSegment", "copies", 0.01, func(s *results.Summary) float64 { return s.CopiesPerSegment }},
	{"segmentsHTTP", "http", 0.5, func(s *results.Summary) float64 { return float64(s.SegmentsLoaded.HTTP) }},
	{"segmentsP2P", "p2p", 0.5, func(s *results.Summary) float64 { return float64(s.SegmentsLoaded.P2P) }},
	{"segmentsMixed", "mixed", 0.5, func(s *results.Summary) float64 { return float64(s.SegmentsLoaded.Mixed) }},
	{"aborts", "aborts", 0.5, func(s *results.Summary) float64 { return outcomes(s, results.OutcomeAborted) }},
	{"timeouts", "timeouts", 0.5, func(s *results.Summary) float64 { return outcomes(s, string(p2pml.ErrorBytesReceivingTimeout)) }},
	{"wasteShare", "waste", 0.005, waste},
}

func outcomes(s *results.Summary, what string) (n float64) {
	for _, from := range []results.Source{results.HTTP, results.P2P} {
		n += float64(s.Requests[string(from)][what])
	}
	return n
}

func waste(s *results.Summary) float64 {
	return float64(s.WastedBytes) / math.Max(1, float64(s.HTTPChunkBytes+s.P2PChunkBytes))
}

// NewCaseReport sums up a case's runs.
func NewCaseReport(name string, pairs []*Pair) CaseReport {
	r := CaseReport{Name: name, Runs: len(pairs), Measures: make(map[string]Measure, len(measures))}
	for _, p := range pairs {
		r.Lines += p.Lines
		r.Faults += len(p.Faults)
		if p.Exact() {
			r.Exact++
		} else {
			r.Differences = append(r.Differences, fmt.Sprintf("seed %d: %s%s%s", p.Seed, p.Difference, p.OursBreach, p.ReleasedBreach))
		}
		if b := p.Breach(); b != "" {
			r.Breaches = append(r.Breaches, fmt.Sprintf("seed %d: %s", p.Seed, b))
		}
	}
	for _, m := range measures {
		ours, released := make([]float64, len(pairs)), make([]float64, len(pairs))
		for i, p := range pairs {
			ours[i], released[i] = m.of(&p.Ours), m.of(&p.Released)
		}
		r.Measures[m.name] = newMeasure(ours, released, m.small)
	}
	return r
}

func newMeasure(ours, released []float64, small float64) Measure {
	a, b := stat.Mean(ours, nil), stat.Mean(released, nil)
	return Measure{Ours: a, Released: b, Difference: a - b, Limit: math.Max(small, math.Hypot(interval(ours), interval(released)))}
}

// interval is half of a mean's 99 % interval, by Student's t. Of one run nothing can be said.
func interval(values []float64) float64 {
	n := float64(len(values))
	if n < 2 {
		return 0
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(0.995)
	return t * stat.StdDev(values, nil) / math.Sqrt(n)
}

// maxCopies is by how much copies per segment may differ over all cases together.
const maxCopies = 0.03

// Problems are what is not as it should be, one sentence each.
func (r *Report) Problems() (out []string) {
	var ours, released float64
	for _, c := range r.Cases {
		if c.Exact < c.Runs {
			out = append(out, fmt.Sprintf("%s: %d of %d runs differ; the first: %s", c.Name, c.Runs-c.Exact, c.Runs, c.Differences[0]))
		}
		for _, m := range measures {
			if v := c.Measures[m.name]; !v.Within() {
				out = append(out, fmt.Sprintf("%s: %s is %.4g with our core and %.4g with the released one, which is more apart than %.2g",
					c.Name, m.name, v.Ours, v.Released, v.Limit))
			}
		}
		ours += c.Measures["copiesPerSegment"].Ours
		released += c.Measures["copiesPerSegment"].Released
	}
	if math.Abs(ours-released) > maxCopies*released {
		out = append(out, fmt.Sprintf("copies per segment, all cases together: %.4g and %.4g", ours, released))
	}
	return out
}

// WriteTable writes the report for people.
func (r *Report) WriteTable(w io.Writer) error {
	var rows bytes.Buffer
	rows.WriteString("case\texact\tlines\t")
	for _, m := range measures {
		fmt.Fprintf(&rows, "%s\t\t", m.short)
	}
	for _, c := range r.Cases {
		fmt.Fprintf(&rows, "\n%s\t%d/%d\t%d\t", c.Name, c.Exact, c.Runs, c.Lines)
		for _, m := range measures {
			v := c.Measures[m.name]
			mark := ""
			if !v.Within() {
				mark = "!"
			}
			fmt.Fprintf(&rows, "%.4g\t%.4g%s\t", v.Ours, v.Released, mark)
		}
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, err := t.Write(append(rows.Bytes(), '\n'))
	if err := errors.Join(err, t.Flush()); err != nil {
		return err
	}
	for _, c := range r.Cases {
		for _, b := range c.Breaches {
			if _, err := fmt.Fprintf(w, "the library by itself: %s, %s\n", c.Name, b); err != nil {
				return err
			}
		}
	}
	_, err = fmt.Fprintln(w, "\nEach figure twice: our core, the released core, means over the seeds. An exclamation mark: further apart than the combined "+
		"99 % interval, and than what is too little to matter.")
	return err
}

// WriteJSON writes the report for programs.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
