package sim

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"swarmlab/scenarios"
	"swarmlab/sim/flow"
	"swarmlab/sim/packet"
	viewing "swarmlab/sim/viewer"
	"swarmlab/sim/virtualtime"
)

// tier simulates a scenario and says what happened.
type tier func(ctx context.Context, s *scenarios.Scenario, o viewing.Options) (*viewing.Outcome, error)

// simulator runs a tier on a clock, with progress.
type simulator func(ctx context.Context, s *scenarios.Scenario, o Options, g *gauge, v viewing.Options) (*viewing.Outcome, error)

// The clocks.
const (
	virtual = "virtual"
	real    = "real"
)

// simulators are all there are, by tier and clock, in the order in which people should think of them.
var simulators = []struct {
	tier, clock string
	run         simulator
}{
	{"packet", virtual, inVirtualTime(packet.Run)},
	{"packet", real, onRealClock},
	{"flow", virtual, asItGoes(flow.Run)},
}

// Tiers lists the tiers, the default first.
func Tiers() (names []string) {
	for _, s := range simulators {
		if !slices.Contains(names, s.tier) {
			names = append(names, s.tier)
		}
	}
	return names
}

// Clocks lists the clocks, the default first.
func Clocks() []string { return []string{virtual, real} }

// HasTier reports whether there is a tier of this name.
func HasTier(name string) bool { return slices.Contains(Tiers(), name) }

// CheckOptions says what is wrong with a tier or clock by name.
func CheckOptions(o Options) error {
	_, err := simulatorOf(o.withDefaults())
	return err
}

func simulatorOf(o Options) (simulator, error) {
	switch {
	case !HasTier(o.Tier):
		return nil, fmt.Errorf("%w: there is no tier %q; there is %s", ErrInput, o.Tier, strings.Join(Tiers(), ", "))
	case !slices.Contains(Clocks(), o.Clock):
		return nil, fmt.Errorf("%w: there is no clock %q; there is %s", ErrInput, o.Clock, strings.Join(Clocks(), ", "))
	}
	for _, s := range simulators {
		if s.tier == o.Tier && s.clock == o.Clock {
			return s.run, nil
		}
	}
	return nil, fmt.Errorf("%w: the %s tier does not run on the %s clock", ErrInput, o.Tier, o.Clock)
}

// overtime is the virtual time that the end of a run may take: closing connections, timeouts of what is under way.
const overtime = 10 * time.Minute

// inVirtualTime runs a tier of real stacks in a bubble.
func inVirtualTime(t tier) simulator {
	return func(ctx context.Context, s *scenarios.Scenario, o Options, g *gauge, v viewing.Options) (out *viewing.Outcome, err error) {
		err = virtualtime.Run(ctx, virtualtime.Options{
			StuckAfter: o.StuckAfter,
			Limit:      s.Run.Duration.Std() + overtime,
			Progress:   g.relay(o.Progress),
		}, func(ctx context.Context) (err error) {
			out, err = t(ctx, s, v)
			return err
		})
		return out, err
	}
}

// onRealClock runs the packet tier on this machine's network, behind real trackers if the scenario names some.
func onRealClock(ctx context.Context, s *scenarios.Scenario, o Options, g *gauge, v viewing.Options) (*viewing.Outcome, error) {
	defer g.follow(o.Progress)()
	return packet.RunReal(ctx, s, packet.Reach{Public: o.PublicTrackers}, v)
}

// asItGoes runs a tier that has a clock of its own, or the machine's.
func asItGoes(t tier) simulator {
	return func(ctx context.Context, s *scenarios.Scenario, o Options, g *gauge, v viewing.Options) (*viewing.Outcome, error) {
		defer g.follow(o.Progress)()
		return t(ctx, s, v)
	}
}
