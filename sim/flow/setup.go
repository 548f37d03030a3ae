package flow

import (
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

func (w *world) offerDelay(v *viewer) time.Duration { return w.gathering(v, w.offerTime) }

func (w *world) answerDelay(v *viewer) time.Duration { return w.gathering(v, w.answerTime) }

// gathering is a round trip to the STUN server, if there is one to ask.
func (w *world) gathering(v *viewer, given *scenarios.Duration) time.Duration {
	switch {
	case given != nil:
		return given.Std()
	case !w.stun:
		return 0
	}
	return w.roundTrip(&v.place, &w.ice)
}

// setupRoundTrips is what ICE (a check and its nomination), DTLS 1.2 and SCTP take.
const setupRoundTrips = 6

func (w *world) connectDelay(a, b *peerConn) time.Duration {
	if w.connectTime != nil {
		return w.connectTime.Std()
	}
	return setupRoundTrips * (w.roundTrip(&a.v.place, &b.v.place) + 2*a.detour)
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
