package slowlink

import (
	"bytes"
	"fmt"
	"net"
	"testing"
	"time"
)

// Datagrams come out of the relay as they went in, in order and both ways; others' do not get in.
func TestRelay(t *testing.T) {
	relay, err := NewRelay(Link{Delay: time.Millisecond}, 1)
	if err != nil {
		t.Fatal(err)
	}
	path, err := relay.Open()
	if err != nil {
		t.Fatal(err)
	}
	listen := func() *net.UDPConn {
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetReadDeadline(time.Now().Add(20 * time.Second)) // so that a failure is no hang
		t.Cleanup(func() { c.Close() })
		return c
	}
	left, right, stranger := listen(), listen(), listen()
	path.Left.Face(left.LocalAddr().(*net.UDPAddr).AddrPort())
	path.Right.Face(right.LocalAddr().(*net.UDPAddr).AddrPort())

	for _, way := range []struct {
		name     string
		from, to *net.UDPConn
		in, out  *Mouth
	}{
		{"left to right", left, right, path.Left, path.Right},
		{"right to left", right, left, path.Right, path.Left},
	} {
		if _, err := stranger.WriteToUDPAddrPort([]byte("let me in"), way.in.Addr()); err != nil {
			t.Fatal(err)
		}
		var sent int64
		b := make([]byte, 2000)
		for i := range 20 {
			want := bytes.Repeat([]byte(fmt.Sprint(i)), 1+10*i)
			if _, err := way.from.WriteToUDPAddrPort(want, way.in.Addr()); err != nil {
				t.Fatal(err)
			}
			sent += int64(len(want))
			n, from, err := way.to.ReadFromUDPAddrPort(b)
			if err != nil {
				t.Fatalf("%s, datagram %d: %v", way.name, i, err)
			}
			if !bytes.Equal(b[:n], want) {
				t.Errorf("%s, datagram %d: %q, want %q", way.name, i, b[:n], want)
			}
			if from != way.out.Addr() {
				t.Errorf("%s: came from %v, want the mouth, %v: ICE would see a new path", way.name, from, way.out.Addr())
			}
		}
		if in, out := way.in.In(), way.out.Out(); in != sent || out != sent {
			t.Errorf("%s: %d bytes sent, the relay counts %d in and %d out", way.name, sent, in, out)
		}
		if n := way.in.Strangers(); n != 1 {
			t.Errorf("%s: %d strangers' datagrams, want 1", way.name, n)
		}
	}
	if err := relay.Close(); err != nil {
		t.Error(err)
	}
	if err := relay.Close(); err != nil {
		t.Error("closing twice:", err)
	}
}

// The link limits what the relay carries, and its statistics say where the rest stayed.
func TestRelayIsTheLink(t *testing.T) {
	relay, err := NewRelay(Link{Loss: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer relay.Close()
	path, err := relay.Open()
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(path.Left.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	path.Left.Face(c.LocalAddr().(*net.UDPAddr).AddrPort())
	for i := 0; i < 100 || relay.link.left.Stats().Up.Packets < 10; i++ { // sockets of the machine may drop what they like
		if _, err := c.Write([]byte("lost")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	if up := relay.link.left.Stats().Up; up.LossDrops != up.Packets {
		t.Errorf("%d of %d packets were lost, want all", up.LossDrops, up.Packets)
	}
	if out := path.Right.Out(); out != 0 {
		t.Errorf("%d bytes came out of a link that loses everything", out)
	}
}

// Two Pion ends on this machine connect through the relay and by no other way.
func TestPionThroughRelay(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds of real time")
	}
	r, err := RealTime(t.Context(), nil, []Pair{{Pion, Pion}}, Trial{Link: SlowLink, Seed: 1, Window: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Total(); got <= 0 || got > 5 {
		t.Errorf("goodput is %v Mbit/s on a link of 5", got)
	}
	if r.Packets == 0 || r.WireBytes < int64(r.Total()*1e6/8*2) {
		t.Errorf("the link carried %d packets, %d bytes: less than was received", r.Packets, r.WireBytes)
	}
}
