package results

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// TuningSchema names the layout of [Tuning].
const TuningSchema = "swarmlab/tune/v1"

// TuningFile is the name of a [Tuning] within its folder.
const TuningFile = "tuning.json"

// Tuning is what a search for better settings found: the space, every trial, what became of the best in the packet tier, and what may be
// said of it. It is a function of the plan and of the runs' figures alone: no wall time is in it, so that a search that was
// interrupted and one that was not leave the same file.
type Tuning struct {
	Schema  string `json:"schema"`
	Name    string `json:"name"` // of the scenario
	Version string `json:"version"`
	Command string `json:"command"`
	Seed    uint64 `json:"seed"` // of the search
	// Scenario is as resolved, with the defaults (trial 0) in force.
	Scenario    json.RawMessage `json:"scenario"`
	Space       []Dimension     `json:"space"`
	Objectives  []Objective     `json:"objectives"`
	Constraints []Constraint    `json:"constraints"`
	Search      TuningSearch    `json:"search"`
	// Trials are by number; the first, number 0, is the scenario without any setting of the space changed: the library's defaults,
	// unless the scenario itself says otherwise.
	Trials []Trial `json:"trials"`
	// Front are the numbers of the trials that no other feasible one beats in every objective, the best in the first objective first.
	Front        []int         `json:"front"`
	Confirmation *Confirmation `json:"confirmation,omitempty"` // nil: nothing was worth confirming, or it was not come to
	// Robustness is of the winner; empty without one.
	Robustness []Perturbation `json:"robustness"`
	Verdict    TuningVerdict  `json:"verdict"`
	Warnings   []string       `json:"warnings"` // sentences
}

// TuningSearch says how the search went.
type TuningSearch struct {
	Tier  string   `json:"tier"`
	Seeds []uint64 `json:"seeds"` // all trials use these, the first ones first
	Rungs []int    `json:"rungs"` // seeds that a trial has had when it has passed the rung, cumulative
	Batch int      `json:"batch"` // trials chosen at a time
	Runs  int      `json:"runs"`  // simulations in the search
	Asked int      `json:"asked"` // trials, at most
	// Ended: "trials", "budget", "interrupted".
	Ended string `json:"ended"`
}

// Kinds of [Dimension].
const (
	RangeDimension  = "range"  // evenly between from and to
	LogDimension    = "log"    // evenly between their logarithms
	IntDimension    = "int"    // whole numbers
	ChoiceDimension = "choice" // one of Choices
)

// Dimension is one field of the scenario that the search may change.
type Dimension struct {
	Path string `json:"path"` // as --set has it, such as p2pml.core.highDemandTimeWindow
	Kind string `json:"kind"`
	// From and To are in Unit, the suffix that values are written with ("s" in 30s; "" for bare numbers).
	From    float64  `json:"from,omitempty"`
	To      float64  `json:"to,omitempty"`
	Unit    string   `json:"unit,omitempty"`
	Choices []string `json:"choices,omitempty"`
	Reason  string   `json:"reason,omitempty"` // why this range
	// Default is the value of trial 0, which may lie outside; empty if the scenario leaves the field open.
	Default string `json:"default"`
}

// Objective is a figure to make as large, or as small, as can be.
type Objective struct {
	Figure string `json:"figure"` // in the language of thresholds: p2pRatio, p95(startupMs), p2pRatio{group:mobile}
	// Direction is Up or Down.
	Direction Direction `json:"direction"`
	// Smallest difference that matters; 0: every difference does.
	Smallest float64 `json:"smallest"`
}

// Constraint is what settings must keep to. The mean over a trial's seeds counts.
type Constraint struct {
	Text   string  `json:"text"`   // as given: stallRatio < 0.005, p95(startupMs) <= 1.1*defaults
	Figure string  `json:"figure"` // as in Objective
	Op     string  `json:"op"`
	Value  float64 `json:"value"` // a figure, or a multiple of what the defaults have on the same seeds
	// OfDefaults: Value is such a multiple.
	OfDefaults bool `json:"ofDefaults,omitempty"`
	// Slack is granted beyond a multiple of the defaults' figure: the smallest difference that matters.
	Slack float64 `json:"slack,omitempty"`
}

// Setting is a field and its value, both as --set has them.
type Setting struct {
	Path  string `json:"path"`
	Value string `json:"value"`
}

// TrialState says what became of a trial.
type TrialState string

// The states of a trial.
const (
	TrialKept      TrialState = "kept"          // it had all the seeds of the search
	TrialStopped   TrialState = "stopped early" // others were better with the seeds it had
	TrialFailed    TrialState = "failed"        // the run failed, or the scenario cannot be: see Error
	TrialConfirmed TrialState = "confirmed"     // kept, and simulated in the packet tier as well: see Confirmation
)

// Origins of a trial.
const (
	TrialDefaults   = "defaults"
	TrialFilling    = "space-filling"
	TrialModel      = "model"
	TrialSimplified = "simplified" // another trial's, with settings that gained nothing taken back
)

// Trial is one choice of settings and what was measured with it.
type Trial struct {
	Number int        `json:"number"`
	Origin string     `json:"origin"`
	Of     int        `json:"of,omitempty"` // simplified: the trial it was made of
	Batch  int        `json:"batch"`        // in which it was chosen, from 0
	Rung   int        `json:"rung"`         // the highest it has passed, from 0
	State  TrialState `json:"state"`
	// Settings are in the order of the space; trial 0 has none. A field that a simplified trial took back is not among them.
	Settings []Setting `json:"settings"`
	Measured
	// Feasible: the means meet every constraint. Violated are the texts of those that are not met.
	Feasible bool     `json:"feasible"`
	Violated []string `json:"violated,omitempty"`
	// Gains are against trial 0 on the same seeds, one for each objective; none of a trial that failed.
	Gains []Gain `json:"gains,omitempty"`
	Error string `json:"error,omitempty"`
}

