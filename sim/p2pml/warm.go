package p2pml

import "swarmlab/sim/webtorrent"

// What webtorrent.Warmer asks for: a number of every line of memory that is going to be needed. The sums mean nothing.

var _ webtorrent.Warmer = (*peer)(nil)

// Warm implements webtorrent.Warmer: what the arrival of an announcement needs.
func (p *peer) Warm(depth int) int {
	s := p.swarm
	switch depth {
	case 0:
		return int(p.loaded.base) + int(p.loading.base) + p.timeouts
	case 1:
		sum := s.warm() + int(s.loader.calm.base) + int(s.loader.lastPass) + len(s.core.changes)
		if d := p.download; d != nil {
			sum += int(d.id)
		}
		if u := p.upload; u != nil {
			sum += u.sent
		}
		return sum
	case 2:
		sum := s.haveLoaded.warm() + s.haveLoading.warm()
		if d := p.download; d != nil {
			sum += d.req.warm() + p.meter.warm() + s.core.all.warm()
		}
		return sum
	}
	return 0
}

var _ webtorrent.Warmer = (*httpLoad)(nil)

// Warm implements webtorrent.Warmer: what a run of the body needs.
func (h *httpLoad) Warm(depth int) int {
	switch depth {
	case 0:
		return bit(h.answered)
	case 1:
		return h.req.warm()
	case 2:
		core := h.req.loader.core
		return core.all.warm() + core.http.warm()
	}
	return 0
}

func (r *request) warm() int {
	if n := len(r.blocks); n > 0 && r.blocks[n-1].Size < 0 {
		return 1
	}
	return len(r.source) + int(r.total) + len(r.blocks) + bit(r.handled) + int(r.silence.deadline)
}

// warm reads where the next bytes are noted.
func (b *bandwidthMeter) warm() int {
	if len(b.samples) == 0 {
		return 0
	}
	sum := int(b.samples[len(b.samples)-1].bytes)
	if len(b.walls) > 0 {
		sum += int(b.walls[len(b.walls)-1])
	}
	return sum
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (s *swarm) warm() int {
	return len(s.peers) + len(s.haveLoaded.blocks) + len(s.haveLoading.blocks)
}

func (t *tally) warm() int {
	if len(t.blocks) == 0 {
		return 0
	}
	return int(t.blocks[0].any) + int(t.blocks[0].low[7])
}

// Warm reads what an update of the playback needs.
func (c *Core) Warm(depth int) (sum int) {
	l := c.loaders[0]
	switch {
	case depth == 0:
		sum = len(c.micro.queue)
		if l == nil || c.storage == nil {
			sum++
		}
	case l == nil:
	case depth == 1:
		sum = len(l.requests) + bit(l.last.listed) + bit(c.storage.playing)
	case depth == 2 && len(l.last.rendition.segments) > 0:
		sum = int(l.last.rendition.segments[0].ordinal)
	}
	return sum
}

// warmPeers reads what sending something to everybody needs, of all peers before the first.
func (s *swarm) warmPeers() (sum int) {
	for _, p := range s.peers {
		sum += p.out.bytes + len(p.out.messages)
	}
	for depth := range 2 {
		for _, p := range s.peers {
			if w, ok := p.out.conn.(webtorrent.Warmer); ok {
				sum += w.Warm(depth)
			}
		}
	}
	return sum
}
