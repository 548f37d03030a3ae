package player

import (
	"math"

	"swarmlab/sim/p2pml"
)

// What the media element does, and what hls.js and the integration make of it.

// toStartPosition seeks to where playback begins, once the first segment is in (stream-controller.ts, seekToStartPos).
func (p *Player) toStartPosition() {
	at := p.startPosition
	first := p.media.buffer.spans[0].start
	if gap := first - at; gap > 0 && gap < math.Max(p.hls.MaxBufferHole.Seconds(), fragLookUpTolerance) {
		at += gap
		p.startPosition = at
	}
	if p.media.now() < at {
		p.seek(at, SeekStart)
	}
}

// checkPicture starts or restarts a picture that stands, if it can run, and looks for a hole to jump over if it cannot.
func (p *Player) checkPicture() {
	m := &p.media
	if m.state != starting && m.state != stalled {
		return
	}
	switch {
	case m.finished() && p.firstFrame:
		p.finish()
	case !m.wantsRun:
	case m.playable():
		p.play()
	default:
		p.watchGap()
	}
}

// play shows the next frame.
func (p *Player) play() {
	m := &p.media
	m.enter(playing)
	p.gapAlarm.stop()
	if !p.firstFrame {
		p.firstFrame = true
		p.startupDelay = p.env.Now() - p.startedAt
		p.ev.OnStartup(Startup{At: p.env.Now(), Delay: p.startupDelay, Position: m.now()})
	}
	p.endStall()
	p.settle()
	p.armUpdate()
	p.armTick()
}

// stall stops the picture for want of data, or keeps it standing.
func (p *Player) stall() {
	m := &p.media
	if m.state != stalled {
		m.enter(stalled)
		p.stopUpdates()
	}
	if !p.standing {
		p.standing = true
		p.stalls++
		p.stallSince = p.env.Now()
		p.ev.OnStallStart(StallStart{At: p.env.Now(), Position: m.now()})
	}
	p.watchGap()
}

// endStall closes the stall that is open, if one is.
func (p *Player) endStall() {
	if !p.standing {
		return
	}
	p.standing = false
	now := p.env.Now()
	p.ev.OnStallEnd(StallEnd{At: now, Position: p.media.now(), Lasted: now - p.stallSince})
}

// ranDry: the picture reached the end of what is buffered.
func (p *Player) ranDry() {
	m := &p.media
	if m.playable() { // more was appended in the meantime, or the clock is a hair early
		m.armDry()
		return
	}
	p.settle()
	if m.finished() {
		p.finish()
		return
	}
	p.stall()
}

// finish is the end of VOD.
func (p *Player) finish() {
	p.media.enter(ended)
	p.endStall()
	p.stopUpdates()
	p.gapAlarm.stop()
	p.settle()
	p.ev.OnEnded(Ended{At: p.env.Now()})
}

// settle brings the log of what was shown up to date.
func (p *Player) settle() {
	p.media.settle()
	if !p.firstFrame {
		return
	}
	p.played.upTo(p.media.now(), func(s SegmentEvent) {
		s.At = p.env.Now()
		p.ev.OnSegmentPlayed(s)
		p.show(s.Level)
	})
}

// shown is which level the picture is of.
type shown struct{ level int }

func (p *Player) show(level int) {
	if level == p.shown.level {
		return
	}
	from := p.shown.level
	p.shown.level = level
	p.ev.OnLevelSwitched(LevelSwitched{At: p.env.Now(), From: from, To: level, BitrateBps: p.levels[level].bitrate})
}

// watchGap lets hls.js's gap controller look at a picture that stands, on its next 100 ms poll. It counts the stall (which
// moves a live viewer's sync position back) and jumps over what can be jumped over.
func (p *Player) watchGap() {
	if p.gapAlarm.armed() || p.media.buffer.empty() || p.media.state == paused {
		return
	}
	now := p.env.Now()
	first := p.media.state == stalled && p.stallSince == now
	p.gapAlarm.set(p.nextTick(now+1)-now, func() { p.pollGap(first) })
}

// pollGap is one poll of gap-controller.ts. Without something buffered behind a hole there is nothing to poll for: the next
// append calls watchGap again.
func (p *Player) pollGap(report bool) {
	if p.media.state != stalled && p.media.state != starting {
		return
	}
	if report {
		p.liveStalls++
	}
	a := p.media.forward()
	if !a.hasNext || a.len > 0 || p.lastLoaded == nil {
		return
	}
	d := p.latest()
	behind := d.live && a.start < d.sliding
	if behind || a.next-a.start <= p.hls.MaxBufferHole.Seconds() || p.skippable(a.start, a.next) {
		p.seek(math.Max(a.next+gapOvershoot, a.start+gapStep), SeekGap)
	}
}

