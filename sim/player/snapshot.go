package player

import "time"

// Gauge is what a sampler reads each second.
type Gauge struct {
	// BufferedAhead is how many seconds follow the picture without a hole.
	BufferedAhead float64
	Live          bool
	// LiveLatency is how far the picture is behind the live edge: what the newest playlist shows, plus that playlist's age
	// (hls.js's latency). 0 if the stream is not live or nothing is known yet.
	LiveLatency float64
	Watched     time.Duration // since Start
	Started     bool          // a first frame was shown
}

// Snapshot is all that can be seen of a viewer.
type Snapshot struct {
	Gauge
	State      string  // starting, playing, stalled, paused, ended, failed, left
	Position   float64 // seconds of the timeline
	Level      int     // of the picture; -1 before the first frame
	BitrateBps float64
	// TargetLatency is where a live viewer would be put if it had to jump.
	TargetLatency float64
	BandwidthBps  float64 // the estimate that bitrate choice goes by

	// Where the rest of the time since Start went. With Watched the five add up to it.
	Startup, Stalled, Paused, Ended time.Duration
	Stalls                          int
	StartupDelay                    time.Duration

	Peers        int   // connected, all renditions
	StorageBytes int64 // in the engine's storage
}

// Gauge may be called at any time on the viewer's turn, also before Start and after Leave. So may Snapshot.
func (p *Player) Gauge() Gauge {
	if p.run == idle {
		return Gauge{}
	}
	if p.run == active {
		p.settle()
	}
	m := &p.media
	g := Gauge{BufferedAhead: m.forward().len, Watched: m.ledger.watched, Started: p.firstFrame}
	if d := p.latest(); d != nil && d.live {
		g.Live, g.LiveLatency = true, p.liveEdge(d)-m.now()
	}
	return g
}

// Snapshot is Gauge and the rest.
func (p *Player) Snapshot() Snapshot {
	g := p.Gauge()
	if p.run == idle {
		return Snapshot{Gauge: g, State: "idle", Level: -1}
	}
	m := &p.media
	s := Snapshot{
		Gauge:        g,
		State:        p.stateName(),
		Position:     m.now(),
		Level:        p.shown.level,
		BandwidthBps: p.bandwidth.bps(),
		Startup:      m.ledger.startup,
		Stalled:      m.ledger.stalled,
		Paused:       m.ledger.paused,
		Ended:        m.ledger.ended,
		Stalls:       p.stalls,
		StartupDelay: p.startupDelay,
	}
	if s.Level >= 0 {
		s.BitrateBps = p.levels[s.Level].bitrate
	}
	if s.Live {
		s.TargetLatency = p.targetLatency(p.latest())
	}
	if p.core != nil && p.run == active {
		s.Peers, s.StorageBytes = p.core.Peers(), p.core.StorageBytes()
	}
	return s
}

func (p *Player) stateName() string {
	switch {
	case p.run == left:
		return "left"
	case p.fatal != nil && p.media.state != playing:
		return "failed"
	}
	return p.media.state.String()
}
