package flow

import (
	"encoding/json"
	"math"
	"os"
	"testing"
	"time"

	"swarmlab/netem"
	"swarmlab/sim/webtorrent"
)

// TestLostPacketsCostWhatTheyDoInPackets holds what lost packets do to a data channel against Pion's SCTP in the packet tier, whose times
// sim/packet's TestLostPackets has measured: when each message of a segment is there if certain packets are lost.
func TestLostPacketsCostWhatTheyDoInPackets(t *testing.T) {
	text, err := os.ReadFile("testdata/lost.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []lostCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	var worst float64
	for _, c := range cases {
		got := c.messages()
		if len(got) != len(c.MessagesMs) {
			t.Fatalf("without packets %v: %d messages, want %d", c.Lost, len(got), len(c.MessagesMs))
		}
		var off float64
		for i, at := range got {
			ms := at.Seconds() * 1000
			off += math.Abs(ms/c.MessagesMs[i]-1) / float64(len(got))
			if math.Abs(ms/c.MessagesMs[i]-1) > 0.2 {
				t.Errorf("without packets %v: message %d is there after %.0f ms, want %.0f", c.Lost, i, ms, c.MessagesMs[i])
			}
		}
		worst = max(worst, off)
		if off > 0.09 {
			t.Errorf("without packets %v: messages are %.0f %% off, on the average", c.Lost, 100*off)
		}
	}
	t.Logf("messages are %.1f %% off at worst, on the average of a segment", 100*worst)
}

// lostCase is a line of that file.
type lostCase struct {
	Lost       []int     `json:"lost"`
	MessagesMs []float64 `json:"messagesMs"`
}

// messages says when each is there.
func (c *lostCase) messages() (there []time.Duration) {
	link := netem.Link{
		Up: 1500 * netem.Kbit, Down: 5 * netem.Mbit, Delay: 55 * time.Millisecond,
		QueueUp: netem.QueueTime(1200 * time.Millisecond), QueueDown: netem.QueueTime(time.Second),
	}
	w := newClockedWorld(true)
	a, b := pairOn(w, link, 0)
	b.handler = &arrivals{world: w, at: &there}
	a.lane.window.luck = &fate{lost: c.Lost}
	a.lane.window.drawLoss()
	sendSegment(a, 600_000)
	w.until(time.Minute)
	return there
}

// fate is the luck of certain packets, of which none is lost again.
type fate struct {
	lost []int
	last float64
}

func (f *fate) next() float64 {
	if len(f.lost) == 0 {
		return math.Inf(1)
	}
	at := float64(f.lost[0]) - 0.5
	bytes := (at - f.last) * sctpRules.segment
	f.lost, f.last = f.lost[1:], at
	return bytes
}

func (*fate) again() bool { return false }

// arrivals notes when messages arrive.
type arrivals struct {
	listener
	world *world
	at    *[]time.Duration
}

func (a *arrivals) PeerMessage(webtorrent.Message) { *a.at = append(*a.at, a.world.clock.now) }
