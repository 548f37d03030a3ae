package flow

import (
	"cmp"
	"math"
	"slices"
)

// changed is told that a flow came, went, or may have more or less, and gives everybody concerned the new rates.
func (n *fluid) changed(f *flow) {
	if w := f.window; w != nil {
		for _, o := range w.flows {
			if o != f {
				n.touch(o)
			}
		}
	}
	n.touch(f)
	n.settle()
}

func (n *fluid) touch(f *flow) {
	n.touched = append(n.touched, f)
	for _, s := range [...]*side{f.from, f.to} {
		if !slices.Contains(n.work, s) {
			n.work = append(n.work, s)
		}
	}
}

// Spreading stops where a level moves by less than this, or after so many sides: a change dies away with the distance.
const (
	negligible = 1e-3
	farEnough  = 64
	crowd      = 64 // flows of a side that are not looked at one by one any more
)

// A crowd's level is found anew when so large a share of it has changed, or its link is overcommitted by as much. To look at
// each of thousands of flows whenever one comes or goes would cost thousands of times as much.
const stale = 0.05

// due tells whether a side's flows are to be looked at, all of them.
func (s *side) due() bool {
	s.changes++
	return len(s.flows) <= crowd || float64(s.changes) > stale*float64(len(s.flows)) || s.used > s.capacity*(1+stale)
}

// settle finds each side's level from those of the sides at the far ends of its flows, and goes on with those that this concerns.
func (n *fluid) settle() {
	for _, f := range n.touched {
		f.look()
	}
	for i := 0; i < len(n.work) && i < farEnough; i++ {
		s := n.work[i]
		if !s.due() {
			continue
		}
		s.changes = 0
		before := s.level
		n.level(s)
		moved := math.Abs(s.level-before) > negligible*before
		few := len(s.flows) <= crowd // the far sides of a crowd learn of it when something happens there
		for _, f := range s.flows {
			far := s.far(f)
			f.setRate(f.fair())
			if n.maxmin && moved && few && min(before, s.level) < far.level && !slices.Contains(n.work[i+1:], far) {
				n.work = append(n.work, far)
			}
		}
	}
	for _, f := range n.touched {
		if f.active {
			f.setRate(f.fair())
		}
	}
	clear(n.work)
	clear(n.touched)
	n.work, n.touched = n.work[:0], n.touched[:0]
}

// level finds the level at which the side is full: flows that are limited elsewhere take less, the others their weight times the
// level.
func (n *fluid) level(s *side) {
	if !n.maxmin {
		s.level = s.capacity / float64(max(len(s.flows), 1))
		return
	}
	n.claims = n.claims[:0]
	var weights, wanted float64
	for _, f := range s.flows {
		c := claim{weight: f.weight}
		c.ends = min(f.limit/c.weight, s.far(f).level)
		n.claims = append(n.claims, c)
		weights += c.weight
		wanted += float64(c.weight * c.ends)
	}
	if wanted < s.capacity*(1-1e-9) { // nobody is limited here, and to sort thousands to find that was a twelfth of a crowd's cost
		s.level = unlimited
		return
	}
	slices.SortFunc(n.claims, claim.compare)
	left := s.capacity
	for _, c := range n.claims {
		if c.ends*weights >= left {
			s.level = left / weights
			return
		}
		left -= float64(c.weight * c.ends)
		weights = max(weights-c.weight, 0)
	}
	s.level = unlimited
}

// claim is what a flow makes of a side's level: its weight times it, until something else ends that.
type claim struct{ weight, ends float64 }

// compare orders claims by where they end; equal ones too, so that what is added up does not hang on how a sort goes about it.
func (a claim) compare(b claim) int {
	return cmp.Or(cmp.Compare(a.ends, b.ends), cmp.Compare(a.weight, b.weight))
}
