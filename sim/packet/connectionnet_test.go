package packet

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/transport/v3"
	"github.com/pion/webrtc/v4"

	"swarmlab/netem"
	"swarmlab/sim/webtorrent"
)

// TestCandidatesShareASocket has Pion gather: one socket is opened for the host candidate and all questions to STUN servers, and
// the server-reflexive candidate is what the NAT makes of that socket.
func TestCandidatesShareASocket(t *testing.T) {
	host, srflx, relay := ice.CandidateTypeHost, ice.CandidateTypeServerReflexive, ice.CandidateTypeRelay
	for _, test := range []struct {
		name    string
		nat     netem.NAT
		servers string // of the URLs' schemes
		want    []ice.CandidateType
		sockets int64
		packets int64 // sockets of relayed candidates
	}{
		{"no server", netem.NATPortRestricted, "", []ice.CandidateType{host}, 1, 0},
		{"no NAT: the second candidate would be the first", netem.NATNone, "stun", []ice.CandidateType{host}, 1, 0},
		{"full cone", netem.NATFullCone, "stun", []ice.CandidateType{host, srflx}, 1, 0},
		{"port restricted", netem.NATPortRestricted, "stun", []ice.CandidateType{host, srflx}, 1, 0},
		{"symmetric", netem.NATSymmetric, "stun", []ice.CandidateType{host, srflx}, 1, 0},
		{"two questions to one server", netem.NATPortRestricted, "stun turn", []ice.CandidateType{host, srflx, relay}, 1, 1},
		{"relay without NAT", netem.NATNone, "stun turn", []ice.CandidateType{host, relay}, 1, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newGatherNet(t, test.nat)
				network := &countingNet{Net: e.viewer.Net()}
				candidates := gather(t, newConnectionNet(network), e.config(test.servers))
				var types []ice.CandidateType
				for _, c := range candidates {
					types = append(types, c.Type())
				}
				if slices.Sort(types); !slices.Equal(types, test.want) {
					t.Errorf("gathered %v, want %v", types, test.want)
				}
				if s, p := network.sockets.Load(), network.packets.Load(); s != test.sockets || p != test.packets {
					t.Errorf("opened %d sockets for ICE and %d for relays, want %d and %d", s, p, test.sockets, test.packets)
				}
				e.checkBase(t, candidates)
			})
		})
	}
}

// checkBase: the server-reflexive candidate's related address is the host candidate's, its own is the NAT's.
func (e *gatherNet) checkBase(t *testing.T, candidates []ice.Candidate) {
	t.Helper()
	var base ice.Candidate
	for _, c := range candidates {
		if c.Type() == ice.CandidateTypeHost {
			base = c
		}
	}
	for _, c := range candidates {
		if c.Type() != ice.CandidateTypeServerReflexive {
			continue
		}
		if r := c.RelatedAddress(); r == nil || r.Address != base.Address() || r.Port != base.Port() {
			t.Errorf("the server-reflexive candidate is related to %v, want the host candidate %v", r, base)
		}
		if c.Address() != e.viewer.PublicAddr().String() {
			t.Errorf("the server-reflexive candidate is %v, want the NAT's address %v", c, e.viewer.PublicAddr())
		}
	}
}

// TestPeerConnClosesWhileItGathers: a viewer that leaves does not wait for a STUN server that is silent.
func TestPeerConnClosesWhileItGathers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newGatherNet(t, netem.NATPortRestricted)
		ctx, cancel := context.WithCancel(context.Background())
		v := &viewer{
			host: emulatedHost{e.viewer}, turns: newTurns(time.Now()), rtc: e.config("stun"), wire: new(wireCounter),
			ctx: ctx, cancel: cancel,
		}
		v.rtc.ICEServers[0].URLs[0] = fmt.Sprintf("stun:%v:9", e.server.PublicAddr())
		start := time.Now()
		c := newPeerConn(v, "", 100*time.Millisecond, nil)
		time.Sleep(time.Second)
		c.Close()
		v.group.Wait()
		if took := time.Since(start); took > 1100*time.Millisecond {
			t.Errorf("closed after %v, want after 1s at once", took)
		}
		cancel()
	})
}

// TestConnectionsOpenThroughNATs as the book has it: all pairs do but a symmetric NAT with one that looks at ports, and those
// do with a relay. (RFC 5128 calls the way through hole punching; RFC 4787 has the NATs' behaviour.)
func TestConnectionsOpenThroughNATs(t *testing.T) {
	nats := []netem.NAT{netem.NATNone, netem.NATFullCone, netem.NATRestricted, netem.NATPortRestricted, netem.NATSymmetric}
	picky := func(nat netem.NAT) bool { return nat == netem.NATPortRestricted || nat == netem.NATSymmetric }
	for _, left := range nats {
		for _, right := range nats {
			meets := !(left == netem.NATSymmetric && picky(right) || right == netem.NATSymmetric && picky(left))
			for _, servers := range []string{"stun", "stun turn"} {
				t.Run(fmt.Sprint(left, " to ", right, " by ", servers), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						e := newGatherNet(t, left)
						l, r := e.connect(t, e.viewer, e.addViewer(t, "other", right), servers)
						want := meets || servers == "stun turn"
						if got := <-l.open; got != want {
							t.Errorf("the offering side opened: %v, want %v", got, want)
						}
						if got := <-r.open; got != want {
							t.Errorf("the answering side opened: %v, want %v", got, want)
						}
						l.leave()
						r.leave()
					})
				})
			}
		}
	}
}

