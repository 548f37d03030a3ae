package netem

import (
	"context"
	"encoding/binary"
	"io"
	"math"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/transport/v3"
)

// bubble runs a test under a virtual clock. The bubble panics if a goroutine is left behind, and the network is closed at the
// end of each, so every test here is a test of Close too.
func bubble(t *testing.T, cfg Config, f func(t *testing.T, n *Network)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		f(t, n)
	})
}

func addHost(t testing.TB, n *Network, cfg HostConfig) *Host {
	t.Helper()
	h, err := n.AddHost(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// host adds an unlimited host behind nothing.
func host(t testing.TB, n *Network, name string, l Link) *Host {
	t.Helper()
	return addHost(t, n, HostConfig{Name: name, Link: l})
}

func listenUDP(t testing.TB, h *Host, port int) transport.UDPConn {
	t.Helper()
	c, err := h.Net().ListenUDP("udp4", &net.UDPAddr{Port: port})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func udpAddr(h *Host, port int) *net.UDPAddr {
	return &net.UDPAddr{IP: h.PublicAddr().AsSlice(), Port: port}
}

// near fails the test unless got is within a share of want.
func near(t testing.TB, what string, got, want, share float64) {
	t.Helper()
	if math.Abs(got-want) > share*want {
		t.Errorf("%s is %.6g, want %.6g (within %.2g %%)", what, got, want, share*100)
	} else {
		t.Logf("%s: %.6g of %.6g wanted (%+.2f %%)", what, got, want, (got/want-1)*100)
	}
}

// arrival is one received datagram.
type arrival struct {
	number uint64
	delay  time.Duration
	at     time.Time
	bytes  int // on the wire
}

// stamp writes (number, now) into a datagram of the given payload size.
func stamp(b []byte, number uint64) {
	binary.BigEndian.PutUint64(b, number)
	binary.BigEndian.PutUint64(b[8:], uint64(time.Now().UnixNano()))
}

// collect reads stamped datagrams until the socket is closed.
func collect(c net.PacketConn) <-chan []arrival {
	done := make(chan []arrival, 1)
	go func() {
		var got []arrival
		b := make([]byte, 2000)
		for {
			n, _, err := c.ReadFrom(b)
			if err != nil {
				done <- got
				return
			}
			now := time.Now()
			sent := time.Unix(0, int64(binary.BigEndian.Uint64(b[8:])))
			got = append(got, arrival{binary.BigEndian.Uint64(b), now.Sub(sent), now, n + headerBytes})
		}
	}()
	return done
}

// flood sends datagrams of a size at a steady pace for a while.
func flood(c net.PacketConn, to net.Addr, payload int, every, during time.Duration) (sent int) {
	b := make([]byte, payload)
	for end := time.Now().Add(during); time.Now().Before(end); sent++ {
		stamp(b, uint64(sent))
		_, _ = c.WriteTo(b, to)
		time.Sleep(every)
	}
	return sent
}

// datagramFlow sends from a to b's port and returns what arrived.
func datagramFlow(t testing.TB, a, b *Host, port, payload int, every, during time.Duration) (sent int, got []arrival) {
	t.Helper()
	in, out := listenUDP(t, b, port), listenUDP(t, a, 0)
	arrivals := collect(in)
	sent = flood(out, udpAddr(b, port), payload, every, during)
	time.Sleep(10 * time.Second) // whatever is still queued
	_ = in.Close()
	_ = out.Close()
	return sent, <-arrivals
}

// rateOf is the wire rate of arrivals between their first and last.
func rateOf(got []arrival) float64 {
	var bytes int
	for _, a := range got[1:] {
		bytes += a.bytes
	}
	return float64(bytes) * 8 / got[len(got)-1].at.Sub(got[0].at).Seconds()
}

// serveBytes answers every connection with an endless stream until it is closed.
func serveBytes(t testing.TB, h *Host, port int) {
	t.Helper()
	serve(t, h, port, func(c net.Conn) {
		b := make([]byte, 64<<10)
		for {
			if _, err := c.Write(b); err != nil {
				return
			}
		}
	})
}

// download reads from an address for a while, and returns the payload bytes per second after a warm-up.
func download(t testing.TB, h *Host, addr string, warm, during time.Duration) float64 {
	t.Helper()
	c, err := h.DialContext(context.Background(), "tcp", addr)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer c.Close()
	_ = c.SetReadDeadline(time.Now().Add(warm))
	if _, err := io.Copy(io.Discard, c); err == nil {
		t.Error("the stream has ended")
	}
	_ = c.SetReadDeadline(time.Now().Add(during))
	n, _ := io.Copy(io.Discard, c)
	return float64(n) / during.Seconds()
}
