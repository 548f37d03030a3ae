package netem

import (
	"net"
	"net/netip"
	"sync"
)

// headerBytes is what IPv4 and UDP add to a datagram's payload on the wire.
const headerBytes = 20 + 8

// maxDatagram is the largest UDP payload (RFC 768 over IPv4).
const maxDatagram = 65535 - headerBytes

// endpoint is an IPv4 address and a port, packed: maps keyed by it hash one word.
type endpoint uint64

func makeEndpoint(ip uint32, port uint16) endpoint { return endpoint(ip)<<16 | endpoint(port) }

func (e endpoint) ip() uint32   { return uint32(e >> 16) }
func (e endpoint) port() uint16 { return uint16(e) }

func (e endpoint) addrPort() netip.AddrPort {
	return netip.AddrPortFrom(addrOf(e.ip()), e.port())
}

func (e endpoint) String() string { return e.addrPort().String() }

func (e endpoint) udpAddr() *net.UDPAddr { return net.UDPAddrFromAddrPort(e.addrPort()) }
func (e endpoint) tcpAddr() *net.TCPAddr { return net.TCPAddrFromAddrPort(e.addrPort()) }

func addrOf(ip uint32) netip.Addr {
	return netip.AddrFrom4([4]byte{byte(ip >> 24), byte(ip >> 16), byte(ip >> 8), byte(ip)})
}

// ipOf packs an IPv4 address; ok is false for anything else.
func ipOf(a netip.Addr) (ip uint32, ok bool) {
	a = a.Unmap()
	if !a.Is4() {
		return 0, false
	}
	b := a.As4()
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3]), true
}

// ipOfNetIP is ipOf for the older type, without a detour through text or allocation.
func ipOfNetIP(a net.IP) (ip uint32, ok bool) {
	b := a.To4()
	if b == nil {
		return 0, false
	}
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3]), true
}

// packet is one datagram under way. Exactly one owner at a time: a link, a slot of the calendar, a NAT, or a socket's
// queue; whoever ends its way frees it.
type packet struct {
	src, dst endpoint
	at       int64 // exact instant of the stage it is in, nanoseconds since the network began
	seq      uint64
	to       *Host
	data     []byte

	stream  bool // belongs to the stream (TCP-like) port space, which NATs and firewalls let pass
	refusal bool // the answer to a stream packet that nobody listens for: TCP's RST
	inbound bool // inside a NAT: on its way in
	flow    *flow
	number  uint64 // inside a NAT: its place among its flow's packets there
}

func (p *packet) wireBytes() int64 { return int64(len(p.data)) + headerBytes }

// packets is shared by all networks of a process: a packet holds nothing that belongs to a bubble once it is freed.
var packets = sync.Pool{New: func() any { return &packet{data: make([]byte, 0, 1500)} }}

func newPacket(payload []byte) *packet {
	p := packets.Get().(*packet)
	p.data = append(p.data[:0], payload...)
	return p
}

func (p *packet) free() {
	*p = packet{data: p.data[:0]}
	packets.Put(p)
}
