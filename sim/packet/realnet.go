package packet

import (
	"net"
	"net/netip"

	"github.com/pion/transport/v3"
	"github.com/pion/transport/v3/stdnet"
)

// realNet is a realHost as Pion sees it. Pion here uses UDP only (see newAPI).
type realNet struct {
	*stdnet.Net
	host *realHost
}

// ListenPacket opens a UDP socket.
func (n *realNet) ListenPacket(network, address string) (net.PacketConn, error) {
	a, err := n.ResolveUDPAddr(network, address)
	if err != nil {
		return nil, err
	}
	return n.ListenUDP(network, a)
}

// ListenUDP opens a UDP socket.
func (n *realNet) ListenUDP(network string, local *net.UDPAddr) (transport.UDPConn, error) {
	c, err := net.ListenUDP(network, local)
	if err != nil {
		return nil, err
	}
	return &realSocket{c, n.host}, nil
}

// realSocket is a UDP socket of a viewer.
type realSocket struct {
	*net.UDPConn
	host *realHost
}

// WriteTo sends a datagram, unless the host has vanished or the address is out of reach: both look like a datagram lost. An error
// would end the ICE agent's candidate, and with it a connection whose other candidates are fine.
func (s *realSocket) WriteTo(p []byte, to net.Addr) (int, error) {
	a, ok := to.(*net.UDPAddr)
	if !ok {
		return s.UDPConn.WriteTo(p, to)
	}
	if s.host.gone.Load() || !s.host.network.reach.allows(addrOf(a)) {
		return len(p), nil
	}
	return s.WriteToUDP(p, a)
}

func addrOf(a *net.UDPAddr) netip.Addr {
	ip, _ := netip.AddrFromSlice(a.IP)
	return ip
}
