package player

import (
	"time"
)

// tick is what hls.js's stream controller does every 100 ms and whenever something happened (stream-controller.ts, doTick).
func (p *Player) tick() {
	if p.run != active || p.state == loadStopped {
		return
	}
	now := p.env.Now()
	if p.state == loadRetrying && now >= p.retryAt {
		p.resetStart()
		p.state = loadIdle
	}
	if p.state == loadWaiting && (!p.mustWaitFor(p.levels[p.loadLevel]) || p.auto.next != p.loadLevel) {
		p.state = loadIdle
	}
	if p.state == loadIdle {
		p.tickIdle()
	}
	if !p.media.buffer.empty() {
		p.lastPosition = p.media.now()
	}
	p.settle()
	p.armTick()
}

// armTick sets the timer for the next of hls.js's ticks that can change something. Between events the controller's only moving
// input is the picture's position: the buffer falls under its goal, or a retry is due.
func (p *Player) armTick() {
	p.tickAlarm.stop()
	if p.run != active {
		return
	}
	now := p.env.Now()
	var at time.Duration
	switch p.state {
	case loadRetrying:
		at = p.retryAt
	case loadIdle:
		if p.lastLoaded == nil || p.media.state != playing {
			return
		}
		spare := p.forward().len - p.goal()
		if spare < 0 {
			return // it wants a segment and there is none: a playlist, not time, brings the next
		}
		at = now + atLeast(spare)
	default:
		return
	}
	p.tickAlarm.set(p.nextTick(max(at, now+1))-now, p.tick)
}

// goal is how far ahead the current level is buffered.
func (p *Player) goal() float64 {
	return p.hls.bufferGoal(p.tune, p.levels[p.loadLevel].bitrate)
}

// tickIdle asks for the next segment if the buffer is under its goal (stream-controller.ts, doTickIdle).
func (p *Player) tickIdle() {
	if p.lastLoaded == nil {
		return
	}
	l := p.levels[p.nextAutoLevel()]
	buffered := p.forward()
	if p.streamEnded(buffered) {
		p.state = loadEnded
		p.media.eos = true
		p.checkPicture()
		return
	}
	p.enterLevel(l)
	if p.state == loadWaiting || p.mustWaitFor(l) {
		p.state = loadWaiting
		p.startRequested = false
		return
	}
	if p.state != loadIdle || buffered.len >= p.goal() {
		return
	}
	i := p.nextSegment(l, buffered)
	if i < 0 || p.exceedsBuffer(l.details.start(i), buffered) {
		return
	}
	s := &l.details.segments[i]
	switch {
	case p.trackedAt(l, i) != notLoaded: // nothing to do for it; time or a playlist brings another
	case s.gap:
		p.skip(l, i)
	case s.init != nil && !l.inits[s.init.id()]:
		p.loadInit(l, s.init)
	default:
		p.loadSegment(l, i)
	}
}

// streamEnded tells whether the whole rest of VOD is buffered.
func (p *Player) streamEnded(a ahead) bool {
	d := p.latest()
	return !d.live && p.lastIsIn && !a.hasNext && p.media.now() >= a.start
}

// exceedsBuffer keeps a segment beyond a hole from being loaded when what is buffered around the hole already makes the goal.
func (p *Player) exceedsBuffer(start float64, a ahead) bool {
	if !a.hasNext || start <= a.next {
		return false
	}
	total := a.len
	for _, s := range p.media.buffer.spans {
		if s.start >= a.next && s.start < start {
			total += s.end - s.start
		}
	}
	return total >= p.goal()
}

func (p *Player) trackedAt(l *level, i int) tracked {
	return l.tracked[l.details.first+int64(i)]
}
