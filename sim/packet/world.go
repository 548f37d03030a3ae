// Package packet answers: what happens in a swarm when every packet counts?
//
// It is the tier of real WebRTC: every viewer is a Pion stack on a host of an emulated network (netem), with the embedded
// tracker and the synthetic origin as further hosts, reached by WebSocket and HTTP over the same links. It moves real bytes and
// checks each of them. Hundreds of viewers are its size; it costs about 50 ms of CPU for every MB between viewers.
//
// Each viewer lives on one goroutine (see turns). The tier runs wherever time comes from: inside a virtualtime bubble it is a
// simulation.
package packet

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"

	"swarmlab/netem"
	"swarmlab/results"
	"swarmlab/scenarios"
	"swarmlab/sim/hls"
	viewing "swarmlab/sim/viewer"
	"swarmlab/sim/webtorrent"
)

// Options are what a run needs beside its scenario.
type Options struct {
	Stream *hls.Stream
	// Progress, if set, is told each simulated second.
	Progress func(at time.Duration, s results.Sample)

	// tamper, in tests, is given every data-channel message that arrives, and says what the viewer gets instead; nil is nothing.
	tamper func([]byte) []byte
}

// Outcome is what a run leaves behind: what results.Summarise needs of the world.
type Outcome struct {
	End      time.Duration
	Viewers  []*results.ViewerRecord // in the order of their plans, those who never joined left out
	Sampler  *results.Sampler
	Origin   results.OriginCounters
	Tracker  results.TrackerCounters
	InFlight int64
}

const (
	originPort  = 80
	trackerPort = 8000
	stunPort    = 3478
)

// world is one run: its network, its servers and its viewers.
type world struct {
	ctx        context.Context
	start      time.Time
	scenario   *scenarios.Scenario
	network    *netem.Network
	origin     *hls.Origin
	tracker    *webtorrent.Handler
	rtc        webrtc.Configuration
	deployment viewing.Deployment
	source     viewing.Source
	wire       wireCounter
	tamper     func([]byte) []byte
	closers    []func() error

	mu      sync.Mutex
	viewers []*viewer // by plan; nil before joining
	stay    sync.WaitGroup
	failed  error
}

// Run runs a scenario to its end, or until ctx ends: then what there is, is the outcome.
func Run(ctx context.Context, s *scenarios.Scenario, o Options) (_ *Outcome, err error) {
	w := &world{ctx: ctx, start: time.Now(), scenario: s, source: &source{stream: o.Stream}, tamper: o.tamper}
	defer func() { err = errors.Join(err, w.close()) }()
	if err := w.build(o.Stream); err != nil {
		return nil, err
	}
	return w.run(o)
}
