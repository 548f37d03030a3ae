package netem

import (
	"math"
	"math/rand/v2"
	"time"
)

// jitterMemory is how long a line's delay remembers itself: radio schedulers and Wi-Fi contention change over some tens of
// milliseconds, not from packet to packet. Between draws, jitterStep apart, the delay moves in a straight line.
const (
	jitterMemory = 50 * time.Millisecond
	jitterStep   = 20 * time.Millisecond
)

// jitter varies the delay with the configured standard deviation around its mean, as a smoothed Ornstein-Uhlenbeck process.
//
// Independent draws per packet would not do, nor a process that is rough on the scale of packets: keeping packets in order
// turns every sudden fall of the delay into a wait for those ahead, and the mean would grow with the packet rate (by 5 % with
// 8 of 50 ms at 10,000 packets a second, measured with the plain process). Smooth, it hardly ever falls faster than time
// passes.
type jitter struct {
	scale  float64 // ns per unit of the process
	chance *rand.Rand
	step   int64 // the one that lies between left and right
	left   float64
	right  float64
}

var (
	jitterKeep  = 0.670320046035639300744 // exp(-jitterStep / jitterMemory): a constant, since the last bit of Exp depends on the processor
	jitterFresh = math.Sqrt(1 - float64(jitterKeep*jitterKeep))
	// Lines between draws of variance 1 have a variance of (2 + correlation) / 3 on average.
	jitterUnit = math.Sqrt(3 / (2 + jitterKeep))
)

// InOrder is what a jitter, of a Link, adds to the mean delay of packets that closely follow one another. As they stay in order, one waits for those
// before it where the delay falls faster than time passes: hardly ever with 10 ms, and for 4 ms in the mean with 30 ms. It is found by letting
// the process run for so long that the mean is good for 2 % where it is of milliseconds, which takes one or two.
func InOrder(deviation time.Duration) time.Duration {
	e, ok := newJitter(Link{Jitter: deviation}, rand.New(rand.NewPCG(1, 2))).(*jitter)
	if !ok {
		return 0
	}
	const every, packets = int64(time.Millisecond), 400_000
	var newest, sum int64
	for i := range int64(packets) {
		late, _ := e.pass(i * every)
		newest = max(newest, i*every+late)
		sum += newest - i*every - late
	}
	return time.Duration(sum / packets)
}

func newJitter(l Link, chance *rand.Rand) effect {
	if l.Jitter == 0 {
		return nil
	}
	e := &jitter{scale: float64(l.Jitter) * jitterUnit, chance: chance, left: chance.NormFloat64()}
	e.right = e.draw(e.left)
	return e
}

func (e *jitter) draw(before float64) float64 {
	return float64(jitterKeep*before) + float64(jitterFresh*e.chance.NormFloat64())
}

func (e *jitter) pass(at int64) (int64, bool) {
	step := at / int64(jitterStep)
	if behind := step - e.step; behind > 0 {
		if behind > 20 { // nothing is remembered that long
			behind = 20
		}
		for range behind {
			e.left, e.right = e.right, e.draw(e.right)
		}
		e.step = step
	}
	share := float64(at-e.step*int64(jitterStep)) / float64(jitterStep)
	return int64(e.scale * (e.left + float64(share*(e.right-e.left)))), false
}
