package netem

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/pion/logging"
	"github.com/pion/transport/v3/vnet"
)

// natBox is one host's NAT: a vnet router of the wanted NAT type under another that stands for the world.
//
// vnet only ever judges and translates; it does not carry payloads, and no time passes in it (queues, rates and delays are
// ours). What goes through it is a ticket of eight bytes, so that its copies cost nothing and the payload stays where it is.
// A chunk filter on the far router takes the packet out again before vnet's own sockets would see it: outbound ones with
// their mapped source at the outer router, inbound ones with their local destination at the inner.
//
// A NAT is a world of its own rather than a child of one common router, so that NATs do not queue up for one router's mutex
// and so that closing a host takes its NAT away (a vnet router cannot be removed from its parent, and a parent with a
// stopped child cannot be stopped).
type natBox struct {
	host  *Host
	outer *vnet.Router
	send  rawSocket // on the inner network, sends as the host
	inlet rawSocket // on the outer network, sends as anybody

	table flowTable // guarded by the network's mu

	mu      sync.Mutex // guards the tickets; nothing else is locked under it
	tickets map[uint64]ticket
	issued  uint64
	claimed uint64
	sweepAt int
}

// ticket stands for a packet inside vnet. One that never comes out was refused.
type ticket struct {
	p      *packet
	issued int64
}

const (
	ticketBytes    = 8
	ticketSweepMin = 64
	// ticketLife is how long after its issue an unclaimed ticket is surely a refused packet's. Under a virtual clock no time
	// passes inside vnet at all; in real time it is microseconds.
	ticketLife = int64(time.Second)
)

// vnetMaking is held while vnet's things are made: it counts MAC addresses in a global variable without a lock, and several
// networks may be at work in one process.
var vnetMaking sync.Mutex

func newNATBox(h *Host) (*natBox, error) {
	b := &natBox{
		host:    h,
		table:   newFlowTable(h.network.cfg.NATTrust),
		tickets: make(map[uint64]ticket),
		sweepAt: ticketSweepMin,
	}
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	quiet.ScopeLevels = nil
	quiet.Writer = io.Discard

	behaviour := *h.kind.behaviour
	behaviour.MappingLifeTime += max(0, h.network.cfg.NATTrust) // see flow.go

	vnetMaking.Lock()
	defer vnetMaking.Unlock()
	outer, err := vnet.NewRouter(&vnet.RouterConfig{CIDR: "0.0.0.0/0", LoggerFactory: quiet})
	if err != nil {
		return nil, err
	}
	inner, err := vnet.NewRouter(&vnet.RouterConfig{
		CIDR:          h.Addr().String() + "/24",
		StaticIPs:     []string{h.PublicAddr().String()},
		NATType:       &behaviour,
		LoggerFactory: quiet,
	})
	if err != nil {
		return nil, err
	}
	if err := outer.AddRouter(inner); err != nil {
		return nil, err
	}
	if err := b.send.open(inner, h.Addr().String()); err != nil {
		return nil, err
	}
	if err := b.inlet.open(outer, "192.0.2.1"); err != nil { // RFC 5737: documentation, nobody's
		return nil, err
	}
	outer.AddChunkFilter(b.atOuter)
	inner.AddChunkFilter(b.atInner)
	b.outer = outer
	return b, outer.Start()
}

// translateOut rewrites an outbound packet's source from memory, if there is a fresh verdict. Under the network's mu.
func (b *natBox) translateOut(p *packet, now int64) bool {
	p.src = makeEndpoint(b.host.ownIP, p.src.port())
	mapped, known := b.table.verdict(p, now)
	if known {
		p.src = mapped
	}
	return known
}

// translateIn does the same for an inbound packet's destination.
func (b *natBox) translateIn(p *packet, now int64) bool {
	p.inbound = true
	local, known := b.table.verdict(p, now)
	if known {
		p.dst = local
	}
	return known
}

func (b *natBox) learn(p *packet, translated endpoint, now int64) { b.table.learn(p, translated, now) }

