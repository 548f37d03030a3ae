package tune

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"swarmlab/results"
	"swarmlab/scenarios"
)

// Figure is what of a result is looked at, in the language of thresholds: p2pRatio, p95(startupMs), p2pRatio{group:mobile}.
type Figure struct {
	Text string // in the form in which it is written
	of   results.Condition
}

// ParseFigure reads a figure. Errors are ErrInput.
func ParseFigure(text string) (Figure, error) {
	t, err := scenarios.ParseThreshold(text + " > 0")
	if err != nil {
		return Figure{}, fmt.Errorf("%w: %q is no figure of a result: %w", ErrInput, text, err)
	}
	f := Figure{Text: strings.TrimSuffix(t.String(), " > 0")}
	f.of = results.Condition{Text: f.Text, Func: t.Func, Percentile: t.Percentile, Metric: t.Metric}
	for _, l := range t.Selector {
		f.of.Labels = append(f.of.Labels, results.Label{Key: l.Key, Value: l.Value})
	}
	if err := f.of.Check(); err != nil {
		return Figure{}, fmt.Errorf("%w: %w", ErrInput, err)
	}
	return f, nil
}

// known tells whether the scenario has the groups, NATs and regions that the figure names. A link may be an object without a name, so links
// are not known before.
func (f Figure) known(s *scenarios.Scenario) error {
	for _, l := range f.of.Labels {
		var there []string
		for _, g := range s.Peers.Groups {
			there = append(there, map[string]string{"group": g.Name, "nat": g.NAT, "region": g.Region, "link": l.Value}[l.Key])
		}
		if !slices.Contains(there, l.Value) {
			return fmt.Errorf("%w: %s: no viewer has %s %q; there is %s", ErrInput, f.Text, l.Key, l.Value, strings.Join(there, ", "))
		}
	}
	return nil
}

// Objective is a figure to maximise or minimise.
type Objective struct {
	Figure
	Direction results.Direction
}

// ParseObjective reads "max p2pRatio" or "min copiesPerSegment". Errors are ErrInput.
func ParseObjective(text string) (Objective, error) {
	word, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	directions := map[string]results.Direction{"max": results.Up, "min": results.Down}
	direction, ok := directions[word]
	if !ok {
		return Objective{}, fmt.Errorf("%w: objective %q: must be max or min and a figure, such as 'max p2pRatio' or 'min p95(startupMs)'", ErrInput, text)
	}
	f, err := ParseFigure(strings.TrimSpace(rest))
	if err != nil {
		return Objective{}, fmt.Errorf("objective %q: %w", text, err)
	}
	return Objective{Figure: f, Direction: direction}, nil
}

// better is a figure so that more is better.
func (o Objective) better(x float64) float64 {
	if o.Direction == results.Down {
		return -x
	}
	return x
}

// Constraint is what settings must keep to.
type Constraint struct {
	results.Constraint
	figure Figure
}

var multiple = regexp.MustCompile(`^(.*?)(<=|>=|<|>)\s*(?:([0-9]+(?:\.[0-9]+)?)\s*\*\s*)?defaults$`)

// ParseConstraint reads a condition such as "stallRatio < 0.005", or one relative to what the defaults have with the same seeds:
// "stallRatio <= defaults", "p95(startupMs) <= 1.2*defaults". Relative ones grant the smallest difference that matters on top. Errors are
// ErrInput.
func ParseConstraint(text string) (Constraint, error) {
	text = strings.TrimSpace(text)
	c := Constraint{Constraint: results.Constraint{Text: text}}
	var subject string
	if m := multiple.FindStringSubmatch(text); m != nil {
		subject, c.Op, c.Value, c.OfDefaults = m[1], m[2], 1, true
		if m[3] != "" {
			c.Value, _ = strconv.ParseFloat(m[3], 64)
		}
	} else {
		t, err := scenarios.ParseThreshold(text)
		if err != nil {
			return c, fmt.Errorf("%w: constraint: %w", ErrInput, err)
		}
		if t.Op == "==" || t.Op == "!=" {
			return c, fmt.Errorf("%w: constraint %q: must be <, <=, > or >=: nothing that is measured is exactly a number", ErrInput, text)
		}
		c.Op, c.Value = t.Op, t.Value
		subject, _, _ = strings.Cut(text, t.Op[:1])
	}
	f, err := ParseFigure(strings.TrimSpace(subject))
	if err != nil {
		return c, fmt.Errorf("constraint %q: %w", text, err)
	}
	c.figure, c.Figure = f, f.Text
	return c, nil
}

// limit is what the mean must keep to, given the defaults' mean with the same seeds.
func (c Constraint) limit(defaults float64) float64 {
	if !c.OfDefaults {
		return c.Value
	}
	slack := results.SmallestDifference(c.figure.of, defaults)
	if c.Op == ">" || c.Op == ">=" {
		slack = -slack
	}
	return c.Value*defaults + slack
}

// margin is how far inside its limit a mean is; negative outside.
func (c Constraint) margin(mean, defaults float64) float64 {
	if c.Op == ">" || c.Op == ">=" {
		return mean - c.limit(defaults)
	}
	return c.limit(defaults) - mean
}

// holds is margin with the two that are strict.
func (c Constraint) holds(mean, defaults float64) bool {
	m := c.margin(mean, defaults)
	return m > 0 || m == 0 && (c.OfDefaults || c.Op == "<=" || c.Op == ">=")
}

// DefaultObjectives maximise what is saved: copies that the origin need not send.
func DefaultObjectives() []string { return []string{"max offload"} }

// DefaultConstraints keep viewers from paying for it. Startup counts only those who saw a picture, so the others are counted too.
func DefaultConstraints() []string {
	return []string{"stallRatio <= defaults", "p95(startupMs) <= defaults", "neverStarted <= defaults"}
}
