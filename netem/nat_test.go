package netem

import (
	"errors"
	"fmt"
	"net"
	"os"
	"testing"
	"time"

	"github.com/pion/stun/v3"
	"github.com/pion/transport/v3"
)

// natModes run every NAT test twice: with remembered verdicts and with vnet asked for every packet.
var natModes = map[string]time.Duration{"remembered": 0, "every packet": -1}

// received reads one datagram within a second; "" if there is none.
func received(t testing.TB, c net.PacketConn) (text string, from *net.UDPAddr) {
	t.Helper()
	b := make([]byte, 1500)
	_ = c.SetReadDeadline(time.Now().Add(time.Second))
	n, addr, err := c.ReadFrom(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return "", nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n]), addr.(*net.UDPAddr)
}

func send(t testing.TB, c net.PacketConn, to net.Addr, text string) {
	t.Helper()
	if _, err := c.WriteTo([]byte(text), to); err != nil {
		t.Fatal(err)
	}
}

// What RFC 4787 says of each NAT: whether the mapped port is the same for another address and for another port, and whether
// a packet gets in from the same address and port, from another port of that address, from another address.
func TestNATBehaviour(t *testing.T) {
	for _, tt := range []struct {
		nat                                 NAT
		out, mapsSameForAll                 bool
		fromPeer, fromOtherPort, fromOthers bool
	}{
		{NATNone, true, true, true, true, true},
		{NATFullCone, true, true, true, true, true},
		{NATRestricted, true, true, true, true, false},
		{NATPortRestricted, true, true, true, false, false},
		{NATSymmetric, true, false, true, false, false},
		{NATBlocked, false, false, false, false, false},
	} {
		for mode, trust := range natModes {
			t.Run(fmt.Sprint(tt.nat, ", ", mode), func(t *testing.T) {
				bubble(t, Config{NATTrust: trust}, func(t *testing.T, n *Network) {
					home := addHost(t, n, HostConfig{Name: "home", NAT: tt.nat, Link: Link{Delay: 5 * time.Millisecond}})
					peer, other := host(t, n, "peer", Link{}), host(t, n, "other", Link{})
					in := listenUDP(t, home, 0)
					p1, p2, o1 := listenUDP(t, peer, 1), listenUDP(t, peer, 2), listenUDP(t, other, 1)

					for range 3 { // the first one makes the mapping, the others use it
						send(t, in, udpAddr(peer, 1), "out")
					}
					var mapped *net.UDPAddr
					for range 3 {
						text, from := received(t, p1)
						if (text == "out") != tt.out {
							t.Fatalf("the peer received %q", text)
						}
						if !tt.out {
							return
						}
						if mapped != nil && mapped.String() != from.String() {
							t.Fatalf("mapped to %v, then to %v", mapped, from)
						}
						mapped = from
					}
					if mapped.IP.String() != home.PublicAddr().String() {
						t.Fatalf("mapped to %v, not to %v", mapped, home.PublicAddr())
					}

					for _, in := range []struct {
						what string
						via  net.PacketConn
						want bool
					}{
						{"the peer", p1, tt.fromPeer},
						{"another port of the peer", p2, tt.fromOtherPort},
						{"another address", o1, tt.fromOthers},
					} {
						for range 3 {
							send(t, in.via, mapped, "in")
						}
						got := 0
						for text := "in"; text == "in"; {
							if text, _ = received(t, listenerOf(home)); text == "in" {
								got++
							}
						}
						if want := map[bool]int{true: 3, false: 0}[in.want]; got != want {
							t.Errorf("from %s %d of 3 got in, want %d", in.what, got, want)
						}
					}

					for _, to := range []struct {
						addr *net.UDPAddr
						via  net.PacketConn
					}{{udpAddr(peer, 2), p2}, {udpAddr(other, 1), o1}} {
						send(t, in, to.addr, "out")
						_, from := received(t, to.via)
						if same := from.String() == mapped.String(); same != tt.mapsSameForAll {
							t.Errorf("to %v the mapping is %v, to the peer %v", to.addr, from, mapped)
						}
						send(t, to.via, from, "in")
						if text, _ := received(t, in); text != "in" {
							t.Errorf("the answer from %v did not get in", to.addr)
						}
					}
				})
			})
		}
	}
}

// listenerOf returns a host's only UDP socket.
func listenerOf(h *Host) *socket {
	for _, s := range h.udp {
		return s
	}
	return nil
}

// A mapping lives for two minutes without outbound packets, not for ever; what goes out keeps it alive (RFC 4787 REQ-5, -6).
func TestNATMappingLife(t *testing.T) {
	for mode, trust := range natModes {
		t.Run(mode, func(t *testing.T) {
			bubble(t, Config{NATTrust: trust}, func(t *testing.T, n *Network) {
				home := addHost(t, n, HostConfig{Name: "home", NAT: NATPortRestricted})
				peer := host(t, n, "peer", Link{})
				in, out := listenUDP(t, home, 0), listenUDP(t, peer, 1)
				send(t, in, udpAddr(peer, 1), "hello")
				_, mapped := received(t, out)
				for range 10 {
					time.Sleep(100 * time.Second)
					send(t, in, udpAddr(peer, 1), "alive")
					if _, from := received(t, out); from.String() != mapped.String() {
						t.Fatalf("the mapping has moved from %v to %v", mapped, from)
					}
				}
				time.Sleep(natMappingLife - 3*time.Second)
				send(t, out, mapped, "in time")
				if text, _ := received(t, in); text == "" {
					t.Error("the mapping has gone early")
				}
				time.Sleep(3*time.Second + 2*max(0, n.cfg.NATTrust) + time.Second)
				send(t, out, mapped, "late")
				if text, _ := received(t, in); text != "" {
					t.Error("the mapping outlives its two minutes")
				}
				if home.Stats().NATDrops != 1 {
					t.Errorf("refused %d packets, want 1", home.Stats().NATDrops)
				}
			})
		})
	}
}

