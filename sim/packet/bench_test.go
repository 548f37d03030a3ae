package packet

import (
	"context"
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/webrtc/v4"

	"swarmlab/netem"
	"swarmlab/sim/webtorrent"
)

// The benchmarks use a viewer's own path: its API, its peerConn with all its goroutines, its turns, the STUN server that runs have
// by default. Only the signalling is a function call. They report CPU time of the whole process (both ends, garbage collection at
// the command's setting), since under a virtual clock wall time says little about the cost. -cpu 1 is how repeated runs do it.

// benchViewers is how many viewers BenchmarkConnection connects, each with every other: 190 connections, which is enough to make the
// figures stable.
const benchViewers = 20

// BenchmarkConnection: what a connection costs to open and to keep, both ends. They open over four seconds, as in a swarm that
// grows; cpu-ms/open goes until the last one is open. Memory is read half a minute later, when all that opening needed is gone.
// What a run pays is a fresh process's figure (one sub-benchmark, -benchtime 1x): the runtime keeps the descriptors of goroutines
// that ended, 18 kB a connection, and later rounds find them there.
func BenchmarkConnection(b *testing.B) {
	for _, nat := range []netem.NAT{netem.NATNone, netem.NATPortRestricted} {
		b.Run("NAT "+string(nat), func(b *testing.B) {
			var sum benchCost
			for range b.N {
				sum.add(connectAll(b, nat))
			}
			n := float64(b.N * benchViewers * (benchViewers - 1) / 2)
			b.ReportMetric(sum.open.Seconds()*1e3/n, "cpu-ms/open")
			b.ReportMetric(sum.idle.Seconds()*1e6/n/benchIdle.Seconds(), "cpu-us/idle-s")
			b.ReportMetric(sum.heap/n/1e3, "heap-kB/conn")
			b.ReportMetric(sum.stack/n/1e3, "stack-kB/conn")
			b.ReportMetric((sum.heap+sum.stack)/n/1e3, "kB/conn")
			b.ReportMetric(sum.goroutines/n, "goroutines/conn")
			b.ReportMetric(0, "ns/op") // wall time under a virtual clock
		})
	}
}

// BenchmarkDataChannelMB: a megabyte in messages of the library's size over a 20 Mbit/s link, as in the design targets.
func BenchmarkDataChannelMB(b *testing.B) {
	benchBubble(b, netem.NATNone, func(bench *benchNet) {
		left, right := bench.viewer("left"), bench.viewer("right")
		l, r := bench.connect(left, right)
		l.wait()
		r.wait()
		const messageBytes = 65535 // the library's chunk size
		var sent, received int
		message := make([]byte, messageBytes)
		more := func() {
			for l.conn.BufferedAmount() <= webtorrent.BufferedAmountLowThreshold && sent < b.N*1e6 {
				l.conn.Send(webtorrent.Text(message))
				sent += messageBytes
			}
		}
		l.low = more
		done := make(chan bool)
		r.message = func(m webtorrent.Message) {
			if received += m.Size; received >= b.N*1e6 {
				close(done)
				r.message = nil
			}
		}
		b.ResetTimer()
		begun, clock := benchCPU(), time.Now()
		left.turns.post(more)
		<-done
		b.StopTimer()
		b.ReportMetric((benchCPU()-begun).Seconds()*1e3/(float64(received)/1e6), "cpu-ms/MB")
		b.ReportMetric(float64(received)*8/1e6/time.Since(clock).Seconds(), "virtual-Mbit/s")
		b.ReportMetric(0, "ns/op")
	})
}

// benchIdle is how long the connections stay idle before their memory is read: past all that only opening needs.
const benchIdle = 30 * time.Second

type benchCost struct {
	open, idle              time.Duration
	heap, stack, goroutines float64
}

func (c *benchCost) add(d benchCost) {
	c.open += d.open
	c.idle += d.idle
	c.heap += d.heap
	c.stack += d.stack
	c.goroutines += d.goroutines
}

// connectAll connects every viewer with every other and says what all of it cost.
func connectAll(b *testing.B, nat netem.NAT) (c benchCost) {
	benchBubble(b, nat, func(bench *benchNet) {
		var viewers []*viewer
		for i := range benchViewers {
			viewers = append(viewers, bench.viewer(fmt.Sprint("viewer", i)))
		}
		heap, stack := benchMemory()
		goroutines, begun := runtime.NumGoroutine(), benchCPU()
		var ends []*benchEnd
		for i, x := range viewers {
			for _, y := range viewers[:i] {
				l, r := bench.connect(x, y)
				ends = append(ends, l, r)
				time.Sleep(20 * time.Millisecond)
			}
		}
		for _, e := range ends {
			e.wait()
		}
		c.open = benchCPU() - begun
		begun = benchCPU()
		time.Sleep(benchIdle)
		c.idle = benchCPU() - begun
		heap1, stack1 := benchMemory()
		c.heap, c.stack = heap1-heap, stack1-stack
		c.goroutines = float64(runtime.NumGoroutine() - goroutines)
		runtime.KeepAlive(ends)
	})
	return c
}

