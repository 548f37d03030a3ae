package packet

import (
	"errors"
	"fmt"
	"net/netip"
)

// ErrOutOfReach says that a viewer was about to talk to a host that it must not talk to.
var ErrOutOfReach = errors.New("out of reach")

// Reach is which hosts viewers on the real network may talk to. Names are no protection: a playlist may point anywhere, a
// redirect too, and a tracker hands out the addresses of strangers. So every address is checked when it is used.
type Reach struct {
	// Loopback: this machine only.
	Loopback bool
	// Public: hosts on the Internet as well. Otherwise private networks (RFC 1918, RFC 4193, RFC 6598) and this machine.
	Public bool
}

var sharedSpace = netip.MustParsePrefix("100.64.0.0/10") // RFC 6598

// allow says why an address is out of reach, if it is.
func (r Reach) allow(ip netip.Addr) error {
	switch {
	case ip.Unmap().IsLoopback():
		return nil
	case r.Loopback:
		return fmt.Errorf("%s: %w: it is not on this machine", ip, ErrOutOfReach)
	case IsPublic(ip) && !r.Public:
		return fmt.Errorf("%s: %w: it is a public host", ip, ErrOutOfReach)
	}
	return nil
}

func (r Reach) allows(ip netip.Addr) bool { return r.allow(ip) == nil }

// IsPublic reports whether an address is neither this machine's own nor of a private network.
func IsPublic(ip netip.Addr) bool {
	ip = ip.Unmap()
	return !ip.IsLoopback() && !ip.IsPrivate() && !ip.IsLinkLocalUnicast() && !sharedSpace.Contains(ip)
}
