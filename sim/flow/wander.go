package flow

import (
	"math"
	"math/rand/v2"
	"time"
)

// wander is what a line's delay is above its mean just now: an Ornstein-Uhlenbeck process with the line's jitter for its standard
// deviation, as in the packet tier (netem's jitter effect, which says where the memory comes from).
type wander struct {
	deviation float64 // ns
	now       float64
	at        time.Duration
	chance    *rand.Rand
}

const (
	wanderMemory = 50 * time.Millisecond
	wanderPause  = time.Millisecond // so soon the delay is what it was
)

func newWander(jitter time.Duration, chance *rand.Rand) wander {
	w := wander{deviation: float64(jitter), chance: chance}
	if jitter > 0 {
		w.now = w.deviation * chance.NormFloat64()
	}
	return w
}

func (w *wander) delay(at time.Duration) time.Duration {
	if w.deviation == 0 {
		return 0
	}
	if since := at - w.at; since > wanderPause {
		keep := math.Exp(-float64(since) / float64(wanderMemory))
		w.now = float64(keep*w.now) + float64(w.deviation*math.Sqrt(1-float64(keep*keep))*w.chance.NormFloat64())
		w.at = at
	}
	return time.Duration(w.now)
}