// benchNet is a network with a STUN server, as a run has them, and its viewers.
type benchNet struct {
	network *netem.Network
	nat     netem.NAT
	rtc     webrtc.Configuration
	viewers []*viewer
	wire    wireCounter
}

// benchBubble runs f under a virtual clock. Its b is not to be used inside for what waits or fails.
func benchBubble(b *testing.B, nat netem.NAT, f func(*benchNet)) {
	b.Helper()
	TuneMemory() // as the command does
	inBenchBubble(1, nat, f)
}

func inBenchBubble(seed uint64, nat netem.NAT, f func(*benchNet)) {
	inBubbleOf(netem.Config{Seed: seed, Grid: time.Millisecond}, nat, f)
}

func inBubbleOf(net netem.Config, nat netem.NAT, f func(*benchNet)) {
	synctest.Test(&testing.T{}, func(*testing.T) {
		n, err := netem.New(net)
		must(err)
		bench := &benchNet{network: n, nat: nat}
		server, err := n.AddHost(netem.HostConfig{Name: "ice", Link: netem.Link{Delay: 5 * time.Millisecond}})
		must(err)
		stun, err := netem.RunSTUN(server, stunPort)
		must(err)
		cert, err := certificate()
		must(err)
		bench.rtc = webrtc.Configuration{
			Certificates: []webrtc.Certificate{cert},
			ICEServers:   []webrtc.ICEServer{{URLs: []string{fmt.Sprint("stun:", server.PublicAddr(), ":", stunPort)}}},
		}
		f(bench)
		for _, v := range bench.viewers {
			v.turns.post(v.turns.stop)
			<-v.ended
		}
		must(stun.Close())
		must(n.Close())
	})
}

// viewer is a viewer without player and core, on a good line.
func (n *benchNet) viewer(name string) *viewer {
	return n.viewerOn(name, netem.Link{Up: 20 * netem.Mbit, Down: 100 * netem.Mbit, Delay: 10 * time.Millisecond})
}

func (n *benchNet) viewerOn(name string, link netem.Link) *viewer {
	host, err := n.network.AddHost(netem.HostConfig{Name: name, NAT: n.nat, Link: link})
	must(err)
	ctx, cancel := context.WithCancel(context.Background())
	v := &viewer{
		host: emulatedHost{host}, turns: newTurns(time.Now()), rtc: n.rtc, wire: &n.wire,
		ctx: ctx, cancel: cancel, ended: make(chan struct{}),
	}
	go func() {
		defer close(v.ended)
		v.turns.run()
		v.cancel()
		v.group.Wait()
	}()
	n.viewers = append(n.viewers, v)
	return v
}

// connect begins to connect x to y.
func (n *benchNet) connect(x, y *viewer) (l, r *benchEnd) {
	l, r = &benchEnd{v: x, opened: make(chan struct{})}, &benchEnd{v: y, opened: make(chan struct{})}
	l.other, r.other = r, l
	x.turns.post(func() { l.conn = x.NewPeerConn("", l) })
	return l, r
}

// benchEnd is one end of a connection, as its viewer sees it.
type benchEnd struct {
	v       *viewer
	other   *benchEnd
	conn    webtorrent.PeerConn
	opened  chan struct{}
	low     func()
	message func(webtorrent.Message)
}

func (e *benchEnd) PeerSignal(sdp string) {
	o := e.other
	o.v.turns.post(func() {
		if o.conn == nil {
			o.conn = o.v.NewPeerConn(sdp, o)
			return
		}
		o.conn.(*peerConn).SetAnswer(sdp)
	})
}

func (e *benchEnd) PeerConnected() { close(e.opened) }

func (e *benchEnd) PeerMessage(m webtorrent.Message) {
	if e.message != nil {
		e.message(m)
	}
}

func (e *benchEnd) PeerBufferedAmountLow() {
	if e.low != nil {
		e.low()
	}
}

func (e *benchEnd) PeerClosed(err error) {
	select {
	case <-e.opened:
	default:
		panic(fmt.Sprint("a connection did not open: ", err))
	}
}

func (e *benchEnd) wait() { <-e.opened }

func benchCPU() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// benchMemory collects until idle stacks have shrunk, half at a time.
func benchMemory() (heap, stack float64) {
	for range 5 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc), float64(m.StackInuse)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
