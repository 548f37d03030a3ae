package netem

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

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
