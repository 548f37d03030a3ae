package flow

import "slices"

// changed is told that flows came to or left two sides, and gives everybody the new rates.
func (n *fluid) changed(a, b *side) {
	n.work = append(n.work[:0], a, b)
	if n.maxmin {
		n.spread()
		return
	}
	for _, s := range n.work {
		s.level = s.capacity / float64(max(len(s.flows), 1))
	}
	for _, s := range n.work {
		for _, f := range s.flows {
			f.setRate(min(f.limit, f.from.level, f.to.level))
		}
	}
}

// Spreading stops where a level moves by less than this, or after so many sides: a change dies away with the distance.
const (
	negligible = 1e-3
	farEnough  = 64
)

// spread finds each side's level from those of the sides at the far ends of its flows, and goes on with those that this concerns.
func (n *fluid) spread() {
	for i := 0; i < len(n.work) && i < farEnough; i++ {
		s := n.work[i]
		before := s.level
		s.fill()
		moved := s.level-before > negligible*before || before-s.level > negligible*before
		for _, f := range s.flows {
			f.setRate(min(f.limit, f.from.level, f.to.level))
			far := f.to
			if far == s {
				far = f.from
			}
			if moved && i >= 2 || moved && min(before, s.level) < far.level {
				if !slices.Contains(n.work[i+1:], far) {
					n.work = append(n.work, far)
				}
			}
		}
	}
}

// fill finds the level at which the side is full: flows that are limited elsewhere take less, the others the level.
func (s *side) fill() {
	limits := make([]float64, 0, 16)
	for _, f := range s.flows {
		limits = append(limits, s.other(f))
	}
	slices.Sort(limits)
	left := s.capacity
	for i, l := range limits {
		share := left / float64(len(limits)-i)
		if l >= share {
			s.level = share
			return
		}
		left -= l
	}
	// Nobody is limited here: one more flow would get what is left, or a fair part.
	s.level = max(left, s.capacity/float64(len(limits)+1))
}
