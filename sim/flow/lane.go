package flow

import (
	"time"

	"swarmlab/sim/webtorrent"
)

// lane is one direction of a data channel: messages go through it whole and in order, so that a command waits behind the data
// before it.
//
// What is handed over waits in the channel's buffer until the congestion window has room for it; from there on it is the network's,
// and no longer in the buffered amount (without windows: when it is through).
//
// What a command needs comes first, so that it lies side by side in memory with the connection.
type lane struct {
	queue    []webtorrent.Message
	head     int           // queue[:head] is through
	frees    time.Duration // when the last message that did not wait has gone
	arrives  time.Duration // when the newest message will be there: each comes after the one before
	buffered int           // bytes in queue[taken:]
	taken    int           // queue[:taken] is the network's
	ahead    int64         // bytes in queue[head:taken]
	lag      time.Duration // what the first packet of the present transfer waited for those of others
	stopped  bool
	frozen   bool      // the other side has vanished
	conn     *peerConn // whose messages they are
	flow     *flow     // nil: nothing is under way
	window   window    // without rules: there is none
}

// packet is what a message may have at most to pass an idle lane without being a transfer: it is gone in a moment, and what it
// takes from others is not worth reckoning.
const packet = 1200

func (l *lane) init(c *peerConn) {
	v, r := c.v, c.remote.v
	w := v.world
	l.conn = c
	if !w.rampUp {
		return
	}
	trip := w.roundTrip(&v.place, &r.place) + 2*(c.detour+w.inOrder(v.plan.Link.Jitter)+w.inOrder(r.plan.Link.Jitter))
	// Two packets are acknowledged at a time, and each link passes one on when it has the whole of it.
	trip += time.Duration(sctpRules.segment * (2/v.up.capacity + 1/r.down.capacity) * 1e9)
	loss := pathLoss(v.plan.Link, r.plan.Link)
	if loss == 0 {
		l.window.init(&sctpRules, trip, nil, nil)
		return
	}
	luck := newChance(&sctpRules, loss, v.chanceWith(r))
	l.window.init(&sctpRules, trip, luck, nil)
	l.window.opening(luck)
}

// begin has a flow carry the messages. Few lanes have one at a time, so they share them.
func (l *lane) begin() {
	if l.flow != nil {
		return
	}
	v, r := l.conn.v, l.conn.remote.v
	w := v.world
	window := &l.window
	if window.rules == nil {
		window = nil
	}
	l.flow = w.takeFlow()
	w.fluid.init(l.flow, &v.up, &r.down, window, l)
	l.flow.back = [2]*side{&r.up, &v.down}
}

// idle implements sender.
func (l *lane) idle() {
	if l.flow != nil {
		l.conn.v.world.giveFlow(l.flow)
		l.flow = nil
	}
}

// quit ends what is under way.
func (l *lane) quit() {
	if l.flow == nil {
		return
	}
	l.flow.stop()
	if l.flow.doing { // it is not over yet
		return
	}
	l.idle()
}

// Warm implements sender.
func (l *lane) Warm(depth int) int { return l.conn.Warm(depth) }

// queued is how long a packet waits before the links just now.
func (l *lane) queued() time.Duration {
	w := l.conn.v.world
	return w.queue(&l.conn.v.up) + w.queue(&l.conn.remote.v.down)
}

// send queues a message.
func (l *lane) send(m webtorrent.Message) {
	w := l.conn.v.world
	if l.stopped {
		return
	}
	idle := l.head == len(l.queue)
	if l.frozen {
		idle = false // it stays here
	}
	if idle && m.Size <= packet {
		l.frees = max(l.frees, w.clock.now) + l.passing(m.Size)
		l.deliver(m, l.frees, l.queued())
		return
	}
	if l.queue == nil {
		l.queue = w.takeQueue()
	}
	l.queue = append(l.queue, m)
	l.buffered += m.Size
	if idle {
		l.begin()
		l.lag, l.flow.follows = l.queued(), 0
		l.flow.send(int64(m.Size))
	} else if l.flow != nil {
		l.flow.follows += int64(m.Size)
	}
	l.take()
}

// onward implements sender: the network has gone on.
func (l *lane) onward() {
	if l.take() {
		l.conn.v.turn(l.conn.tellLow)
	}
}

// take lets the network have what its window has room for, and reports whether the buffered amount has fallen to the threshold.
func (l *lane) take() (low bool) {
	before := l.buffered
	for l.taken < len(l.queue) && l.window.rules != nil && !l.frozen {
		size := l.queue[l.taken].Size
		if float64(l.ahead+int64(size)-l.flow.gone()) > l.window.size {
			break
		}
		l.ahead += int64(size)
		l.buffered -= size
		l.taken++
	}
	return before > webtorrent.BufferedAmountLowThreshold && l.buffered <= webtorrent.BufferedAmountLowThreshold
}

