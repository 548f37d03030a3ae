package scenarios

import (
	"encoding/json"
	"fmt"

	"swarmlab/netem"
)

// Link is an access link: a preset of netem, a preset with some values changed, or all of it given.
// In YAML it is either the preset's name or an object.
type Link struct {
	Preset    string       `json:"preset,omitzero" doc:"preset to start from" registry:"link"`
	Down      *netem.Rate  `json:"down,omitzero" doc:"rate towards the host, or unlimited" unit:"rate" min:"8kbit/s" max:"100Gbit/s" implied:"the preset's, else required"`
	Up        *netem.Rate  `json:"up,omitzero" doc:"rate from the host, or unlimited" unit:"rate" min:"8kbit/s" max:"100Gbit/s" implied:"the preset's, else required"`
	Delay     *Duration    `json:"delay,omitzero" doc:"one-way delay" unit:"duration" min:"0s" max:"10s" implied:"the preset's, else 0s"`
	Jitter    *Duration    `json:"jitter,omitzero" doc:"standard deviation of the one-way delay" unit:"duration" min:"0s" max:"10s" implied:"the preset's, else 0s"`
	Loss      *float64     `json:"loss,omitzero" doc:"share of packets lost at random" unit:"share" min:"0" max:"1" implied:"the preset's, else 0"`
	QueueDown *netem.Queue `json:"queueDown,omitzero" doc:"queue in front of the link towards the host, in bytes or time" unit:"queue" implied:"the preset's, else netem's"`
	QueueUp   *netem.Queue `json:"queueUp,omitzero" doc:"queue in front of the link from the host, in bytes or time" unit:"queue" implied:"the preset's, else netem's"`
}

// Resolve returns the link that is meant: the preset's values, with the given ones on top.
func (l Link) Resolve() (netem.Link, error) {
	var out netem.Link
	if l.Preset != "" {
		var ok bool
		if out, ok = netem.LinkPreset(l.Preset); !ok {
			return out, fmt.Errorf("unknown link preset %q: %w", l.Preset, ErrInvalid)
		}
	}
	if l.Down != nil {
		out.Down = *l.Down
	}
	if l.Up != nil {
		out.Up = *l.Up
	}
	if l.Delay != nil {
		out.Delay = l.Delay.Std()
	}
	if l.Jitter != nil {
		out.Jitter = l.Jitter.Std()
	}
	if l.Loss != nil {
		out.Loss = *l.Loss
	}
	if l.QueueDown != nil {
		out.QueueDown = *l.QueueDown
	}
	if l.QueueUp != nil {
		out.QueueUp = *l.QueueUp
	}
	return out, out.Validate()
}

// IsPreset tells whether the link is a preset as it stands.
func (l Link) IsPreset() bool { return l.Preset != "" && l == Link{Preset: l.Preset} }

// MarshalJSON writes the preset's name where that says it all, else an object: as in YAML.
func (l Link) MarshalJSON() ([]byte, error) {
	if l.IsPreset() {
		return json.Marshal(l.Preset)
	}
	type object Link
	return json.Marshal(object(l))
}
