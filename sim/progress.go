package sim

import (
	"sync/atomic"
	"time"

	"swarmlab/results"
	"swarmlab/scenarios"
	"swarmlab/sim/hls"
)

// Progress is how far a run is.
type Progress struct {
	Simulated   time.Duration
	Viewers     int
	Connections int
	Ratio       float64 // P2P ratio so far
	// Share is how much of the work is done, 0 to 1, for an estimate of the time to go. Simulated time alone misleads: a swarm
	// loads a whole video in its first seconds and then watches it, which costs next to nothing.
	Share float64
}

// gauge follows a run. The tier writes samples, the watcher reads the newest.
type gauge struct {
	end   time.Duration
	plan  plan
	state atomic.Pointer[Progress]
	done  work          // touched by the tier's sampler only
	last  time.Duration // likewise: when it was told last
}

func newGauge(s *scenarios.Scenario, stream *hls.Stream) *gauge {
	g := &gauge{end: s.Run.Duration.Std(), plan: planOf(s, stream)}
	g.state.Store(&Progress{})
	return g
}

// newOpenGauge follows a run that goes by the clock alone.
func newOpenGauge(s *scenarios.Scenario) *gauge {
	g := &gauge{end: s.Run.Duration.Std()}
	g.state.Store(&Progress{})
	return g
}

// sample is told each simulated second.
func (g *gauge) sample(at time.Duration, s results.Sample) {
	g.done.bytes += float64(s.P2PBytes + s.HTTPBytes)
	g.done.viewerSeconds += float64(float64(s.Viewers) * (at - g.last).Seconds())
	g.last = at
	g.state.Store(&Progress{
		Simulated: at, Viewers: s.Viewers, Connections: s.Connections, Ratio: s.P2PRatio,
		Share: g.plan.share(g.done, float64(at)/float64(g.end)),
	})
}

// relay shows the newest state, with the clock as it is: between two samples it moves on.
func (g *gauge) relay(show func(Progress)) func(time.Duration) {
	if show == nil {
		return nil
	}
	return func(virtual time.Duration) {
		p := *g.state.Load()
		p.Simulated = min(virtual, g.end)
		show(p)
	}
}

// follow shows the newest state, a few times a second, until the returned function is called.
func (g *gauge) follow(show func(Progress)) (stop func()) {
	if show == nil {
		return func() {}
	}
	stopping, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(250 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stopping:
				return
			case <-tick.C:
				show(*g.state.Load())
			}
		}
	}()
	return func() { close(stopping); <-stopped }
}
