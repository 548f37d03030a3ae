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

// workPerByte is the part of a run's work that goes with the bytes it moves; the rest goes with simulated time.
const workPerByte = 0.9

// gauge follows a run. The tier writes samples, the watcher reads the newest.
type gauge struct {
	end      time.Duration
	expected float64 // bytes; 0: not known
	state    atomic.Pointer[Progress]
	bytes    int64 // touched by the tier's sampler only
}

func newGauge(s *scenarios.Scenario, stream *hls.Stream) *gauge {
	g := &gauge{end: s.Run.Duration.Std(), expected: expectedBytes(s, stream)}
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
	g.bytes += s.P2PBytes + s.HTTPBytes
	share := float64(at) / float64(g.end)
	if g.expected > 0 {
		share = workPerByte*min(1, float64(g.bytes)/g.expected) + (1-workPerByte)*share
	}
	g.state.Store(&Progress{
		Simulated: at, Viewers: s.Viewers, Connections: s.Connections, Ratio: s.P2PRatio,
		Share: min(1, share),
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

// expectedBytes estimates what all viewers together will load: of a video all of it, since peers hand it over faster than it
// plays, and of a live stream what is published while they are there. It steers the estimate of time, and no figure.
func expectedBytes(s *scenarios.Scenario, stream *hls.Stream) float64 {
	bytesPerSecond, length := streamRate(stream)
	var sum float64
	for _, v := range scenarios.Audience(s, s.Run.Seed) {
		stay := s.Run.Duration.Std() - v.JoinAt
		if v.LeaveAt > 0 {
			stay = v.LeaveAt - v.JoinAt
		}
		if !stream.Live() {
			stay = length
		}
		sum += max(0, stay.Seconds()) * bytesPerSecond
	}
	return sum
}

// streamRate is the first variant's mean rate, and the length of a video.
func streamRate(stream *hls.Stream) (bytesPerSecond float64, length time.Duration) {
	first, last, ok := stream.Window(0, 0)
	if !ok {
		return 0, 0
	}
	var bytes int64
	for seq := first; seq <= last; seq++ {
		if segment, ok := stream.Segment(0, seq); ok {
			bytes += segment.Size
			length += segment.Duration
		}
	}
	return float64(bytes) / max(length.Seconds(), 1e-3), length
}
