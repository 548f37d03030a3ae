package flow

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"swarmlab/netem"
)

// TestTransfersTakeAsLongAsPackets holds the model of a data channel against Pion's SCTP in the packet tier, whose times
// sim/packet's TestTransfersOverSlowLines has measured: segments one after another over long, thin and lossy lines. Each rule of window
// and fluid is in them: the first window of three packets, rounds that come a round trip apart, bursts that a short queue has no
// room for, and what a lost packet costs.
func TestTransfersTakeAsLongAsPackets(t *testing.T) {
	text, err := os.ReadFile("testdata/transfers.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []transferCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		seeds := 1
		if c.Loss > 0 {
			seeds = 400
		}
		bound := 0.12 // of the first: with losses it is half chance
		if c.Loss == 0 && c.QueueMs > 1000 {
			bound = 0.01
		}
		var first, later time.Duration
		for seed := range seeds {
			took := c.transfers(uint64(seed))
			first += took[0]
			for _, d := range took[3:] {
				later += d
			}
		}
		near(t, c.Name+": ms of the first", float64(first.Milliseconds())/float64(seeds), c.FirstMs, bound)
		near(t, c.Name+": ms of later ones", float64(later.Milliseconds())/float64(13*seeds), c.LaterMs, 0.09)
	}
}

// transferCase is a line of that file.
type transferCase struct {
	Name    string  `json:"name"`
	UpKbit  int64   `json:"upKbit"`
	DelayMs int64   `json:"delayMs"`
	Loss    float64 `json:"loss"`
	QueueMs int64   `json:"queueMs"`
	FirstMs float64 `json:"firstMs"`
	LaterMs float64 `json:"laterMs"`
}

func (c *transferCase) transfers(seed uint64) (took []time.Duration) {
	const segment = 203_980
	delay := time.Duration(c.DelayMs) * time.Millisecond
	link := netem.Link{
		Up: netem.Rate(c.UpKbit) * netem.Kbit, Down: 100 * netem.Mbit, Delay: delay, Loss: c.Loss,
		QueueUp: netem.QueueTime(time.Duration(c.QueueMs) * time.Millisecond), QueueDown: netem.QueueTime(time.Second),
	}
	w := newClockedWorld(true)
	a, b := pairOn(w, link, 2*seed)
	heard := &listener{w: w}
	b.handler = heard
	for range 16 {
		began, all := w.clock.now, heard.got+segmentCommand+segment
		sendSegment(a, segment)
		for heard.got < all {
			w.clock.next(began + time.Hour).doing.do()
		}
		took = append(took, w.clock.now-began)
		w.until(w.clock.now + 4*delay)
	}
	return took
}

// pairOn connects two viewers on the same kind of line, whose chance goes by a number.
func pairOn(w *world, link netem.Link, seed uint64) (a, b *peerConn) {
	end := func(id uint64) *peerConn {
		v := &viewer{world: w, place: newPlace("", link), conns: map[*peerConn]struct{}{}}
		v.plan.Seed, v.plan.Link = seed+id, link
		v.up, v.down = linkSide(link.Up, link.QueueUp, peerHeaders), linkSide(link.Down, link.QueueDown, peerHeaders)
		return &peerConn{v: v, handler: &listener{w: w}, id: id}
	}
	a, b = end(1), end(2)
	a.remote, b.remote = b, a
	a.open()
	b.open()
	return a, b
}

const segmentCommand = 40 // bytes

// sendSegment sends a command and a segment after it, as the library does.
func sendSegment(c *peerConn, bytes int) {
	const message = 65_535
	c.Send(data(segmentCommand))
	for left := bytes; left > 0; left -= min(left, message) {
		c.Send(data(min(left, message)))
	}
}

// TestWhatIsLostWhileAChannelOpens: a side whose INIT or INIT ACK was lost never starts slowly, and one whose first message was begins with one packet.
func TestWhatIsLostWhileAChannelOpens(t *testing.T) {
	const seeds, share = 2000, 1 - 0.98*0.98 // of packets: each line has its part
	var steady, restarted int
	for seed := range seeds {
		a, _ := pairOn(newClockedWorld(true), netem.Link{Up: netem.Mbit, Down: netem.Mbit, Loss: 0.02}, uint64(2*seed))
		switch w := &a.lane.window; {
		case w.threshold == 0 && w.size == sctpRules.initial:
			steady++
		case w.size == sctpRules.segment && w.threshold == sctpRules.least*sctpRules.segment:
			restarted++
		case w.size != sctpRules.initial || w.threshold != sctpRules.most:
			t.Fatalf("a window of %v below %v", w.size, w.threshold)
		}
	}
	near(t, "share without slow start", float64(steady)/seeds, 2*share, 0.25)
	near(t, "share that begins with one packet", float64(restarted)/seeds, 2*share, 0.25)
}

// TestJitterMakesTripsLonger: of both lines, there and back.
func TestJitterMakesTripsLonger(t *testing.T) {
	link := netem.Link{Up: netem.Mbit, Down: netem.Mbit, Delay: 50 * time.Millisecond}
	w := newClockedWorld(true)
	plain, _ := pairOn(w, link, 0)
	link.Jitter = 30 * time.Millisecond
	wandering, _ := pairOn(w, link, 0)
	near(t, "seconds more", wandering.lane.window.rtt-plain.lane.window.rtt, 4*netem.InOrder(link.Jitter).Seconds(), 1e-9)
}

// TestLossesAreWholeBytesApart: what a draw's last bits are differs between processors.
func TestLossesAreWholeBytesApart(t *testing.T) {
	c := newChance(&sctpRules, 0.01, rand.New(rand.NewPCG(1, 2)))
	for range 1000 {
		if x := c.next(); x != math.Trunc(x) || x < 1 {
			t.Fatalf("%v bytes", x)
		}
	}
}
