package netem

// The way of a packet between a socket and the access link, both directions.

// send takes a packet from one of the host's sockets. The packet is the network's from here on.
func (h *Host) send(p *packet) {
	n := h.network
	local := p.dst.ip() == h.ownIP || p.dst.ip()>>24 == 127
	n.mu.Lock()
	if h.gone() {
		h.stats.AfterVanish++
		n.mu.Unlock()
		p.free()
		return
	}
	switch {
	case local:
		to := h.reader(p)
		n.mu.Unlock()
		h.handTo(to, p)
	case h.kind.blocked && !p.stream:
		h.stats.Blocked++
		n.mu.Unlock()
		p.free()
	case h.nat != nil && !p.stream && !h.nat.translateOut(p, n.now()):
		n.mu.Unlock()
		h.nat.enter(p) // comes back through sendTranslated
	default:
		if h.nat == nil || p.stream {
			p.src = makeEndpoint(h.publicIP, p.src.port())
		}
		wake := n.launch(h, p, n.now())
		n.mu.Unlock()
		if wake {
			n.rouse()
		}
	}
}

// sendTranslated takes a packet the NAT has let out.
func (h *Host) sendTranslated(p *packet, mapped endpoint) {
	n := h.network
	n.mu.Lock()
	now := n.now()
	h.nat.learn(p, mapped, now)
	if h.gone() {
		h.stats.AfterVanish++
		n.mu.Unlock()
		p.free()
		return
	}
	p.src = mapped
	wake := n.launch(h, p, now)
	n.mu.Unlock()
	if wake {
		n.rouse()
	}
}

// receive takes a packet that has come through the down link, and says in out what is to become of it. Under mu.
func (n *Network) receive(h *Host, p *packet, out *handover) {
	switch {
	case h.gone():
		h.stats.AfterVanish++
		p.free()
	case h.kind.blocked && !p.stream:
		h.stats.Blocked++
		p.free()
	case h.nat != nil && !p.stream && !h.nat.translateIn(p, n.now()):
		out.toNAT = append(out.toNAT, p) // comes back through receiveTranslated
	case p.refusal:
		out.refusals = append(out.refusals, refusal{h, p.src})
		p.free()
	default:
		if to := h.reader(p); to != nil {
			out.deliveries = append(out.deliveries, delivery{to, p})
			return
		}
		if p.stream {
			n.refuse(h, p)
		}
		p.free()
	}
}

// refuse tells a stream packet's sender that nobody listens. There is no such answer to a datagram: a browser would not
// be told of it.
func (n *Network) refuse(h *Host, p *packet) {
	answer := newPacket(nil)
	answer.src, answer.dst = p.dst, p.src
	answer.stream, answer.refusal = true, true
	n.launch(h, answer, n.now()) // the mover, who calls, need not be woken
}

// receiveTranslated takes a packet the NAT has let in.
func (h *Host) receiveTranslated(p *packet, local endpoint) {
	n := h.network
	n.mu.Lock()
	h.nat.learn(p, local, n.now())
	p.dst = local
	to := h.reader(p)
	n.mu.Unlock()
	h.handTo(to, p)
}

func (h *Host) handTo(to *socket, p *packet) {
	if to == nil {
		p.free()
		return
	}
	to.deliver(p)
}

// reader finds the socket a packet is for; nil if there is none. Under mu.
func (h *Host) reader(p *packet) *socket {
	table := h.udp
	if p.stream {
		table = h.streams
	}
	s := table[p.dst.port()]
	if s == nil || s.remote != 0 && s.remote != p.src {
		h.stats.Unclaimed++
		return nil
	}
	return s
}