// enter sends a packet into vnet. Not under the network's mu: vnet calls the filters under its own locks.
func (b *natBox) enter(p *packet) {
	id := b.issue(p)
	via := &b.send
	if p.inbound {
		via = &b.inlet
	}
	via.write(id, p.src, p.dst)
}

func (b *natBox) issue(p *packet) uint64 {
	now := b.host.network.now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.tickets) >= b.sweepAt {
		for id, t := range b.tickets {
			if now-t.issued > ticketLife {
				delete(b.tickets, id)
				t.p.free()
			}
		}
		b.sweepAt = max(ticketSweepMin, 2*len(b.tickets))
	}
	b.issued++
	b.tickets[b.issued] = ticket{p, now}
	return b.issued
}

// claim gives up the packet a chunk stands for; nil if it is none of ours, or was given up on.
func (b *natBox) claim(c vnet.Chunk, inbound bool) *packet {
	data := c.UserData()
	if len(data) != ticketBytes {
		return nil
	}
	id := binary.BigEndian.Uint64(data)
	b.mu.Lock()
	defer b.mu.Unlock()
	t, ok := b.tickets[id]
	if !ok || t.p.inbound != inbound {
		return nil
	}
	delete(b.tickets, id)
	b.claimed++
	return t.p
}

// refused counts the packets that went in and did not come out.
func (b *natBox) refused() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return int64(b.issued - b.claimed)
}

// atOuter sees every chunk on the outer router: packets the NAT has let out are taken, those on their way in pass.
func (b *natBox) atOuter(c vnet.Chunk) bool {
	p := b.claim(c, false)
	if p == nil {
		return true
	}
	if mapped, ok := endpointOf(c.SourceAddr()); ok {
		b.host.sendTranslated(p, mapped)
	}
	return false
}

// atInner sees every chunk on the inner router, the other way round.
func (b *natBox) atInner(c vnet.Chunk) bool {
	p := b.claim(c, true)
	if p == nil {
		return true
	}
	if local, ok := endpointOf(c.DestinationAddr()); ok {
		b.host.receiveTranslated(p, local)
	}
	return false
}

func (b *natBox) close() {
	_ = b.outer.Stop() // stops the inner one too; fails only if it is stopped already
	b.send.close()
	b.inlet.close()
}

// rawSocket sends vnet packets with any source address.
//
// vnet makes a chunk's source from the address its socket was opened with, and keeps the caller's own *net.UDPAddr as that
// address; so one socket whose address is rewritten before each packet does for all. (A vnet socket per port and peer would
// cost 16 KiB each for a receive queue that the filters leave empty.) TestNAT fails if vnet stops doing so.
type rawSocket struct {
	mu   sync.Mutex // one writer at a time; vnet's write only appends to a queue
	from *net.UDPAddr
	conn net.PacketConn
}

func (r *rawSocket) open(router *vnet.Router, ip string) error {
	nic, err := vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{ip}})
	if err != nil {
		return err
	}
	if err := router.AddNet(nic); err != nil {
		return err
	}
	r.from = &net.UDPAddr{IP: net.ParseIP(ip).To4(), Port: 1}
	if r.conn, err = nic.ListenUDP("udp4", r.from); err != nil {
		return fmt.Errorf("vnet socket: %w", err)
	}
	return nil
}

func (r *rawSocket) write(id uint64, src, dst endpoint) {
	var text [ticketBytes]byte
	binary.BigEndian.PutUint64(text[:], id)
	source := src.udpAddr() // vnet keeps the slice: a fresh one each time
	r.mu.Lock()
	defer r.mu.Unlock()
	r.from.IP, r.from.Port = source.IP, source.Port
	_, _ = r.conn.WriteTo(text[:], dst.udpAddr()) // fails only when closed: then the ticket stays unclaimed
}

func (r *rawSocket) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = r.conn.Close()
}

// endpointOf packs a UDP address; ok is false for any other kind, or if it is not IPv4.
func endpointOf(a net.Addr) (endpoint, bool) {
	u, ok := a.(*net.UDPAddr)
	if !ok || u == nil {
		return 0, false
	}
	ip, ok := ipOfNetIP(u.IP)
	return makeEndpoint(ip, uint16(u.Port)), ok
}
