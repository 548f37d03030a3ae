package player

import "math"

// autoLevel is the state of bitrate choice (abr-controller.ts).
type autoLevel struct {
	next            int     // _nextAutoLevel: -1 none
	computed        bool    // next came from the rules; otherwise somebody forced it
	lastLoaded      int     // level of the last segment loaded; -1 before the first
	firstPick       int     // the choice before the first segment, kept; -1 none
	fragDuration    float64 // of the segment asked for last, 0 before the first
	playlistSeconds float64 // how long the last playlist's body took
}

// force sets the level until a segment of it is loaded.
func (a *autoLevel) force(level int) {
	if a.next != level {
		a.next, a.computed = level, false
	}
}

// forced is the level somebody set; -1 if none.
func (a *autoLevel) forced() int {
	if a.computed {
		return -1
	}
	return a.next
}

// loaded: a segment of a level arrived, so the level need not be forced any more.
func (a *autoLevel) loaded(level int) {
	a.release(level)
	a.firstPick = -1
	a.lastLoaded = level
}

func (a *autoLevel) release(level int) {
	if a.next == level {
		a.next = -1
	}
}

// nextAutoLevel is the level that the next segment is asked of.
func (p *Player) nextAutoLevel() int {
	a := &p.auto
	forced := a.forced()
	ready := p.bandwidth.canEstimate() && a.lastLoaded >= 0
	if forced >= 0 && !ready {
		return forced
	}
	next := p.firstAutoLevel()
	if ready {
		next = p.abrLevel()
	}
	if forced >= 0 && p.levels[forced].loadError <= p.levels[next].loadError {
		return forced
	}
	a.next, a.computed = next, true
	return next
}

// firstAutoLevel is the level to start with.
func (p *Player) firstAutoLevel() int {
	if best := p.bestLevel(choice{bps: p.bandwidth.bps(), top: len(p.levels) - 1, patience: p.hls.MaxStarvationDelay.Seconds(), down: 1, up: 1}); best >= 0 {
		return best
	}
	return p.firstLevel
}

// abrLevel applies the rules: no stall if possible; else at most a short one; else the lowest.
func (p *Player) abrLevel() int {
	if len(p.levels) == 1 {
		return 0
	}
	c := choice{bps: p.bandwidth.bps(), top: len(p.levels) - 1, buffer: p.forward().len,
		down: p.hls.AbrBandWidthFactor, up: p.hls.AbrBandWidthUpFactor}
	if c.buffer > 0 {
		if best := p.bestLevel(c); best >= 0 {
			return best
		}
	}
	c.patience = p.hls.MaxStarvationDelay.Seconds()
	if p.auto.fragDuration > 0 {
		c.patience = math.Min(p.auto.fragDuration, c.patience)
	}
	if best := p.bestLevel(c); best >= 0 {
		return best
	}
	if p.levels[0].bitrate < p.levels[p.loadLevel].bitrate {
		return 0
	}
	return p.loadLevel
}

// choice is one question to bestLevel.
type choice struct {
	bps      float64 // bandwidth
	top      int     // highest level allowed
	buffer   float64 // seconds until the picture stands
	patience float64 // seconds that it may stand
	down, up float64 // share of the bandwidth counted on when staying or going down, and when going up
}

// bestLevel is findBestLevel: the highest level that the bandwidth carries and whose next segment comes in time. For live the
// time does not count: near the edge the buffer is always short, and that must not drive the bitrate down. -1 if none fits.
func (p *Player) bestLevel(c choice) int {
	if len(p.levels) == 1 {
		return 0
	}
	first := p.loadLevel == -1 || p.auto.lastLoaded == -1
	if first {
		if p.auto.firstPick >= 0 {
			return p.auto.firstPick
		}
		c.bps = math.Max(c.bps, p.lowestBitrate())
	}
	base := p.auto.lastLoaded
	if base == -1 {
		base = p.firstLevel
	}
	latest := p.latest()
	live := latest != nil && latest.live
	ttfb := p.bandwidth.ttfbSeconds()
	for i := c.top; i >= 0; i-- {
		l := p.levels[i]
		if !first && !compatible(p.levels[base], l, i > base) {
			continue
		}
		bps := c.bps * c.down
		if i > base {
			bps = c.bps * c.up
		}
		bitrate := l.bitrate
		if d := p.auto.fragDuration; d > 0 && c.buffer >= 2*d && c.patience == 0 {
			bitrate = l.averageBitrate
		}
		if bps < bitrate || (i != p.auto.lastLoaded && (l.loadError != 0 || l.fragmentError != 0)) {
			continue
		}
		t := p.loadSeconds(ttfb, bps, bitrate*p.segmentSeconds(l), l.details == nil)
		if t <= ttfb || math.IsNaN(t) || math.IsInf(t, 0) || live || t < c.buffer+c.patience {
			if first {
				p.auto.firstPick = i
			}
			return i
		}
	}
	return -1
}

func (p *Player) lowestBitrate() float64 {
	lowest := p.levels[0].bitrate
	for _, l := range p.levels {
		lowest = math.Min(lowest, l.bitrate)
	}
	return lowest
}

// compatible: bitrate choice keeps to a codec family and a dynamic range, and does not trade frame rate for bitrate.
func compatible(from, to *level, up bool) bool {
	if (from.codecSet != "" && to.codecSet != from.codecSet) || to.videoRange != from.videoRange {
		return false
	}
	if up {
		return from.frameRate <= to.frameRate
	}
	return from.frameRate == 0 || from.frameRate >= to.frameRate
}

// segmentSeconds is how long a level's next segment is likely to be.
func (p *Player) segmentSeconds(l *level) float64 {
	if l.details != nil {
		return l.details.averageDuration()
	}
	return p.auto.fragDuration
}

// loadSeconds is how long so many bits take, with the playlist before them if the level has none.
func (p *Player) loadSeconds(ttfb, bps, bits float64, playlist bool) float64 {
	t := ttfb + bits/bps
	if playlist {
		t += ttfb + p.auto.playlistSeconds
	}
	return t
}
