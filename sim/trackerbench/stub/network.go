package stub

import (
	"time"

	"swarmlab/sim/trackerbench/load"
	"swarmlab/sim/trackerbench/socket"
)

// Network is a socket.Network to a Tracker, on a clock of its own that moves only in Wait. A round over it takes as long as it takes to
// compute.
type Network struct {
	Tracker *Tracker
	// FreezeAt and FreezeFor stop whoever waits, as if the machine had been away: the Wait that comes to FreezeAt returns only after it.
	FreezeAt, FreezeFor time.Duration
	// Connecting takes as long.
	Connecting time.Duration

	events socket.Events
	now    time.Duration
	coming load.Calendar[arrival]
	conns  map[int]int // slot -> connection, as the tracker knows it
	slots  map[int]int
	open   map[int]bool // connections
	last   int
	stats  socket.Stats
}

// arrival is something that reaches a connection: its opening, or a message; an empty one is its end.
type arrival struct {
	conn   int
	opened bool
	text   []byte
}

// NewNetwork makes one in front of a tracker.
func NewNetwork(t *Tracker, events socket.Events) *Network {
	return &Network{Tracker: t, events: events, conns: map[int]int{}, slots: map[int]int{}, open: map[int]bool{}}
}

// Dial implements socket.Network.
func (n *Network) Dial(slot int) {
	n.last++
	n.conns[slot], n.slots[n.last] = n.last, slot
	n.coming.Add(n.now+n.Connecting, arrival{conn: n.last, opened: true})
}

// Send implements socket.Network.
func (n *Network) Send(slot int, buf []byte) bool {
	conn, ok := n.conns[slot]
	if !ok || !n.open[conn] {
		return false
	}
	n.stats.MessagesSent++
	for _, out := range n.Tracker.Handle(n.now, conn, buf[socket.HeaderRoom:]) {
		n.coming.Add(out.At, arrival{conn: out.To, text: out.Text})
	}
	return true
}

// flushing is how long a tracker takes to close from its side: what it has sent before still arrives.
const flushing = 50 * time.Millisecond

// Finish implements socket.Network.
func (n *Network) Finish(slot int) {
	conn, ok := n.conns[slot]
	if !ok || !n.open[conn] {
		return
	}
	n.Tracker.Closed(n.now, conn)
	n.coming.Add(n.now+flushing, arrival{conn: conn})
}

// Close implements socket.Network.
func (n *Network) Close(slot int) {
	if conn, ok := n.conns[slot]; ok {
		n.Tracker.Closed(n.now, conn)
		n.release(slot, conn)
	}
}

// Reset implements socket.Network.
func (n *Network) Reset(slot int) { n.Close(slot) }

func (n *Network) release(slot, conn int) {
	delete(n.conns, slot)
	delete(n.slots, conn)
	delete(n.open, conn)
}

// Wait implements socket.Network.
func (n *Network) Wait(until time.Duration) error {
	at, some := n.coming.Next()
	if !some || at > until {
		n.pass(until)
		return nil
	}
	n.pass(at)
	for some && at <= n.now {
		_, a := n.coming.Take()
		n.tell(a)
		at, some = n.coming.Next()
	}
	return nil
}

// pass lets time pass until then, or until the freeze is over if it comes to that.
func (n *Network) pass(until time.Duration) {
	n.now = max(n.now, until)
	if n.FreezeFor > 0 && n.now >= n.FreezeAt && n.now < n.FreezeAt+n.FreezeFor {
		n.now = n.FreezeAt + n.FreezeFor
	}
}

func (n *Network) tell(a arrival) {
	slot, there := n.slots[a.conn]
	switch {
	case !there:
	case a.opened:
		n.open[a.conn] = true
		n.events.Opened(slot, n.now)
	case len(a.text) == 0:
		n.Tracker.Closed(n.now, a.conn)
		n.release(slot, a.conn)
		n.events.Closed(slot, n.now, "closed by the stub")
	default:
		n.stats.MessagesReceived++
		n.events.Message(slot, n.now, a.text)
	}
}

// Now implements socket.Network.
func (n *Network) Now() time.Duration { return n.now }

// Stats implements socket.Network.
func (n *Network) Stats() socket.Stats { return n.stats }

// Shutdown implements socket.Network.
func (n *Network) Shutdown() {}
