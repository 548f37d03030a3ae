package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"swarmlab/results"
)

// outcome is what is known of a case.
type outcome struct {
	Case           string            `json:"case"`
	Title          string            `json:"title"`
	Viewers        int               `json:"viewers"`
	Combinations   int               `json:"combinations"`
	Hurting        int               `json:"hurting"`       // combinations that are worse than the defaults in a guard
	SearchViewers  int               `json:"searchViewers"` // of the grid: fewer than viewers where they are too many for one
	SearchSeeds    int               `json:"searchSeeds"`
	Tried          []candidate       `json:"tried,omitempty"`
	CandidateSeeds int               `json:"candidateSeeds,omitempty"`
	Tier           string            `json:"tier"`   // of candidates and judgement
	Seeds          int               `json:"seeds"`  // of the judgement
	Picked         []results.Setting `json:"picked"` // what differs from the defaults; empty if nothing did better in the search
	Defaults       side              `json:"defaults"`
	Winner         side              `json:"winner"`
	Gain           float64           `json:"gain"` // of the P2P ratio
	Interval       *results.Interval `json:"interval,omitempty"`
	Hurt           []string          `json:"hurt,omitempty"` // guards that are worse by as much as matters
	Verdict        string            `json:"verdict"`
}

// candidate is one of the grid's best, tried as it would be judged.
type candidate struct {
	Settings []results.Setting `json:"settings"`
	Ratio    float64           `json:"p2pRatio"`
	Hurt     []string          `json:"hurt,omitempty"`
}

// The verdicts.
const (
	better        = "better"
	nothingBetter = "nothing better"
	noEvidence    = "no evidence"
	doesHurt      = "hurts"
)

// side is one of the two that are judged.
type side struct {
	Ratio float64 `json:"p2pRatio"`
	Stall float64 `json:"stallRatio"`
	Start float64 `json:"startupMsP95"`
	// Why is, by reason, the share of all bytes that came over HTTP for it.
	Why map[string]float64 `json:"why"`
}

func sideOf(cell results.SweepCell) side {
	mean := func(name string) float64 { s, _ := cell.Spread(name); return s.Mean }
	out := side{Ratio: mean(metric), Stall: mean("stallRatio"), Start: mean("startupMs.p95"), Why: map[string]float64{}}
	all := mean("p2pBytes") + mean("httpBytes")
	names := map[string]bool{}
	for _, run := range cell.Runs {
		for name := range run.Values {
			if reason, ok := strings.CutPrefix(name, "httpReasons."); ok && strings.HasSuffix(reason, ".bytes") {
				names[name] = true
			}
		}
	}
	for name := range names { // into a map
		if share := mean(name) / all; share > 0 && all > 0 {
			out.Why[strings.TrimSuffix(strings.TrimPrefix(name, "httpReasons."), ".bytes")] = share
		}
	}
	return out
}

// judge holds the picked combination against the defaults, seed by seed.
func (o *outcome) judge(before, after results.SweepCell) {
	objective := results.Objective{Figure: metric, Direction: results.Up}
	gain := results.PairedGain(objective, before.Measured(metric), after.Measured(metric))
	o.Gain, o.Interval, o.Hurt = gain.Diff, gain.Interval, hurtIn(before, after)
	switch {
	case len(o.Hurt) > 0:
		o.Verdict = doesHurt
	case gain.Interval != nil && gain.Interval.Low > 0:
		o.Verdict = better
	default:
		o.Verdict = noEvidence
	}
}

// book is all outcomes that there are.
type book struct {
	Schema   string    `json:"schema"`
	Outcomes []outcome `json:"outcomes"`
}

const (
	bookSchema = "swarmlab/guide/v2"
	bookFile   = "settings-guide.json"
)

func readBook(docs string) (*book, error) {
	b := &book{Schema: bookSchema}
	data, err := os.ReadFile(filepath.Join(docs, bookFile))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return b, nil
	case err != nil:
		return nil, err
	}
	if err := json.Unmarshal(data, b); err != nil {
		return nil, fmt.Errorf("%s: %w; remove it to begin anew", bookFile, err)
	}
	if b.Schema != bookSchema {
		return nil, fmt.Errorf("%s is of schema %q, this is %q; remove it to begin anew", bookFile, b.Schema, bookSchema)
	}
	return b, nil
}

// put adds an outcome, or replaces what there was of the case.
func (b *book) put(o outcome) {
	b.Outcomes = slices.DeleteFunc(b.Outcomes, func(old outcome) bool { return old.Case == o.Case })
	b.Outcomes = append(b.Outcomes, o)
	slices.SortStableFunc(b.Outcomes, func(x, y outcome) int {
		if d := streamIndex(x) - streamIndex(y); d != 0 {
			return d
		}
		return x.Viewers - y.Viewers
	})
}

// streamIndex is where an outcome's stream stands in the guide.
func streamIndex(o outcome) int {
	return slices.IndexFunc(streams, func(s stream) bool { return s.title == o.Title })
}

func (b *book) encode(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(b)
}
