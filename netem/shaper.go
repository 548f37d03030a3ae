package netem

// fate is what became of a packet at a link.
type fate uint8

const (
	carried fate = iota
	droppedByQueue
	droppedByLoss
)

// shaper is one direction of an access link: a queue, a transmitter, then distance.
//
// It holds no packets. A FIFO queue's departures are known as soon as a packet is admitted (it leaves when all before it have
// left and it has been transmitted), so the queue is just the instant the transmitter will be free. That is why a link
// costs no event of its own, and why its throughput does not depend on how precisely anybody is woken.
type shaper struct {
	rate  Rate
	limit int64 // how long the backlog, with the new packet, may take to transmit, ns
	delay int64
	free  int64 // when the transmitter has sent all it was given
	last  int64 // when the last packet came out at the far end: nothing overtakes
	fx    []effect
	stats Direction
}

func newShaper(rate Rate, queue Queue, l Link, seed uint64, owner string) *shaper {
	return &shaper{
		rate:  rate,
		limit: int64(rate.Transmit(queue.Limit(rate))),
		delay: int64(l.Delay),
		fx:    newEffects(l, seed, owner),
	}
}

// admit offers the link a packet of so many bytes on the wire at an instant; out is when it comes out at the far end.
func (s *shaper) admit(at, bytes int64) (out int64, f fate) {
	transmit := int64(s.rate.Transmit(bytes))
	wait := max(0, s.free-at)
	if wait > 0 && wait+transmit > s.limit { // an idle link takes anything, else a small queue would block large packets for ever
		s.stats.QueueDrops++
		return 0, droppedByQueue
	}
	s.free = at + wait + transmit
	s.stats.Packets++
	s.stats.Bytes += bytes
	s.stats.MaxQueueDelay = max(s.stats.MaxQueueDelay, durationOf(wait))
	out = s.free
	travel := s.delay
	for _, e := range s.fx {
		extra, lost := e.pass(s.free)
		if lost {
			s.stats.LossDrops++
			return 0, droppedByLoss
		}
		travel += extra
	}
	out = max(out+max(0, travel), s.last)
	s.last = out
	return out, carried
}
