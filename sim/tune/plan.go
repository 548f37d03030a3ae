package tune

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"swarmlab/results"
	"swarmlab/scenarios"
)

// The search's shape. It is fixed, and no function of the machine or of the number of trials: a search of 300 begins as one of 100 does,
// and the same on two cores as on sixty-four.
const (
	batchSize = 8 // trials chosen at a time
	eta       = 4 // of so many trials one gets past a rung
)

// rungs are the seeds that a trial has had when it has passed each. With one seed in front, a search of N trials costs some 1.8 N runs.
var rungs = []int{1, 3, 8}

// Limits of a plan.
const (
	MaxTrials       = 10_000
	MaxConfirmSeeds = 500
	robustSeeds     = 6
)

// Plan is what is to be tuned. All of it decides the outcome, but for Budget where Trials come first.
type Plan struct {
	Scenario    *scenarios.Scenario
	Space       Space // fitted to the scenario with Space.For
	Objectives  []Objective
	Constraints []Constraint
	Seed        uint64
	// Trials are the settings to try, at most; the defaults are not counted.
	Trials int
	// Budget is the wall time to plan for; 0: none. The search ends when what is left is needed for confirmation and robustness.
	Budget time.Duration
	// Confirm is how many of the best are confirmed, ConfirmSeeds with how many fresh seeds each. 0 of either: nothing is confirmed, and
	// there is no winner.
	Confirm, ConfirmSeeds int
	// ConfirmPeers is the audience in the packet tier; 0: the scenario's.
	ConfirmPeers int
	Version      string
	Command      string
}

// Check tells what is wrong with a plan. Errors are ErrInput.
func (p *Plan) Check() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{ErrInput}, args...)...)
	}
	switch {
	case len(p.Space.Dimensions) == 0:
		return bad("the space is empty")
	case len(p.Objectives) == 0 || len(p.Objectives) > 4:
		return bad("there must be 1 to 4 objectives, got %d", len(p.Objectives))
	case p.Trials < 1 || p.Trials > MaxTrials:
		return bad("trials: must be between 1 and %d, got %d", MaxTrials, p.Trials)
	case p.ConfirmSeeds < 0 || p.ConfirmSeeds > MaxConfirmSeeds || p.ConfirmSeeds == 1:
		return bad("seeds to confirm with: must be 0, or between 2 and %d (one seed says nothing of chance), got %d", MaxConfirmSeeds, p.ConfirmSeeds)
	case p.Confirm < 0 || p.Confirm > 20:
		return bad("settings to confirm: must be between 0 and 20, got %d", p.Confirm)
	case p.ConfirmPeers < 0:
		return bad("viewers in the confirmation: must be 0 or more, got %d", p.ConfirmPeers)
	case p.Budget < 0:
		return bad("budget: must be positive, got %v", p.Budget)
	}
	for _, f := range p.figures() {
		if err := f.known(p.Scenario); err != nil {
			return err
		}
	}
	return nil
}

// figures are what every run is asked for.
func (p *Plan) figures() []Figure {
	var out []Figure
	for _, o := range p.Objectives {
		out = append(out, o.Figure)
	}
	for _, c := range p.Constraints {
		out = append(out, c.figure)
	}
	return out
}

// confirms: the plan has a confirmation.
func (p *Plan) confirms() bool { return p.Confirm > 0 && p.ConfirmSeeds > 0 }

// ID is the same for plans that may share a folder: those of the same runs. How many trials there are, what time they may take and what
// is done afterwards is not in it: more of the same goes on where less of it ended.
func (p *Plan) ID() string {
	var figures []string
	for _, o := range p.Objectives {
		figures = append(figures, string(o.Direction)+" "+o.Text)
	}
	for _, c := range p.Constraints {
		figures = append(figures, c.Text)
	}
	text, err := json.Marshal([]any{p.Scenario, p.Space.bare(), figures, p.Seed, batchSize, eta, rungs})
	if err != nil {
		panic("tune: a plan that is not JSON: " + err.Error()) // a programmer's mistake: all of it is plain data
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6])
}

// bare is the space without its reasons, which decide nothing.
func (s Space) bare() []results.Dimension {
	out := make([]results.Dimension, len(s.Dimensions))
	for i, d := range s.Dimensions {
		d.Reason = ""
		out[i] = d
	}
	return out
}

// Seeds of the runs. Each purpose has its own, so that what is confirmed is confirmed with an audience that the search never saw.
const (
	seedsOfSearch  = 1
	seedsOfConfirm = 101
	seedsOfRobust  = 801
)

// seeds are the first n of a purpose.
func (p *Plan) seeds(purpose uint64, n int) []uint64 {
	out := make([]uint64, n)
	for i := range out {
		// A seed has at most twelve digits: JavaScript reads a number of more than fifteen wrongly.
		out[i] = p.Seed%1e9*1000 + purpose + uint64(i)
	}
	return out
}
