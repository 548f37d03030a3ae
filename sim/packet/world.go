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
	"crypto/tls"
	"errors"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"

	"swarmlab/scenarios"
	"swarmlab/sim/hls"
	viewing "swarmlab/sim/viewer"
	"swarmlab/sim/webtorrent"
)

// world is one run: its network, its servers and its viewers.
type world struct {
	ctx        context.Context
	start      time.Time
	scenario   *scenarios.Scenario
	network    network
	origin     *hls.Origin // nil, as the tracker, if it is somebody else's
	tracker    *webtorrent.Handler
	rtc        webrtc.Configuration
	tls        *tls.Config // nil: the usual one
	deployment viewing.Deployment
	source     viewing.Source
	wire       wireCounter
	// tamper, in tests, is given every data-channel message that arrives, and says what the viewer gets instead; nil is nothing.
	tamper  func([]byte) []byte
	closers []func() error

	mu      sync.Mutex
	viewers []*viewer // by plan; nil before joining
	stay    sync.WaitGroup
	failed  error
}

// Run runs a scenario to its end on an emulated network, or until ctx ends: then what there is, is the outcome.
func Run(ctx context.Context, s *scenarios.Scenario, o viewing.Options) (*viewing.Outcome, error) {
	return (&world{ctx: ctx, start: time.Now(), scenario: s}).live(o)
}

// RunReal runs a scenario as Run does, on this machine's clock and loopback network. The scenario's links, NATs and regions mean
// nothing there. If it names trackers (tracker.urls), these introduce the viewers instead of the embedded one; trackers is where they
// may be. Everything else stays on this machine.
func RunReal(ctx context.Context, s *scenarios.Scenario, trackers Reach, o viewing.Options) (*viewing.Outcome, error) {
	network := loopback()
	if len(s.Tracker.URLs) > 0 {
		network.streams = trackers
	}
	return (&world{ctx: ctx, start: time.Now(), scenario: s, network: network}).live(o)
}

// live runs a scenario whose deployment is part of it.
func (w *world) live(o viewing.Options) (_ *viewing.Outcome, err error) {
	if w.network == nil {
		if w.network, err = newEmulated(w.scenario); err != nil {
			return nil, err
		}
	}
	w.source = viewing.FromStream(o.Stream)
	defer func() { err = errors.Join(err, w.close()) }()
	if err := w.build(o.Stream); err != nil {
		return nil, err
	}
	return w.run(o)
}
