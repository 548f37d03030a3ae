package flow

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"swarmlab/netem"
	"swarmlab/scenarios"
)

// TestNATPairs is what the packet tier does with every pair of NATs, measured with two viewers and without TURN: only pairs of a
// symmetric NAT with one that looks at ports fail, and nothing passes a firewall.
func TestNATPairs(t *testing.T) {
	names := []netem.NAT{"none", "full-cone", "restricted", "port-restricted", "symmetric", "blocked"}
	// Rows and columns as in names. s: only with STUN, x: never.
	table := []string{
		"yyyyyx",
		"yssssx",
		"yssssx",
		"ysssxx",
		"yssxxx",
		"xxxxxx",
	}
	for _, stun := range []bool{true, false} {
		for i, a := range names {
			for j, b := range names {
				w := &world{setup: setup{stun: stun}, core: newCore()}
				x, y := &viewer{world: w}, &viewer{world: w}
				x.plan.NAT, y.plan.NAT = string(a), string(b)
				want := table[i][j] == 'y' || stun && table[i][j] == 's'
				if _, ok := w.reach(x, y); ok != want {
					t.Errorf("%s and %s, STUN %v: connect %v, want %v", a, b, stun, ok, want)
				}
				w.turn = true
				if _, ok := w.reach(x, y); ok != (table[i][j] != 'x' || a == "symmetric" || b == "symmetric") && a != "blocked" && b != "blocked" {
					t.Errorf("%s and %s with TURN: connect %v", a, b, ok)
				}
			}
		}
	}
}

// TestWhenDescriptionsAreReady: as in the packet tier (sim/packet's TestHowLongDescriptionsTake): an answer waits for a round trip of 40 ms
// where its checks get in, and for all phases where they do not. What the scenario gives goes before all.
func TestWhenDescriptionsAreReady(t *testing.T) {
	const offer, work, roundTrip, phases = 110 * time.Millisecond, 6 * time.Millisecond, 40 * time.Millisecond, 100 * time.Millisecond
	for _, c := range []struct {
		nat    netem.NAT
		stun   bool
		answer time.Duration
	}{
		{"none", true, work + roundTrip}, {"", false, work + roundTrip}, {"full-cone", true, work + roundTrip},
		{"full-cone", false, work + phases}, {"restricted", true, work + phases}, {"port-restricted", true, work + phases},
		{"symmetric", true, work + phases},
	} {
		w := &world{setup: setup{stun: c.stun}, core: newCore()}
		v := func() *viewer {
			v := &viewer{world: w, place: place{access: 10 * time.Millisecond, region: -1}}
			v.plan.NAT = string(c.nat)
			return v
		}
		w.ice = place{access: 5 * time.Millisecond, region: -1}
		x := v()
		got := w.offerDelay(x)
		w.clock.now += got
		if got += w.offerRest(x); got != offer {
			t.Errorf("%s, STUN %v: an offer after %v, want %v", c.nat, c.stun, got, offer)
		}
		if got := w.answerDelay(v(), &peerConn{v: v()}); got != c.answer {
			t.Errorf("%s, STUN %v: an answer after %v, want %v", c.nat, c.stun, got, c.answer)
		}
		given := scenarios.Duration(time.Second)
		w.offerTime, w.answerTime = &given, &given
		if o, a := w.offerDelay(v())+w.offerRest(v()), w.answerDelay(v(), nil); o != time.Second || a != time.Second {
			t.Errorf("given a second: an offer after %v, an answer after %v", o, a)
		}
	}
}

// signals notes when descriptions are ready.
type signals struct {
	listener
	at []time.Duration
}

func (s *signals) PeerSignal(string) { s.at = append(s.at, s.w.clock.now) }

// TestFiveOffersAreReadyTogether, as in Chromium, or when the scenario says.
func TestFiveOffersAreReadyTogether(t *testing.T) {
	given := scenarios.Duration(70 * time.Millisecond)
	for _, c := range []struct {
		given *scenarios.Duration
		want  time.Duration
	}{{nil, 150 * time.Millisecond}, {&given, 70 * time.Millisecond}} {
		w := newClockedWorld(true)
		w.offerTime = c.given
		v := &viewer{world: w, conns: map[*peerConn]struct{}{}}
		h := &signals{listener: listener{w: w}}
		for range 5 {
			newPeerConn(v, "", h)
		}
		w.until(time.Second)
		if len(h.at) != 5 || h.at[0] != c.want || h.at[4] != c.want {
			t.Errorf("given %v: ready after %v, want five times %v", c.given, h.at, c.want)
		}
	}
}

// TestWhatIsLostWhileConnectingIsSentAgain: and may be lost again. Over a line that loses all nobody connects.
func TestWhatIsLostWhileConnectingIsSentAgain(t *testing.T) {
	const most, draws = 30 * time.Second, 20_000
	for _, c := range []struct {
		packets          int
		loss             float64
		seconds, through float64 // on the average, of those who are through; share
	}{
		{10, 0, 0, 1},
		{1, 0.01, 0.01 + 0.0002, 1},
		{10, 0.01, 0.1 + 0.002, 1},
		// One of a hundred waits for 1 s, one of ten thousand for 3, ...: 0.1 (1 + 0.2 + 0.04 + ...), cut off where it is 31.
		{1, 0.1, 0.125, 1},
		{1, 0.5, 0.25*1 + 0.125*3 + 0.0625*7 + 0.03125*15, 1 - 1.0/32},
		{10, 1, 0, 0},
	} {
		chance := rand.New(rand.NewPCG(1, 2))
		var sum, through float64
		for range draws {
			wait, ok := resending(c.packets, c.loss, most, chance)
			if !ok {
				if wait != most {
					t.Fatalf("%v lost: gives up after %v", c.loss, wait)
				}
				continue
			}
			sum += wait.Seconds()
			through++
		}
		near(t, fmt.Sprintf("%d packets, %v lost: share of connections", c.packets, c.loss), through/draws, c.through, 0.01)
		near(t, fmt.Sprintf("%d packets, %v lost: seconds", c.packets, c.loss), sum/max(through, 1), c.seconds/max(c.through, 1e-9), 0.15)
	}
}
