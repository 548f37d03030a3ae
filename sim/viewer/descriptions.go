package viewer

import "time"

// What a browser needs for the description of a connection, all measured with Chromium 156 (sim/browser/README.md).
const (
	// gatherPhases is how long it gathers candidates: libwebrtc's port allocator goes through three phases (UDP, relay, TCP), each 50 ms
	// after the one before, whatever there is to gather, and simple-peer signals nothing before all is gathered.
	gatherPhases = 100 * time.Millisecond
	// offerWork is what an offer takes besides: to make the connection, describe it and open its sockets. One offer is ready after 107
	// to 114 ms. Five that are begun at once are all ready after 142 to 158, within some milliseconds: the browser works on them in turns.
	offerWork = 10 * time.Millisecond
	// answerWork is 2 ms to describe and 4 to gather.
	answerWork = 6 * time.Millisecond
)

// Descriptions reckons when a viewer's descriptions are ready. A tier whose connections cost no time (flow), or other time than a browser's
// (Pion gathers in 1 ms), asks it how long to wait. The zero value has nothing in hand.
type Descriptions struct {
	since, work time.Duration // of the offers in hand: when the first was begun, and what they all take
	answered    time.Duration // when the answers in hand are made
}

// Offer is begun now. It gathers for the time returned, at the least: a STUN server may take longer. Then Rest says how long it still is.
func (d *Descriptions) Offer(now time.Duration) time.Duration {
	if d.work == 0 || now >= d.since+d.work+gatherPhases {
		d.since, d.work = now, 0
	}
	d.work += offerWork
	return gatherPhases
}

// Rest is what work on offers is left for one that has gathered. Those of two trackers are made at once, and so are ready at once.
func (d *Descriptions) Rest(now time.Duration) time.Duration {
	return max(offerWork, d.since+d.work+gatherPhases-now)
}

// Answer is begun now. It goes out as soon as a check has come back from whoever offered, for a connection that works stops
// libwebrtc's gathering (P2PTransportChannel::MaybeStopPortAllocatorSessions). checked is how long that takes; without NATs the other side
// answers checks before it has seen the answer. reached is whether any comes back: a NAT that filters lets none in before its own host
// has sent something, which it cannot without the answer; then the answer gathers to the end.
func (d *Descriptions) Answer(now, checked time.Duration, reached bool) time.Duration {
	if !reached || checked > gatherPhases {
		checked = gatherPhases
	}
	d.answered = max(d.answered, now) + answerWork
	return d.answered - now + checked
}
