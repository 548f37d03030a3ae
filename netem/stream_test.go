package netem

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
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

func serveEcho(t testing.TB, h *Host, port int) net.Listener {
	t.Helper()
	l, err := h.Listen(port)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return l
}

func dial(t testing.TB, h *Host, addr string) net.Conn {
	t.Helper()
	c, err := h.DialContext(context.Background(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ask(t testing.TB, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, len(text))
	if _, err := io.ReadFull(c, b); err != nil || string(b) != text {
		t.Fatalf("answer %q, %v", b, err)
	}
}

// pipe returns both ends of a connection.
func pipe(t testing.TB, n *Network) (client, server net.Conn) {
	t.Helper()
	s, c := host(t, n, "server", Link{Delay: 5 * time.Millisecond}), host(t, n, "client", Link{})
	l, err := s.Listen(80)
	if err != nil {
		t.Fatal(err)
	}
	client = dial(t, c, "server:80")
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return client, server
}

// The server may speak first, though it has read nothing.
func TestStreamServerSpeaksFirst(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Network) {
		client, server := pipe(t, n)
		_, _ = io.WriteString(server, "220 ready")
		_ = server.Close()
		if b, err := io.ReadAll(client); string(b) != "220 ready" || err != nil {
			t.Errorf("got %q, %v", b, err)
		}
		if got := client.RemoteAddr().String(); got != "198.18.0.1:80" || got != server.LocalAddr().String() {
			t.Errorf("addresses: %v, %v", client.RemoteAddr(), server.LocalAddr())
		}
		if client.LocalAddr().String() != server.RemoteAddr().String() {
			t.Errorf("addresses: %v, %v", client.LocalAddr(), server.RemoteAddr())
		}
	})
}

// All that was written before Close arrives whole, then EOF.
func TestStreamCloseDelivers(t *testing.T) {
	bubble(t, Config{Seed: 1}, func(t *testing.T, n *Network) {
		s := host(t, n, "server", Link{Up: 10 * Mbit, Loss: 0.01, Delay: 20 * time.Millisecond})
		c := host(t, n, "client", Link{})
		data := bytes.Repeat([]byte("0123456789abcdef"), 1<<16) // 1 MiB
		l, err := s.Listen(80)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write(data)
			_ = conn.Close()
		}()
		got, err := io.ReadAll(dial(t, c, "server:80"))
		if err != nil || sha256.Sum256(got) != sha256.Sum256(data) {
			t.Errorf("got %d bytes, %v; want %d", len(got), err, len(data))
		}
	})
}

// CloseWrite ends one direction, the other goes on.
func TestStreamHalfClose(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Network) {
		client, server := pipe(t, n)
		_, _ = io.WriteString(client, "question")
		if err := client.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(server); string(b) != "question" || err != nil {
			t.Errorf("server read %q, %v", b, err)
		}
		_, _ = io.WriteString(server, "answer")
		_ = server.Close()
		if b, err := io.ReadAll(client); string(b) != "answer" || err != nil {
			t.Errorf("client read %q, %v", b, err)
		}
	})
}

// Close ends what the own side waits for, and makes the peer's writes fail.
func TestStreamClose(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Network) {
		client, server := pipe(t, n)
		var work sync.WaitGroup
		work.Go(func() {
			if _, err := client.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
				t.Errorf("a read under way ends with %v", err)
			}
		})
		work.Go(func() {
			b := make([]byte, 32<<20) // more than any window: nobody reads
			if _, err := client.Write(b); !errors.Is(err, net.ErrClosed) {
				t.Errorf("a write under way ends with %v", err)
			}
		})
		time.Sleep(time.Second)
		if err := client.Close(); err != nil {
			t.Error(err)
		}
		work.Wait()
		if err := client.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("the second Close: %v", err)
		}
		if _, err := client.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a write after Close: %v", err)
		}
		time.Sleep(time.Second)
		if _, err := server.Write(make([]byte, 1<<20)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("the peer's write: %v", err)
		}
		if _, err := io.Copy(io.Discard, server); err != nil {
			t.Errorf("the peer's read: %v, want EOF", err)
		}
	})
}

// Deadlines end reads and writes with a timeout, and can be moved.
func TestStreamDeadlines(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Network) {
		client, server := pipe(t, n)
		expect := func(what string, err error, begun time.Time, after time.Duration) {
			t.Helper()
			var timeout net.Error
			if !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() {
				t.Errorf("%s: %v, want a timeout", what, err)
			}
			if took := time.Since(begun); took != after {
				t.Errorf("%s ends after %v, want %v", what, took, after)
			}
		}
		begun := time.Now()
		_ = client.SetReadDeadline(begun.Add(3 * time.Second))
		_, err := client.Read(make([]byte, 1))
		expect("read", err, begun, 3*time.Second)
		begun = time.Now()
		_, err = client.Read(make([]byte, 1))
		expect("read again", err, begun, 0)
		begun = time.Now()
		_ = client.SetWriteDeadline(begun.Add(5 * time.Second))
		_, err = client.Write(make([]byte, 32<<20))
		expect("write", err, begun, 5*time.Second)
		_ = client.SetDeadline(time.Time{})
		go io.Copy(io.Discard, server)
		if _, err := server.Write([]byte("x")); err != nil {
			t.Error(err)
		}
		if _, err := client.Read(make([]byte, 1)); err != nil {
			t.Errorf("read without a deadline: %v", err)
		}
	})
}

