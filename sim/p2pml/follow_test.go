package p2pml

import (
	"testing"
	"time"
)

// TestFollowingIsBeingTold plays the same swarms with a playback that is told four times a second and one that is followed. All that
// happens must be the same, at the same times, with far fewer updates; the picture stands, jumps and goes on in between.
func TestFollowingIsBeingTold(t *testing.T) {
	var updates, rings int
	for _, c := range calmCases {
		t.Run(c.name, func(t *testing.T) {
			told, _ := c.play(t, func(v *viewer) { v.play = (&picture{updates: &updates}).play })
			followed, _ := c.play(t, func(v *viewer) {
				v.play = (&picture{follows: true}).play
				alarm := &v.core.follow.alarm
				ring := alarm.ring
				alarm.ring = func() { rings++; ring() }
			})
			sameLog(t, followed, told)
		})
	}
	if rings > updates/3 {
		t.Errorf("%d updates taken one by one, of %d", rings, updates)
	}
}

// picture is a media element in the driver's world: it runs, stands for a while, and jumps twice.
type picture struct {
	follows bool
	updates *int // told
	running bool
	from    float64
	since   time.Duration
	begun   time.Duration
	stood   bool
	jumped  bool
	slipped bool // jumped without a word
}

// Updates come a moment apart from the driver's turns, as no two things happen at one instant.
const apart = 130*time.Millisecond + 17

func (p *picture) play(v *viewer) {
	now := v.env.w.now
	switch {
	case p.begun == 0:
		p.begun = now
		p.run(v, v.position)
	case !p.stood && now-p.begun > 20*time.Second:
		p.stood = true
		p.rest(v, now)
	case !p.running && now-p.begun > 23*time.Second:
		p.run(v, p.from)
	case !p.jumped && now-p.begun > 40*time.Second:
		p.jumped = true
		p.rest(v, now)
		p.from += 9
		v.core.UpdatePlayback(p.from, 1)
		p.run(v, p.from)
	case !p.slipped && now-p.begun > 60*time.Second:
		p.slipped = true
		p.rest(v, now)
		p.run(v, p.from+9)
	}
	v.position = p.at(now)
}

func (p *picture) at(now time.Duration) float64 {
	if !p.running {
		return p.from
	}
	return p.from + (now - p.since).Seconds()
}

func (p *picture) rest(v *viewer, now time.Duration) {
	p.from = p.at(now)
	p.running = false
	v.core.RestPlayback()
}

func (p *picture) run(v *viewer, from float64) {
	w := v.env.w
	p.running, p.from, p.since = true, from, w.now
	first := w.now + apart
	const every = 250 * time.Millisecond
	if p.follows {
		v.core.FollowPlayback(Playback{Position: from, Since: p.since, First: first, Every: every})
		return
	}
	since := p.since
	var update func()
	update = func() {
		if v.core.destroyed || !p.running || p.since != since {
			return
		}
		*p.updates++
		v.env.do(func() { v.core.UpdatePlayback(p.at(w.now), 1) })
		w.at(w.now+every, update)
	}
	w.at(first, update)
}
