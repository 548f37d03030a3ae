package player

import (
	"math"
)

// Where a live viewer belongs (latency-controller.ts). All in seconds.

// age is how long ago the playlist last had something new.
func (p *Player) age(d *details) float64 { return seconds(p.env.Now() - d.advanceAt) }

// liveEdge guesses where the newest segment ends by now.
func (p *Player) liveEdge(d *details) float64 { return d.edge() + p.age(d) }

// targetLatency is how far behind the edge a viewer is put.
func (p *Player) targetLatency(d *details) float64 {
	return p.latencyFor(d, p.tune.liveSyncDurationCount)
}

func (p *Player) latencyFor(d *details, count int) float64 {
	target := float64(count) * d.targetDuration
	if p.hls.LiveSyncDuration > 0 {
		target = p.hls.LiveSyncDuration.Seconds()
	}
	return target + math.Min(float64(p.liveStalls)*liveSyncOnStallSeconds, d.targetDuration)
}

// syncPosition is where a viewer is put who starts or has lost the stream.
func (p *Player) syncPosition(d *details) float64 {
	target := p.targetLatency(d)
	if p.raced && !p.enough {
		target = p.latencyFor(d, p.cfg.HLS.tuning().liveSyncDurationCount)
	}
	edgeStalled := math.Max(p.age(d)-float64(3*d.targetDuration), 0)
	sync := p.liveEdge(d) - target - edgeStalled
	return math.Min(math.Max(d.sliding, sync), d.edge()-d.targetDuration)
}

// setStartPosition is where loading begins, once the first playlist is there (base-stream-controller.ts).
func (p *Player) setStartPosition(d *details) {
	if p.startPosition < d.sliding {
		p.startPosition = -1
	}
	at := p.startPosition
	if at == -1 {
		if d.live {
			// The start position stays open until the first segment is chosen, when the engine has had its say.
			at = p.syncPosition(d)
		} else {
			at = math.Max(0, p.cfg.StartPosition)
			p.startPosition = at
		}
		p.lastPosition = at
	}
	p.nextLoadPosition = at
}

// synchronize moves a viewer whom the live window has overtaken to the sync position, unless the picture is running from what
// is buffered (stream-controller.ts, synchronizeToLiveEdge).
func (p *Player) synchronize(d *details) {
	pos, sync := p.loadPosition(), p.syncPosition(d)
	inside := pos >= d.sliding-fragLookUpTolerance && pos <= d.edge()
	if pos >= sync && inside {
		return
	}
	starving := !inside && !p.media.playable()
	if !starving && pos >= d.edge()-p.maxLatency(d) {
		return
	}
	if !p.enough {
		p.nextLoadPosition = sync
		return
	}
	p.seek(sync, SeekLiveEdge)
}

func (p *Player) maxLatency(d *details) float64 {
	switch {
	case p.hls.LiveMaxLatencyDuration > 0:
		return p.hls.LiveMaxLatencyDuration.Seconds()
	case p.hls.LiveMaxLatencyDurationCount > 0:
		return float64(p.hls.LiveMaxLatencyDurationCount) * d.targetDuration
	}
	return math.Inf(1)
}

// loadPosition is where the buffer is looked at: the picture, or where it will begin.
func (p *Player) loadPosition() float64 {
	if p.enough {
		return p.media.now()
	}
	return math.Max(0, p.nextLoadPosition)
}

// forward is the buffer ahead as loading sees it, small holes crossed (getMainFwdBufferInfo).
func (p *Player) forward() ahead {
	pos := p.loadPosition()
	hole := p.hls.MaxBufferHole.Seconds()
	if p.lastPosition > pos || p.media.state == paused {
		hole = 0
	}
	return p.media.buffer.at(pos, hole)
}
