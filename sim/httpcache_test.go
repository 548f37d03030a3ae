package sim

import (
	"testing"

	"swarmlab/results"
	"swarmlab/scenarios"
)

// starved is a live audience whose origin cannot give all of them what they ask for at first.
const starved = `
run: {duration: 45s}
stream: {kind: live, segmentDuration: 6s, window: 6, variants: [{bandwidth: 408000}]}
peers: {count: 4, arrival: {kind: stagger, gap: 400ms}, groups: [{name: page, link: fiber, nat: none}]}
origin: {link: {up: 1Mbit/s, down: 100Mbit/s}}
`

// TestWhatWasGivenUpGoesOn: a browser has kept what came of a segment that its page gave up, unless the origin forbids it, and every byte is
// accounted for.
func TestWhatWasGivenUpGoesOn(t *testing.T) {
	for tier, run := range map[string]func(*testing.T, *scenarios.Scenario) *results.Result{"packet": run, "flow": runFlow} {
		for set, kept := range map[string]bool{"origin.cacheable=true": true, "origin.cacheable=false": false} {
			r := run(t, scenario(t, starved, set))
			for _, check := range r.Invariants {
				if !check.OK {
					t.Errorf("%s, %s: %s: %s", tier, set, check.Name, check.Detail)
				}
			}
			s := r.Summary
			if s.Requests["http"]["aborted"] == 0 || (s.HTTPCachedBytes > 0) != kept {
				t.Errorf("%s, %s: %d bytes came out of browsers' caches, %d downloads were given up", tier, set, s.HTTPCachedBytes, s.Requests["http"]["aborted"])
			}
		}
	}
}
