package main

import (
	"context"
	"math"

	"swarmlab/results"
	"swarmlab/sim"
)

// way is one kind of viewer and clock.
type way struct {
	name  string
	times int // runs for each of a browser's: what is cheap is run more often, since some cases have two humps
	run   func(ctx context.Context, c calibration, n int) (measures, error)
}

// ways are compared with the first.
var ways = []way{
	{"Chromium", 1, inBrowsers},
	{"real clock", 1, onClock("real")},
	{"virtual time", 5, onClock("virtual")},
}

func (c calibration) measure(ctx context.Context, w way, n int) (measures, error) {
	return w.run(ctx, c, n)
}

func onClock(clock string) func(context.Context, calibration, int) (measures, error) {
	return func(ctx context.Context, c calibration, n int) (measures, error) {
		s, err := c.scenario(n)
		if err != nil {
			return measures{}, err
		}
		r, err := sim.Run(ctx, s, sim.Options{Clock: clock})
		if err != nil {
			return measures{}, err
		}
		return measured(r), nil
	}
}

func measured(r *results.Result) measures {
	s := r.Summary
	return measures{
		ratio: s.P2PRatioChunks, copies: float64(s.OriginBytes) / float64(max(1, s.DistinctLoadedBytes)),
		http: float64(s.SegmentsLoaded.HTTP), p2p: float64(s.SegmentsLoaded.P2P + s.SegmentsLoaded.Mixed),
		introducedMs: s.TimeToFirstPeerMs.P50, firstPeerMs: s.TimeToFirstPeerMs.P50, startupMs: s.StartupMs.P50,
		connections: float64(s.Connections), stalls: float64(s.Stalls), busy: math.NaN(),
	}
}
