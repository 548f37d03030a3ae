package netem

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/pion/transport/v3"
)

const loopbackIP = 127<<24 | 1

// Host is one machine on the network, with one access link. Make one with [Network.AddHost].
type Host struct {
	network  *Network
	name     string
	region   int // row of the delay matrix; -1: nowhere in particular
	kind     natKind
	natName  NAT
	publicIP uint32
	ownIP    uint32 // equal to publicIP, unless a NAT stands between
	nat      *natBox
	ports    *rand.Rand // guarded by network.mu

	// Guarded by network.mu.
	up, down  *shaper
	incoming  fifo // through the down link by their instants, not yet handed over
	scheduled bool // in a slot of the calendar
	vanished  bool
	closed    bool
	udp       map[uint16]*socket
	streams   map[uint16]*socket
	stats     Stats

	bufferDrops atomic.Int64

	closeOnce sync.Once
	stream    streamStack
}

func (n *Network) newHost(cfg HostConfig) (*Host, error) {
	if cfg.Name == "" {
		return nil, errors.New("a name is required")
	}
	if err := cfg.Link.Validate(); err != nil {
		return nil, fmt.Errorf("link: %w", err)
	}
	kind, ok := nats.lookup(string(cfg.NAT.orNone()))
	if !ok {
		return nil, nats.unknown(string(cfg.NAT))
	}
	region := slices.Index(n.cfg.Regions.Names, cfg.Region)
	if region < 0 && cfg.Region != "" {
		return nil, fmt.Errorf("unknown region %q: it can be one of %s", cfg.Region, strings.Join(n.cfg.Regions.Names, ", "))
	}
	h := &Host{
		network: n,
		name:    cfg.Name,
		region:  region,
		kind:    kind,
		natName: cfg.NAT.orNone(),
		ports:   chanceFor(n.cfg.Seed, cfg.Name+"/ports"),
		up:      newShaper(cfg.Link.Up, cfg.Link.QueueUp, cfg.Link, n.cfg.Seed, cfg.Name+"/up"),
		down:    newShaper(cfg.Link.Down, cfg.Link.QueueDown, cfg.Link, n.cfg.Seed, cfg.Name+"/down"),
		udp:     make(map[uint16]*socket),
		streams: make(map[uint16]*socket),
	}
	h.stream.init(h)
	if err := n.admitHost(h, cfg.Addr); err != nil {
		return nil, err
	}
	return h, nil
}

// admitHost gives the host its addresses, its NAT and its place in the tables.
func (n *Network) admitHost(h *Host, wanted netip.Addr) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return ErrClosed
	}
	key := strings.ToLower(h.name)
	if n.byName[key] != nil {
		return errors.New("there is a host of that name already")
	}
	ip, err := n.publics.takeOr(wanted, n.byIP)
	if err != nil {
		return err
	}
	h.publicIP, h.ownIP = ip, ip
	if h.kind.behaviour != nil {
		if h.ownIP, err = n.privates.take(nil); err != nil {
			return err
		}
		h.ownIP++ // the .1 of its /24; vnet's router takes no address inside
		if h.nat, err = newNATBox(h); err != nil {
			return fmt.Errorf("NAT: %w", err)
		}
	}
	n.byIP[ip] = h
	n.byName[key] = h
	return nil
}

func (p *addressPool) takeOr(wanted netip.Addr, taken map[uint32]*Host) (uint32, error) {
	if !wanted.IsValid() {
		return p.take(taken)
	}
	ip, ok := ipOf(wanted)
	if !ok || wanted.IsUnspecified() || wanted.IsLoopback() || wanted.IsMulticast() {
		return 0, fmt.Errorf("address %v: want an IPv4 unicast address", wanted)
	}
	if taken[ip] != nil {
		return 0, fmt.Errorf("address %v is taken by host %q", wanted, taken[ip].name)
	}
	return ip, nil
}

// Name returns the host's name.
func (h *Host) Name() string { return h.name }

// NAT returns what the host is behind.
func (h *Host) NAT() NAT { return h.natName }

// Addr is the address the host itself sees: private behind a NAT.
func (h *Host) Addr() netip.Addr { return addrOf(h.ownIP) }

// PublicAddr is the address the world sees.
func (h *Host) PublicAddr() netip.Addr { return addrOf(h.publicIP) }

// Net is the host's network for Pion. It carries UDP only: TCP methods answer transport.ErrNotSupported.
func (h *Host) Net() transport.Net { return &hostNet{host: h} }

// Stats returns what the host's link has seen so far.
func (h *Host) Stats() Stats {
	h.network.mu.Lock()
	defer h.network.mu.Unlock()
	s := h.stats
	s.Up, s.Down = h.up.stats, h.down.stats
	s.BufferDrops = h.bufferDrops.Load()
	if h.nat != nil {
		s.NATDrops += h.nat.refused()
	}
	return s
}

// Vanish cuts the host's link: from now on nothing gets in or out, and nobody is told. Its sockets stay open, as those of a
// machine whose cable was pulled do. What had left the link before still arrives.
func (h *Host) Vanish() {
	h.network.mu.Lock()
	defer h.network.mu.Unlock()
	h.vanished = true
	h.stats.AfterVanish += h.incoming.drain()
}

// gone tells, under network.mu, that nothing gets in or out.
func (h *Host) gone() bool { return h.vanished || h.closed }

// Close takes the host off the network: its connections are closed and their peers told (unless it has vanished), its
// sockets are closed, its address is free again. What streams had not sent yet is lost: a host that leaves in good order closes
// its connections first and gives the link a moment.
func (h *Host) Close() error {
	h.closeOnce.Do(func() {
		h.stream.close() // first: it has something to say to the peers
		n := h.network
		n.mu.Lock()
		h.closed = true
		var open []*socket
		for _, s := range h.udp { // in no particular order: closing tells nobody
			open = append(open, s)
		}
		for _, s := range h.streams {
			open = append(open, s)
		}
		h.incoming.drain()
		if n.byIP[h.publicIP] == h {
			delete(n.byIP, h.publicIP)
			delete(n.byName, strings.ToLower(h.name))
		}
		n.mu.Unlock()
		for _, s := range open {
			_ = s.Close()
		}
		if h.nat != nil {
			h.nat.close()
		}
	})
	h.stream.wait()
	return nil
}
