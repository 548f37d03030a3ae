package netem

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Errors a caller may want to tell apart.
var (
	ErrClosed      = errors.New("netem: closed")
	ErrUnknownHost = errors.New("netem: no such host")
	ErrBehindNAT   = errors.New("netem: nobody can connect to a host behind a NAT")
)

// Network is an emulated network. Make one with [New], close it with Close.
type Network struct {
	cfg   Config
	start time.Time
	core  [][]int64 // one-way delay between regions, ns
	wake  chan struct{}
	quit  chan struct{}
	work  sync.WaitGroup

	// mu guards all below and the state of every host. It is never held across a channel operation, a call into vnet or
	// QUIC, or a socket's delivery.
	mu       sync.Mutex
	closed   bool
	byIP     map[uint32]*Host
	byName   map[string]*Host
	publics  addressPool
	privates addressPool
	events   *calendar
	armed    int64 // when the mover will wake by itself; everything earlier must wake it. Below all instants: it is awake
	seq      uint64
	out      handover // scratch of the mover
}

// New makes a network and starts it.
func New(cfg Config) (*Network, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	n := &Network{
		cfg:      cfg,
		start:    time.Now(), // the origin of this network's clock, virtual in a bubble
		wake:     make(chan struct{}, 1),
		quit:     make(chan struct{}),
		byIP:     make(map[uint32]*Host),
		byName:   make(map[string]*Host),
		publics:  newAddressPool("198.18.0.0/15", 1), // RFC 2544: reserved for benchmarks
		privates: newAddressPool("10.0.0.0/8", 256),  // a /24 for each NAT
		events:   newCalendar(int64(cfg.Grid)),
		armed:    math.MinInt64,
	}
	for _, row := range cfg.Regions.RTT {
		var delays []int64
		for _, rtt := range row {
			delays = append(delays, int64(float64(rtt)/2*cfg.CoreScale))
		}
		n.core = append(n.core, delays)
	}
	n.work.Go(n.move)
	return n, nil
}

// now is the network's own clock: nanoseconds since it began.
func (n *Network) now() int64 { return int64(time.Since(n.start)) }

// AddHost puts a host on the network, at any time.
func (n *Network) AddHost(cfg HostConfig) (*Host, error) {
	h, err := n.newHost(cfg)
	if err != nil {
		return nil, fmt.Errorf("netem: host %q: %w", cfg.Name, err)
	}
	return h, nil
}

// Host finds a host by its name.
func (n *Network) Host(name string) (*Host, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	h, ok := n.byName[strings.ToLower(name)]
	return h, ok
}

// lookup resolves a host's name or a literal address.
func (n *Network) lookup(name string) (uint32, error) {
	if a, err := netip.ParseAddr(name); err == nil {
		ip, ok := ipOf(a)
		if !ok {
			return 0, fmt.Errorf("netem: %s: only IPv4 is emulated", name)
		}
		return ip, nil
	}
	if strings.EqualFold(name, "localhost") {
		return loopbackIP, nil
	}
	h, ok := n.Host(strings.TrimSuffix(name, "."))
	if !ok {
		return 0, fmt.Errorf("%w: %s", ErrUnknownHost, name)
	}
	return h.publicIP, nil
}

// Close takes the network down: every host is closed, every packet under way is dropped. When it returns, no goroutine of
// this package is left.
func (n *Network) Close() error {
	n.mu.Lock()
	if n.closed {
		n.mu.Unlock()
		n.work.Wait()
		return nil
	}
	n.closed = true
	hosts := make([]*Host, 0, len(n.byName))
	for _, h := range n.byName {
		hosts = append(hosts, h)
	}
	n.mu.Unlock()

	var closing sync.WaitGroup
	for _, h := range hosts {
		closing.Go(func() { _ = h.Close() }) // in no particular order: nothing of it reaches a result
	}
	closing.Wait()
	close(n.quit)
	n.work.Wait()
	return nil
}

// addressPool hands out addresses of a prefix in order.
type addressPool struct {
	prefix netip.Prefix
	next   uint32
	last   uint32
	step   uint32
}

func newAddressPool(cidr string, step uint32) addressPool {
	prefix := netip.MustParsePrefix(cidr)
	first, _ := ipOf(prefix.Addr())
	size := uint32(1) << (32 - prefix.Bits())
	return addressPool{prefix: prefix, next: first, last: first + size - 1 - step, step: step}
}

func (p *addressPool) take(taken map[uint32]*Host) (uint32, error) {
	for p.next < p.last {
		p.next += p.step
		if taken[p.next] == nil {
			return p.next, nil
		}
	}
	return 0, fmt.Errorf("all addresses of %v are given out", p.prefix)
}
