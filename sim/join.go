package sim

import (
	"context"
	"errors"
	"net/netip"

	"swarmlab/results"
	"swarmlab/scenarios"
	"swarmlab/sim/packet"
	viewing "swarmlab/sim/viewer"
)

// Deployment is somebody's running stream; see packet.Deployment.
type Deployment = packet.Deployment

// Reach is which hosts viewers may talk to; see packet.Reach.
type Reach = packet.Reach

// IsPublic reports whether an address is one on the Internet.
func IsPublic(ip netip.Addr) bool { return packet.IsPublic(ip) }

// Join lets the scenario's audience watch a running deployment, on the real clock and network, until the scenario's duration has
// passed or ctx ends. The result is as Run's.
func Join(ctx context.Context, s *scenarios.Scenario, d Deployment, o Options) (*results.Result, error) {
	o.Tier, o.Clock = "packet", real
	usage := startUsage()
	gauge := newOpenGauge(s)
	stop := gauge.follow(o.Progress)
	outcome, runErr := packet.Join(ctx, s, d, viewing.Options{Progress: gauge.sample})
	stop()
	if outcome == nil {
		return nil, errors.Join(runErr, context.Cause(ctx))
	}
	result, err := summarise(ctx, s, o, outcome, usage)
	return result, errors.Join(runErr, err, context.Cause(ctx))
}
