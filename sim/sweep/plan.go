package sweep

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"swarmlab/results"
	"swarmlab/scenarios"
	"swarmlab/sim"
)

// Plan is a grid that is known to be good.
type Plan struct {
	base  *scenarios.Scenario
	cells []*scenarios.Scenario // in the order of results.Sweep.Cells
	only  []int                 // cells to run
	sweep results.Sweep         // what is known before anything runs
}

// Config is what a sweep is made of.
type Config struct {
	Scenario *scenarios.Scenario
	Axes     []results.Axis
	Seeds    int    // from the scenario's seed on
	Tier     string // of sim.Tiers
	Metrics  []string
	// Only are the cells to run, by their index in results.Sweep.Cells; nil: all. The others stay empty, as those of an interrupted
	// sweep do. Runs of other cells that the folder has are kept, so a later plan may add cells to it.
	Only []int
	// MostRuns refuses a larger grid, so that a comma too many costs no night.
	MostRuns         int
	Version, Command string
}

// NewPlan makes every combination's scenario. A mistake in one of them is told before anything runs.
func NewPlan(c Config) (*Plan, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	scenario, err := json.Marshal(c.Scenario)
	if err != nil {
		return nil, fmt.Errorf("write the scenario: %w", err)
	}
	p := &Plan{base: c.Scenario, sweep: results.Sweep{
		Schema: results.SweepSchema, Name: c.Scenario.Name, Tier: c.Tier, Version: c.Version, Command: c.Command,
		Scenario: scenario, Metrics: c.Metrics, Axes: c.Axes,
	}}
	for i := range c.Seeds {
		p.sweep.Seeds = append(p.sweep.Seeds, c.Scenario.Run.Seed+uint64(i))
	}
	cells := 1
	for _, a := range c.Axes {
		cells *= len(a.Values)
	}
	for i := range cells {
		cell := results.SweepCell{Place: p.sweep.Place(i)}
		s, err := p.scenarioOf(cell)
		if err != nil {
			return nil, err
		}
		p.cells, p.sweep.Cells = append(p.cells, s), append(p.sweep.Cells, cell)
		if c.Only == nil {
			p.only = append(p.only, i)
		}
	}
	for _, i := range c.Only {
		if i < 0 || i >= cells || slices.Contains(p.only, i) {
			return nil, fmt.Errorf("%w: cell %d is not one of %d, or is named twice", ErrInput, i, cells)
		}
		p.only = append(p.only, i)
	}
	return p, nil
}

func (c Config) check() error {
	if len(c.Axes) == 0 {
		return fmt.Errorf("%w: it goes over nothing; give it an axis such as p2pml.core.highDemandTimeWindow=5,10,15", ErrInput)
	}
	if err := sim.CheckOptions(sim.Options{Tier: c.Tier}); err != nil {
		return err
	}
	if len(c.Metrics) == 0 {
		return fmt.Errorf("%w: it measures nothing; name a metric such as p2pRatio", ErrInput)
	}
	for _, m := range c.Metrics {
		if err := results.CheckValueName(m); err != nil {
			return fmt.Errorf("%w: %w", ErrInput, err)
		}
	}
	runs := c.Seeds
	for i, a := range c.Axes {
		if slices.ContainsFunc(c.Axes[:i], func(b results.Axis) bool { return a.Path == b.Path }) {
			return fmt.Errorf("%w: %s is there twice", ErrInput, a.Path)
		}
		if a.Path == "run.seed" {
			return fmt.Errorf("%w: run.seed is no setting: every combination runs with the same seeds, as many as asked for", ErrInput)
		}
		runs *= len(a.Values)
		if runs > c.MostRuns {
			return fmt.Errorf("%w: %s are more than %d runs", ErrTooLarge, c.sizeText(), c.MostRuns)
		}
	}
	return nil
}

// sizeText is how large the grid is: 7 x 5 values x 3 seeds.
func (c Config) sizeText() string {
	var sizes []string
	for _, a := range c.Axes {
		sizes = append(sizes, fmt.Sprint(len(a.Values)))
	}
	return fmt.Sprintf("%s values x %d seeds", strings.Join(sizes, " x "), c.Seeds)
}

// scenarioOf puts a cell's settings into the scenario. It is one assignment, because fields may only be valid together.
func (p *Plan) scenarioOf(cell results.SweepCell) (*scenarios.Scenario, error) {
	var sets []string
	for i, value := range p.sweep.Settings(cell) {
		sets = append(sets, p.sweep.Axes[i].Path+"="+value)
	}
	s := *p.base
	if err := s.SetAll(sets); err != nil {
		return nil, err
	}
	return &s, sim.Check(&s)
}

// Runs is how many there are in all.
func (p *Plan) Runs() int { return len(p.only) * len(p.sweep.Seeds) }

// work estimates what a run costs, in no unit: viewers times simulated time.
func work(s *scenarios.Scenario) float64 {
	return float64(s.Peers.Count) * s.Run.Duration.Std().Seconds()
}
