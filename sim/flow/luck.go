package flow

import (
	"math"
	"math/rand/v2"
)

// luck says which packets of a connection are lost, but for those that find a queue full. nil: none.
type luck interface {
	next() float64 // bytes that go through until one is
	again() bool   // whether one that is sent again is, too
}

// chance is the luck of a way that loses each packet with the same probability.
type chance struct {
	*rand.Rand
	share   float64 // of packets
	perLoss float64 // bytes between two, on the average
}

func newChance(r *rules, share float64, source *rand.Rand) *chance {
	return &chance{source, share, r.segment / share}
}

// next is whole bytes: ExpFloat64's last bits may differ between processors.
func (c *chance) next() float64 { return math.Ceil(c.ExpFloat64() * c.perLoss) }

func (c *chance) again() bool { return c.Float64() < c.share }
