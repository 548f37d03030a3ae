package p2pml

import (
	"math"
	"slices"
)

// calm is what is known of the next scheduling pass: that it would do nothing, as the last one did, as long as nothing happens
// but what is listed here.
//
// Whenever a peer announces something the library runs a pass, and in a large swarm most of what a viewer hears is that one more
// peer has what it has long had itself. Such a pass only reads. So one that changed nothing, or left nothing to be started, remembers
// what it read, and the next is left out if that is still so. What is read of requests, storage, playlist, peers and configuration stirs the calm
// when it changes; position and announcements, which change all the time, are compared.
type calm struct {
	still    bool
	stirred  bool    // since the pass began
	from, to float64 // positions at which the windows lie as they did, from inclusive
	base     int64   // of wanted[0]
	wanted   wanted
}

// wanted are ids of neighbouring segments, 512 at most: of a longer queue every pass is run.
type wanted [8]uint64

// stir ends the calm.
func (l *hybridLoader) stir() {
	was := l.calm.still
	if was {
		l.core.catchUp()
	}
	l.calm.still, l.calm.stirred = false, true
	if was {
		l.tellPatience()
		l.core.awaitUpdate()
	}
}

// holds tells whether a pass at a position would do nothing.
func (c *calm) holds(position float64) bool { return c.still && position >= c.from && position < c.to }

// slack is how much earlier than reckoned a window may reach a segment by the rounding of seconds.
const slack = 1e-6

// until has the calm end where a segment comes into or leaves a window.
func (c *calm) until(w *windows, s *segment) {
	for _, ahead := range [...]float64{w.highDemand, w.http, w.p2p} {
		if !(w.position+ahead >= s.Start) {
			c.to = math.Min(c.to, s.Start-ahead-slack)
		}
	}
	if w.position <= s.End {
		c.to = math.Min(c.to, s.End-slack)
	}
}

// want says that a pass looks at who has this segment. It reports false if there is no room for it.
func (c *calm) want(id int64) bool {
	b := blockOf(id)
	if c.wanted == (wanted{}) {
		c.base = b.base // a playlist's ids grow
	}
	i := uint64(b.base - c.base)
	if i >= uint64(len(c.wanted)) {
		return false
	}
	c.wanted[i] |= b.bits
	return true
}

// wantedOf are the ids of a block that a pass looks for.
func (c *calm) wantedOf(base int64) uint64 {
	if i := uint64(base - c.base); i < uint64(len(c.wanted)) {
		return c.wanted[i]
	}
	return 0
}

// calmDown looks, after a pass over a queue, whether another one would do nothing.
func (l *hybridLoader) calmDown(queue []queueItem) {
	c := &l.calm
	switch {
	case l.core.restless, c.stirred && !l.settled(queue), l.initialDelay != nil, l.initialWait(), l.engine != nil && l.engine.immediate, !l.core.storage.roomy():
		return
	}
	for _, r := range l.requests {
		if r.status != loading || r.hasFailures() { // failures are forgotten in time
			return
		}
	}
	c.from, c.to, c.wanted = l.position, math.Inf(1), wanted{}
	w, shelf := l.windows(), l.core.shelfOf(l.last.rendition)
	for i, s := range l.last.rendition.from(l.last) {
		c.until(&w, s)
		decided := w.inside(s, w.highDemand) || w.inside(s, w.http) // whoever has it
		has := shelf.has(s.ExternalID) || s.request != nil
		if (!decided || !has) && w.inside(s, w.p2p) && !c.want(s.ExternalID) {
			return
		}
		if !decided && i > 0 && w.statuses(s, l.anyoneHas).none() {
			break
		}
	}
	c.still = true
}

// settled tells, of the queue of a pass that has changed something, that nothing in it would be started or replaced as things are now.
// In doubt it would.
func (l *hybridLoader) settled(queue []queueItem) bool {
	for i := range queue {
		it := &queue[i]
		r := it.seg.request
		switch running := r != nil && r.status == loading; {
		case running && r.source == HTTP:
		case l.strategy.urgent(l, it):
			return false
		case running || !it.p2p || l.busyP2P >= l.cfg.SimultaneousP2PDownloads:
		case slices.ContainsFunc(l.swarms.current.peers, func(p *peer) bool { return p.download == nil && p.has(it.seg.ExternalID) }):
			return false
		}
	}
	return true
}
