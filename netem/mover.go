package netem

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// The mover is the one goroutine that moves packets. It sleeps until the earliest slot of the calendar is due, releases all
// that is due at once, and hands it over. No packet has a timer, a goroutine or an allocation of its own.

// handover is what a round of the mover hands over after it has let go of the network's lock.
type handover struct {
	deliveries []delivery
	toNAT      []*packet
	refusals   []refusal
}

// refusal tells a host that nobody listens at an address it wants a stream to.
type refusal struct {
	to *Host
	by endpoint
}

func (o *handover) empty() bool {
	return len(o.deliveries) == 0 && len(o.toNAT) == 0 && len(o.refusals) == 0
}

func (o *handover) reset() {
	clear(o.deliveries)
	clear(o.toNAT)
	clear(o.refusals)
	o.deliveries, o.toNAT, o.refusals = o.deliveries[:0], o.toNAT[:0], o.refusals[:0]
}

type delivery struct {
	to *socket
	p  *packet
}

func (n *Network) move() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		next := n.release()
		for _, d := range n.out.deliveries {
			d.to.deliver(d.p)
		}
		for _, p := range n.out.toNAT {
			p.to.nat.enter(p)
		}
		for _, r := range n.out.refusals {
			r.to.stream.refused(r.by)
		}
		if next == math.MinInt64 {
			continue
		}
		// With nothing under way there is no timer at all: under a virtual clock a far one would be a reason to jump there, and
		// would hide a deadlock.
		timer.Stop()
		if next != never {
			timer.Reset(time.Duration(next - n.now()))
		}
		select {
		case <-timer.C:
		case <-n.wake:
		case <-n.quit:
			n.drop()
			return
		}
	}
}

// release moves everything that is due and says when to come back; math.MinInt64 means at once, after the handover.
func (n *Network) release() (next int64) {
	n.out.reset()
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.now()
	for n.events.next() <= now {
		s := n.events.pop()
		n.arrive(s)
		for i := 0; i < len(s.hosts); i++ {
			n.handOver(s.hosts[i], s.due)
		}
		n.events.recycle(s)
	}
	if !n.out.empty() {
		n.armed = math.MinInt64
		return math.MinInt64
	}
	n.armed = n.events.next()
	return n.armed
}

// arrive puts a slot's packets on their destinations' down links, in the order of their exact arrival.
func (n *Network) arrive(s *slot) {
	slices.SortFunc(s.arrivals, func(a, b *packet) int {
		if c := cmp.Compare(a.at, b.at); c != 0 {
			return c
		}
		return cmp.Compare(a.seq, b.seq)
	})
	for _, p := range s.arrivals {
		h := p.to
		if h.gone() {
			h.stats.AfterVanish++
			p.free()
			continue
		}
		out, fate := h.down.admit(p.at, p.wireBytes())
		if fate != carried {
			p.free()
			continue
		}
		p.at = out
		h.incoming.push(p)
		n.scheduleHost(h, s)
	}
}

// scheduleHost sees to it that the host's down link is looked at when its first packet is through. current is the slot being
// released, if any: what is due within it joins it.
func (n *Network) scheduleHost(h *Host, current *slot) {
	if h.scheduled {
		return
	}
	first := h.incoming.peek()
	if first == nil {
		return
	}
	h.scheduled = true
	if current != nil && first.at <= current.due {
		current.hosts = append(current.hosts, h)
		return
	}
	s := n.events.at(first.at)
	s.hosts = append(s.hosts, h)
}

// handOver takes what has come through a host's down link and finds its reader.
func (n *Network) handOver(h *Host, due int64) {
	h.scheduled = false
	for p := h.incoming.peek(); p != nil && p.at <= due; p = h.incoming.peek() {
		h.incoming.pop()
		n.receive(h, p, &n.out)
	}
	n.scheduleHost(h, nil)
}

// launch puts a packet on its host's up link. The caller holds mu; the result says that the mover must be woken.
func (n *Network) launch(h *Host, p *packet, now int64) (wake bool) {
	out, fate := h.up.admit(now, p.wireBytes())
	if fate != carried {
		p.free()
		return false
	}
	to := n.byIP[p.dst.ip()]
	switch to {
	case nil:
		h.stats.Unroutable++
		p.free()
		return false
	case h: // only from behind a NAT: hairpinning (RFC 4787 REQ-9), which vnet does not do
		h.stats.NATDrops++
		p.free()
		return false
	}
	n.seq++
	p.to, p.seq = to, n.seq
	p.at = out + n.coreDelay(h, to)
	s := n.events.at(p.at)
	s.arrivals = append(s.arrivals, p)
	return n.mustWake(s.due)
}

// mustWake tells, under mu, whether the mover sleeps beyond an instant. It says so once per sleep.
func (n *Network) mustWake(due int64) bool {
	if due >= n.armed {
		return false
	}
	n.armed = due
	return true
}

// rouse wakes the mover. Not under mu.
func (n *Network) rouse() {
	select {
	case n.wake <- struct{}{}:
	default: // it has been woken already
	}
}

func (n *Network) coreDelay(a, b *Host) int64 {
	if a.region < 0 || b.region < 0 {
		return 0
	}
	return n.core[a.region][b.region]
}

// drop frees all that is still under way.
func (n *Network) drop() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for n.events.next() != never {
		s := n.events.pop()
		for _, p := range s.arrivals {
			p.free()
		}
		n.events.recycle(s)
	}
}
