package netem

import (
	"fmt"
	"testing"
	"time"
)

var grids = []time.Duration{0, time.Millisecond}

// A datagram flow faster than the link gets exactly the link's rate, in either direction, on either grid.
func TestDatagramRate(t *testing.T) {
	const rate = 5 * Mbit
	for _, grid := range grids {
		for _, tt := range []struct {
			name     string
			from, to Link
		}{
			{"up", Link{Up: rate}, Link{}},
			{"down", Link{}, Link{Down: rate}},
		} {
			t.Run(fmt.Sprintf("%s, grid %v", tt.name, grid), func(t *testing.T) {
				bubble(t, Config{Grid: grid}, func(t *testing.T, n *Network) {
					a, b := host(t, n, "a", tt.from), host(t, n, "b", tt.to)
					// 1200 B every 1.5 ms is 6.5 Mbit/s on the wire.
					sent, got := datagramFlow(t, a, b, 9, 1200, 1500*time.Microsecond, 20*time.Second)
					near(t, "rate", rateOf(got), float64(rate), 0.005)
					limited := a.Stats().Up
					if tt.name == "down" {
						limited = b.Stats().Down
					}
					if lost := int64(sent - len(got)); limited.QueueDrops != lost || lost == 0 {
						t.Errorf("%d datagrams are missing, the queue counts %d", lost, limited.QueueDrops)
					}
				})
			})
		}
	}
}

// One packet on an idle path takes transmission at both ends, both access delays and the core's.
func TestDatagramDelay(t *testing.T) {
	for _, grid := range grids {
		t.Run(fmt.Sprint("grid ", grid), func(t *testing.T) {
			bubble(t, Config{Grid: grid}, func(t *testing.T, n *Network) {
				a := addHost(t, n, HostConfig{Name: "a", Region: "eu", Link: Link{Up: 2 * Mbit, Delay: 7 * time.Millisecond}})
				b := addHost(t, n, HostConfig{Name: "b", Region: "use", Link: Link{Down: 10 * Mbit, Delay: 3 * time.Millisecond}})
				_, got := datagramFlow(t, a, b, 9, 1222, 37*time.Millisecond, 10*time.Second)
				// 1250 bytes on the wire: 5 ms at 2 Mbit/s, 1 ms at 10; 85 ms round trip between the regions.
				want := (5+1+7+3)*time.Millisecond + 85*time.Millisecond/2
				for _, a := range got {
					if a.delay < want || a.delay > want+grid {
						t.Fatalf("datagram %d took %v, want %v to %v", a.number, a.delay, want, want+grid)
					}
				}
				if len(got) < 200 {
					t.Fatalf("only %d datagrams", len(got))
				}
			})
		})
	}
}

// An overfull queue is as long as configured: that is the delay it adds, and no more.
func TestQueueLimit(t *testing.T) {
	for _, tt := range []struct {
		queue Queue
		wait  time.Duration
	}{
		{QueueTime(250 * time.Millisecond), 250 * time.Millisecond},
		{QueueTime(40 * time.Millisecond), 40 * time.Millisecond},
		{QueueBytes(64 << 10), 64 << 10 * 8 * time.Second / time.Duration(4*Mbit)},
		{Queue{}, DefaultQueue},
	} {
		for _, direction := range []string{"up", "down"} {
			t.Run(tt.queue.String()+" "+direction, func(t *testing.T) {
				bubble(t, Config{}, func(t *testing.T, n *Network) {
					from, to := Link{Up: 4 * Mbit, QueueUp: tt.queue}, Link{}
					if direction == "down" {
						from, to = Link{}, Link{Down: 4 * Mbit, QueueDown: tt.queue}
					}
					a, b := host(t, n, "a", from), host(t, n, "b", to)
					_, got := datagramFlow(t, a, b, 9, 1222, time.Millisecond, 5*time.Second)
					var worst time.Duration
					for _, x := range got {
						worst = max(worst, x.delay)
					}
					// 2.5 ms is one packet's transmission: the limit counts whole packets.
					if worst > tt.wait || worst < tt.wait-2500*time.Microsecond {
						t.Errorf("the longest delay is %v, want %v less at most a packet's 2.5ms", worst, tt.wait)
					}
					stats := a.Stats().Up
					if direction == "down" {
						stats = b.Stats().Down
					}
					if stats.MaxQueueDelay+2500*time.Microsecond != worst {
						t.Errorf("the link reports %v of queueing and 2.5ms of transmission, %v was seen", stats.MaxQueueDelay, worst)
					}
				})
			})
		}
	}
}

