package flow

import (
	"math"
	"time"

	"swarmlab/netem"
)

// wander is what a line's delay is above its mean at a time: a random function of the line and the time, and of nothing else, so that
// whoever looks at it, and how often, changes it for nobody. It goes in straight lines between independent draws, as far apart as the
// packet tier's lines remember their delay (netem's jitter effect, which says why), and has the line's jitter for its standard
// deviation.
type wander struct {
	deviation   float64 // ns, of the draws
	seed        uint64
	step        int64 // the one that lies between left and right
	left, right float64
}

const wanderStep = 50 * time.Millisecond

// wanderUnit: between two draws of variance 1 the straight line has a variance of 2/3 on the average.
var wanderUnit = math.Sqrt(1.5)

func newWander(jitter time.Duration, seed uint64) wander {
	return wander{deviation: float64(jitter) * wanderUnit, seed: seed, step: -1}
}

func (w *wander) delay(at time.Duration) time.Duration {
	if w.deviation == 0 {
		return 0
	}
	step := int64(at / wanderStep)
	if step != w.step {
		w.step, w.left, w.right = step, w.draw(step), w.draw(step+1)
	}
	share := float64(at-time.Duration(step)*wanderStep) / float64(wanderStep)
	return time.Duration(w.left + float64(share*(w.right-w.left)))
}

// draw is nearly normal: the sum of four even draws, none of them more than 3.5 deviations off.
func (w *wander) draw(step int64) float64 {
	x := scramble(w.seed ^ scramble(uint64(step)))
	sum := float64(x&0xffff) + float64(x>>16&0xffff) + float64(x>>32&0xffff) + float64(x>>48)
	const mean, unit = 4 * 0xffff / 2.0, 0x10000 * 0.57735026918962576 // four of variance 65536^2 / 12 each
	return w.deviation * (sum - mean) / unit
}

// scramble is SplitMix64's last step.
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// jitteryLine is all that an AckClock depends on.
type jitteryLine struct{ jitter, roundTrip time.Duration }

// ackClock is what acknowledgements make of a download's rate over such a line.
func (w *world) ackClock(l jitteryLine) *netem.AckClock {
	if l.jitter == 0 {
		return nil
	}
	l.roundTrip = l.roundTrip.Round(time.Millisecond) // few lines, rather than one a viewer
	c, known := w.ackClocks[l]
	if !known {
		c = netem.NewAckClock(l.jitter, l.roundTrip)
		w.ackClocks[l] = c
	}
	return c
}

// inOrder is what a line's jitter adds to the mean delay of packets.
func (w *world) inOrder(jitter time.Duration) time.Duration {
	d, known := w.ordered[jitter]
	if !known {
		d = netem.InOrder(jitter)
		w.ordered[jitter] = d
	}
	return d
}
