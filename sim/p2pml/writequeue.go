package p2pml

import "swarmlab/sim/webtorrent"

// highWaterMark is the write queue's: a message of that size or more fills it alone.
const highWaterMark = 16384

// writeQueue is what stands between the core and the data channel in the browser: a byte-counting stream (streamx) that feeds
// simple-peer, which waits while the channel has more than 64 KiB buffered. Commands and segment data share it, so a command
// waits behind the chunks before it.
//
// P2P Media Loader 2.3 behaviour: sending segment data, pacing.
type writeQueue struct {
	micro    *microtasks
	conn     webtorrent.PeerConn
	messages []queued
	head     int // messages[:head] are sent
	bytes    int // in messages
	waiting  bool
	full     bool // write has said so since the last drain
	pumping  bool
	ticking  bool // something was written in this turn, and the pump has not run since
	closed   bool
	pump     func()
	drained  func() // told when the queue is empty and its last message accepted, after having been full
}

// spareQueues is the memory of queues that are empty, of all connections of a viewer: few are in use at a time.
type spareQueues [][]queued

func (s *spareQueues) take() []queued {
	last := len(*s) - 1
	if last < 0 {
		return nil
	}
	q := (*s)[last]
	*s = (*s)[:last]
	return q
}

func (s *spareQueues) put(q []queued) {
	if len(*s) < mostSpare {
		*s = append(*s, q[:0])
	}
}

const mostSpare = 4

type queued struct {
	webtorrent.Message
	data bool // segment data, not a command
}

func (q *writeQueue) init(micro *microtasks, conn webtorrent.PeerConn, drained func()) {
	q.micro, q.conn, q.drained, q.pump = micro, conn, drained, q.runScheduled
}

// write queues a command.
func (q *writeQueue) write(m webtorrent.Message) { q.put(queued{Message: m}) }

// writeData queues segment data and reports whether there is room for more.
func (q *writeQueue) writeData(m webtorrent.Message) bool { return q.put(queued{m, true}) }

// put sends nothing before the end of the turn: several messages of one turn count together against the mark.
func (q *writeQueue) put(m queued) bool {
	if q.closed {
		return false
	}
	if q.messages == nil {
		q.messages = q.micro.spare.take()
	}
	q.messages = append(q.messages, m)
	q.bytes += m.Size
	if !q.ticking && !q.pumping {
		q.ticking = true
		q.micro.put(q.pump)
	}
	if q.bytes < highWaterMark {
		return true
	}
	q.full = true
	return false
}

// pass sends a message at once, if putting it off to the end of the turn would do no more than that. The caller sees to that nothing
// else happens before. It reports false if the message has to be put.
func (q *writeQueue) pass(m webtorrent.Message) bool {
	if q.closed || q.ticking || q.pumping || q.waiting || q.full || q.messages != nil || m.Size >= highWaterMark {
		return false
	}
	q.pumping = true
	q.conn.Send(m)
	q.pumping = false
	q.waiting = q.conn.BufferedAmount() > webtorrent.BufferedAmountLowThreshold
	return true
}

func (q *writeQueue) runScheduled() {
	q.ticking = false
	q.run()
}

func (q *writeQueue) run() {
	if q.pumping || q.waiting {
		return
	}
	q.pumping = true
	for !q.closed && !q.waiting && q.head < len(q.messages) {
		m := q.messages[q.head]
		q.messages[q.head] = queued{}
		q.head++
		q.bytes -= m.Size
		if q.head == len(q.messages) {
			q.micro.spare.put(q.messages)
			q.messages, q.head = nil, 0
		}
		q.conn.Send(m.Message)
		if q.conn.BufferedAmount() > webtorrent.BufferedAmountLowThreshold {
			q.waiting = true
			break
		}
		q.accepted()
	}
	q.pumping = false
}

func (q *writeQueue) accepted() {
	if q.full && q.bytes == 0 {
		q.full = false
		q.drained()
	}
}

// bufferedAmountLow is the channel's event: what it was handed last is accepted now.
func (q *writeQueue) bufferedAmountLow() {
	if q.closed || !q.waiting {
		return
	}
	q.waiting = false
	q.pumping = true // what the drain writes is sent below, in this turn
	q.accepted()
	q.pumping = false
	q.run()
}

// close drops what is queued, and returns how much of it was segment data.
func (q *writeQueue) close() (lost int64) {
	lost = q.dataBytes()
	q.closed, q.messages, q.head, q.bytes = true, nil, 0, 0
	return lost
}

func (q *writeQueue) dataBytes() (n int64) {
	for _, m := range q.messages[q.head:] {
		if m.data {
			n += int64(m.Size)
		}
	}
	return n
}