// The configured share is lost, in the direction and at the link it is configured for, and is counted as loss.
func TestLoss(t *testing.T) {
	for _, direction := range []string{"up", "down"} {
		t.Run(direction, func(t *testing.T) {
			bubble(t, Config{Seed: 7}, func(t *testing.T, n *Network) {
				from, to := Link{Loss: 0.03}, Link{}
				if direction == "down" {
					from, to = to, from
				}
				a, b := host(t, n, "a", from), host(t, n, "b", to)
				sent, got := datagramFlow(t, a, b, 9, 100, 100*time.Microsecond, 10*time.Second)
				near(t, "loss", 1-float64(len(got))/float64(sent), 0.03, 0.05)
				stats := a.Stats().Up.LossDrops + b.Stats().Down.LossDrops
				if stats != int64(sent-len(got)) {
					t.Errorf("%d are missing, %d counted", sent-len(got), stats)
				}
			})
		})
	}
}

// Where the delay falls faster than time passes packets that follow closely wait for one another, and those far apart do not.
func TestJitterThatKeepsPacketsWaiting(t *testing.T) {
	if d := InOrder(0); d != 0 {
		t.Errorf("without jitter packets wait for %v", d)
	}
	const delay = 300 * time.Millisecond
	last := time.Duration(0)
	for _, deviation := range []time.Duration{10 * time.Millisecond, 20 * time.Millisecond, 40 * time.Millisecond} {
		held := InOrder(deviation)
		if held <= 2*last {
			t.Errorf("a deviation of %v holds packets for %v, half of it for %v", deviation, held, last)
		}
		last = held
		for _, c := range []struct {
			every time.Duration
			want  time.Duration
		}{{time.Millisecond, held}, {time.Second, 0}} {
			bubble(t, Config{Seed: 4}, func(t *testing.T, n *Network) {
				a, b := host(t, n, "a", Link{Delay: delay, Jitter: deviation}), host(t, n, "b", Link{})
				_, got := datagramFlow(t, a, b, 9, 100, c.every, 20_000*c.every)
				var sum time.Duration
				for _, x := range got {
					sum += x.delay
				}
				mean := sum / time.Duration(len(got))
				// A mean of 20,000 independent draws is good for a hundredth of the deviation; neighbours are not independent.
				if bound := deviation / 16; max(mean-delay-c.want, c.want+delay-mean) > bound {
					t.Errorf("a deviation of %v, a packet every %v: held for %v in the mean, want %v, give or take %v", deviation, c.every, mean-delay, c.want, bound)
				}
			})
		}
	}
}

// Jitter has the configured deviation, leaves the mean alone, and never reorders, whatever the packet rate.
func TestJitter(t *testing.T) {
	for _, every := range []time.Duration{30 * time.Millisecond, time.Millisecond, 100 * time.Microsecond} {
		for _, direction := range []string{"up", "down"} {
			t.Run(fmt.Sprintf("%s every %v", direction, every), func(t *testing.T) {
				bubble(t, Config{Seed: 3}, func(t *testing.T, n *Network) {
					const delay, deviation = 50 * time.Millisecond, 8 * time.Millisecond
					from, to := Link{Delay: delay, Jitter: deviation}, Link{}
					if direction == "down" {
						from, to = to, from
					}
					a, b := host(t, n, "a", from), host(t, n, "b", to)
					_, got := datagramFlow(t, a, b, 9, 100, every, min(300*time.Second, 200_000*every))
					var delays []float64
					for i, x := range got {
						if x.number != uint64(i) {
							t.Fatalf("datagram %d arrived in place %d", x.number, i)
						}
						delays = append(delays, float64(x.delay))
					}
					mean, sd := moments(delays)
					near(t, "mean delay (ns)", mean, float64(delay), 0.03)
					near(t, "deviation (ns)", sd, float64(deviation), 0.10)
				})
			})
		}
	}
}
