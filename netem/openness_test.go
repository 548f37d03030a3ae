package netem

import (
	"net"
	"net/netip"
	"testing"
	"time"
)

// TestReachesIsWhatDatagramsDo sends what Reaches only foretells: a datagram between hosts behind every pair of NATs, to the address that
// the receiver's own question to somebody else has opened.
func TestReachesIsWhatDatagramsDo(t *testing.T) {
	all := []NAT{NATNone, NATFullCone, NATRestricted, NATPortRestricted, NATSymmetric, NATBlocked}
	for _, a := range all {
		for _, b := range all {
			bubble(t, Config{}, func(t *testing.T, n *Network) {
				from := addHost(t, n, HostConfig{Name: "from", NAT: a, Region: "eu", Link: Link{Delay: 5 * time.Millisecond}})
				to := addHost(t, n, HostConfig{Name: "to", NAT: b, Region: "as", Link: Link{Delay: 20 * time.Millisecond}})
				other := host(t, n, "other", Link{})
				out, in, asked := listenUDP(t, from, 0), listenUDP(t, to, 0), listenUDP(t, other, 1)
				var address net.Addr = udpAddr(to, in.LocalAddr().(*net.UDPAddr).Port)
				send(t, in, udpAddr(other, 1), "who am I?")
				if _, mapped := received(t, asked); mapped != nil {
					address = mapped
				}
				start := time.Now()
				send(t, out, address, "check")
				text, asker := received(t, in)
				arrived := text == "check"
				if arrived {
					send(t, in, asker, "and back")
					text, _ = received(t, out)
					arrived = text == "and back"
				}
				took := time.Since(start)
				roundTrip, ok := from.Reaches(to.PublicAddr())
				if ok != arrived {
					t.Fatalf("from %s to %s: reaches %v, arrived %v", a, b, ok, arrived)
				}
				if ok && (took < roundTrip || took > roundTrip+4*time.Millisecond) { // each way ends on the grid
					t.Errorf("from %s to %s: foretold %v, took %v", a, b, roundTrip, took)
				}
				if ok != (a != NATBlocked && (b == NATNone || b == NATFullCone)) {
					t.Errorf("from %s to %s: reaches %v", a, b, ok)
				}
				to.Vanish()
				if _, ok := from.Reaches(to.PublicAddr()); ok {
					t.Errorf("reaches a host that has vanished")
				}
			})
		}
	}
	bubble(t, Config{}, func(t *testing.T, n *Network) {
		for _, nobody := range []string{"198.18.9.9", "10.0.1.2", "2001:db8::1"} {
			if _, ok := host(t, n, "from"+nobody, Link{}).Reaches(netip.MustParseAddr(nobody)); ok {
				t.Errorf("reaches %s", nobody)
			}
		}
	})
}