// passing is how long a packet takes between those of the transfers that there are.
func (l *lane) passing(size int) time.Duration {
	up, down := &l.conn.v.up, &l.conn.remote.v.down
	rate := min(up.capacity/float64(len(up.flows)+1), down.capacity/float64(len(down.flows)+1))
	return time.Duration(float64(size) / rate * 1e9)
}

// through implements sender: the message at the head is.
func (l *lane) through() {
	c := l.conn
	before := l.buffered
	m := l.queue[l.head]
	l.queue[l.head] = webtorrent.Message{}
	if l.taken > l.head {
		l.ahead -= int64(m.Size)
	} else {
		l.taken++
		l.buffered -= m.Size
	}
	if l.head++; l.head == len(l.queue) {
		c.v.world.giveQueue(l.queue)
		l.queue, l.head, l.taken = nil, 0, 0
	}
	l.deliver(m, c.v.world.clock.now, l.lag+l.window.resent(c.v.world.clock.now))
	if l.head < len(l.queue) {
		size := int64(l.queue[l.head].Size)
		l.flow.follows -= size
		l.flow.send(size)
	}
	l.take()
	if before > webtorrent.BufferedAmountLowThreshold && l.buffered <= webtorrent.BufferedAmountLowThreshold {
		c.v.turn(c.tellLow)
	}
}

// deliver has a message arrive a one-way delay after it has gone. None arrives at the same instant as another, so that time alone is their
// order: one may wait in the mailbox, and another have an event.
func (l *lane) deliver(m webtorrent.Message, gone, queued time.Duration) {
	c, w := l.conn, l.conn.v.world
	way := w.delay(&c.v.place, &c.remote.v.place) + c.detour + queued + c.v.late.up.delay(gone) + c.remote.v.late.down.delay(gone)
	l.arrives = max(l.arrives+1, gone+max(way, 0))
	w.deliver(c.remote, m, l.arrives)
}

// stop ends the lane with all that has not gone.
func (l *lane) stop() {
	if l.stopped {
		return
	}
	l.stopped = true
	l.quit()
	l.queue, l.head, l.taken, l.buffered = nil, 0, 0, 0
}

// Few of the lanes have anything queued at a time, so they share the memory for it.
func (w *world) takeQueue() []webtorrent.Message {
	last := len(w.queues) - 1
	if last < 0 {
		return nil
	}
	q := w.queues[last]
	w.queues = w.queues[:last]
	return q
}

func (w *world) giveQueue(q []webtorrent.Message) { w.queues = append(w.queues, q[:0]) }

func (w *world) takeFlow() *flow {
	last := len(w.flows) - 1
	if last < 0 {
		return new(flow)
	}
	f := w.flows[last]
	w.flows = w.flows[:last]
	return f
}

func (w *world) giveFlow(f *flow) { w.flows = append(w.flows, f) }

// delivery is a message on its way.
type delivery struct {
	event
	world *world
	to    *peerConn
	m     webtorrent.Message
}

// deliver has a message arrive at a time.
func (w *world) deliver(to *peerConn, m webtorrent.Message, at time.Duration) {
	if !w.keep(to, m, at) {
		w.post(to, m, at)
	}
}

// post makes an event of it.
func (w *world) post(to *peerConn, m webtorrent.Message, at time.Duration) {
	w.pack(to, m).post(at)
}

// pack takes a delivery, and unpack gives it back.
func (w *world) pack(to *peerConn, m webtorrent.Message) *delivery {
	var d *delivery
	if n := len(w.deliveries); n > 0 {
		d = w.deliveries[n-1]
		w.deliveries = w.deliveries[:n-1]
	} else {
		d = &delivery{world: w}
		d.event = newEvent(d)
	}
	d.to, d.m = to, m
	return d
}

func (d *delivery) unpack() (*peerConn, webtorrent.Message) {
	to, m := d.to, d.m
	d.to, d.m = nil, webtorrent.Message{}
	d.world.deliveries = append(d.world.deliveries, d)
	return to, m
}

func (d *delivery) post(at time.Duration) { d.world.clock.set(&d.event, at) }

// hand implements parcel.
func (d *delivery) hand() {
	to, m := d.unpack()
	to.hand(m)
}

// do implements doer.
func (d *delivery) do() {
	to, m := d.unpack()
	to.receive(m)
}

// freeze is the end of all movement, of which the sender knows nothing.
func (l *lane) freeze() {
	l.quit()
	l.frozen = true
}
