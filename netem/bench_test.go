package netem

import (
	"fmt"
	"io"
	"net"
	"runtime"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/webrtc/v4"
)

// Benchmarks report CPU time of the whole process (both ends, garbage collection), since under a virtual clock wall time says
// nothing about a path and little about the cost.

func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// inBubble runs a benchmark's body under a virtual clock. Its b is not to be used inside for what waits or fails.
func inBubble(b *testing.B, cfg Config, f func(n *Network)) {
	b.Helper()
	synctest.Test(&testing.T{}, func(*testing.T) {
		n, err := New(cfg)
		if err != nil {
			panic(err)
		}
		defer n.Close()
		f(n)
	})
}

// BenchmarkDatagram: one 1200-byte datagram from a socket through both links to a reader, all included: 8 pairs at
// 9.6 Mbit/s each, as a busy swarm has them.
func BenchmarkDatagram(b *testing.B) {
	for _, bb := range []struct {
		name  string
		nat   NAT
		trust time.Duration
		grid  time.Duration
	}{
		{"direct/1ms", NATNone, 0, time.Millisecond},
		{"direct/exact", NATNone, 0, 0},
		{"direct/5ms", NATNone, 0, 5 * time.Millisecond},
		{"nat/1ms", NATPortRestricted, 0, time.Millisecond},
		{"nat-every-packet/1ms", NATPortRestricted, -1, time.Millisecond},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			inBubble(b, Config{Grid: bb.grid, NATTrust: bb.trust}, func(n *Network) {
				const pairs = 8
				link := Link{Up: 20 * Mbit, Down: 50 * Mbit, Delay: 10 * time.Millisecond, Loss: 0.0001, Jitter: time.Millisecond}
				payload := make([]byte, 1200)
				var in, out []net.PacketConn
				var to []net.Addr
				for i := range pairs {
					left, _ := n.AddHost(HostConfig{Name: fmt.Sprint("l", i), Link: link, NAT: bb.nat, Region: "eu"})
					right, _ := n.AddHost(HostConfig{Name: fmt.Sprint("r", i), Link: link, NAT: bb.nat, Region: "eu"})
					l, _ := left.Net().ListenPacket("udp4", "")
					r, _ := right.Net().ListenPacket("udp4", "")
					// Punch: the right one's mapped port is vnet's first.
					mapped := func(h *Host, c net.PacketConn) net.Addr {
						port := c.LocalAddr().(*net.UDPAddr).Port
						if bb.nat != NATNone {
							port = 0xC000
						}
						return udpAddr(h, port)
					}
					_, _ = l.WriteTo(payload, mapped(right, r))
					_, _ = r.WriteTo(payload, mapped(left, l))
					time.Sleep(time.Second)
					go func() {
						buf := make([]byte, 1500)
						for {
							if _, _, err := r.ReadFrom(buf); err != nil {
								return
							}
						}
					}()
					in, out, to = append(in, r), append(out, l), append(to, mapped(right, r))
				}
				b.ResetTimer()
				begun := cpuTime()
				for i := 0; i < b.N; i++ {
					_, _ = out[i%pairs].WriteTo(payload, to[i%pairs])
					if i%pairs == pairs-1 {
						time.Sleep(time.Millisecond)
					}
				}
				time.Sleep(time.Second)
				b.StopTimer()
				b.ReportMetric(float64(cpuTime()-begun)/float64(b.N), "cpu-ns/op")
				var got int64
				for name, h := range n.byName {
					if name[0] == 'r' {
						got += h.Stats().Down.Packets
					}
				}
				if float64(got) < 0.99*float64(b.N) {
					b.Errorf("%d of %d arrived", got, b.N)
				}
				_ = in
			})
		})
	}
}

// BenchmarkStreamMB: a megabyte by a stream over a 20 Mbit/s link.
func BenchmarkStreamMB(b *testing.B) {
	for _, rate := range []Rate{20 * Mbit, 0} {
		b.Run(rate.String(), func(b *testing.B) {
			inBubble(b, Config{Grid: DefaultGrid}, func(n *Network) {
				s := host(b, n, "server", Link{Up: rate, Delay: 10 * time.Millisecond})
				c := host(b, n, "client", Link{Delay: 10 * time.Millisecond})
				serveBytes(b, s, 80)
				conn := dial(b, c, "server:80")
				_, _ = io.CopyN(io.Discard, conn, 1<<20) // past slow start
				b.ResetTimer()
				begun := cpuTime()
				_, _ = io.CopyN(io.Discard, conn, int64(b.N)*1e6)
				b.ReportMetric(float64(cpuTime()-begun)/float64(b.N)/1e6, "cpu-ms/MB")
				b.StopTimer()
				_ = conn.Close()
			})
		})
	}
}

