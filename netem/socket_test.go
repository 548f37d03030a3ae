package netem

import (
	"errors"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pion/transport/v3"
)

// Read deadlines: a pending read ends at its deadline, a passed one fails at once even with data waiting, a moved one counts.
func TestSocketDeadline(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Network) {
		a, b := host(t, n, "a", Link{}), host(t, n, "b", Link{})
		in, out := listenUDP(t, a, 9), listenUDP(t, b, 0)
		buf := make([]byte, 10)
		begun := time.Now()
		_ = in.SetReadDeadline(begun.Add(3 * time.Second))
		_, _, err := in.ReadFrom(buf)
		var timeout net.Error
		if took := time.Since(begun); !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() || took != 3*time.Second {
			t.Errorf("%v after %v", err, took)
		}
		send(t, out, udpAddr(a, 9), "x")
		time.Sleep(time.Millisecond)
		if _, _, err := in.ReadFrom(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("with a passed deadline: %v", err)
		}
		_ = in.SetReadDeadline(time.Time{})
		if n, _, err := in.ReadFrom(buf); n != 1 || err != nil {
			t.Errorf("without one: %d, %v", n, err)
		}
		begun = time.Now()
		_ = in.SetReadDeadline(begun.Add(time.Second))
		time.AfterFunc(500*time.Millisecond, func() { _ = in.SetReadDeadline(begun.Add(time.Minute)) })
		time.AfterFunc(2*time.Second, func() { _ = in.SetReadDeadline(time.Now()) })
		_, _, err = in.ReadFrom(buf)
		// The pending read may keep to the deadline it began with, or take the new one; it must not outlive the third.
		if took := time.Since(begun); !errors.Is(err, os.ErrDeadlineExceeded) || took > 2*time.Second {
			t.Errorf("%v after %v", err, took)
		}
	})
}

// Close releases all readers, frees the port, and a closed socket says so.
func TestSocketClose(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Network) {
		a := host(t, n, "a", Link{})
		c := listenUDP(t, a, 9)
		if _, err := a.Net().ListenUDP("udp4", &net.UDPAddr{Port: 9}); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("a taken port: %v", err)
		}
		var work sync.WaitGroup
		for range 3 {
			work.Go(func() {
				if _, _, err := c.ReadFrom(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
					t.Errorf("a pending read: %v", err)
				}
			})
		}
		time.Sleep(time.Second)
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		work.Wait()
		_, write := c.WriteTo([]byte("x"), udpAddr(a, 9))
		for _, err := range []error{write, c.Close(), c.SetReadDeadline(time.Now())} {
			if !errors.Is(err, net.ErrClosed) {
				t.Errorf("after Close: %v", err)
			}
		}
		listenUDP(t, a, 9)
	})
}

// Several readers of one socket get every packet once.
func TestSocketReaders(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Network) {
		a, b := host(t, n, "a", Link{}), host(t, n, "b", Link{})
		in, out := listenUDP(t, a, 9), listenUDP(t, b, 0)
		var mu sync.Mutex
		got := 0
		var work sync.WaitGroup
		for range 4 {
			work.Go(func() {
				for {
					if _, _, err := in.ReadFrom(make([]byte, 10)); err != nil {
						return
					}
					mu.Lock()
					got++
					mu.Unlock()
				}
			})
		}
		for range 1000 {
			send(t, out, udpAddr(a, 9), "x")
		}
		time.Sleep(time.Second)
		_ = in.Close()
		work.Wait()
		if got != 1000 {
			t.Errorf("%d packets of 1000", got)
		}
	})
}

// What nobody reads is bounded and counted; so is what finds no host or no socket. A connected socket hears its peer only.
func TestSocketDrops(t *testing.T) {
	bubble(t, Config{SocketBuffer: 10 * (100 + headerBytes)}, func(t *testing.T, n *Network) {
		a, b, c := host(t, n, "a", Link{}), host(t, n, "b", Link{}), host(t, n, "c", Link{})
		in, out, other := listenUDP(t, a, 9), listenUDP(t, b, 0), listenUDP(t, c, 0)
		for range 25 {
			send(t, out, udpAddr(a, 9), string(make([]byte, 100)))
		}
		send(t, out, udpAddr(a, 10), "nobody listens")
		send(t, out, &net.UDPAddr{IP: net.IPv4(203, 0, 113, 1), Port: 1}, "nobody is there")
		time.Sleep(time.Second)
		if s := a.Stats(); s.BufferDrops != 15 || s.Unclaimed != 1 {
			t.Errorf("dropped %d for the buffer, %d for lack of a socket; want 15, 1", s.BufferDrops, s.Unclaimed)
		}
		if s := b.Stats(); s.Unroutable != 1 || s.Up.Packets != 27 || s.Up.Bytes != 25*128+int64(14+15+2*headerBytes) {
			t.Errorf("%+v", s)
		}
		_ = in.Close()

		conn, err := a.Net().DialUDP("udp4", &net.UDPAddr{Port: 9}, out.LocalAddr().(*net.UDPAddr))
		if err != nil {
			t.Fatal(err)
		}
		send(t, other, udpAddr(a, 9), "from another")
		send(t, out, udpAddr(a, 9), "from the peer")
		if text, _ := received(t, conn); text != "from the peer" {
			t.Errorf("a connected socket received %q", text)
		}
		if _, err := conn.Write([]byte("back")); err != nil {
			t.Error(err)
		}
		if text, _ := received(t, out); text != "back" {
			t.Errorf("the peer received %q", text)
		}
		if _, err := conn.WriteTo([]byte("x"), other.LocalAddr()); !errors.Is(err, syscall.EISCONN) {
			t.Errorf("WriteTo on a connected socket: %v", err)
		}
		if _, err := out.Write([]byte("x")); !errors.Is(err, syscall.EDESTADDRREQ) {
			t.Errorf("Write on an unconnected socket: %v", err)
		}
		if _, err := out.WriteTo(make([]byte, 70_000), udpAddr(a, 9)); !errors.Is(err, syscall.EMSGSIZE) {
			t.Errorf("70 kB in a datagram: %v", err)
		}
	})
}

