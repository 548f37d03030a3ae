package packet

import (
	"fmt"
	"net"
	"net/netip"
	"sync"

	"github.com/pion/transport/v3"
)

// connectionNet is the network as the ICE agent of one peer connection sees it: its server-reflexive candidates share the sockets
// of its host candidates, as in Chromium, and as RFC 8445 describes them (section 5.1.1.2: a server-reflexive candidate's base is
// a host candidate). Pion opens a socket of its own for each question to a STUN server (pion/ice issue 76): one more mapping in
// the NAT, twice the connectivity checks, one more reader. Its way to share a socket, UDPMuxSrflx, is not open to users of
// pion/webrtc v4.2.1, and costs a goroutine more, not less.
//
// This relies on Pion's habits, which TestCandidatesShareASocket watches: host candidates listen on an address and any port,
// server-reflexive ones on no address and any port, and use that to write one request and read one answer. Relayed candidates
// keep a socket of their own (ListenPacket), where Chromium's share the one as well.
type connectionNet struct {
	transport.Net

	mu      sync.Mutex
	sockets map[netip.Addr]*sharedSocket // by local address
	closed  bool
}

func newConnectionNet(n transport.Net) *connectionNet {
	return &connectionNet{Net: n, sockets: make(map[netip.Addr]*sharedSocket)}
}

// connectionHost is a host with a network for one connection.
type connectionHost struct {
	host
	net *connectionNet
}

func (h connectionHost) Net() transport.Net { return h.net }

// ListenUDP gives a host candidate its socket and a server-reflexive candidate a way to ask through one.
func (n *connectionNet) ListenUDP(network string, local *net.UDPAddr) (transport.UDPConn, error) {
	switch {
	case local != nil && local.Port != 0:
		return n.Net.ListenUDP(network, local)
	case local == nil || len(local.IP) == 0 || local.IP.IsUnspecified():
		return newStunEnd(n, network), nil
	}
	s, err := n.socket(network, local)
	if err != nil {
		return nil, err
	}
	if !s.take() { // a second candidate on one address is none of ours
		return n.Net.ListenUDP(network, local)
	}
	return s, nil
}

// towards is the socket from whose address the machine would reach a server. Candidates are gathered side by side: it may be
// opened for the question, before its host candidate comes for it.
func (n *connectionNet) towards(network string, server *net.UDPAddr) (*sharedSocket, error) {
	route, err := n.DialUDP(network, nil, server) // sends nothing
	if err != nil {
		return nil, fmt.Errorf("find the way to the STUN server: %w", err)
	}
	local, ok := route.LocalAddr().(*net.UDPAddr)
	_ = route.Close()
	if !ok {
		return nil, transport.ErrNotUDPAddress
	}
	return n.socket(network, &net.UDPAddr{IP: local.IP, Zone: local.Zone})
}

// socket returns the socket on an address, and opens it if there is none.
func (n *connectionNet) socket(network string, local *net.UDPAddr) (*sharedSocket, error) {
	key := local.AddrPort().Addr().Unmap()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, net.ErrClosed
	}
	if s := n.sockets[key]; s != nil {
		return s, nil
	}
	c, err := n.Net.ListenUDP(network, local) // does not wait
	if err != nil {
		return nil, err
	}
	s := newSharedSocket(c)
	n.sockets[key] = s
	return s, nil
}

// Close closes what Pion leaves open: it forgets the sockets of candidates that it had no time to add. Nothing of the network runs
// afterwards.
func (n *connectionNet) Close() {
	n.mu.Lock()
	n.closed = true
	sockets := n.sockets
	n.sockets = nil
	n.mu.Unlock()
	for _, s := range sockets {
		s.end()
	}
}