// BenchmarkDataChannelMB: a megabyte by a Pion data channel over a 20 Mbit/s link, as in design targets.
func BenchmarkDataChannelMB(b *testing.B) {
	for _, grid := range []time.Duration{0, time.Millisecond, 5 * time.Millisecond} {
		b.Run(fmt.Sprint("grid ", grid), func(b *testing.B) {
			inBubble(b, Config{Grid: grid}, func(n *Network) {
				link := Link{Up: 20 * Mbit, Delay: 10 * time.Millisecond}
				left, right := newPeerConnection(b, host(b, n, "left", link)), newPeerConnection(b, host(b, n, "right", link))
				out, in, err := connectPeers(b, left, right)
				if err != nil {
					panic(err)
				}
				b.ResetTimer()
				begun, clock := cpuTime(), time.Now()
				go func() {
					msg := make([]byte, messageBytes)
					for {
						if _, err := out.Write(msg); err != nil {
							return
						}
					}
				}()
				buf := make([]byte, 64<<10)
				for got := 0; got < b.N*1e6; {
					n, err := in.Read(buf)
					if err != nil {
						panic(err)
					}
					got += n
				}
				b.StopTimer()
				b.ReportMetric(float64(cpuTime()-begun)/float64(b.N)/1e6, "cpu-ms/MB")
				b.ReportMetric(float64(b.N)*8/time.Since(clock).Seconds(), "virtual-Mbit/s")
				_ = left.Close()
				_ = right.Close()
			})
		})
	}
}

// BenchmarkConnectionOpen: a WebRTC connection with one data channel, both ends, until it is open.
func BenchmarkConnectionOpen(b *testing.B) {
	for _, nat := range []NAT{NATNone, NATPortRestricted} {
		b.Run(string(nat), func(b *testing.B) {
			inBubble(b, Config{Grid: DefaultGrid}, func(n *Network) {
				server := host(b, n, "stun", Link{Delay: 10 * time.Millisecond})
				closer, err := RunSTUN(server, 3478)
				if err != nil {
					panic(err)
				}
				ice := webrtc.ICEServer{URLs: []string{"stun:stun:3478"}}
				link := Link{Up: 20 * Mbit, Down: 50 * Mbit, Delay: 10 * time.Millisecond}
				left := addHost(b, n, HostConfig{Name: "left", Link: link, NAT: nat})
				right := addHost(b, n, HostConfig{Name: "right", Link: link, NAT: nat})
				var open []*webrtc.PeerConnection
				before := memory()
				b.ResetTimer()
				begun := cpuTime()
				for range b.N {
					x, y := newPeerConnection(b, left, ice), newPeerConnection(b, right, ice)
					if _, _, err := connectPeers(b, x, y); err != nil {
						panic(err)
					}
					open = append(open, x, y)
				}
				b.StopTimer()
				b.ReportMetric(float64(cpuTime()-begun)/float64(b.N)/1e6, "cpu-ms/op")
				b.ReportMetric(float64(memory()-before)/float64(b.N)/1e3, "kB/op")
				for _, pc := range open {
					_ = pc.Close()
				}
				_ = closer.Close()
			})
		})
	}
}

// BenchmarkHostOpen: a viewer's host with a NAT, and its first stream to a server, which is a new QUIC connection.
func BenchmarkHostOpen(b *testing.B) {
	inBubble(b, Config{Grid: DefaultGrid}, func(n *Network) {
		serveEcho(b, host(b, n, "server", Link{Delay: 5 * time.Millisecond}), 80)
		before := memory()
		b.ResetTimer()
		begun := cpuTime()
		for i := range b.N {
			h := addHost(b, n, HostConfig{Name: fmt.Sprint("viewer", i), NAT: NATSymmetric})
			ask(b, dial(b, h, "server:80"), "hello")
		}
		b.StopTimer()
		b.ReportMetric(float64(cpuTime()-begun)/float64(b.N)/1e6, "cpu-ms/op")
		b.ReportMetric(float64(memory()-before)/float64(b.N)/1e3, "kB/op")
	})
}

func memory() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
