package results

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// RepeatsSchema names the layout of [Repeats].
const RepeatsSchema = "swarmlab/repeats/v1"

// Repeats is what runs of one scenario with different seeds have in common: the spread of every metric. One run of the packet
// tier is a sample, not the truth.
type Repeats struct {
	Schema string `json:"schema"`
	Name   string `json:"name,omitempty"`
	Tier   string `json:"tier"`
	Clock  string `json:"clock"`
	// Seeds are the runs in their order; run i is in the folder named by [RepeatDir].
	Seeds []uint64 `json:"seeds"`
	// Wanted is how many runs were asked for, if some of them are missing: interrupted or failed. 0: all are there.
	Wanted  int      `json:"wanted,omitempty"`
	Metrics []Spread `json:"metrics"`
}

// Expect notes how many runs were asked for.
func (a *Repeats) Expect(wanted int) {
	if a.Wanted = 0; wanted > len(a.Seeds) {
		a.Wanted = wanted
	}
}

// ErrNoRepeats means that there is nothing to aggregate: of no runs at all even a mean would be made up.
var ErrNoRepeats = errors.New("no results to aggregate")

// Aggregate makes the spread of every metric over runs. A cause, reason or outcome that one run has and another has not counts
// as 0 there; a metric that a run could not measure is left out of its mean, and N says so.
func Aggregate(runs []*Result) (*Repeats, error) {
	if len(runs) == 0 {
		return nil, ErrNoRepeats
	}
	first := runs[0].Run
	out := &Repeats{Schema: RepeatsSchema, Name: first.Name, Tier: first.Tier, Clock: first.Clock}
	var names []string
	values := map[string][]float64{}
	for _, r := range runs {
		if slices.Contains(out.Seeds, r.Run.Seed) {
			return nil, fmt.Errorf("aggregate: seed %d is there twice, and the same run twice is no evidence", r.Run.Seed)
		}
		out.Seeds = append(out.Seeds, r.Run.Seed)
		for _, v := range r.Summary.Values() {
			if _, known := values[v.Name]; !known {
				names = append(names, v.Name)
			}
			values[v.Name] = append(values[v.Name], v.Value)
		}
	}
	sortLikeSummary(names)
	for _, name := range names {
		if isCounter(name) {
			for len(values[name]) < len(runs) {
				values[name] = append(values[name], 0)
			}
		}
		out.Metrics = append(out.Metrics, spreadOf(name, values[name]))
	}
	return out, nil
}

// Get finds a metric by its flat name.
func (a *Repeats) Get(name string) (Spread, bool) {
	i := slices.IndexFunc(a.Metrics, func(s Spread) bool { return s.Name == name })
	if i < 0 {
		return Spread{}, false
	}
	return a.Metrics[i], true
}

// isCounter: the name is an entry of a map of counters, where absent means none.
func isCounter(name string) bool {
	key, _, _ := strings.Cut(name, ".")
	return slices.Contains([]string{"wastedByCause", "requests", "httpReasons", "errors"}, key)
}

// sortLikeSummary puts names that only a later run had where they belong.
func sortLikeSummary(names []string) {
	order := func(name string) int {
		key, _, _ := strings.Cut(name, ".")
		return slices.IndexFunc(metrics, func(m Metric) bool { return m.Name == key })
	}
	slices.SortStableFunc(names, func(a, b string) int {
		if d := order(a) - order(b); d != 0 || !isCounter(a) {
			return d
		}
		return strings.Compare(a, b)
	})
}
