package viewer

import (
	"time"

	"swarmlab/results"
	"swarmlab/sim/hls"
	"swarmlab/sim/player"
)

// Options are what every tier needs beside the scenario.
type Options struct {
	Stream *hls.Stream
	// Progress, if set, is told each simulated second.
	Progress func(at time.Duration, s results.Sample)
	// NewEngine makes the viewers' engines; nil: ours. Whoever gives one knows on which goroutine a tier runs its viewers.
	NewEngine player.NewEngine
}

// Outcome is what a tier's run leaves behind: what results.Summarise needs of its world.
type Outcome struct {
	End     time.Duration
	Viewers []*results.ViewerRecord // in the order of their plans, those who never joined left out
	Sampler *results.Sampler
	Origin  results.OriginCounters
	Tracker results.TrackerCounters
	// InFlight are the bytes that were uploaded and never arrived; nil if the tier cannot tell.
	InFlight *int64
	Live     bool // the stream that the viewers saw
	Open     bool // others took part, whom nobody here can see
}
