package netem

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Link is one host's access link: all that host sends and receives goes through it. The zero Link is unlimited.
type Link struct {
	Down      Rate          `yaml:"down,omitempty" json:"down,omitempty"`           // towards the host; 0: not limited
	Up        Rate          `yaml:"up,omitempty" json:"up,omitempty"`               // from the host; 0: not limited
	Delay     time.Duration `yaml:"delay,omitempty" json:"delay,omitempty"`         // one way, of the access part
	Jitter    time.Duration `yaml:"jitter,omitempty" json:"jitter,omitempty"`       // standard deviation of Delay; never reorders
	Loss      float64       `yaml:"loss,omitempty" json:"loss,omitempty"`           // probability per packet, each way
	QueueDown Queue         `yaml:"queueDown,omitempty" json:"queueDown,omitempty"` // before Down
	QueueUp   Queue         `yaml:"queueUp,omitempty" json:"queueUp,omitempty"`     // before Up
}

// Bounds that catch a slip of the unit rather than forbid an experiment.
const (
	minLinkRate = 8 * Kbit // a full packet takes 1.5 s below it; more often somebody forgot the "M"
	maxDelay    = 10 * time.Second
)

// Validate says what is impossible about the link; all of it at once.
func (l Link) Validate() error {
	var errs []error
	rate := func(field string, r Rate) {
		if r < 0 || r > 0 && r < minLinkRate {
			errs = append(errs, fmt.Errorf("%s is %d bit/s; want at least %v, or 0 for unlimited", field, int64(r), minLinkRate))
		}
	}
	delay := func(field string, d time.Duration) {
		if d < 0 || d > maxDelay {
			errs = append(errs, fmt.Errorf("%s is %v; want 0 to %v", field, d, maxDelay))
		}
	}
	rate("down", l.Down)
	rate("up", l.Up)
	delay("delay", l.Delay)
	delay("jitter", l.Jitter)
	if !(l.Loss >= 0 && l.Loss <= 1) { // written so that NaN fails too
		errs = append(errs, fmt.Errorf("loss is %v; want a probability, 0 to 1 (1 %% is 0.01)", l.Loss))
	}
	if err := l.QueueDown.validate(); err != nil {
		errs = append(errs, fmt.Errorf("queueDown: %w", err))
	}
	if err := l.QueueUp.validate(); err != nil {
		errs = append(errs, fmt.Errorf("queueUp: %w", err))
	}
	return errors.Join(errs...)
}

// linkJSON is Link with durations as people write them: encoding/json would print nanoseconds.
type linkJSON struct {
	Down      Rate    `json:"down,omitempty"`
	Up        Rate    `json:"up,omitempty"`
	Delay     string  `json:"delay,omitempty"`
	Jitter    string  `json:"jitter,omitempty"`
	Loss      float64 `json:"loss,omitempty"`
	QueueDown *Queue  `json:"queueDown,omitempty"`
	QueueUp   *Queue  `json:"queueUp,omitempty"`
}

// MarshalJSON writes durations as Go duration strings.
func (l Link) MarshalJSON() ([]byte, error) {
	j := linkJSON{Down: l.Down, Up: l.Up, Loss: l.Loss}
	if l.Delay != 0 {
		j.Delay = l.Delay.String()
	}
	if l.Jitter != 0 {
		j.Jitter = l.Jitter.String()
	}
	if l.QueueDown != (Queue{}) {
		j.QueueDown = &l.QueueDown
	}
	if l.QueueUp != (Queue{}) {
		j.QueueUp = &l.QueueUp
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (l *Link) UnmarshalJSON(data []byte) error {
	var j linkJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	out := Link{Down: j.Down, Up: j.Up, Loss: j.Loss}
	for _, d := range []struct {
		field, text string
		to          *time.Duration
	}{{"delay", j.Delay, &out.Delay}, {"jitter", j.Jitter, &out.Jitter}} {
		if d.text == "" {
			continue
		}
		v, err := time.ParseDuration(d.text)
		if err != nil {
			return fmt.Errorf("%s: %w", d.field, err)
		}
		*d.to = v
	}
	if j.QueueDown != nil {
		out.QueueDown = *j.QueueDown
	}
	if j.QueueUp != nil {
		out.QueueUp = *j.QueueUp
	}
	*l = out
	return nil
}
