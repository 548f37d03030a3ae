package tune

import (
	"errors"
	"strings"
	"testing"

	"swarmlab/results"
	"swarmlab/scenarios"
)

func TestObjectives(t *testing.T) {
	for _, c := range []struct{ text, figure, fails string }{
		{text: "max p2pRatio", figure: "p2pRatio"},
		{text: "  min  p95( startupMs ) ", figure: "p95(startupMs)"},
		{text: "max p2pRatio{group:home}", figure: "p2pRatio{group:home}"},
		{text: "p2pRatio", fails: "must be max or min and a figure"},
		{text: "most p2pRatio", fails: "must be max or min and a figure"},
		{text: "max", fails: "is no figure"},
		{text: "max p2pRation", fails: "there is no metric"},
		{text: "max startupMs", fails: "is a distribution; say which figure"},
		{text: "max p2pRatio > 3", fails: "is no figure"},
		{text: "max offload{group:home}", fails: "of the whole swarm"},
	} {
		o, err := ParseObjective(c.text)
		switch {
		case c.fails == "" && (err != nil || o.Text != c.figure):
			t.Errorf("%q is read as %q, %v; want %q", c.text, o.Text, err, c.figure)
		case c.fails != "" && (!errors.Is(err, ErrInput) || !strings.Contains(err.Error(), c.fails)):
			t.Errorf("%q: %v, want an ErrInput with %q", c.text, err, c.fails)
		}
	}
}

// The mean of a trial is held against a number, or against what the defaults have with the same seeds.
func TestConstraints(t *testing.T) {
	for _, c := range []struct {
		text           string
		mean, defaults float64
		holds          bool
		fails          string
	}{
		{text: "stallRatio < 0.005", mean: 0.0049, holds: true},
		{text: "stallRatio < 0.005", mean: 0.005},
		{text: "stallRatio <= 0.005", mean: 0.005, holds: true},
		{text: "p2pRatio >= 0.5", mean: 0.5, holds: true},
		{text: "p2pRatio > 0.5", mean: 0.5},
		// A stall ratio matters from a thousandth on, and from a tenth of itself.
		{text: "stallRatio <= defaults", mean: 0.0009, holds: true},
		{text: "stallRatio <= defaults", mean: 0.0011},
		{text: "stallRatio <= defaults", mean: 0.054, defaults: 0.05, holds: true},
		{text: "stallRatio <= defaults", mean: 0.056, defaults: 0.05},
		{text: "p95(startupMs) <= 1.2*defaults", mean: 1349, defaults: 1000, holds: true}, // 1200, and 150 beyond
		{text: "p95(startupMs) <= 1.2 * defaults", mean: 1351, defaults: 1000},
		{text: "p2pRatio >= defaults", mean: 0.495, defaults: 0.5, holds: true},
		{text: "p2pRatio >= defaults", mean: 0.485, defaults: 0.5},
		{text: "p2pRatio{group:home} > 0.3", mean: 0.31, holds: true},
		{text: "stallRatio", fails: "no comparison"},
		{text: "stallRatio == 0", fails: "must be <, <=, > or >="},
		{text: "stallRatio < default", fails: "must end in a number"},
		{text: "stalRatio < 1", fails: "there is no metric"},
		{text: "stallRatio < -1*defaults", fails: "must end in a number"},
	} {
		got, err := ParseConstraint(c.text)
		if c.fails != "" {
			if !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), c.fails) {
				t.Errorf("%q: %v, want an ErrInput with %q", c.text, err, c.fails)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if holds := got.holds(c.mean, c.defaults); holds != c.holds {
			t.Errorf("%q of %v, the defaults having %v: %v, want %v", c.text, c.mean, c.defaults, holds, c.holds)
		}
		if margin := got.margin(c.mean, c.defaults); (margin < 0) == c.holds && margin != 0 {
			t.Errorf("%q of %v: margin %v", c.text, c.mean, margin)
		}
	}
}

// A figure of a group that is not there is found before anything runs, as is a plan that cannot be.
func TestPlansThatCannotBe(t *testing.T) {
	for _, c := range []struct {
		name, want string
		change     func(*Plan)
	}{
		{"a group that is not there", `no viewer has group "hoem"; there is viewer`, func(p *Plan) {
			o, err := ParseObjective("max p2pRatio{group:hoem}")
			if err != nil {
				t.Fatal(err)
			}
			p.Objectives = []Objective{o}
		}},
		{"no trials", "trials: must be between 1 and 10000, got 0", func(p *Plan) { p.Trials = 0 }},
		{"one seed to confirm with", "one seed says nothing of chance", func(p *Plan) { p.ConfirmSeeds = 1 }},
		{"no space", "the space is empty", func(p *Plan) { p.Space = Space{} }},
		{"no objective", "1 to 4 objectives", func(p *Plan) { p.Objectives = nil }},
		{"too many to confirm", "settings to confirm", func(p *Plan) { p.Confirm = 21 }},
	} {
		p := syntheticPlan(t, []string{"max p2pRatio"}, nil)
		c.change(&p)
		if err := p.Check(); !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an ErrInput with %q", c.name, err, c.want)
		}
	}
}

// Every other audience that a winner is tried on can be simulated, whatever the scenario; fields that were searched are left alone.
func TestPerturbationsCanBe(t *testing.T) {
	for _, name := range scenarios.Names() {
		scenario, err := scenarios.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		p := Plan{Scenario: scenario}
		all := p.perturbations()
		if len(all) < 5 {
			t.Errorf("%s has %d other audiences", name, len(all))
		}
		for _, other := range all {
			s := *scenario
			if err := s.SetAll(assignments(other.sets)); err != nil {
				t.Errorf("%s, %s: %v", name, other.name, err)
			}
			if s.Equal(scenario) {
				t.Errorf("%s, %s: it is the same audience", name, other.name)
			}
		}
		p.Space.Dimensions = []results.Dimension{{Path: "tracker.interval"}, {Path: "peers.groups[0].link.down"}}
		for _, other := range p.perturbations() {
			if strings.HasPrefix(other.name, "tracker") || strings.HasPrefix(other.name, "links") {
				t.Errorf("%s, %s: it undoes what was searched", name, other.name)
			}
		}
	}
}
