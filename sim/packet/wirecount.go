package packet

import (
	"sync/atomic"

	"swarmlab/sim/p2pml/wire"
)

// wireCounter counts the segment bytes of a run where they leave the data channels, apart from the viewers' own books, so that the
// two can be held against each other.
type wireCounter struct{ received atomic.Int64 }

func (w *wireCounter) receivedMessage(m []byte) {
	if !wire.IsCommand(m) {
		w.received.Add(int64(len(m)))
	}
}
