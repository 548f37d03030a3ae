package player

import (
	"math"
	"time"
)

// The check whether a segment that loads too slowly is given up for a lower level (abr-controller.ts, _abandonRulesCheck). It
// concerns segments that the player fetches itself: the engine's loader claims to be complete at once.

// armAbandon starts the check of a segment. hls.js looks every 100 ms from the request on, but nothing can come of it before
// half the segment's duration has passed.
func (p *Player) armAbandon() {
	f := p.frag
	if f.level.index == 0 {
		p.auto.next = -1 // the lowest level is never given up, and nothing stays forced
		return
	}
	p.abandonAlarm.set(p.abandonWait(f, p.env.Now()+1), p.checkAbandon)
}

// abandonWait is the time until the first of the check's 100 ms looks, not before t, that may decide something.
func (p *Player) abandonWait(f *fragLoad, t time.Duration) time.Duration {
	t = max(t, f.startedAt+p.abandonAfter(f)+1)
	n := (t - f.startedAt + tickInterval - 1) / tickInterval
	return f.startedAt + n*tickInterval - p.env.Now()
}

func (p *Player) abandonAfter(f *fragLoad) time.Duration {
	return atLeast(math.Max(p.bandwidth.ttfbSeconds(), f.duration()/2))
}

func (p *Player) checkAbandon() {
	f := p.frag
	if f == nil || f.http == nil || f.init != nil {
		return
	}
	p.abandonAlarm.set(p.abandonWait(f, p.env.Now()+1), p.checkAbandon)
	p.considerAbandon(f, false)
}

// abandonOnPlaylist: hls.js also looks when a playlist arrives while a segment is being watched.
func (p *Player) abandonOnPlaylist() {
	if f := p.frag; p.abandonAlarm.armed() && f != nil && f.http != nil && p.env.Now()-f.startedAt > p.abandonAfter(f) {
		p.considerAbandon(f, true)
	}
}

// considerAbandon decides. fresh: a playlist has just arrived.
func (p *Player) considerAbandon(f *fragLoad, fresh bool) {
	q := f.http
	if q.total >= 0 && q.loaded == q.total && q.loaded > 0 {
		p.abandonAlarm.stop()
		p.auto.next = -1
		return
	}
	blocking := p.auto.next > -1 && p.auto.next != f.level.index
	if !fresh && !blocking && (p.media.state == paused || p.media.buffer.empty()) {
		return
	}
	r := p.rate(f)
	buffer := p.forward().len
	if r.rest <= buffer {
		return
	}
	to, t := p.lowerLevel(f, r.bps, buffer)
	if t >= r.rest || t > 10*f.duration() {
		return
	}
	p.abandon(f, to, t, buffer, blocking || r.rest > 2*t)
}

// loadRate is how a load goes: bits a second, and the seconds that the rest will take.
type loadRate struct{ bps, rest float64 }

func (p *Player) rate(f *fragLoad) loadRate {
	q := f.http
	loading := seconds(p.env.Now() - f.startedAt)
	bits := math.Round(f.duration() * p.fragmentBitrate(f))
	expected := math.Max(8*float64(q.loaded), bits)
	if q.loaded == 0 || q.firstByteAt < 0 {
		bps := p.bandwidth.bps()
		return loadRate{bps, expected/bps + p.bandwidth.ttfbSeconds()}
	}
	streaming := loading - seconds(q.ttfb())
	if streaming < 0.001 {
		streaming = math.Min(loading, 8*float64(q.loaded)/p.bandwidth.bps())
	}
	bps := 8 * float64(q.loaded) / streaming
	return loadRate{bps, (expected - float64(8*float64(q.loaded))) / bps}
}

// fragmentBitrate is the segment's own where its size is known, else the level's average.
func (p *Player) fragmentBitrate(f *fragLoad) float64 {
	if f.http.total > 0 {
		return 8 * float64(f.http.total) / f.duration()
	}
	return f.level.averageBitrate
}

// lowerLevel is the highest level below that would load in time, and how long it would take. If none would, it is the lowest,
// judged by the time of the one above it; for the level next to the lowest no time at all is computed, so that it is never
// given up (both are as hls.js has them).
func (p *Player) lowerLevel(f *fragLoad, bps, buffer float64) (to int, t float64) {
	ttfb := p.bandwidth.ttfbSeconds()
	latest := p.latest()
	t = math.Inf(1)
	for to = f.level.index - 1; to > 0; to-- {
		l := p.levels[to]
		t = p.loadSeconds(ttfb, bps, f.duration()*l.bitrate, l.details == nil || latest.live)
		if t < math.Min(buffer, f.duration()+ttfb) {
			break
		}
	}
	return to, t
}

// abandon switches down and gives the segment up, at once or after the time the other level would take.
func (p *Player) abandon(f *fragLoad, to int, t, buffer float64, now bool) {
	q := f.http
	if q.loaded > 0 {
		wait := min(atLeast(p.bandwidth.ttfbSeconds()), q.ttfb())
		p.bandwidth.sample(p.env.Now()-f.startedAt-wait, q.loaded)
	} else {
		p.bandwidth.sampleTTFB(p.env.Now() - f.startedAt)
	}
	bitrate := p.levels[to].bitrate
	if p.bandwidth.bps()*p.hls.AbrBandWidthUpFactor > bitrate {
		p.resetEstimator(bitrate)
	}
	if best := p.bestLevel(choice{bps: bitrate, top: to, patience: buffer, down: 1, up: 1}); best >= 0 {
		to = best
	}
	p.auto.force(to)
	p.enterLevel(p.levels[to])
	p.abandonAlarm.stop()
	if now {
		p.abortAbandoned(f, to, buffer)
	} else {
		p.abandonAlarm.set(atLeast(t), func() { p.abortAbandoned(f, to, buffer) })
	}
	// The controller may ask for the next segment at once, which ends this one; otherwise this one runs on meanwhile.
	if p.state != loadStopped {
		p.state = loadIdle
	}
	if !p.enough {
		p.startRequested = false
		p.nextLoadPosition = p.lastPosition
	}
	p.soon(p.tick)
}

// abortAbandoned ends an abandoned segment that still loads. hls.js does not do so if the way leads to the first level.
func (p *Player) abortAbandoned(f *fragLoad, to int, buffer float64) {
	if p.frag != f || p.loadLevel != to || to <= 0 {
		return
	}
	p.abortFragment()
	if p.state == loadBusy {
		p.state = loadIdle
	}
	low := max(0, p.bestLevel(choice{bps: p.levels[0].bitrate, top: to, patience: buffer, down: 1, up: 1}))
	p.auto.force(low)
	p.enterLevel(p.levels[low])
	p.resetEstimator(p.levels[low].bitrate)
	p.soon(p.tick)
}

func (p *Player) resetEstimator(bps float64) {
	p.auto.firstPick = -1
	p.bandwidth = newEstimator(p.hls, bps)
}

// sampleTimeout learns from a segment that took too long (abr-controller.ts, onError).
func (p *Player) sampleTimeout(q *request) {
	loading := q.endedAt - q.startedAt
	if q.loaded > 0 {
		p.bandwidth.sample(loading-min(atLeast(p.bandwidth.ttfbSeconds()), q.ttfb()), q.loaded)
		return
	}
	p.bandwidth.sampleTTFB(loading)
}