// natEnd is one end of a connection on a viewer that does nothing else.
type natEnd struct {
	*viewer
	other *natEnd
	conn  *peerConn
	said  string    // its description
	open  chan bool // says once whether it opened
	over  chan error
}

// connect begins to connect two hosts.
func (e *gatherNet) connect(t *testing.T, left, right *netem.Host, servers string) (l, r *natEnd) {
	t.Helper()
	end := func(h *netem.Host) *natEnd {
		v := &viewer{host: emulatedHost{h}, turns: newTurns(time.Now()), rtc: e.config(servers), wire: new(wireCounter)}
		v.ctx, v.cancel = context.WithCancel(context.Background())
		go v.turns.run()
		return &natEnd{viewer: v, open: make(chan bool, 1), over: make(chan error, 1)}
	}
	l, r = end(left), end(right)
	l.other, r.other = r, l
	l.turns.post(func() { l.conn = l.viewer.NewPeerConn("", l).(*peerConn) })
	return l, r
}

func (e *natEnd) leave() {
	e.turns.post(e.turns.stop)
	e.cancel()
	e.group.Wait()
}

func (e *natEnd) PeerSignal(sdp string) {
	e.said = sdp
	o := e.other
	o.turns.post(func() {
		if o.conn == nil {
			o.conn = o.viewer.NewPeerConn(sdp, o).(*peerConn)
			return
		}
		o.conn.SetAnswer(sdp)
	})
}

func (e *natEnd) PeerConnected()                 { e.open <- true }
func (e *natEnd) PeerMessage(webtorrent.Message) {}
func (e *natEnd) PeerBufferedAmountLow()         {}
func (e *natEnd) PeerClosed(err error) {
	e.over <- err // it is the last event
	select {
	case e.open <- false:
	default: // it was open before
	}
}

// gatherNet is a viewer and a server on a network.
type gatherNet struct {
	network        *netem.Network
	viewer, server *netem.Host
}

func newGatherNet(t *testing.T, nat netem.NAT) *gatherNet {
	t.Helper()
	n, err := netem.New(netem.Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	e := &gatherNet{}
	if e.server, err = n.AddHost(netem.HostConfig{Name: "ice", Link: netem.Link{Delay: 5 * time.Millisecond}}); err != nil {
		t.Fatal(err)
	}
	e.network = n
	e.viewer = e.addViewer(t, "viewer", nat)
	turn, err := netem.RunTURN(e.server, stunPort, "swarmlab", "user", "password")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { turn.Close() })
	return e
}

func (e *gatherNet) addViewer(t *testing.T, name string, nat netem.NAT) *netem.Host {
	t.Helper()
	h, err := e.network.AddHost(netem.HostConfig{
		Name: name, NAT: nat, Link: netem.Link{Delay: 10 * time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (e *gatherNet) config(schemes string) (c webrtc.Configuration) {
	cert, err := certificate()
	must(err)
	c.Certificates = []webrtc.Certificate{cert}
	address := fmt.Sprint(e.server.PublicAddr(), ":", stunPort)
	switch schemes {
	case "stun turn":
		c.ICEServers = append(c.ICEServers, webrtc.ICEServer{URLs: []string{"turn:" + address}, Username: "user", Credential: "password"})
		fallthrough
	case "stun":
		c.ICEServers = append(c.ICEServers, webrtc.ICEServer{URLs: []string{"stun:" + address}})
	}
	return c
}

func (e *gatherNet) listen(t *testing.T, h *netem.Host, port int) transport.UDPConn {
	t.Helper()
	c, err := h.Net().ListenUDP("udp4", &net.UDPAddr{IP: h.PublicAddr().AsSlice(), Port: port})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// gather has Pion make an offer, and returns its candidates.
func gather(t *testing.T, n *connectionNet, c webrtc.Configuration) (candidates []ice.Candidate) {
	t.Helper()
	pc, err := newAPI(connectionHost{emulatedHost{}, n}).NewPeerConnection(c)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	defer pc.GracefulClose()
	pc.OnICECandidate(func(c *webrtc.ICECandidate) {
		if c == nil {
			return
		}
		i, err := ice.UnmarshalCandidate(c.ToJSON().Candidate)
		must(err)
		candidates = append(candidates, i)
	})
	complete := webrtc.GatheringCompletePromise(pc)
	if _, err := pc.CreateDataChannel("test", nil); err != nil {
		t.Fatal(err)
	}
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := pc.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	<-complete
	if took := time.Since(start); took > time.Second {
		t.Errorf("gathered for %v", took)
	}
	synctest.Wait()
	return candidates
}

// countingNet counts the sockets that are opened.
type countingNet struct {
	transport.Net
	sockets, packets atomic.Int64
}

func (n *countingNet) ListenUDP(network string, local *net.UDPAddr) (transport.UDPConn, error) {
	n.sockets.Add(1)
	return n.Net.ListenUDP(network, local)
}

func (n *countingNet) ListenPacket(network, address string) (net.PacketConn, error) {
	n.packets.Add(1)
	return n.Net.ListenPacket(network, address)
}
