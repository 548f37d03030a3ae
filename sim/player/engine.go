package player

import (
	"time"

	"swarmlab/sim/p2pml"
)

// levelUpdated tells the engine of a playlist, and lets it change hls.js's configuration first (p2p-media-loader-hlsjs engine:
// handleLevelUpdated; segment-manager: updatePlaylist).
func (p *Player) levelUpdated(l *level, d *details) {
	p.playlistErrors = 0
	if p.core == nil {
		return
	}
	before := p.tune.liveSyncDurationCount
	p.tune.adapt(p.cfg.HLS, d.live, len(d.segments), d.targetDuration, p.highDemandWindow())
	if d.live && !p.enough && before != p.tune.liveSyncDurationCount {
		p.raced = p.env.Rand().Float64() < p.hls.LiveStartRace
	}
	p.core.SetIsLive(d.live)
	added, removed := p.changes(l, d)
	if len(added)+len(removed) > 0 {
		p.core.UpdateStream(l.url, added, removed)
	}
}

func (p *Player) highDemandWindow() time.Duration {
	return max(p.cfg.P2P.Main.HighDemandTimeWindow, p.cfg.P2P.Secondary.HighDemandTimeWindow)
}

// changes compares a playlist with what the engine was told. Segments it knows keep the times they were first seen with.
func (p *Player) changes(l *level, d *details) (added []p2pml.Segment, removed []string) {
	gone := make(map[string]bool, len(l.told))
	for _, id := range l.told {
		gone[id] = true
	}
	told := make([]string, 0, len(d.segments))
	for i := range d.segments {
		s := &d.segments[i]
		stays, known := gone[s.runtimeID]
		if known && !stays {
			continue // listed twice; the engine has one segment of a name
		}
		gone[s.runtimeID] = false
		told = append(told, s.runtimeID)
		if !known {
			added = append(added, p2pml.Segment{RuntimeID: s.runtimeID, ExternalID: externalID(d, i), URL: s.url,
				ByteRange: s.byteRange, Start: d.start(i), End: d.end(i)})
		}
	}
	for _, id := range l.told {
		if gone[id] {
			removed = append(removed, id)
		}
	}
	l.told = told
	return added, removed
}
