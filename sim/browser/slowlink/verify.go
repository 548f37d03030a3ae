package slowlink

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net"
	"slices"
	"sync"
	"time"

	"swarmlab/netem"
)

// Check is what plain datagrams find the relay to be like, beside what was asked for.
type Check struct {
	Name      string
	Got, Want float64
	Unit      string
}

// Off is by how much the relay is wrong.
func (c Check) Off() float64 { return c.Got/c.Want - 1 }

// tolerance is how wrong the relay may be before no measurement is worth making.
const tolerance = 0.05

// wireHeader is what a datagram has on the wire beside its payload: IPv4 and UDP.
const wireHeader = 28

// Verify sends plain datagrams through a relay and reports its rate, delay, queue and loss. It fails if one is off by more than
// a twentieth: then the machine is too busy, or the relay is broken.
func Verify(ctx context.Context, l Link) ([]Check, error) {
	full, err := flood(ctx, l.WithLoss(0), 1200, 8*netem.Mbit, 4*time.Second)
	if err != nil {
		return nil, err
	}
	calm, err := flood(ctx, l.WithLoss(0), 100, 50*netem.Kbit, 4*time.Second)
	if err != nil {
		return nil, err
	}
	const loss = 0.02
	lossy, err := flood(ctx, l.WithLoss(loss), 60, 1800*netem.Kbit, 16*time.Second)
	if err != nil {
		return nil, err
	}
	// Delays hold the transmission of the datagram itself.
	alone := l.Delay + l.Rate.Transmit(100+wireHeader)
	// A full queue is between one packet short of its limit and its limit.
	queued := l.Delay + l.Queue - l.Rate.Transmit(1200+wireHeader)/2
	checks := []Check{
		{"rate, left to right", full[0].rate() / 1e6, float64(l.Rate) / 1e6, "Mbit/s"},
		{"rate, right to left", full[1].rate() / 1e6, float64(l.Rate) / 1e6, "Mbit/s"},
		{"delay, idle", calm[0].delayMs(), alone.Seconds() * 1e3, "ms"},
		{"delay, queue full", full[0].delayMs(), queued.Seconds() * 1e3, "ms"},
		// Of both directions together, for chance alone puts 80,000 packets off by 2.5 %.
		{"loss", 100 * (lossy[0].loss() + lossy[1].loss()) / 2, loss * 100, "%"},
	}
	var errs []error
	for _, c := range checks {
		if math.Abs(c.Off()) > tolerance {
			errs = append(errs, fmt.Errorf("the relay's %s is %.3f %s, want %.3f within %.0f %%", c.Name, c.Got, c.Unit, c.Want, tolerance*100))
		}
	}
	return checks, errors.Join(errs...)
}

// trickle is what one end saw of a flood.
type trickle struct {
	sent     int
	bytes    int64 // on the wire, of what arrived after the first second
	delays   []time.Duration
	from, to time.Time
}

func (t trickle) rate() float64 { return float64(t.bytes) * 8 / t.to.Sub(t.from).Seconds() }
func (t trickle) loss() float64 { return 1 - float64(len(t.delays))/float64(t.sent) }

func (t trickle) delayMs() float64 {
	if len(t.delays) == 0 {
		return math.NaN()
	}
	late := slices.Clone(t.delays[len(t.delays)/2:]) // the second half: the queue is what it will be
	slices.Sort(late)
	return late[len(late)/2].Seconds() * 1e3
}

// flood sends both ways through a relay at once, and says what arrived from the left and from the right.
func flood(ctx context.Context, l Link, payload int, rate netem.Rate, during time.Duration) (seen [2]trickle, err error) {
	relay, err := NewRelay(l, 1)
	if err != nil {
		return seen, err
	}
	defer func() { err = errors.Join(err, relay.Close()) }()
	path, err := relay.Open()
	if err != nil {
		return seen, err
	}
	var ends [2]*net.UDPConn
	for i, mouth := range []*Mouth{path.Left, path.Right} {
		c, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(mouth.Addr()))
		if err != nil {
			return seen, err
		}
		defer func() { _ = c.Close() }() // a socket that was only used to measure
		_ = c.SetReadBuffer(maxWaiting)
		mouth.Face(c.LocalAddr().(*net.UDPAddr).AddrPort())
		ends[i] = c
	}
	var work sync.WaitGroup
	for i := range ends {
		work.Go(func() { seen[i].receive(ends[1-i], during+time.Second) })
	}
	var sending sync.WaitGroup
	var sent [2]int
	for i := range ends {
		sending.Go(func() { sent[i] = pour(ctx, ends[i], payload, rate, during) })
	}
	sending.Wait()
	work.Wait()
	seen[0].sent, seen[1].sent = sent[0], sent[1]
	return seen, context.Cause(ctx)
}

// pour sends stamped datagrams at a rate on the wire, and says how many.
func pour(ctx context.Context, c *net.UDPConn, payload int, rate netem.Rate, during time.Duration) (sent int) {
	b := make([]byte, payload)
	each := rate.Transmit(int64(payload + wireHeader))
	begun := time.Now()
	for ctx.Err() == nil && time.Since(begun) < during {
		if early := time.Until(begun.Add(time.Duration(sent) * each)); early > 0 {
			time.Sleep(early)
		}
		binary.BigEndian.PutUint64(b, uint64(time.Now().UnixNano()))
		if _, err := c.Write(b); err == nil {
			sent++
		}
	}
	return sent
}

// receive reads for a while.
func (t *trickle) receive(c *net.UDPConn, during time.Duration) {
	b := make([]byte, 2000)
	begun := time.Now()
	_ = c.SetReadDeadline(begun.Add(during))
	for {
		n, err := c.Read(b)
		if err != nil {
			return // the deadline
		}
		now := time.Now()
		t.delays = append(t.delays, now.Sub(time.Unix(0, int64(binary.BigEndian.Uint64(b)))))
		switch {
		case now.Sub(begun) < time.Second:
		case t.from.IsZero():
			t.from = now // the interval begins with this packet's end, so the packet is not in it
		default:
			t.bytes += int64(n) + wireHeader
			t.to = now
		}
	}
}
