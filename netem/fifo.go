package netem

// fifo is a queue of packets in a ring that grows.
type fifo struct {
	ring  []*packet
	head  int
	count int
}

func (q *fifo) push(p *packet) {
	if q.count == len(q.ring) {
		bigger := make([]*packet, max(16, 2*len(q.ring)))
		for i := range q.count {
			bigger[i] = q.ring[(q.head+i)%len(q.ring)]
		}
		q.ring, q.head = bigger, 0
	}
	q.ring[(q.head+q.count)%len(q.ring)] = p
	q.count++
}

// peek returns the first packet, or nil.
func (q *fifo) peek() *packet {
	if q.count == 0 {
		return nil
	}
	return q.ring[q.head]
}

// pop takes the first packet out; nil if there is none.
func (q *fifo) pop() *packet {
	p := q.peek()
	if p == nil {
		return nil
	}
	q.ring[q.head] = nil
	q.head = (q.head + 1) % len(q.ring)
	q.count--
	if q.count == 0 && len(q.ring) > 1024 {
		*q = fifo{} // a burst's ring is not worth keeping
	}
	return p
}

// drain frees every packet and returns how many there were.
func (q *fifo) drain() (n int64) {
	for p := q.pop(); p != nil; p = q.pop() {
		p.free()
		n++
	}
	return n
}
