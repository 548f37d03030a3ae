package flow

import "swarmlab/sim/webtorrent"

// What clock.warm reads. A number of every line of memory that doing needs is enough; the sums mean nothing.

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (t *timer) warm(depth int) int {
	if depth == 0 {
		return bit(t.v == nil)
	}
	return t.v.warm(depth - 1)
}

func (d *delivery) warm(depth int) int {
	to := d.to
	switch {
	case to == nil:
		return 0
	case depth == 0:
		return d.m.Size
	case depth == 1:
		return to.Warm(0) + bit(to.handler == nil)
	}
	return to.v.warm(depth-2) + to.warmHandler(depth-2)
}

// warm reads what the end of a part of a transfer needs: its sides, its window, and the one who is told.
func (f *flow) warm(depth int) int {
	switch depth {
	case 0:
		return bit(f.active) + int(f.part)
	case 1:
		sum := len(f.from.flows) + len(f.to.flows)
		if f.window != nil {
			sum += len(f.window.flows)
		}
		return sum + f.sender.Warm(0)
	}
	return f.sender.Warm(depth - 1)
}

// warm reads what nearly every turn of the viewer needs.
func (v *viewer) warm(depth int) int {
	if depth == 0 {
		return len(v.deferred) + bit(v.gone) + v.place.region + int(v.late.down.step)
	}
	if v.Viewer == nil { // in tests
		return 0
	}
	return v.Warm(depth-1) + warmLetters(v.mail.letters, depth-1)
}

// warmViewers reads what all of them need, before the first of them has its turn.
func warmViewers(viewers []*viewer) (sum int) {
	for depth := range warmDepth {
		for _, v := range viewers {
			if v != nil && !v.gone {
				sum += v.warm(depth)
			}
		}
	}
	return sum
}

var _ webtorrent.Warmer = (*peerConn)(nil)

// Warm implements webtorrent.Warmer: what sending something needs.
func (c *peerConn) Warm(depth int) int {
	l := &c.lane
	switch depth {
	case 0:
		return bit(c.connected) + l.head + int(l.arrives)
	case 1:
		if l.conn == nil {
			return 0
		}
		r := c.remote
		return len(r.v.down.flows) + r.v.place.region + int(r.v.late.down.step) + len(r.v.mail.letters) + bit(r.closed)
	}
	return c.v.warm(depth-2) + c.warmHandler(depth-2)
}

func (c *peerConn) warmHandler(depth int) int {
	if h, ok := c.handler.(webtorrent.Warmer); ok {
		return h.Warm(depth)
	}
	return 0
}

// Warm implements webtorrent.Warmer: what the next part of an answer needs.
func (f *fetch) Warm(depth int) int {
	if depth == 0 {
		return int(f.sent) + bit(f.over)
	}
	sum := f.v.warm(depth - 1)
	if h, ok := f.handler.(webtorrent.Warmer); ok {
		sum += h.Warm(depth - 1)
	}
	return sum
}

// warmLetters reads what letters need that are to be handed over.
func warmLetters(letters []letter, depth int) (sum int) {
	for i := range letters[:min(len(letters), warmAhead)] {
		switch to := letters[i].to; depth {
		case 0:
			sum += bit(to.closed)
		default:
			sum += to.warmHandler(depth - 1)
		}
	}
	return sum
}
