package results

// CheckedSchema names the layout of [Checked].
const CheckedSchema = "swarmlab/check/v1"

// Checked is what a check found: thresholds and, if there is one, the baseline.
type Checked struct {
	Schema      string      `json:"schema"`
	Name        string      `json:"name"`
	Tier        string      `json:"tier"`
	Clock       string      `json:"clock"`
	Version     string      `json:"version"`
	Seeds       []uint64    `json:"seeds"`
	WallSeconds float64     `json:"wallSeconds"`
	Crossed     bool        `json:"crossed"`
	Thresholds  []Threshold `json:"thresholds"`
	Gate        *Gate       `json:"gate,omitempty"` // nil: no baseline
	// Now is what was measured; its runs are what the reports draw.
	Now *Evidence `json:"-"`
}

// NewChecked holds conditions and a baseline (which may be nil) against what was measured. metrics are those to compare with the
// baseline; nil means all that are gated.
func NewChecked(now *Evidence, conditions []Condition, baseline *Evidence, metrics []string) (*Checked, error) {
	c := &Checked{
		Schema: CheckedSchema, Name: now.Name, Tier: now.Tier, Clock: now.Clock, Version: now.Version, Seeds: now.Seeds, Now: now,
		Thresholds: []Threshold{},
	}
	for _, want := range conditions {
		t, err := want.Held(now.Runs)
		if err != nil {
			return nil, err
		}
		c.Thresholds = append(c.Thresholds, t)
		c.Crossed = c.Crossed || t.Crossed
	}
	if baseline == nil {
		return c, nil
	}
	gate, err := Against(baseline, now, metrics)
	if err != nil {
		return nil, err
	}
	c.Gate = gate
	c.Crossed = c.Crossed || len(gate.Crossed()) > 0
	return c, nil
}
