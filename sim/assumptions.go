package sim

import (
	"fmt"
	"reflect"
	"strings"

	"swarmlab/scenarios"
)

// checkAssumptions refuses a scenario that changes what only the flow tier assumes, where another tier is to run it: that one has
// the real thing, could not obey, and must not seem to have. network.grid is the packet tier's own; the flow tier does without.
func checkAssumptions(s *scenarios.Scenario, tier string) error {
	if tier == "flow" {
		return nil
	}
	usual := &scenarios.Scenario{}
	if err := usual.Resolve(); err != nil {
		return err
	}
	usual.Network.Grid = s.Network.Grid
	given, def := reflect.ValueOf(s.Network), reflect.ValueOf(usual.Network)
	for i := range given.NumField() {
		if reflect.DeepEqual(given.Field(i).Interface(), def.Field(i).Interface()) {
			continue
		}
		name, _, _ := strings.Cut(given.Type().Field(i).Tag.Get("json"), ",")
		return fmt.Errorf("%w: network.%s is an assumption of the flow tier, and the %s tier has nothing in its place to set; "+
			"leave it out, or run with --tier flow", ErrInput, name, tier)
	}
	return nil
}
