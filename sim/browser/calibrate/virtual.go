package main

import (
	"context"

	"swarmlab/results"
	"swarmlab/sim"
)

// way is one kind of viewer and clock.
type way struct {
	name string
	run  func(ctx context.Context, c calibration, n int) (measures, error)
}

// ways are compared with the first, run by run of the same scenarios: a live case has two humps, and the seed decides, by who comes when, which it will be.
var ways = []way{
	{"Chromium", inBrowsers},
	{"real clock", onClock("real")},
	{"virtual time", onClock("virtual")},
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
	var firstPeer, startup []float64
	for _, p := range r.Peers {
		if p.TimeToFirstPeerMs != nil {
			firstPeer = append(firstPeer, *p.TimeToFirstPeerMs)
		}
		if p.StartupMs != nil {
			startup = append(startup, *p.StartupMs)
		}
	}
	return measures{
		Ratio: s.P2PRatioChunks, Copies: float64(s.OriginBytes) / float64(max(1, s.DistinctLoadedBytes)),
		HTTP: float64(s.SegmentsLoaded.HTTP), P2P: float64(s.SegmentsLoaded.P2P + s.SegmentsLoaded.Mixed),
		IntroducedMs: typical(firstPeer), FirstPeerMs: typical(firstPeer), StartupMs: typical(startup),
		Connections: float64(s.Connections), Stalls: float64(s.Stalls),
	}
}
