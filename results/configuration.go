package results

import "encoding/json"

// Configuration is what somebody has to set in a player so that it does as the simulated viewers did: what differs from the libraries'
// own defaults, and no more.
type Configuration struct {
	Options []ConfigOption `json:"options"`
	// Why are sentences for comments: which audience, what was gained, how that was measured.
	Why []string `json:"why"`
}

// ConfigOption is one option.
type ConfigOption struct {
	// Object is where it belongs: "core" (P2P Media Loader), "core.mainStream", "core.secondaryStream" or "player" (hls.js).
	Object string          `json:"object"`
	Name   string          `json:"name"`    // the library's own
	Value  json.RawMessage `json:"value"`   // in the library's own unit
	Unit   string          `json:"unit"`    // "" if it has none
	Before string          `json:"default"` // the library's default as JSON; "" if it depends on other things
}

// Of are the options of an object, in their order.
func (c Configuration) Of(object string) (out []ConfigOption) {
	for _, o := range c.Options {
		if o.Object == object {
			out = append(out, o)
		}
	}
	return out
}
