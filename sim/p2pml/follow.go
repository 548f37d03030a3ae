package p2pml

import (
	"math"
	"time"
)

// Playback is a picture that runs on without a jump, at a rate of 1: at Position (seconds) at the time Since. Its element tells its
// position at First, and every Every from then on.
type Playback struct {
	Position            float64
	Since, First, Every time.Duration
}

func (p *Playback) at(t time.Duration) float64 { return p.Position + (t - p.Since).Seconds() }

// from is the first update at or after a time.
func (p *Playback) from(t time.Duration) time.Duration {
	if t <= p.First {
		return p.First
	}
	return p.First + (t-p.First+p.Every-1)/p.Every*p.Every
}

// follower takes the updates of a playback when somebody asks for what they tell. Four a second come to each viewer, and nearly all
// only move the position: the library runs a pass at most every second, and where the scheduler is calm that would do nothing either.
// So a timer is set for the next update that may do more, and the position at the last one is reckoned where it is looked at.
type follower struct {
	Playback
	on    bool
	seen  time.Duration // the last update taken
	due   time.Duration // of the timer
	alarm alarm
}

// never is later than any run.
const never = time.Duration(math.MaxInt64)

// FollowPlayback does what UpdatePlayback at each of these updates would. It ends with RestPlayback or the next UpdatePlayback. Times are
// of the environment's clock, and First is to come.
func (c *Core) FollowPlayback(p Playback) {
	if c.destroyed || p.Every <= 0 {
		return
	}
	f := &c.follow
	f.Playback, f.on, f.seen = p, true, p.First-p.Every
	for _, l := range c.loaders {
		if l != nil {
			l.following = false
		}
	}
	c.awaitUpdate()
}

// RestPlayback tells that the picture stands, and where the last update left it.
func (c *Core) RestPlayback() {
	c.catchUp()
	c.follow.on = false
	c.follow.alarm.stop()
}

// catchUp takes the updates that have come until now.
func (c *Core) catchUp() {
	if c.follow.on {
		c.catchUpTo(c.env.Now())
	}
}

func (c *Core) catchUpTo(limit time.Duration) {
	f := &c.follow
	if f.alarm.on {
		limit = min(limit, f.due-1) // that one is told
	}
	if limit < f.seen+f.Every {
		return
	}
	last := f.seen + (limit-f.seen)/f.Every*f.Every
	position := f.at(last)
	for _, l := range c.loaders {
		if l != nil && l.following {
			l.catchUp(&f.Playback, f.seen+f.Every, last)
			l.position = position
		}
	}
	if c.storage != nil && c.storage.playing {
		c.storage.position = position
	}
	f.seen = last
}

// catchUp takes updates that find the scheduler calm, or had a pass too short ago.
func (l *hybridLoader) catchUp(p *Playback, first, last time.Duration) {
	if !l.calm.still || !l.passed {
		return
	}
	for t := max(first, p.from(l.lastPass+playbackThrottle)); t <= last; t += p.Every {
		switch {
		case !l.overdue(t):
		case !l.calm.holds(p.at(t)):
			return
		default:
			l.lastPass = t
		}
	}
}

// awaitUpdate sets the timer for the next update that may do something. To set it anew costs less than a turn that finds nothing to do.
func (c *Core) awaitUpdate() {
	f := &c.follow
	if !f.on {
		return
	}
	due := never
	for _, l := range c.loaders {
		if l != nil {
			due = min(due, l.nextUpdate(&f.Playback))
		}
	}
	switch {
	case due == never:
		f.alarm.stop()
	case !f.alarm.on || f.due != due:
		f.due = due
		f.alarm.set(due - c.env.Now())
	}
}

// nextUpdate is the earliest update that may run a pass, as things are.
func (l *hybridLoader) nextUpdate(p *Playback) time.Duration {
	next := p.from(l.core.env.Now() + 1)
	switch {
	case !l.following, !l.passed, !(p.Every.Seconds() < 0.49*l.averageDuration): // the last look like jumps
		return next
	case l.calm.still && math.IsInf(l.calm.to, 1):
		return never
	case l.calm.holds(l.position): // who keeps announcements back is to know when it ends
		ahead := time.Duration((l.calm.to - p.Position) * float64(time.Second))
		next = max(next, p.from(p.Since+ahead-p.Every)) // rounding must not make it one too late
		if l.calm.holds(p.at(next)) {
			next += p.Every
		}
		return next
	}
	return max(next, p.from(l.lastPass+playbackThrottle)) // before that, an update only moves the position
}

// update is the one that the timer was set for.
func (c *Core) update() {
	f := &c.follow
	c.catchUpTo(f.due - 1)
	f.seen = f.due
	c.move(f.at(f.due), 1)
	for _, l := range c.loaders {
		if l != nil {
			l.following = true
		}
	}
	c.awaitUpdate()
}
