package tune

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"swarmlab/results"
	"swarmlab/scenarios"
)

// The shipped spaces suit every shipped scenario of their kind, and say why each range is as it is.
func TestShippedSpaces(t *testing.T) {
	for _, name := range scenarios.Names() {
		scenario, err := scenarios.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		space, err := DefaultSpace(scenario.Stream.Kind)
		if err != nil {
			t.Fatal(err)
		}
		if space, err = space.For(scenario); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, d := range space.Dimensions {
			if d.Reason == "" || d.Default == "" {
				t.Errorf("%s: %s has reason %q and default %q; want both", scenario.Stream.Kind, d.Path, d.Reason, d.Default)
			}
			if !strings.HasPrefix(d.Path, "p2pml.core.") {
				t.Errorf("%s: %s cannot be pasted into a player's core options", scenario.Stream.Kind, d.Path)
			}
		}
	}
	if _, err := DefaultSpace("../live"); !errors.Is(err, ErrInput) {
		t.Errorf("a kind that is none: %v", err)
	}
}

func TestSpaceOfAllKinds(t *testing.T) {
	space, err := ParseSpace("mine.yaml", []byte(`
dimensions:
  - {path: tracker.interval, kind: range, from: 30s, to: 240s}
  - {path: p2pml.core.highDemandTimeWindow, kind: log, from: 0.5, to: 2e1}
  - {path: p2pml.core.simultaneousP2PDownloads, kind: int, from: 1, to: 4}
  - {path: "peers.groups[0].link", kind: choice, choices: [cable, dsl, "{down: 5Mbit/s, up: 1Mbit/s}"]}
  - {path: p2pml.core.isP2PUploadDisabled, kind: choice, choices: [false, true]}
`))
	if err != nil {
		t.Fatal(err)
	}
	scenario, err := scenarios.Load("live")
	if err != nil {
		t.Fatal(err)
	}
	if space, err = space.For(scenario); err != nil {
		t.Fatal(err)
	}
	var defaults []string
	for _, d := range space.Dimensions {
		defaults = append(defaults, d.Default)
	}
	if want := []string{"2m", "15", "3", "cable", "false"}; !slices.Equal(defaults, want) {
		t.Errorf("defaults are %q, want %q", defaults, want)
	}
	for _, c := range []struct {
		at   float64
		want []string
	}{
		{0, []string{"30s", "0.5", "1", "cable", "false"}},
		{0.5, []string{"135s", "3.16", "3", "dsl", "true"}},
		{1, []string{"240s", "20", "4", "{down: 5Mbit/s, up: 1Mbit/s}", "true"}},
	} {
		settings := space.settings(point{c.at, c.at, c.at, c.at, c.at})
		for i, s := range settings {
			if s.Value != c.want[i] {
				t.Errorf("%s at %v is %q, want %q", s.Path, c.at, s.Value, c.want[i])
			}
		}
		trial := *scenario
		if err := trial.SetAll(assignments(settings)); err != nil {
			t.Errorf("at %v: %v", c.at, err)
		}
	}
}

func TestBadSpaces(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "dimensions: must be a list of 1 to 30"},
		{"not YAML", "dimensions: [", "bad.yaml"},
		{"unknown key", "dimensions:\n  - path: run.duration\n    kind: int\n    form: 1", "bad.yaml:4:5: unknown field"},
		{"a list where a word belongs", "dimensions:\n  - path: [a]\n", "bad.yaml:2"},
		{"no path", "dimensions:\n  - {kind: int, from: 1, to: 2}", "bad.yaml:2: dimensions[0].path: is missing"},
		{"no kind", "dimensions:\n  - path: peers.count\n    from: 1\n    to: 2", "dimensions[0].kind: must be range, log, int, choice"},
		{"bounds the wrong way round", "dimensions:\n  - path: a\n    kind: range\n    from: 3\n    to: 2", "bad.yaml:5: dimensions[0].to: must be greater than from, 3, got 2"},
		{"no bound", "dimensions:\n  - {path: a, kind: range, from: 3}", "dimensions[0].to: is missing"},
		{"text for a bound", "dimensions:\n  - {path: a, kind: range, from: 3, to: many}", `must be a number, with its unit where the field has one, such as 30s; got "many"`},
		{"two units", "dimensions:\n  - {path: a, kind: range, from: 3s, to: 2m}", `must have the unit of from, "s", got "m"`},
		{"log of nothing", "dimensions:\n  - {path: a, kind: log, from: 0, to: 2}", "must be positive for kind log"},
		{"half a number", "dimensions:\n  - {path: a, kind: int, from: 0.5, to: 2}", "must be whole numbers"},
		{"an infinite bound", "dimensions:\n  - {path: a, kind: range, from: 1, to: .inf}", "must be a number"},
		{"choices of a range", "dimensions:\n  - {path: a, kind: range, from: 1, to: 2, choices: [a]}", "choices: is for kind choice"},
		{"bounds of a choice", "dimensions:\n  - {path: a, kind: choice, from: 1, choices: [a, b]}", "a choice has no bounds"},
		{"one choice", "dimensions:\n  - {path: a, kind: choice, choices: [a]}", "must be a list of 2 to 100 values, got 1"},
		{"twice the same choice", "dimensions:\n  - {path: a, kind: choice, choices: [a, b, a]}", `dimensions[0].choices[2]: "a" is there twice`},
		{"twice the same field", "dimensions:\n  - {path: a, kind: int, from: 1, to: 2}\n  - {path: a, kind: int, from: 1, to: 2}", "bad.yaml:3: dimensions[1].path: a is a dimension already"},
		{"seeds", "dimensions:\n  - {path: run.seed, kind: int, from: 1, to: 2}", "seeds are the search's own"},
		{"too deep", strings.Repeat("[", 5000), "too deep"},
		{"too long", strings.Repeat("#", maxSpaceBytes+1), "too long"},
	} {
		_, err := ParseSpace("bad.yaml", []byte(c.text))
		if !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant an ErrInput with %q", c.name, err, c.want)
		}
	}
}

