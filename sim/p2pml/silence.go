package p2pml

import (
	"time"

	"swarmlab/sim/webtorrent"
)

// silenceTimer fires when nothing was heard for a while. It is touched for every chunk of every download, so touching only moves
// the deadline, and the one timer of the world below is set again when it fires early.
type silenceTimer struct {
	env      webtorrent.Env
	expired  func()
	fire     func()
	timer    webtorrent.Timer // the last one
	on       bool
	timeout  time.Duration
	deadline time.Duration
}

func (t *silenceTimer) init(env webtorrent.Env, expired func()) {
	t.env, t.expired, t.fire = env, expired, t.onTimer
}

func (t *silenceTimer) start(timeout time.Duration) {
	t.stop()
	t.timeout = timeout
	t.deadline = t.env.Now() + timeout
	t.set(timeout)
}

func (t *silenceTimer) set(d time.Duration) {
	t.on = true
	if again, ok := t.timer.(webtorrent.Resetter); ok {
		again.Reset(d)
		return
	}
	t.timer = t.env.After(d, t.fire)
}

func (t *silenceTimer) touch() { t.deadline = t.env.Now() + t.timeout }

func (t *silenceTimer) stop() {
	if t.on {
		t.timer.Stop()
		t.on = false
	}
}

func (t *silenceTimer) onTimer() {
	if !t.on {
		return
	}
	if left := t.deadline - t.env.Now(); left > 0 {
		t.set(left)
		return
	}
	t.on = false
	t.expired()
}
