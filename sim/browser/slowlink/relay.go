package slowlink

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/pion/transport/v3"
)

// Relay puts the emulated link between real UDP sockets of this machine, in real time:
//
//	left end <-> left mouth (real socket) - left host = link = right host - right mouth (real socket) <-> right end
//
// Each end is told the mouth that faces it as the other end's only candidate. A mouth takes datagrams from the one address that
// its end named in its description and from nobody else, so that no connectivity check finds another way: what the ends
// receive has come through the link, or not at all.
type Relay struct {
	link *emulated

	mu    sync.Mutex
	paths []*Path
}

// NewRelay makes the link. Close ends it.
func NewRelay(l Link, seed uint64) (*Relay, error) {
	e, err := l.emulate(seed, 0)
	if err != nil {
		return nil, err
	}
	return &Relay{link: e}, nil
}

// Path is one pair of mouths. All paths of a relay share its link.
type Path struct {
	Left, Right *Mouth
}

// Open makes a path for one more pair of ends.
func (r *Relay) Open() (*Path, error) {
	left, err := newMouth(r.link.left.Net())
	if err != nil {
		return nil, err
	}
	right, err := newMouth(r.link.right.Net())
	if err != nil {
		return nil, errors.Join(err, left.close())
	}
	left.join(&net.UDPAddr{IP: r.link.right.Addr().AsSlice(), Port: right.port()})
	right.join(&net.UDPAddr{IP: r.link.left.Addr().AsSlice(), Port: left.port()})
	p := &Path{Left: left, Right: right}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paths = append(r.paths, p)
	return p, nil
}

// FromLeft prepares the left end's description for the right end.
func (p *Path) FromLeft(description string) (string, error) {
	return facing(description, p.Left, p.Right)
}

// FromRight prepares the right end's description for the left end.
func (p *Path) FromRight(description string) (string, error) {
	return facing(description, p.Right, p.Left)
}

// facing sends who reads a description to their own mouth, and the mouth of who wrote it to where they are.
func facing(description string, writers, readers *Mouth) (string, error) {
	changed, address, err := redirect(description, readers.Addr())
	if err != nil {
		return "", err
	}
	writers.Face(address)
	return changed, nil
}

// Close takes all paths and the link down.
func (r *Relay) Close() error {
	r.mu.Lock()
	paths := r.paths
	r.paths = nil
	r.mu.Unlock()
	var errs []error
	for _, p := range paths {
		errs = append(errs, p.Left.close(), p.Right.close())
	}
	return errors.Join(append(errs, r.link.network.Close())...)
}

// Mouth is a real socket that an end talks to, and its emulated counterpart.
type Mouth struct {
	real     *net.UDPConn
	emulated transport.UDPConn
	end      atomic.Pointer[netip.AddrPort]
	work     sync.WaitGroup

	in, out, strangers atomic.Int64
}

// maxWaiting is what a real socket holds for a reader that is late.
const maxWaiting = 4 << 20

// maxDatagram is more than any end sends; browsers stay below 1500.
const maxDatagram = 1 << 16

func newMouth(host transport.Net) (*Mouth, error) {
	real, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	// A busy machine may keep the reader waiting. What does not fit then would be lost outside the link; the check of Verify tells.
	_ = real.SetReadBuffer(maxWaiting)
	emulated, err := host.ListenUDP("udp4", nil)
	if err != nil {
		return nil, errors.Join(err, real.Close())
	}
	return &Mouth{real: real, emulated: emulated}, nil
}

func (m *Mouth) port() int { return m.emulated.LocalAddr().(*net.UDPAddr).Port }

// join starts carrying to and from the other mouth's emulated address.
func (m *Mouth) join(other net.Addr) {
	m.work.Go(func() { m.inward(other) })
	m.work.Go(m.outward)
}

// inward carries what the end sends into the link, until the mouth closes.
func (m *Mouth) inward(other net.Addr) {
	b := make([]byte, maxDatagram)
	for {
		n, from, err := m.real.ReadFromUDPAddrPort(b)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // a datagram of ours was refused while the end was not there yet, or is no more
		}
		if end := m.end.Load(); end == nil || from != *end {
			m.strangers.Add(1)
			continue
		}
		m.in.Add(int64(n))
		_, _ = m.emulated.WriteTo(b[:n], other) // fails only when closed, and then the next read does
	}
}

// outward carries what comes out of the link to the end, until the mouth closes.
func (m *Mouth) outward() {
	b := make([]byte, maxDatagram)
	for {
		n, _, err := m.emulated.ReadFrom(b)
		if err != nil {
			return
		}
		end := m.end.Load()
		if end == nil {
			continue // nobody has said where it should go
		}
		m.out.Add(int64(n))                           // before it can be seen
		_, _ = m.real.WriteToUDPAddrPort(b[:n], *end) // an end that has gone needs it no more
	}
}

// Face names the one address that the mouth talks with.
func (m *Mouth) Face(end netip.AddrPort) { m.end.Store(&end) }

// Addr is where the end that faces the mouth sends to.
func (m *Mouth) Addr() netip.AddrPort {
	return m.real.LocalAddr().(*net.UDPAddr).AddrPort()
}

// In and Out are UDP payload bytes taken from the end and given to it; Strangers are datagrams from anywhere else, all refused.
func (m *Mouth) In() int64 { return m.in.Load() }

// Out is the payload given to the end.
func (m *Mouth) Out() int64 { return m.out.Load() }

// Strangers counts the datagrams of others.
func (m *Mouth) Strangers() int64 { return m.strangers.Load() }

func (m *Mouth) close() error {
	err := errors.Join(m.real.Close(), m.emulated.Close())
	m.work.Wait()
	if err != nil {
		return fmt.Errorf("close a mouth of the relay: %w", err)
	}
	return nil
}
