package flow

import (
	"math"
	"math/rand/v2"
	"time"

	"swarmlab/netem"
	"swarmlab/scenarios"
)

// setup is what making a connection takes.
type setup struct {
	offerTime, answerTime, connectTime *scenarios.Duration // given by the scenario, or nil
	failAfter, lostAfter               time.Duration
	stun, turn                         bool
	ice                                place // the STUN and TURN server
}

func newSetup(s *scenarios.Scenario, ice place) setup {
	n := s.Network
	return setup{
		offerTime: n.OfferDelay, answerTime: n.AnswerDelay, connectTime: n.ConnectDelay,
		failAfter: n.FailAfter.Std(), lostAfter: n.LostAfter.Std(),
		stun: s.ICE.STUN == nil || *s.ICE.STUN || s.ICE.TURN, turn: s.ICE.TURN, ice: ice,
	}
}

// offerDelay is how long an offer gathers.
func (w *world) offerDelay(v *viewer) time.Duration {
	v.offers++
	if w.offerTime != nil {
		return w.offerTime.Std()
	}
	return max(v.descriptions.Offer(w.clock.now), w.asking(v, v.offers))
}

// offerRest is how long it is until an offer that has gathered is ready.
func (w *world) offerRest(v *viewer) time.Duration {
	if w.offerTime != nil {
		return 0
	}
	return v.descriptions.Rest(w.clock.now)
}

// answerDelay is that of an answer to another viewer, or to one that is gone.
func (w *world) answerDelay(v *viewer, offer *peerConn) time.Duration {
	if w.answerTime != nil {
		return w.answerTime.Std()
	}
	if offer == nil {
		return max(v.descriptions.Answer(w.clock.now, 0, false), w.asking(v, 0))
	}
	roundTrip := v.out(&offer.v.place) + v.in(&offer.v.place) + w.standing(offer.v)
	return max(v.descriptions.Answer(w.clock.now, roundTrip, w.lets(v, offer.v)), w.asking(v, offer.v.plan.Seed))
}

// lets tells whether a viewer's packets are let in by another who has sent it none: that one's NAT must be none, or filter nothing.
func (w *world) lets(from, to *viewer) bool {
	if netem.NAT(from.plan.NAT) == netem.NATBlocked || to.vanished {
		return false
	}
	nat := netem.NAT(to.plan.NAT)
	return nat == "" || nat == netem.NATNone || nat == netem.NATFullCone && w.stun // without, nobody knows where to send to
}

// What the scenario's defaults say of giving up, failAfter and lostAfter, is what the packet tier does: 30 s after it began to look for the
// other, or last heard of it, give or take the 2 s between two of its looks (sim/packet's TestWhenConnectionsAreGivenUp measures it).

// gatherLimit is when Pion's STUN client gives up; it asks once.
const gatherLimit = 5 * time.Second

// asking is a round trip to the STUN server, if there is one to ask, and a long wait if a packet is lost.
func (w *world) asking(v *viewer, of uint64) time.Duration {
	switch {
	case !w.stun:
		return 0
	case netem.NAT(v.plan.NAT) == netem.NATBlocked: // it asks, and hears nothing
		return gatherLimit
	case w.rampUp && loses(2, pathLoss(v.plan.Link, v.plan.Link)/2, v.chanceOf(of)) > 0:
		return gatherLimit
	}
	return v.out(&w.ice) + v.in(&w.ice)
}

// What connecting takes in the packet tier, measured with two viewers at distances from 26 to 622 ms: from the answer's arrival
// to the open channel of the one who offered six round trips (two each for ICE, DTLS and SCTP) and 24 ms; the one who answered has
// it half a round trip later. Behind a NAT the latter's checks are let through at the next tick of Pion's.
const (
	setupRoundTrips = 6
	setupTime       = 24 * time.Millisecond
	checkInterval   = 200 * time.Millisecond
	setupPackets    = 10          // that nothing goes on without: DTLS's and SCTP's
	retransmission  = time.Second // both begin with so long a timer, and double it
)

