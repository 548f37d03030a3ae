package flow

import (
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
