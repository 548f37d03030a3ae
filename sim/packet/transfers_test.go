package packet

import (
	"encoding/json"
	"flag"
	"math"
	"os"
	"testing"
	"time"

	"swarmlab/netem"
	"swarmlab/sim/webtorrent"
)

var update = flag.Bool("update", false, "write sim/flow/testdata/transfers.json anew")

// transfersFile is what the flow tier's model of a data channel is held against.
const transfersFile = "../flow/testdata/transfers.json"

// transferCase is a line of it: two viewers on the same line, of whom one sends the other segments, one after another, each a round trip
// after the last had come.
type transferCase struct {
	Name     string  `json:"name"`
	UpKbit   int64   `json:"upKbit"`
	DelayMs  int64   `json:"delayMs"` // of each line, one way
	LossUp   float64 `json:"loss"`
	QueueMs  int64   `json:"queueMs"`
	FirstMs  float64 `json:"firstMs"`  // mean of the first transfers
	LaterMs  float64 `json:"laterMs"`  // mean of the fourth to the last
	LatestMs float64 `json:"latestMs"` // mean of the last
}

// What is sent: a segment of 4 s of the preset vod, in messages of the library's size, and the command before it. With that the first window is four
// packets; of three the last would not be acknowledged until another comes, or 200 ms are over.
const (
	transferCommand = 40
	transferBytes   = 203_980
	transferMessage = 65_535
	transferCount   = 16
)

// seeds is how many runs there are of a line. Lost packets are chance, and no two runs lose the same ones. Without loss 24 of 24 were alike on both
// fast lines; on a grid of a millisecond one in eighty took a transfer more until its window held a whole one.
func (c *transferCase) seeds() uint64 {
	switch {
	case c.LossUp == 0:
		return 5
	case *update:
		return 120
	}
	return 4
}

// TestTransfersOverSlowLines: what Pion's SCTP makes of long, thin and lossy lines is what the file says.
func TestTransfersOverSlowLines(t *testing.T) {
	if testing.Short() {
		t.Skip("seconds of CPU")
	}
	text, err := os.ReadFile(transfersFile)
	if err != nil {
		t.Fatal(err)
	}
	var cases []transferCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for i := range cases {
		c := &cases[i]
		got := *c
		got.measure()
		if *update {
			*c = got
			continue
		}
		for _, x := range []struct {
			what             string
			got, want, bound float64
		}{{"the first", got.FirstMs, c.FirstMs, c.bound(0.1, 0.7)}, {"later ones", got.LaterMs, c.LaterMs, c.bound(0.1, 0.4)}} {
			if math.Abs(x.got-x.want) > x.bound*x.want {
				t.Errorf("%s: %s take %.0f ms, the file has %.0f", c.Name, x.what, x.got, x.want)
			}
		}
	}
	if *update {
		out, err := json.MarshalIndent(cases, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(transfersFile, append(out, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// bound is how far a mean may be from the file's.
func (c *transferCase) bound(clean, lossy float64) float64 {
	if c.LossUp > 0 {
		return lossy
	}
	return clean
}

func (c *transferCase) measure() {
	var first, later, latest time.Duration
	n := int(c.seeds())
	for seed := range c.seeds() {
		took := c.transfers(seed + 1)
		first += took[0]
		latest += took[len(took)-1]
		for _, d := range took[3:] {
			later += d
		}
	}
	mean := func(d time.Duration, n int) float64 { return math.Round(float64(d.Milliseconds()) / float64(n)) }
	c.FirstMs, c.LatestMs = mean(first, n), mean(latest, n)
	c.LaterMs = mean(later, n*(transferCount-3))
}

// transfers says how long each took.
func (c *transferCase) transfers(seed uint64) (took []time.Duration) {
	delay := time.Duration(c.DelayMs) * time.Millisecond
	link := netem.Link{
		Up: netem.Rate(c.UpKbit) * netem.Kbit, Down: 100 * netem.Mbit, Delay: delay, Loss: c.LossUp,
		QueueUp: netem.QueueTime(time.Duration(c.QueueMs) * time.Millisecond), QueueDown: netem.QueueTime(time.Second),
	}
	// The flow tier has no grid: on one of a millisecond each round trip is one longer, and each round.
	inBubbleOf(netem.Config{Seed: seed, Grid: 20 * time.Microsecond}, netem.NATNone, func(n *benchNet) {
		l, r := n.connect(n.viewerOn("sender", link), n.viewerOn("receiver", link))
		l.wait()
		r.wait()
		time.Sleep(time.Second) // what opened the channel is over, and acknowledged
		for range transferCount {
			done := make(chan struct{})
			r.v.turns.post(func() {
				got := 0
				r.message = func(m webtorrent.Message) {
					if got += m.Size; got == transferCommand+transferBytes {
						close(done)
					}
				}
			})
			began := time.Now()
			l.v.turns.post(func() { l.sendSegment(transferBytes) })
			<-done
			took = append(took, time.Since(began))
			time.Sleep(4 * delay)
		}
	})
	return took
}

// sendSegment sends a command and a segment after it, as the library does.
func (e *benchEnd) sendSegment(bytes int) {
	e.conn.Send(webtorrent.Message{Bytes: make([]byte, transferCommand), Size: transferCommand})
	for left := bytes; left > 0; left -= min(left, transferMessage) {
		n := min(left, transferMessage)
		e.conn.Send(webtorrent.Message{Bytes: make([]byte, n), Size: n})
	}
}