// chanceOf is the chance of one thing that happens to the viewer now: its own, whatever else happens, to it and to others.
func (v *viewer) chanceOf(what uint64) *rand.Rand {
	return rand.New(rand.NewPCG(v.plan.Seed^scramble(what), uint64(v.world.clock.now)))
}

// chanceWith is that of something between two viewers.
func (v *viewer) chanceWith(other *viewer) *rand.Rand { return v.chanceOf(other.plan.Seed) }

// strays draws what so many ways one after the other take above their mean on the other viewer's link. (On one's own link the
// connections that are made at once stray together, which says little of the one that is first.)
func strays(ways float64, jitter time.Duration, chance *rand.Rand) time.Duration {
	return time.Duration(math.Sqrt(ways) * float64(jitter) * chance.NormFloat64())
}

// loses draws how many of n packets are lost.
func loses(n int, loss float64, chance *rand.Rand) (lost int) {
	for range n {
		if chance.Float64() < loss {
			lost++
		}
	}
	return lost
}

// resending draws how long n packets, each after the one before it, wait to be sent again: what is sent again may be lost again, and is sent once
// more after twice the time. Nobody waits for longer than most.
func resending(n int, loss float64, most time.Duration, chance *rand.Rand) (wait time.Duration, through bool) {
	for range n {
		for timer := retransmission; chance.Float64() < loss; timer *= 2 {
			if wait += timer; wait >= most {
				return most, false
			}
		}
	}
	return wait, true
}

// connecting is how long it takes until the channel is open, on the side that offered and on the one that answered, if it ever is.
func (w *world) connecting(offered, answered *peerConn) (first, second time.Duration, ok bool) {
	if w.connectTime != nil {
		return w.connectTime.Std(), w.connectTime.Std(), true
	}
	rtt := w.roundTrip(&offered.v.place, &answered.v.place) + 2*answered.detour + w.standing(offered.v) + w.standing(answered.v)
	took := setupRoundTrips*rtt + setupTime
	if nat := netem.NAT(answered.v.plan.NAT); nat != netem.NATNone && nat != "" {
		took += (rtt/checkInterval+1)*checkInterval - rtt
	}
	if w.rampUp {
		a, b := offered.v, answered.v
		chance := a.chanceWith(b)
		resent, through := resending(setupPackets, pathLoss(a.plan.Link, b.plan.Link), w.failAfter, chance)
		if !through {
			return 0, 0, false
		}
		took += resent
		took += strays(2*setupRoundTrips, b.plan.Link.Jitter, chance)
	}
	return took, took + rtt/2, true
}

// reach tells whether two viewers can connect, and what a relay adds to the way.
func (w *world) reach(a, b *viewer) (detour time.Duration, ok bool) {
	x, y := netem.NAT(a.plan.NAT), netem.NAT(b.plan.NAT)
	switch {
	case x == netem.NATBlocked || y == netem.NATBlocked: // no UDP at all, not even to a relay
		return 0, false
	case passes(x, y, w.stun):
		return 0, true
	case w.turn:
		relayed := w.delay(&a.place, &w.ice) + w.delay(&w.ice, &b.place)
		return max(0, relayed-w.delay(&a.place, &b.place)), true
	}
	return 0, false
}

// passes tells whether two NATs let a connection through. Without STUN a viewer behind a NAT knows only an address that means
// nothing outside, so the other must be reachable as it is. With it, mappings that do not depend on the destination can be hit;
// a symmetric NAT's cannot, so its viewer must be let in from wherever it comes.
func passes(a, b netem.NAT, stun bool) bool {
	if a == "" || b == "" || a == netem.NATNone || b == netem.NATNone {
		return true
	}
	if !stun {
		return false
	}
	return !(a == netem.NATSymmetric && strictAbout(b) || b == netem.NATSymmetric && strictAbout(a))
}

// strictAbout tells whether a NAT refuses packets from a port it has not sent to.
func strictAbout(n netem.NAT) bool { return n == netem.NATSymmetric || n == netem.NATPortRestricted }