// Which pairs of hosts can reach each other by punching holes: all but symmetric with symmetric or port-restricted, and
// nobody from behind a firewall. Each asks a STUN server for its address, the two exchange them, and both send.
func TestHolePunching(t *testing.T) {
	open := func(a, b NAT) bool {
		if a == NATBlocked || b == NATBlocked {
			return false
		}
		hard := func(x, y NAT) bool { return x == NATSymmetric && (y == NATSymmetric || y == NATPortRestricted) }
		return !hard(a, b) && !hard(b, a)
	}
	for _, a := range NATNames() {
		for _, b := range NATNames() {
			t.Run(a+" and "+b, func(t *testing.T) {
				bubble(t, Config{}, func(t *testing.T, n *Network) {
					server := host(t, n, "stun", Link{Delay: 10 * time.Millisecond})
					closer, err := RunSTUN(server, 3478)
					if err != nil {
						t.Fatal(err)
					}
					defer closer.Close()
					left := addHost(t, n, HostConfig{Name: "left", NAT: NAT(a), Link: Link{Delay: 20 * time.Millisecond}})
					right := addHost(t, n, HostConfig{Name: "right", NAT: NAT(b), Link: Link{Delay: 5 * time.Millisecond}})
					l, r := listenUDP(t, left, 0), listenUDP(t, right, 0)
					lAddr, rAddr := reflexive(t, l, udpAddr(server, 3478)), reflexive(t, r, udpAddr(server, 3478))
					if lAddr == nil || rAddr == nil {
						if NAT(a) != NATBlocked && NAT(b) != NATBlocked {
							t.Fatal("no answer from the STUN server")
						}
						return
					}
					gotLeft, gotRight := punch(t, l, rAddr), punch(t, r, lAddr)
					leftOpen, rightOpen := <-gotLeft, <-gotRight // either has seen a round trip
					if want := open(NAT(a), NAT(b)); (leftOpen || rightOpen) != want {
						t.Errorf("opens: %v, want %v", !want, want)
					}
				})
			})
		}
	}
}

// reflexive asks a STUN server for the mapped address of a socket; nil if it does not answer.
func reflexive(t testing.TB, c net.PacketConn, server net.Addr) *net.UDPAddr {
	t.Helper()
	request := stun.MustBuild(stun.TransactionID, stun.BindingRequest)
	send(t, c, server, string(request.Raw))
	text, _ := received(t, c)
	if text == "" {
		return nil
	}
	answer := &stun.Message{Raw: []byte(text)}
	if err := answer.Decode(); err != nil {
		t.Fatal(err)
	}
	var mapped stun.XORMappedAddress
	if err := mapped.GetFrom(answer); err != nil {
		t.Fatal(err)
	}
	return &net.UDPAddr{IP: mapped.IP, Port: mapped.Port}
}

// punch sends and listens for two seconds, answering where packets come from (a peer-reflexive candidate, RFC 8445), and
// tells whether an answer to one of its own has come.
func punch(t testing.TB, c transport.UDPConn, to *net.UDPAddr) <-chan bool {
	done := make(chan bool, 1)
	go func() {
		opened := false
		for range 20 {
			send(t, c, to, "knock")
			_ = c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
			b := make([]byte, 100)
			for {
				n, from, err := c.ReadFrom(b)
				if err != nil {
					break
				}
				if string(b[:n]) == "knock" {
					send(t, c, from, "come in")
				} else {
					opened = true
				}
			}
		}
		done <- opened
	}()
	return done
}

// A NAT keeps the order of packets and the timing of the link, and costs nothing when the flow is established.
func TestNATKeepsOrderAndTime(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Network) {
		home := addHost(t, n, HostConfig{Name: "home", NAT: NATSymmetric, Link: Link{Up: 10 * Mbit, Delay: 10 * time.Millisecond}})
		peer := host(t, n, "peer", Link{})
		_, got := datagramFlow(t, home, peer, 9, 1222, 1100*time.Microsecond, 10*time.Second)
		for i, a := range got {
			if a.number != uint64(i) {
				t.Fatalf("datagram %d arrived in place %d", a.number, i)
			}
			if a.delay != 11*time.Millisecond {
				t.Fatalf("datagram %d took %v, want 11ms", i, a.delay)
			}
		}
	})
}

// TURN relays between two hosts that cannot reach each other.
func TestTURN(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Network) {
		relay := host(t, n, "turn", Link{Delay: 10 * time.Millisecond})
		closer, err := RunTURN(relay, 3478, "swarmlab", "user", "secret")
		if err != nil {
			t.Fatal(err)
		}
		defer closer.Close()
		home := addHost(t, n, HostConfig{Name: "home", NAT: NATSymmetric})
		peer := addHost(t, n, HostConfig{Name: "peer", NAT: NATSymmetric})
		client := turnClient(t, home, "turn:3478", "user", "secret")
		defer client.Close()
		conn, err := client.Allocate()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		out := listenUDP(t, peer, 0)
		mapped := reflexive(t, out, udpAddr(relay, 3478))
		send(t, conn, mapped, "permit") // makes the relay let the peer in
		send(t, out, conn.LocalAddr(), "through the relay")
		if text, _ := received(t, conn); text != "through the relay" {
			t.Errorf("received %q", text)
		}
		if wrong := turnClient(t, home, "turn:3478", "user", "wrong"); wrong != nil {
			defer wrong.Close()
			if _, err := wrong.Allocate(); err == nil {
				t.Error("a wrong password was accepted")
			}
		}
	})
}
