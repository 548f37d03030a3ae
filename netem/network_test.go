package netem

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"reflect"
	"testing"
	"time"
)

// The core delay between any two regions is half of the matrix's round trip, times CoreScale; nowhere is near everything.
func TestRegionDelays(t *testing.T) {
	for _, scale := range []float64{1, 1.2} {
		bubble(t, Config{CoreScale: scale}, func(t *testing.T, n *Network) {
			world := DefaultRegions()
			hosts := make(map[string]*Host)
			for _, name := range append(RegionNames(), "") {
				hosts[name] = addHost(t, n, HostConfig{Name: "in " + name, Region: name})
			}
			nowhere := hosts[""]
			for i, from := range world.Names {
				for j, to := range world.Names {
					if from == to {
						continue
					}
					_, got := datagramFlow(t, hosts[from], hosts[to], 9, 100, time.Second, time.Second)
					want := time.Duration(float64(world.RTT[i][j]) / 2 * scale)
					if len(got) != 1 || got[0].delay != want {
						t.Errorf("%s to %s: %+v, want %v", from, to, got, want)
					}
				}
				if _, got := datagramFlow(t, hosts[from], nowhere, 9, 100, time.Second, time.Second); len(got) != 1 || got[0].delay != 0 {
					t.Errorf("%s to nowhere: %+v", from, got)
				}
			}
			twin := addHost(t, n, HostConfig{Name: "twin", Region: "eu"})
			_, got := datagramFlow(t, hosts["eu"], twin, 9, 100, time.Second, time.Second)
			if want := time.Duration(float64(11*time.Millisecond) * scale); len(got) != 1 || got[0].delay != want {
				t.Errorf("within eu: %+v, want %v", got, want)
			}
		})
	}
}

// The same seed gives the same run, another seed another one, and one more host does not disturb the others.
func TestSeed(t *testing.T) {
	run := func(seed uint64, more bool) (got []arrival) {
		bubble(t, Config{Seed: seed}, func(t *testing.T, n *Network) {
			if more {
				host(t, n, "bystander", Link{Loss: 0.5, Jitter: time.Second})
			}
			a := host(t, n, "a", Link{Loss: 0.1, Delay: 20 * time.Millisecond, Jitter: 5 * time.Millisecond})
			_, got = datagramFlow(t, a, host(t, n, "b", Link{}), 9, 100, 10*time.Millisecond, 2*time.Second)
		})
		for i := range got {
			got[i].at = time.Time{}
		}
		return got
	}
	first := run(1, false)
	if !reflect.DeepEqual(first, run(1, false)) {
		t.Error("the same seed gave another run")
	}
	if !reflect.DeepEqual(first, run(1, true)) {
		t.Error("a bystander made a difference")
	}
	if reflect.DeepEqual(first, run(2, false)) {
		t.Error("another seed gave the same run")
	}
}

// Packets from many hosts to one share its down link fairly, in the order they arrive, and never exceed its rate.
func TestManyToOne(t *testing.T) {
	bubble(t, Config{Grid: DefaultGrid}, func(t *testing.T, n *Network) {
		const senders, rate = 10, 10 * Mbit
		sink := host(t, n, "sink", Link{Down: rate})
		arrivals := make([]<-chan []arrival, senders)
		for i := range senders {
			in := listenUDP(t, sink, 100+i)
			arrivals[i] = collect(in)
			defer in.Close()
			from := listenUDP(t, host(t, n, fmt.Sprint("source", i), Link{Delay: time.Duration(i) * time.Millisecond}), 0)
			go func() {
				// Each at 2 Mbit/s on average, together twice what fits; at random, because a drop-tail queue is unfair to the
				// strictly periodic (whoever comes just after a departure always gets in).
				b, chance := make([]byte, 1222), chanceFor(1, fmt.Sprint(i))
				for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
					stamp(b, 0)
					_, _ = from.WriteTo(b, udpAddr(sink, 100+i))
					time.Sleep(time.Duration(chance.ExpFloat64() * float64(5*time.Millisecond)))
				}
			}()
		}
		time.Sleep(5 * time.Second)
		before := sink.Stats().Down.Bytes
		time.Sleep(10 * time.Second)
		near(t, "rate", float64(sink.Stats().Down.Bytes-before)*8/10, float64(rate), 0.005)
		time.Sleep(10 * time.Second)
		for i := range senders {
			_ = sink.udp[uint16(100+i)].Close()
			near(t, fmt.Sprint("share of source ", i), rateOf(<-arrivals[i]), float64(rate)/senders, 0.10)
		}
	})
}

// Hosts come and go while the network runs: names and addresses are free again, nothing is left behind.
func TestHostsComeAndGo(t *testing.T) {
	bubble(t, Config{Grid: DefaultGrid}, func(t *testing.T, n *Network) {
		serveEcho(t, host(t, n, "server", Link{Delay: 5 * time.Millisecond}), 80)
		for i := range 50 {
			h := addHost(t, n, HostConfig{Name: "visitor", NAT: NAT(NATNames()[i%len(NATNames())])})
			ask(t, dial(t, h, "server:80"), "hello")
			send(t, listenUDP(t, h, 0), h.network.byName["server"].stream.ports[80].own.udpAddr(), "x")
			if i%2 == 0 {
				h.Vanish()
			}
			if err := h.Close(); err != nil {
				t.Error(err)
			}
			if _, err := h.DialContext(context.Background(), "tcp", "server:80"); err == nil {
				t.Error("dialled from a closed host")
			}
		}
		if len(n.byIP) != 1 || len(n.byName) != 1 {
			t.Errorf("%d addresses and %d names are left", len(n.byIP), len(n.byName))
		}
	})
}

// The same network in real time: no bubble, a real clock.
func TestRealTime(t *testing.T) {
	n, err := New(Config{Grid: DefaultGrid})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	server := addHost(t, n, HostConfig{Name: "server", Link: Link{Up: 20 * Mbit, Delay: 10 * time.Millisecond}})
	client := addHost(t, n, HostConfig{Name: "client", NAT: NATSymmetric, Link: Link{Delay: 10 * time.Millisecond}})
	l, err := server.Listen(80)
	if err != nil {
		t.Fatal(err)
	}
	data := bytes.Repeat([]byte{7}, 250_000) // 0.1 s at 20 Mbit/s
	go func() {
		if c, err := l.Accept(); err == nil {
			_, _ = c.Write(data)
			_ = c.Close()
		}
	}()
	begun := time.Now()
	got, err := io.ReadAll(dial(t, client, "server:80"))
	if took := time.Since(begun); err != nil || !bytes.Equal(got, data) || took < 160*time.Millisecond {
		t.Errorf("%d bytes after %v, %v; want %d bytes, not before 160ms", len(got), took, err, len(data))
	}
	in, out := listenUDP(t, server, 9), listenUDP(t, client, 0)
	begun = time.Now()
	send(t, out, udpAddr(server, 9), "hello")
	text, from := received(t, in)
	if took := time.Since(begun); text != "hello" || took < 20*time.Millisecond {
		t.Errorf("%q after %v, want it not before 20ms", text, took)
	}
	send(t, in, from, "back")
	if text, _ := received(t, out); text != "back" {
		t.Errorf("%q came back through the NAT", text)
	}
}
