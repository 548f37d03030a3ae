package netem

import (
	"math/rand/v2"
	"time"
)

// AckClock is how fast a sender goes whose window of packets is under way over a line with jitter, there and back. Each acknowledgement lets a packet go. While
// the delay rises they come slowly, and where it falls they come faster than the line takes packets, which then wait. So a window that would just fill
// the line in the mean round trip does not fill it: a quarter less goes through with 30 of 110 ms, and a tenth with 4 of 20. Twice the window does. Spreading
// packets out (pacing) changes nothing of that.
//
// nil is a line without jitter.
type AckClock struct {
	carries [len(ackClockFills)]float64 // what the line does with the windows of ackClockFills, as a part of what it can
}

// ackClockFills are windows, as a part of what the line carries in a mean round trip. From the last on it is full.
var ackClockFills = [...]float64{0.25, 0.5, 0.7, 0.85, 1, 1.2, 1.5, 2}

const (
	ackClockPackets = 64  // that the line carries in a round trip: four times as many change a rate by 1 %
	ackClockTrips   = 500 // round trips that each window is followed for: good for 1 %, in 4 ms for all of them
)

// NewAckClock lets packets go over a line whose delay has this deviation each way. The round trip is the mean one, with empty queues, and with what
// InOrder adds to it there and back.
func NewAckClock(deviation, roundTrip time.Duration) *AckClock {
	if deviation == 0 {
		return nil
	}
	empty, each := max(roundTrip-2*InOrder(deviation), 1), max(roundTrip/ackClockPackets, 1)
	a := new(AckClock)
	for i, fill := range ackClockFills {
		window := int(float64(fill*ackClockPackets) + 0.5)
		packets := ackClockTrips * window
		took := ackClocked(deviation, empty, each, window, packets)
		a.carries[i] = float64(packets) * float64(each) / float64(took)
	}
	return a
}

// ackClocked is how long so many packets take, each of which the line takes some time for.
func ackClocked(deviation, roundTrip, each time.Duration, window, packets int) time.Duration {
	link := Link{Jitter: deviation}
	down, up := newJitter(link, rand.New(rand.NewPCG(1, 2))), newJitter(link, rand.New(rand.NewPCG(1, 3)))
	half := int64(roundTrip) / 2
	acknowledged := make([]int64, window) // when the last packets were
	var taken, arrived, told int64        // when the line has taken the last packet, the other end has it, and the sender knows
	for i := range packets {
		taken = max(taken, acknowledged[i%window]) + int64(each)
		late, _ := down.pass(taken)
		arrived = max(arrived, taken+half+late)
		late, _ = up.pass(arrived)
		told = max(told, arrived+half+late)
		acknowledged[i%window] = told
	}
	return time.Duration(taken)
}

// Rate is how fast a window goes, in windows a mean round trip, where fill is the window as a part of what the line carries in that time. Where it is 2 or
// more the line is full, and what limits it: 1.
func (a *AckClock) Rate(fill float64) float64 {
	last := len(ackClockFills) - 1
	switch {
	case a == nil || fill >= ackClockFills[last]:
		return 1
	case fill <= ackClockFills[0]:
		return a.carries[0] / ackClockFills[0]
	}
	i := 1
	for fill > ackClockFills[i] {
		i++
	}
	left, right := ackClockFills[i-1], ackClockFills[i]
	return (a.carries[i-1] + float64((a.carries[i]-a.carries[i-1])*(fill-left)/(right-left))) / fill
}
