package p2pml

import (
	"time"

	"swarmlab/sim/webtorrent"
)

// silenceTimer fires when nothing was heard for a while. It is touched for every chunk of every download, so touching only moves
// the deadline, and the alarm is set again when it rings early.
type silenceTimer struct {
	alarm
	expired  func()
	timeout  time.Duration
	deadline time.Duration
}

func (t *silenceTimer) init(env webtorrent.Env, expired func()) {
	t.alarm.init(env, t.rang)
	t.expired = expired
}

func (t *silenceTimer) start(timeout time.Duration) {
	t.timeout = timeout
	t.touch()
	t.set(timeout)
}

func (t *silenceTimer) touch() { t.deadline = t.env.Now() + t.timeout }

func (t *silenceTimer) rang() {
	if left := t.deadline - t.env.Now(); left > 0 {
		t.set(left)
		return
	}
	t.expired()
}