// A vanished host neither sends nor receives, and what it had sent before still arrives.
func TestVanish(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Network) {
		a, b := host(t, n, "a", Link{Delay: 50 * time.Millisecond}), host(t, n, "b", Link{})
		atA, atB := listenUDP(t, a, 9), listenUDP(t, b, 9)
		send(t, atA, udpAddr(b, 9), "before")
		send(t, atB, udpAddr(a, 9), "too late")
		time.Sleep(10 * time.Millisecond)
		a.Vanish()
		send(t, atA, udpAddr(b, 9), "after")
		send(t, atB, udpAddr(a, 9), "anybody there?")
		if text, _ := received(t, atB); text != "before" {
			t.Errorf("received %q", text)
		}
		if text, _ := received(t, atB); text != "" {
			t.Errorf("received %q from a vanished host", text)
		}
		if text, _ := received(t, atA); text != "" {
			t.Errorf("a vanished host received %q", text)
		}
		if s := a.Stats(); s.AfterVanish != 3 {
			t.Errorf("swallowed %d packets, want 3", s.AfterVanish)
		}
	})
}

// The transport.Net that Pion sees: two interfaces, names of hosts, UDP only.
func TestHostNet(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Network) {
		home := addHost(t, n, HostConfig{Name: "home", NAT: NATFullCone})
		server := host(t, n, "Server", Link{})
		tn := home.Net()
		if home.Addr() == home.PublicAddr() || !home.Addr().IsPrivate() {
			t.Errorf("behind a NAT: %v, %v", home.Addr(), home.PublicAddr())
		}
		all, err := tn.Interfaces()
		if err != nil || len(all) != 2 {
			t.Fatalf("interfaces %v, %v", all, err)
		}
		for _, want := range all {
			byName, err1 := tn.InterfaceByName(want.Name)
			byIndex, err2 := tn.InterfaceByIndex(want.Index)
			if err1 != nil || err2 != nil || byName.Name != want.Name || byIndex.Index != want.Index {
				t.Errorf("%s: %v, %v", want.Name, err1, err2)
			}
		}
		addrs, _ := all[1].Addrs()
		if len(addrs) != 1 || addrs[0].(*net.IPNet).IP.String() != home.Addr().String() {
			t.Errorf("addresses %v", addrs)
		}
		if _, err := tn.InterfaceByName("wlan0"); !errors.Is(err, transport.ErrInterfaceNotFound) {
			t.Errorf("wlan0: %v", err)
		}
		if a, err := tn.ResolveUDPAddr("udp4", "server:3478"); err != nil || a.String() != server.PublicAddr().String()+":3478" {
			t.Errorf("server:3478 is %v, %v", a, err)
		}
		if a, err := tn.ResolveIPAddr("ip", "192.0.2.7"); err != nil || a.String() != "192.0.2.7" {
			t.Errorf("192.0.2.7 is %v, %v", a, err)
		}
		for _, bad := range []string{"nobody:1", "server:70000", "server", "[::1]:1"} {
			if a, err := tn.ResolveUDPAddr("udp4", bad); err == nil {
				t.Errorf("%s is %v", bad, a)
			}
		}
		if _, err := tn.ListenTCP("tcp", nil); !errors.Is(err, transport.ErrNotSupported) {
			t.Errorf("TCP: %v", err)
		}
		if _, err := tn.ListenPacket("udp6", "[::]:0"); err == nil {
			t.Error("IPv6")
		}
		if _, err := tn.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(192, 0, 2, 1)}); !errors.Is(err, syscall.EADDRNOTAVAIL) {
			t.Errorf("a foreign address: %v", err)
		}
		// To itself, by its own address and by the loopback one, without touching the link.
		in, err := tn.ListenPacket("udp4", "127.0.0.1:9")
		if err != nil {
			t.Fatal(err)
		}
		for _, to := range []string{"127.0.0.1:9", home.Addr().String() + ":9"} {
			conn, err := tn.CreateDialer(&net.Dialer{}).Dial("udp4", to)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Write([]byte("me")); err != nil {
				t.Error(err)
			}
			if text, _ := received(t, in); text != "me" {
				t.Errorf("to %s: %q", to, text)
			}
		}
		if s := home.Stats(); s.Up.Packets != 0 {
			t.Errorf("%d packets left the host", s.Up.Packets)
		}
	})
}
