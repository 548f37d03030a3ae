package flow

import (
	"math"
	"time"
)

// waiting is how long a packet waits before the link: what the windows hold beyond what is on its way.
func (s *side) waiting() time.Duration {
	switch {
	case s.queue == 0 || len(s.flows) == 0:
		return 0
	case len(s.flows) > crowd: // together they keep the queue full, if the link is
		if s.used < s.capacity*(1-stale) {
			return 0
		}
		return time.Duration(s.queue * 1e9)
	}
	var excess float64
	for _, f := range s.flows {
		if f.window != nil && f.held() && s.level <= s.far(f).level {
			excess += f.excess()
		}
	}
	return time.Duration(min(excess/s.capacity, s.queue) * 1e9)
}

// excess is how much of what a held flow has sent stands in the queue: of a window that was sent at once all that is not through, else
// what is more than the way holds.
func (f *flow) excess() float64 {
	if f.first && f.window.rules.slow == 0 {
		through := float64(f.part) - f.left + float64(f.rate*(f.net.clock.now-f.since).Seconds())
		return max(0, min(f.burst, float64(f.part+f.message+f.follows))-through)
	}
	return max(0, f.window.share()-float64(f.rate*f.window.trip()))
}

// backlog is how long the acknowledgements wait: whoever uploads into a long queue is slow to acknowledge what it loads.
func (f *flow) backlog() (wait time.Duration) {
	for _, s := range f.back {
		if s != nil {
			wait += s.waiting()
		}
	}
	return wait
}

// queued is how long the flow's packets wait before the links.
func (f *flow) queued() time.Duration { return f.from.waiting() + f.to.waiting() }

// out is how long a packet from the viewer takes to somewhere just now, and in is the way back: a packet of any kind waits in the queue
// before the viewer's line behind all that is in it.
func (v *viewer) out(to *place) time.Duration {
	w := v.world
	return max(0, w.delay(&v.place, to)+v.late.up.delay(w.clock.now)) + w.queue(&v.up)
}

func (v *viewer) in(from *place) time.Duration {
	w := v.world
	return max(0, w.delay(from, &v.place)+v.late.down.delay(w.clock.now)) + w.queue(&v.down)
}

// queue is how long a packet waits before a line. Nothing stands in queues where there are no windows.
func (w *world) queue(s *side) time.Duration {
	if !w.rampUp {
		return 0
	}
	return s.waiting()
}

// standing is what waits before both sides of a viewer's line: a part of every round trip through it.
func (w *world) standing(v *viewer) time.Duration { return w.queue(&v.up) + w.queue(&v.down) }

// crowdOut drops packets if the queue before the narrower side is too short for what the windows hold. Chance says whose: the queue drops
// what finds it full, and of each flow as much comes as it sends. (While always the largest window lost, all were much the same, and viewers
// before a full origin stayed in step who do not in packets.) In a crowd it is the flow's own: to draw
// among thousands each time would cost too much.
func (f *flow) crowdOut() {
	narrow := f.from
	if f.to.level < narrow.level {
		narrow = f.to
	}
	over := f.window.present()/float64(len(f.window.flows)) - float64(f.rate*(f.window.trip()+narrow.queue))
	if over <= 0 {
		return
	}
	loser := f
	if len(narrow.flows) <= crowd {
		narrow.drops++
		loser = narrow.sending(f, f.net.chance(narrow.drops))
	}
	loser.window.lose(int(math.Ceil(over/f.window.rules.segment)), 0, over+float64(loser.message+loser.follows), f.net.clock.now)
	if loser != f {
		f.net.touch(loser)
	}
}

// sending is whose packet comes next to a side, by a chance from 0 to 1; f is one that certainly sends.
func (s *side) sending(f *flow, chance float64) *flow {
	var all float64
	for _, o := range s.flows {
		if o.window != nil {
			all += o.rate
		}
	}
	left := float64(chance * all)
	for _, o := range s.flows {
		if o.window == nil {
			continue
		}
		if left -= o.rate; left < 0 {
			return o
		}
	}
	return f
}

// chance is from 0 to 1, and depends on nothing but the run, the time and what it is for.
func (n *fluid) chance(of uint64) float64 {
	return float64(scramble(n.seed^scramble(uint64(n.clock.now)^scramble(of)))>>11) / (1 << 53)
}
