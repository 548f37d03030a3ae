package flow

import (
	"encoding/json"
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
	const command, segment, message = 40, 203_980, 65_535
	delay := time.Duration(c.DelayMs) * time.Millisecond
	link := netem.Link{
		Up: netem.Rate(c.UpKbit) * netem.Kbit, Down: 100 * netem.Mbit, Delay: delay, Loss: c.Loss,
		QueueUp: netem.QueueTime(time.Duration(c.QueueMs) * time.Millisecond), QueueDown: netem.QueueTime(time.Second),
	}
	w := newClockedWorld(true)
	end := func(id uint64) (*peerConn, *listener) {
		v := &viewer{world: w, place: newPlace("", link), conns: map[*peerConn]struct{}{}}
		v.plan.Seed, v.plan.Link = 2*seed+id, link
		v.up, v.down = linkSide(link.Up, link.QueueUp, peerHeaders), linkSide(link.Down, link.QueueDown, peerHeaders)
		l := &listener{w: w}
		return &peerConn{v: v, handler: l, id: id}, l
	}
	a, _ := end(1)
	b, heard := end(2)
	a.remote, b.remote = b, a
	a.open()
	b.open()
	for range 16 {
		began, all := w.clock.now, heard.got+command+segment
		a.Send(data(command))
		for left := segment; left > 0; left -= min(left, message) {
			a.Send(data(min(left, message)))
		}
		for heard.got < all {
			w.clock.next(began + time.Hour).doing.do()
		}
		took = append(took, w.clock.now-began)
		w.until(w.clock.now + 4*delay)
	}
	return took
}
