package packet

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/pion/transport/v3"
	"github.com/pion/transport/v3/stdnet"
	"github.com/pion/webrtc/v4"
)

// realHost is one viewer's share of this machine's network: sockets of its own, on addresses that all viewers share.
type realHost struct {
	network *real
	std     *stdnet.Net
	dialer  net.Dialer
	own     []netip.Prefix // the networks it is on
	gone    atomic.Bool    // vanished

	mu      sync.Mutex
	streams map[*realStream]struct{} // those that are open
}

func newRealHost(r *real) (*realHost, error) {
	std, err := stdnet.NewNet()
	if err != nil {
		return nil, err
	}
	h := &realHost{network: r, std: std, own: ownNetworks(), streams: make(map[*realStream]struct{})}
	h.dialer = net.Dialer{Timeout: dialLimit, Control: h.control}
	return h, nil
}

// Net is the machine's network as Pion sees it, with every datagram in sight.
func (h *realHost) Net() transport.Net { return &realNet{h.std, h} }

// configure: browsers gather no loopback address, unless told to; a run on one machine lives on nothing else.
func (h *realHost) configure(s *webrtc.SettingEngine) {
	if !h.network.reach.Loopback {
		return
	}
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	s.SetIncludeLoopbackCandidate(true)
	s.SetIPFilter(net.IP.IsLoopback)
}

// reaches: on this machine, and in its own networks, no NAT is in the way, and the way takes next to no time. Of others nobody knows.
func (h *realHost) reaches(offer string) (time.Duration, bool) {
	for _, address := range candidates(offer) {
		for _, network := range h.own {
			if network.Contains(address) {
				return 0, true
			}
		}
	}
	return 0, false
}

// ownNetworks are those that this machine is on: what is in one of them is reached without a NAT. Empty if the system does not tell.
func ownNetworks() []netip.Prefix {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var out []netip.Prefix
	for _, a := range addresses {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			out = append(out, p.Masked())
		}
	}
	return out
}

// control is asked before each connection, when the name is an address.
func (h *realHost) control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	return h.network.streams.allow(to.Addr())
}

// DialContext opens a TCP connection.
func (h *realHost) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := h.dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	s := &realStream{Conn: c, host: h}
	h.mu.Lock()
	h.streams[s] = struct{}{}
	h.mu.Unlock()
	return s, nil
}

// Vanish takes the host off the network: what it sends is swallowed, and its TCP connections stay open, but mute, until the
// network closes; or the operating system would tell the other ends at once.
func (h *realHost) Vanish() {
	h.gone.Store(true)
	h.mu.Lock()
	streams := h.streams
	h.streams = nil
	h.mu.Unlock()
	for s := range streams {
		s.mute()
		h.network.keep(s.Conn.Close)
	}
}

// Close closes what is left.
func (h *realHost) Close() error {
	h.mu.Lock()
	streams := h.streams
	h.streams = nil
	h.mu.Unlock()
	for s := range streams {
		_ = s.Conn.Close() // the viewer is gone, whatever its connections say
	}
	return nil
}

// forget says whether the stream was the host's to close.
func (h *realHost) forget(s *realStream) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, open := h.streams[s]
	delete(h.streams, s)
	return open
}