// A space must suit its scenario: fields, bounds and choices are the scenario's to judge.
func TestSpacesThatDoNotSuit(t *testing.T) {
	scenario, err := scenarios.Load("live")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, dimension, want string }{
		{"no such field", "path: p2pml.core.highDemandWindow, kind: int, from: 1, to: 2", "bad.yaml:2: --set p2pml.core.highDemandWindow=1: p2pml.core.highDemandWindow: there is no field"},
		{"beyond the bounds", "path: p2pml.core.simultaneousP2PDownloads, kind: int, from: 1, to: 5000", "must be between 0 and 1000"},
		{"no unit", "path: tracker.interval, kind: int, from: 1, to: 50", "did you mean"},
		{"no such link", "path: 'peers.groups[0].link', kind: choice, choices: [cable, cabel]", "cabel"},
	} {
		space, err := ParseSpace("bad.yaml", []byte("dimensions:\n  - {"+c.dimension+"}"))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if _, err := space.For(scenario); !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant an ErrInput with %q", c.name, err, c.want)
		}
	}
}

func TestReadSpace(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "space.yaml")
	if err := os.WriteFile(file, []byte(syntheticSpace), 0o644); err != nil {
		t.Fatal(err)
	}
	if space, err := ReadSpace(file); err != nil || len(space.Dimensions) != 3 {
		t.Errorf("%d dimensions, %v", len(space.Dimensions), err)
	}
	for _, bad := range []string{dir, filepath.Join(dir, "none.yaml")} {
		if _, err := ReadSpace(bad); !errors.Is(err, ErrInput) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// Whatever the text, it is refused or every point of the space has values of its own kind, within its bounds.
func FuzzParseSpace(f *testing.F) {
	for _, kind := range []string{scenarios.Live, scenarios.VOD} {
		text, err := spaces.ReadFile("spaces/" + kind + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, 0.3)
	}
	f.Add([]byte("dimensions: [{path: a, kind: choice, choices: [1, 2.5, x]}]"), 1.0)
	f.Add([]byte("dimensions: [{path: a, kind: log, from: 1e-9, to: 1e15}]"), 0.999)
	f.Add([]byte("dimensions: &a [*a]"), 0.0)
	f.Fuzz(func(t *testing.T, text []byte, at float64) {
		space, err := ParseSpace("fuzz.yaml", text)
		if err != nil {
			if !errors.Is(err, ErrInput) {
				t.Fatalf("%v is no ErrInput", err)
			}
			return
		}
		p := make(point, len(space.Dimensions))
		for i := range p {
			p[i] = at
		}
		for i, s := range space.settings(p) {
			d := space.Dimensions[i]
			if d.Kind == results.ChoiceDimension {
				if !slices.Contains(d.Choices, s.Value) {
					t.Errorf("%q is no choice of %q", s.Value, d.Choices)
				}
				continue
			}
			x, ok := d.Number(s.Value)
			if !ok || x < d.From-1e-9*math.Abs(d.From) || x > d.To+1e-9*math.Abs(d.To) {
				t.Errorf("%q is not within %v and %v %s", s.Value, d.From, d.To, d.Unit)
			}
		}
	})
}