const (
	gapOvershoot = 0.05 // gap-controller.ts: SKIP_BUFFER_RANGE_START
	gapStep      = 0.1  // gap-controller.ts: SKIP_BUFFER_HOLE_STEP_SECONDS
)

// skippable tells whether everything in the hole was given up.
func (p *Player) skippable(from, to float64) bool {
	l := p.lastLoaded
	d := l.details
	for i := range d.segments {
		if d.end(i) <= from+joinTolerance || d.start(i) >= to-joinTolerance {
			continue
		}
		if l.tracked[d.first+int64(i)] != gap {
			return false
		}
	}
	return true
}

// Seek moves the picture, as the viewer does with the progress bar.
func (p *Player) Seek(position float64) {
	if p.run != active || !p.enough || math.IsNaN(position) {
		return
	}
	if d := p.latest(); d != nil {
		position = math.Min(position, d.edge())
	}
	p.seek(math.Max(0, position), SeekUser)
}

// seek is setting currentTime: the engine is told, loads that no longer serve are given up, and the picture goes on if it can
// (base-stream-controller.ts, onMediaSeeking).
func (p *Player) seek(to float64, why SeekReason) {
	m := &p.media
	p.settle()
	from := m.now()
	m.moveTo(to)
	p.ev.OnSeek(Seek{At: p.env.Now(), From: from, To: to, Reason: why})
	if p.core != nil {
		p.core.UpdatePlayback(to, 1)
	}
	m.eos = false
	p.played.rewind(to)
	p.seekLoading(to)
	switch {
	case m.state == starting || m.state == paused:
	case m.playable():
		p.play()
	default:
		p.stall()
	}
	p.checkPicture()
	p.soon(p.tick)
}

// seekLoading gives up a load that the new position has no use for.
func (p *Player) seekLoading(to float64) {
	a := p.media.buffer.at(to, p.hls.MaxBufferHole.Seconds())
	if p.state == loadEnded {
		p.state, p.previous = loadIdle, nil
	}
	if f := p.frag; f != nil && f.init == nil && a.len == 0 {
		past := to > f.end+fragLookUpTolerance
		if past {
			p.abortFragment()
			if p.state == loadBusy {
				p.state = loadIdle
			}
		}
		if past || to < f.start-fragLookUpTolerance {
			p.previous = nil
		}
	}
	p.lastPosition = math.Max(p.lastPosition, to)
}

// Pause and Resume are the viewer's. Loading goes on while the picture is paused.
func (p *Player) Pause() {
	m := &p.media
	if p.run != active || !m.wantsRun {
		return
	}
	m.wantsRun = false
	p.stopUpdates()
	p.gapAlarm.stop()
	if m.state == playing || m.state == stalled {
		m.enter(paused)
		p.endStall() // who pauses does not wait
	}
	p.armTick()
}

// Resume lets a paused picture run again.
func (p *Player) Resume() {
	m := &p.media
	if p.run != active || m.wantsRun {
		return
	}
	m.wantsRun = true
	switch {
	case m.state != paused:
		p.checkPicture()
	case m.finished():
		p.finish()
	case m.playable():
		p.play()
	default:
		p.stall()
	}
	p.tick()
}

// armUpdate: a playing element tells its position every 250 ms; only the engine listens.
func (p *Player) armUpdate() {
	if p.core == nil {
		return
	}
	if p.timeUpdates == nil {
		p.timeUpdates = p.timeUpdate
	}
	p.stopUpdates()
	p.updateAlarm.set(p.hls.TimeUpdateInterval, p.timeUpdates)
}

// timeUpdate tells the position, and how it goes on to an engine that can reckon.
func (p *Player) timeUpdate() {
	p.settle()
	p.core.UpdatePlayback(p.media.now(), 1)
	f, ok := p.core.(follower)
	if !ok {
		p.armUpdate()
		return
	}
	every := p.hls.TimeUpdateInterval
	f.FollowPlayback(p2pml.Playback{
		Position: p.media.position, Since: p.media.since, First: p.env.Now() + every, Every: every,
	})
}

func (p *Player) stopUpdates() {
	p.updateAlarm.stop()
	if f, ok := p.core.(follower); ok {
		f.RestPlayback()
	}
}
