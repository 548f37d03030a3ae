package p2pml

import (
	"time"

	"swarmlab/sim/webtorrent"
)

// alarm is one timer that is set again and again, and makes nothing new for it where the world below can do so.
type alarm struct {
	env   webtorrent.Env
	ring  func()
	fire  func()
	timer webtorrent.Timer // the last one
	on    bool
}

func (a *alarm) init(env webtorrent.Env, ring func()) { a.env, a.ring, a.fire = env, ring, a.onTimer }

// set has it ring so much later, and not when it was set for before.
func (a *alarm) set(d time.Duration) {
	again, ok := a.timer.(webtorrent.Resetter)
	switch {
	case ok:
		again.Reset(d)
	default:
		a.stop()
		a.timer = a.env.After(d, a.fire)
	}
	a.on = true
}

func (a *alarm) stop() {
	if a.on {
		a.timer.Stop()
		a.on = false
	}
}

func (a *alarm) onTimer() {
	if a.on {
		a.on = false
		a.ring()
	}
}