// Measured are the figures of runs with some seeds.
type Measured struct {
	Seeds []uint64 `json:"seeds"`
	// Values are by figure, each in the order of Seeds. A figure that not every seed could measure is not there.
	Values map[string][]float64 `json:"values"`
	Means  map[string]float64   `json:"means"`
}

// Gain is by how much one objective's figure differs from the defaults', seed by seed.
type Gain struct {
	Figure string  `json:"figure"`
	Diff   float64 `json:"diff"` // mean over the seeds; its sign is the figure's, so a Down objective gains when it is negative
	// Better by Diff, in the objective's direction: positive is good.
	Better float64 `json:"better"`
	// Interval holds the true Diff in 95 of 100 experiments; nil with one seed.
	Interval *Interval `json:"interval,omitempty"`
}

// Confirmation is the best few and the defaults in the packet tier, with seeds that the search never used.
type Confirmation struct {
	Tier  string   `json:"tier"`
	Peers int      `json:"peers"` // audience, which may be smaller than the scenario's
	Seeds []uint64 `json:"seeds"`
	// Defaults are trial 0's figures; Flow are the same runs in the search's tier.
	Defaults     Measured    `json:"defaults"`
	DefaultsFlow Measured    `json:"defaultsFlow"`
	Confirmed    []Confirmed `json:"confirmed"` // in the search's order, its favourite first
}

// Confirmed is one trial, confirmed or not.
type Confirmed struct {
	Trial    int       `json:"trial"`
	Settings []Setting `json:"settings"`
	Packet   Measured  `json:"packet"`
	Flow     Measured  `json:"flow"`
	// Gains are of the packet tier, one for each objective.
	Gains []ConfirmedGain `json:"gains"`
	// Held says of each constraint whether the packet tier's means meet it.
	Held []ConstraintHeld `json:"held"`
	// Verdict: Better if some objective is better, none is worse and all constraints are held; NoEvidence, Worse, Same otherwise.
	Verdict Verdict `json:"verdict"`
}

// ConfirmedGain is a gain that may be quoted.
type ConfirmedGain struct {
	Gain
	// Together is an interval as Gain's, but for all confirmed trials at once: in 95 of 100 experiments every one of them holds, so that
	// also the one holds that was picked because it is the best.
	Together *Interval `json:"together,omitempty"`
	P        *float64  `json:"p,omitempty"`        // two-sided
	Adjusted *float64  `json:"adjusted,omitempty"` // P corrected for all gains of the confirmation (Holm)
	Verdict  Verdict   `json:"verdict"`
	Small    bool      `json:"small,omitempty"` // there is a difference, and it is smaller than what matters
	Flow     Gain      `json:"flow"`            // the same runs in the search's tier
}

// ConstraintHeld is a constraint and what was measured of it.
type ConstraintHeld struct {
	Text  string  `json:"text"`
	Mean  float64 `json:"mean"`
	Limit float64 `json:"limit"` // of the mean, slack included
	Held  bool    `json:"held"`
}

// Perturbation is the winner on another audience, against the defaults there.
type Perturbation struct {
	Name     string    `json:"name"`     // half the audience
	Settings []Setting `json:"settings"` // what was changed in the scenario
	Tier     string    `json:"tier"`
	Seeds    []uint64  `json:"seeds"`
	Gains    []Gain    `json:"gains,omitempty"`
	Held     bool      `json:"held"` // all constraints
	// Wins: the first objective's interval lies above nothing, and all constraints are held.
	Wins  bool   `json:"wins"`
	Says  string `json:"says"` // a sentence
	Error string `json:"error,omitempty"`
}

// TuningVerdict is what the tuning comes down to.
type TuningVerdict struct {
	// Winner is a trial's number; nil: no setting is better than the defaults, or it was not come to.
	Winner *int `json:"winner,omitempty"`
	// Complete: the confirmation was done, or there was nothing to confirm.
	Complete bool   `json:"complete"`
	Says     string `json:"says"` // a sentence or two
}

// Trial finds a trial by its number.
func (t *Tuning) Trial(number int) (*Trial, bool) {
	if number < 0 || number >= len(t.Trials) {
		return nil, false
	}
	return &t.Trials[number], true
}

// WriteTuning keeps a tuning as tuning.json in dir, whole or not at all.
func WriteTuning(dir string, t *Tuning) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { // results are for everybody
		return fmt.Errorf("make the output folder: %w", err)
	}
	return WriteFile(filepath.Join(dir, TuningFile), func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(t)
	})
}

// ReadTuning reads tuning.json from its folder or its file.
func ReadTuning(path string) (*Tuning, error) {
	t := &Tuning{}
	if err := readJSON(path, TuningFile, TuningSchema, t); err != nil {
		return nil, err
	}
	return t, t.check(path)
}

// check refuses what cannot be drawn: numbers that are no trial's.
func (t *Tuning) check(path string) error {
	bad := func(number int) error {
		return fmt.Errorf("read %s: there is no trial %d: the file has %d", path, number, len(t.Trials))
	}
	for i, trial := range t.Trials {
		if trial.Number != i {
			return fmt.Errorf("read %s: trial %d is in place %d; trials must be in the order of their numbers", path, trial.Number, i)
		}
	}
	named := append([]int(nil), t.Front...)
	if t.Verdict.Winner != nil {
		named = append(named, *t.Verdict.Winner)
	}
	if t.Confirmation != nil {
		for _, c := range t.Confirmation.Confirmed {
			named = append(named, c.Trial)
		}
	}
	for _, number := range named {
		if _, ok := t.Trial(number); !ok {
			return bad(number)
		}
	}
	return nil
}
