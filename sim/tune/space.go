package tune

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"swarmlab/results"
	"swarmlab/scenarios"
)

// ErrInput says that what the user gave cannot be used: a space, an objective, a constraint, a folder of another search. Nothing has been
// run.
var ErrInput = errors.New("cannot be tuned")

//go:embed spaces/*.yaml
var spaces embed.FS

// Space is what a search may change: at least one dimension, no field twice.
type Space struct {
	Dimensions []results.Dimension
	at         []string // where each is given, for messages: file:line
}

// DefaultSpace is the space for streams of a kind, scenarios.Live or scenarios.VOD.
func DefaultSpace(kind string) (Space, error) {
	name := "spaces/" + kind + ".yaml"
	text, err := spaces.ReadFile(name)
	if err != nil {
		return Space{}, fmt.Errorf("%w: there is no space for streams of kind %q", ErrInput, kind)
	}
	return ParseSpace(name, text)
}

// For fits the space to a scenario: every bound and every choice is tried, and Default becomes the scenario's own value. Errors are
// ErrInput and name the file's line.
func (s Space) For(scenario *scenarios.Scenario) (Space, error) {
	s.Dimensions = slices.Clone(s.Dimensions)
	doc := document(scenario)
	var bad []string
	for i := range s.Dimensions {
		d := &s.Dimensions[i]
		d.Default = valueAt(doc, d.Path)
		for _, value := range ends(*d) {
			trial := *scenario // Set replaces what it changes
			if err := trial.Set(d.Path, value); err != nil {
				bad = append(bad, fmt.Sprintf("%s: %v", s.at[i], err))
				break
			}
		}
	}
	if len(bad) > 0 {
		return s, fmt.Errorf("space: %w:\n%s", ErrInput, strings.Join(bad, "\n"))
	}
	return s, nil
}

// ends are the values that show whether a dimension can be: whatever lies between two good bounds is good.
func ends(d results.Dimension) []string {
	if d.Kind == results.ChoiceDimension {
		return d.Choices
	}
	return []string{number(d.From) + d.Unit, number(d.To) + d.Unit}
}

func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// document is a scenario as its own JSON has it.
func document(s *scenarios.Scenario) any {
	text, err := json.Marshal(s)
	if err != nil {
		return nil
	}
	var doc any
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber() // as written: 0.1 stays 0.1
	_ = d.Decode(&doc)
	return doc
}

// valueAt is what a scenario has at a path, as --set would have it; empty if nothing.
func valueAt(doc any, path string) string {
	for step := range strings.SplitSeq(strings.ReplaceAll(path, "[", ".["), ".") {
		switch at := doc.(type) {
		case map[string]any:
			doc = at[step]
		case []any:
			i, err := strconv.Atoi(strings.Trim(step, "[]"))
			if err != nil || i < 0 || i >= len(at) {
				return ""
			}
			doc = at[i]
		default:
			return ""
		}
	}
	switch doc := doc.(type) {
	case nil:
		return ""
	case string:
		return doc
	case map[string]any, []any:
		text, _ := json.Marshal(doc)
		return string(text)
	default:
		return fmt.Sprint(doc)
	}
}
