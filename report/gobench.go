package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"swarmlab/results"
)

// GoBenchmark writes what was measured in the Go benchmark format (golang.org/design/14313-benchmark-format), a line for each seed, so
// that benchstat can compare and plot it. A metric's flat name is its unit; "Unit" lines say which way it is better.
func GoBenchmark(w io.Writer, e *results.Evidence) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "pkg: swarmlab\ntier: %s\nclock: %s\nswarmlab-version: %s\n", oneWord(e.Tier), oneWord(e.Clock), printable(e.Version))
	for _, j := range results.JudgedMetrics() {
		m, _ := results.Describe(j.Name)
		better := map[results.Direction]string{results.Up: " better=higher", results.Down: " better=lower"}[m.Direction]
		fmt.Fprintf(&b, "Unit %s%s assume=nothing\n", j.Name, better)
	}
	for i := range e.Seeds {
		fmt.Fprintf(&b, "BenchmarkSwarm/scenario=%s 1", oneWord(e.Name))
		for _, j := range results.JudgedMetrics() {
			if x, ok := e.Value(j.Name, i); ok {
				fmt.Fprintf(&b, " %s %s", strconv.FormatFloat(x, 'f', -1, 64), j.Name)
			}
		}
		b.WriteByte('\n')
	}
	_, err := w.Write(b.Bytes())
	return err
}

// oneWord keeps a name from becoming two fields of a line. A number after a dash at a name's end would be read as GOMAXPROCS, and a
// live-200 is not live on 200 cores.
func oneWord(s string) string {
	s = strings.Join(strings.Fields(printable(s)), "_")
	if i := strings.LastIndexByte(s, '-'); i >= 0 {
		if _, err := strconv.Atoi(s[i+1:]); err == nil {
			s = s[:i] + "_" + s[i+1:]
		}
	}
	if s == "" {
		return "run"
	}
	return s
}

// actionEntry is one figure in the JSON that benchmark-action/github-action-benchmark reads.
type actionEntry struct {
	Name  string  `json:"name"`
	Unit  string  `json:"unit"`
	Value float64 `json:"value"`
	Range string  `json:"range,omitempty"`
	Extra string  `json:"extra,omitempty"`
}

// ActionBenchmark writes the metrics that are better the higher (its tool customBiggerIsBetter), or the lower
// (customSmallerIsBetter): that action knows one direction for a file.
func ActionBenchmark(w io.Writer, e *results.Evidence, way results.Direction) error {
	entries := []actionEntry{}
	for _, j := range results.JudgedMetrics() {
		m, _ := results.Describe(j.Name)
		s, ok := e.Spread(j.Name)
		if m.Direction != way || !ok {
			continue
		}
		entry := actionEntry{Name: fmt.Sprintf("%s: %s", printable(e.Name), valueTitle(j.Name)), Unit: m.Unit, Value: s.Mean,
			Extra: fmt.Sprintf("%s, %s tier, swarmlab %s", many(int64(s.N), "seed", "seeds"), printable(e.Tier), printable(e.Version))}
		if s.N > 1 {
			entry.Range = "± " + strconv.FormatFloat(s.SD, 'g', 3, 64)
		}
		entries = append(entries, entry)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(entries)
}
