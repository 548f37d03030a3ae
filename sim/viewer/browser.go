package viewer

import "time"

// What a browser needs for the description of a connection, all measured with Chromium 156 (sim/browser/README.md).
const (
	// gatherPhases is how long it gathers candidates: libwebrtc's port allocator goes through three phases (UDP, relay, TCP), each 50 ms
	// after the one before, whatever there is to gather, and simple-peer signals nothing before all is gathered.
	gatherPhases = 100 * time.Millisecond
	// offerWork is what an offer takes besides: to make the connection, describe it and open its sockets. One offer is ready after 107
	// to 114 ms, five that are begun at once after 142 to 158, so it works on one after the other.
	offerWork = 10 * time.Millisecond
	// answerWork is 2 ms to describe and 4 to gather.
	answerWork = 6 * time.Millisecond
)

// Browser reckons when a viewer's descriptions are ready. A tier whose connections cost no time (flow), or other time than a browser's
// (Pion gathers in 1 ms), asks it how long to wait. The zero value has nothing in hand.
type Browser struct {
	free time.Duration // when it is through with what it has in hand
}

// Offer is begun now; it is ready after the time returned, at the least: a STUN server may take longer.
func (b *Browser) Offer(now time.Duration) time.Duration {
	return b.work(now, offerWork) + gatherPhases
}

// Answer is likewise begun now. It goes out as soon as a check has come back from whoever offered, for a connection that works stops
// libwebrtc's gathering (P2PTransportChannel::MaybeStopPortAllocatorSessions). checked is how long that takes; without NATs the other side
// answers checks before it has seen the answer. reached is whether any comes back: a NAT that filters lets none in before its own host
// has sent something, which it cannot without the answer; then the answer gathers to the end.
func (b *Browser) Answer(now, checked time.Duration, reached bool) time.Duration {
	if !reached || checked > gatherPhases {
		checked = gatherPhases
	}
	return b.work(now, answerWork) + checked
}

func (b *Browser) work(now, cost time.Duration) time.Duration {
	b.free = max(b.free, now) + cost
	return b.free - now
}
