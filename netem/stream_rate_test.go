package netem

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// What of a stream's bytes on the wire is payload: 1280 bytes of QUIC in 1308 of IP, with about 30 bytes of QUIC's own, and
// now and then a packet of control frames.
const streamEfficiency = 1250.0 / 1308.0

// A stream fills a link, in either direction.
func TestStreamRate(t *testing.T) {
	for _, rate := range []Rate{2 * Mbit, 20 * Mbit} {
		for _, tt := range []struct {
			name           string
			server, client Link
		}{
			{"up", Link{Up: rate, Delay: 10 * time.Millisecond}, Link{}},
			{"down", Link{}, Link{Down: rate, Delay: 10 * time.Millisecond}},
		} {
			t.Run(fmt.Sprint(rate, " ", tt.name), func(t *testing.T) {
				bubble(t, Config{Grid: DefaultGrid}, func(t *testing.T, n *Network) {
					s, c := host(t, n, "server", tt.server), host(t, n, "client", tt.client)
					serveBytes(t, s, 80)
					got := download(t, c, "server:80", 5*time.Second, 20*time.Second)
					near(t, "payload rate", got*8, float64(rate)*streamEfficiency, 0.05)
				})
			})
		}
	}
}

// Flow control does not limit a fast and long path.
func TestStreamWindow(t *testing.T) {
	bubble(t, Config{Grid: DefaultGrid}, func(t *testing.T, n *Network) {
		s := host(t, n, "server", Link{Up: 1 * Gbit, Delay: 50 * time.Millisecond})
		c := host(t, n, "client", Link{Down: 100 * Mbit, QueueDown: QueueTime(100 * time.Millisecond)})
		serveBytes(t, s, 80)
		got := download(t, c, "server:80", 10*time.Second, 5*time.Second)
		near(t, "payload rate over 100 Mbit/s, 100 ms", got*8, 100e6*streamEfficiency, 0.05)
	})
}

// A stream's delay is the path's: one round trip to connect, one for a question and its answer.
func TestStreamDelay(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Network) {
		const rtt = 100 * time.Millisecond
		s, c := host(t, n, "server", Link{Delay: rtt / 4}), host(t, n, "client", Link{Delay: rtt / 4})
		serveEcho(t, s, 80)
		for i, want := range []time.Duration{rtt, 0} { // the second one shares the first one's connection
			begun := time.Now()
			conn := dial(t, c, "server:80")
			if took := time.Since(begun); took < want || took > want+5*time.Millisecond {
				t.Errorf("connection %d opened after %v, want %v", i, took, want)
			}
			time.Sleep(time.Second)
			begun = time.Now()
			ask(t, conn, "hello")
			if took := time.Since(begun); took < rtt || took > rtt+5*time.Millisecond {
				t.Errorf("answer %d came after %v, want %v", i, took, rtt)
			}
			_ = conn.Close()
		}
	})
}

// A datagram flow and a stream share a link: together they fill it, neither starves, it never carries more than its rate.
func TestStreamSharesLink(t *testing.T) {
	const rate = 8 * Mbit
	bubble(t, Config{Grid: DefaultGrid}, func(t *testing.T, n *Network) {
		s := host(t, n, "server", Link{Up: rate, Delay: 10 * time.Millisecond})
		c := host(t, n, "client", Link{})
		serveBytes(t, s, 80)
		in, out := listenUDP(t, c, 9), listenUDP(t, s, 0)
		arrivals := collect(in)
		var work sync.WaitGroup
		work.Go(func() { flood(out, udpAddr(c, 9), 1222, 2500*time.Microsecond, 30*time.Second) }) // 4 Mbit/s
		begun, before := time.Now(), s.Stats().Up.Bytes
		stream := download(t, c, "server:80", 10*time.Second, 20*time.Second) * 8 / streamEfficiency
		wire := float64(s.Stats().Up.Bytes-before) * 8
		if most := float64(rate) * (time.Since(begun).Seconds() + DefaultQueue.Seconds()); wire > most {
			t.Errorf("the link took %.0f bits, at most %.0f fit", wire, most)
		}
		work.Wait()
		_ = in.Close()
		got := <-arrivals
		datagrams := rateOf(got)
		near(t, "datagrams and stream", datagrams+stream, float64(rate), 0.05)
		near(t, "datagrams", datagrams, 4e6, 0.15) // less what the stream's probing makes the queue drop
		near(t, "stream", stream, 4e6, 0.15)
		var worst time.Duration
		for _, a := range got {
			worst = max(worst, a.delay)
		}
		if worst < 90*time.Millisecond || worst > 10*time.Millisecond+DefaultQueue+2*DefaultGrid {
			t.Errorf("the worst datagram took %v: it should have met a full queue of %v", worst, DefaultQueue)
		}
	})
}
