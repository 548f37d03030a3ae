package netem

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"
)

// Packets sent at one instant keep their order, and so do those of a flow whose NAT is asked about some of them and not about
// others: each burst here comes after the verdicts have expired.
func TestBurstKeepsOrder(t *testing.T) {
	for _, nat := range []NAT{NATNone, NATSymmetric} {
		for _, grid := range grids {
			t.Run(fmt.Sprint(nat, ", grid ", grid), func(t *testing.T) {
				bubble(t, Config{Grid: grid}, func(t *testing.T, n *Network) {
					home := addHost(t, n, HostConfig{Name: "home", NAT: nat, Link: Link{Delay: time.Millisecond}})
					peer := host(t, n, "peer", Link{})
					in, out := listenUDP(t, peer, 9), listenUDP(t, home, 0)
					arrivals := collect(in)
					const bursts, burst = 20, 500
					b := make([]byte, 100)
					for i := range bursts {
						for j := range burst {
							stamp(b, uint64(i*burst+j))
							send(t, out, udpAddr(peer, 9), string(b))
							if j%7 == 0 {
								runtime.Gosched() // lets vnet answer in the midst of it
							}
						}
						time.Sleep(defaultNATTrust + time.Second)
					}
					_ = in.Close()
					got := <-arrivals
					if len(got) != bursts*burst {
						t.Fatalf("%d packets arrived of %d", len(got), bursts*burst)
					}
					for i, a := range got {
						if a.number != uint64(i) {
							t.Fatalf("packet %d arrived in place %d", a.number, i)
						}
					}
				})
			})
		}
	}
}

// As many readers wait as packets come at once: none of them waits on.
func TestSocketWakesAllReaders(t *testing.T) {
	bubble(t, Config{Grid: DefaultGrid}, func(t *testing.T, n *Network) {
		a, b := host(t, n, "a", Link{}), host(t, n, "b", Link{})
		in, out := listenUDP(t, a, 9), listenUDP(t, b, 0)
		for range 50 {
			const readers = 4
			_ = in.SetReadDeadline(time.Now().Add(time.Minute))
			var work sync.WaitGroup
			for range readers {
				work.Go(func() {
					if _, _, err := in.ReadFrom(make([]byte, 10)); err != nil {
						t.Errorf("a reader was left waiting: %v", err)
					}
				})
			}
			time.Sleep(1500 * time.Microsecond) // between two ticks: the packets are delivered together
			for range readers {
				send(t, out, udpAddr(a, 9), "x")
			}
			work.Wait()
		}
	})
}

// A packet out that vnet did not see, because its verdict was trusted, keeps a mapping alive all the same.
func TestNATTrustedPacketsKeepMapping(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Network) {
		home := addHost(t, n, HostConfig{Name: "home", NAT: NATPortRestricted})
		peer := host(t, n, "peer", Link{})
		in, out := listenUDP(t, home, 0), listenUDP(t, peer, 1)
		send(t, in, udpAddr(peer, 1), "asked about")
		_, mapped := received(t, out)
		time.Sleep(defaultNATTrust - 100*time.Millisecond)
		send(t, in, udpAddr(peer, 1), "trusted")
		received(t, out)
		time.Sleep(natMappingLife - time.Second)
		send(t, out, mapped, "in time")
		if text, _ := received(t, in); text != "in time" {
			t.Errorf("the mapping ended early: %q", text)
		}
	})
}
