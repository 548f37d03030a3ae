package netem

import (
	"net/netip"
	"time"

	"github.com/pion/transport/v3/vnet"
)

// Reaches reports whether a datagram of the host's would get to an address to which it has sent nothing yet, and be answered: that of a host
// without a NAT, or behind one that filters nothing. roundTrip is what it takes there and back on idle links, without jitter.
//
// It sends nothing; a test that does is in TestReachesIsWhatDatagramsDo.
func (h *Host) Reaches(address netip.Addr) (roundTrip time.Duration, ok bool) {
	ip, ok := ipOf(address)
	if !ok {
		return 0, false
	}
	n := h.network
	n.mu.Lock()
	defer n.mu.Unlock()
	to := n.byIP[ip]
	if to == nil || h.kind.blocked || !to.kind.admitsAll() || h.gone() || to.gone() {
		return 0, false
	}
	one := h.up.delay + to.down.delay + n.coreDelay(h, to)
	back := to.up.delay + h.down.delay + n.coreDelay(to, h)
	return time.Duration(one + back), true
}

// admitsAll tells whether packets get in from those to whom nothing was sent (RFC 4787's endpoint-independent filtering).
func (k natKind) admitsAll() bool {
	return !k.blocked && (k.behaviour == nil || k.behaviour.FilteringBehavior == vnet.EndpointIndependent)
}