func TestStreamDialErrors(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Network) {
		s := host(t, n, "server", Link{Delay: 50 * time.Millisecond})
		c := host(t, n, "client", Link{})
		for _, tt := range []struct {
			addr  string
			want  error
			after time.Duration
		}{
			{"nobody:80", ErrUnknownHost, 0},
			{"server:80", syscall.ECONNREFUSED, 100 * time.Millisecond},
			{"203.0.113.1:80", syscall.ETIMEDOUT, handshakeTimeout},
		} {
			begun := time.Now()
			_, err := c.DialContext(context.Background(), "tcp", tt.addr)
			if took := time.Since(begun); !errors.Is(err, tt.want) || took != tt.after {
				t.Errorf("%s: %v after %v, want %v after %v", tt.addr, err, took, tt.want, tt.after)
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := c.DialContext(ctx, "tcp", "203.0.113.1:80"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a cancelled dial: %v", err)
		}
		if _, err := c.DialContext(ctx, "udp", "server:80"); err == nil {
			t.Error("streams over udp")
		}
		// Refused once is not refused for ever.
		serveEcho(t, s, 80)
		ask(t, dial(t, c, "server:80"), "hello")
	})
}

// A port can be given up and taken again; connections outlive their listener.
func TestListenAgain(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Network) {
		s, c := host(t, n, "server", Link{}), host(t, n, "client", Link{})
		l := serveEcho(t, s, 80)
		if _, err := s.Listen(80); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("a second listener: %v", err)
		}
		old := dial(t, c, "server:80")
		ask(t, old, "one")
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		ask(t, old, "two")
		if conn, err := c.DialContext(context.Background(), "tcp", "server:80"); err == nil {
			if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("a stream nobody accepts: %v", err)
			}
		}
		serveEcho(t, s, 80)
		ask(t, dial(t, c, "server:80"), "three")
		ask(t, old, "four")

		natted := addHost(t, n, HostConfig{Name: "home", NAT: NATFullCone})
		if _, err := natted.Listen(80); !errors.Is(err, ErrBehindNAT) {
			t.Errorf("listening behind a NAT: %v", err)
		}
		ask(t, dial(t, natted, "server:80"), "from behind a NAT")
		fire := addHost(t, n, HostConfig{Name: "office", NAT: NATBlocked})
		ask(t, dial(t, fire, "server:80"), "from behind a firewall")
	})
}

// A host that vanishes takes its streams with it, after a while; one that is closed at once. Then it can be dialled again.
func TestStreamVanish(t *testing.T) {
	bubble(t, Config{StreamIdle: 20 * time.Second}, func(t *testing.T, n *Network) {
		s, c := host(t, n, "server", Link{}), host(t, n, "client", Link{})
		serveEcho(t, s, 80)
		conn := dial(t, c, "server:80")
		ask(t, conn, "hello")
		s.Vanish()
		begun := time.Now()
		_, err := conn.Read(make([]byte, 1))
		if took := time.Since(begun); !errors.Is(err, syscall.ETIMEDOUT) || took < 10*time.Second || took > 60*time.Second {
			t.Errorf("the read ends with %v after %v, want a timeout after 20s of silence", err, took)
		}
		_ = s.Close()
		again := host(t, n, "server", Link{})
		serveEcho(t, again, 80)
		conn = dial(t, c, "server:80")
		ask(t, conn, "hello again")
		begun = time.Now()
		_ = again.Close()
		if _, err = conn.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) || time.Since(begun) > time.Second {
			t.Errorf("the read ends with %v after %v, want a reset at once", err, time.Since(begun))
		}
	})
}

// A connection that is silent for long stays open, as TCP's do: trackers' clients are silent for two minutes.
func TestStreamIdle(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Network) {
		client, server := pipe(t, n)
		go io.Copy(server, server)
		ask(t, client, "hello")
		time.Sleep(10 * time.Minute)
		ask(t, client, "still there")
	})
}

// Close ends everything while everything is busy.
func TestCloseUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, err := New(Config{Grid: DefaultGrid})
		if err != nil {
			t.Fatal(err)
		}
		s := host(t, n, "server", Link{Up: 20 * Mbit, Delay: 10 * time.Millisecond})
		serveBytes(t, s, 80)
		var work sync.WaitGroup
		for i, nat := range NATNames() {
			c := addHost(t, n, HostConfig{Name: fmt.Sprint("client", i), NAT: NAT(nat)})
			work.Go(func() { // until the network goes down
				if conn, err := c.DialContext(context.Background(), "tcp", "server:80"); err == nil {
					_, _ = io.Copy(io.Discard, conn)
				}
			})
			work.Go(func() {
				conn := listenUDP(t, c, 0)
				for {
					if _, err := conn.WriteTo(make([]byte, 1200), udpAddr(s, 80)); err != nil {
						return
					}
					time.Sleep(time.Millisecond)
				}
			})
			work.Go(func() { _, _, _ = listenUDP(t, c, 0).ReadFrom(make([]byte, 1)) })
			work.Go(func() { _, _ = c.DialContext(context.Background(), "tcp", "203.0.113.1:80") })
		}
		time.Sleep(3 * time.Second)
		if err := n.Close(); err != nil {
			t.Error(err)
		}
		work.Wait() // while a bubble's first goroutine runs, time goes on and sleepers wake; afterwards they are a deadlock
		if _, err := n.AddHost(HostConfig{Name: "late"}); !errors.Is(err, ErrClosed) {
			t.Errorf("a host after Close: %v", err)
		}
		if err := n.Close(); err != nil {
			t.Errorf("the second Close: %v", err)
		}
		if _, err := s.DialContext(context.Background(), "tcp", "server:80"); err == nil || strings.Contains(err.Error(), "panic") {
			t.Error("dialled on a closed network")
		}
	})
}
