package netem

import "math/rand/v2"

// loss drops each packet with the same probability, independently: the residual loss of an idle line (profiles of real lines
// put it at 0.01 to 0.5 %). Loss by congestion is the queue's doing, not this one's.
type loss struct {
	probability float64
	chance      *rand.Rand
}

func newLoss(l Link, chance *rand.Rand) effect {
	if l.Loss == 0 {
		return nil
	}
	return &loss{probability: l.Loss, chance: chance}
}

func (e *loss) pass(int64) (int64, bool) {
	return 0, e.chance.Float64() < e.probability
}
