package player

import "time"

// Snapshot is what a sampler sees of a viewer.
type Snapshot struct {
	State    string  // starting, playing, stalled, paused, ended, failed, left
	Position float64 // seconds of the timeline
	// BufferedAhead is how many seconds follow the picture without a hole.
	BufferedAhead float64
	Level         int // of the picture; -1 before the first frame
	BitrateBps    float64
	Live          bool
	// LiveLatency is how far the picture is behind the live edge: what the newest playlist shows, plus that playlist's age
	// (hls.js's latency). 0 if the stream is not live or nothing is known yet.
	LiveLatency float64
	// TargetLatency is where a live viewer would be put if it had to jump.
	TargetLatency float64
	BandwidthBps  float64 // the estimate that bitrate choice goes by

	// Where the time since Start went. The five add up to it.
	Startup, Watched, Stalled, Paused, Ended time.Duration
	Stalls                                   int
	Started                                  bool // a first frame was shown
	StartupDelay                             time.Duration

	Peers        int   // connected, all renditions
	StorageBytes int64 // in the engine's storage
}

// Snapshot may be called at any time on the viewer's turn, also before Start and after Leave.
func (p *Player) Snapshot() Snapshot {
	if p.run == idle {
		return Snapshot{State: "idle", Level: -1}
	}
	if p.run == active {
		p.settle()
	}
	m := &p.media
	s := Snapshot{
		State:         p.stateName(),
		Position:      m.now(),
		BufferedAhead: m.forward().len,
		Level:         p.shown.level,
		BandwidthBps:  p.bandwidth.bps(),
		Startup:       m.ledger.startup,
		Watched:       m.ledger.watched,
		Stalled:       m.ledger.stalled,
		Paused:        m.ledger.paused,
		Ended:         m.ledger.ended,
		Stalls:        p.stalls,
		Started:       p.firstFrame,
		StartupDelay:  p.startupDelay,
	}
	if s.Level >= 0 {
		s.BitrateBps = p.levels[s.Level].bitrate
	}
	if d := p.latest(); d != nil && d.live {
		s.Live = true
		s.LiveLatency = p.liveEdge(d) - s.Position
		s.TargetLatency = p.targetLatency(d)
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
