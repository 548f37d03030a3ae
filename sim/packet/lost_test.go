package packet

import (
	"encoding/json"
	"fmt"
	"math"
	"net"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/transport/v3"

	"swarmlab/netem"
	"swarmlab/sim/webtorrent"
)

// lostFile is what the flow tier's losses are held against.
const lostFile = "../flow/testdata/lost.json"

// lostCase is a line of it: a segment over a new channel, of which certain packets are lost.
type lostCase struct {
	Lost       []int     `json:"lost"`       // which of the sender's large packets, from 1
	MessagesMs []float64 `json:"messagesMs"` // when each message is there, mean
}

// A segment of 6 s of the preset live, over 1.5 Mbit/s with a queue of 1.2 s and a round trip of 220 ms: what a congested mobile line is without its chance.
const (
	lostBytes = 600_000
	lostRuns  = 9 // what happens at one instant is Go's to order, and some losses are answered once or twice by it
)

// TestLostPackets: what Pion's SCTP makes of certain lost packets is what the file says.
func TestLostPackets(t *testing.T) {
	if testing.Short() {
		t.Skip("seconds of CPU")
	}
	text, err := os.ReadFile(lostFile)
	if err != nil {
		t.Fatal(err)
	}
	var cases []lostCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for i := range cases {
		c := &cases[i]
		got := c.measure()
		if *update {
			c.MessagesMs = got
			continue
		}
		if len(got) != len(c.MessagesMs) {
			t.Errorf("without packets %v: %d messages, the file has %d", c.Lost, len(got), len(c.MessagesMs))
			continue
		}
		for m, ms := range got {
			if want := c.MessagesMs[m]; math.Abs(ms-want) > 0.15*want {
				t.Errorf("without packets %v: message %d is there after %.0f ms, the file has %.0f", c.Lost, m, ms, want)
			}
		}
	}
	if *update {
		writeLines(t, lostFile, cases)
	}
}

// writeLines writes a case a line.
func writeLines[T any](t *testing.T, file string, cases []T) {
	t.Helper()
	var lines []string
	for _, c := range cases {
		line, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	if err := os.WriteFile(file, []byte("[\n"+strings.Join(lines, ",\n")+"\n]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (c *lostCase) measure() []float64 {
	var sum []float64
	for seed := range lostRuns {
		for i, at := range c.run(uint64(seed)) {
			if i == len(sum) {
				sum = append(sum, 0)
			}
			sum[i] += at.Seconds() * 1000
		}
	}
	for i := range sum {
		sum[i] = math.Round(sum[i] / lostRuns)
	}
	return sum
}

// run says when each message is there.
func (c *lostCase) run(seed uint64) (there []time.Duration) {
	link := netem.Link{
		Up: 1500 * netem.Kbit, Down: 5 * netem.Mbit, Delay: 55 * time.Millisecond,
		QueueUp: netem.QueueTime(1200 * time.Millisecond), QueueDown: netem.QueueTime(time.Second),
	}
	inBubbleOf(netem.Config{Seed: seed, Grid: 20 * time.Microsecond}, netem.NATNone, func(n *benchNet) {
		sender, receiver := n.viewerOn("sender", link), n.viewerOn("receiver", link)
		loser := &losingHost{host: sender.host, lost: c.Lost}
		sender.host = loser
		l, r := n.connect(sender, receiver)
		l.wait()
		r.wait()
		time.Sleep(time.Second)
		loser.counts.Store(true)
		began, done := time.Now(), make(chan struct{})
		r.v.turns.post(func() {
			got := 0
			r.message = func(m webtorrent.Message) {
				there = append(there, time.Since(began))
				if got += m.Size; got == transferCommand+lostBytes {
					close(done)
				}
			}
		})
		l.v.turns.post(func() { l.sendSegment(lostBytes) })
		<-done
		time.Sleep(time.Second)
	})
	return there
}

// losingHost loses certain large packets that it sends, once it counts.
type losingHost struct {
	host
	lost   []int
	counts atomic.Bool
	sent   atomic.Int64
}

func (h *losingHost) Net() transport.Net { return losingNet{h.host.Net(), h} }

type losingNet struct {
	transport.Net
	host *losingHost
}

func (n losingNet) ListenUDP(network string, local *net.UDPAddr) (transport.UDPConn, error) {
	c, err := n.Net.ListenUDP(network, local)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return losingConn{c, n.host}, nil
}

type losingConn struct {
	transport.UDPConn
	host *losingHost
}

// large packets are those with data: acknowledgements are not.
const large = 1000

func (c losingConn) WriteTo(p []byte, to net.Addr) (int, error) {
	if len(p) >= large && c.host.counts.Load() && slices.Contains(c.host.lost, int(c.host.sent.Add(1))) {
		return len(p), nil
	}
	return c.UDPConn.WriteTo(p, to)
}
