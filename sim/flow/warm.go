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
		if len(d.m.Bytes) > 0 {
			return to.Warm(0) + int(d.m.Bytes[0])
		}
		return to.Warm(0)
	}
	return to.v.warm(depth-2) + to.warmHandler(depth-2)
}

// warm reads what the end of a part of a transfer needs: its sides and who else is there, its window, and the one who is told.
func (f *flow) warm(depth int) int {
	switch depth {
	case 0:
		return bit(f.active) + int(f.part) + len(f.from.flows) + bit(f.doing)
	case 1:
		sum := len(f.to.flows) + f.window.warm()
		for _, s := range f.back {
			if s != nil {
				sum += len(s.flows)
			}
		}
		return sum + f.sender.Warm(0)
	case 2:
		return f.from.warm() + f.to.warm() + f.sender.Warm(1)
	}
	return f.sender.Warm(depth - 1)
}

// warmFlows of a side are read ahead at most: a few viewers' sides, like the origin's, have hundreds.
const warmFlows = 6

func (s *side) warm() (sum int) {
	for _, f := range s.flows[:min(len(s.flows), warmFlows)] {
		sum += int(f.rate) + f.window.warm()
	}
	return sum
}

func (w *window) warm() int {
	if w == nil {
		return 0
	}
	return len(w.flows) + int(w.size) + int(w.unnoticed)
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
			switch {
			case v == nil || v.gone:
			case depth == 0:
				sum += v.warm(0)
			case v.Viewer != nil:
				sum += v.Warm(depth - 1)
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
		if l.conn == nil || c.remote == nil {
			return 0
		}
		return int(l.arrives) + bit(c.remote.closed)
	case 1:
		if l.conn == nil || c.remote == nil {
			return 0
		}
		r := c.remote.v
		sum := len(r.down.flows) + r.place.region + int(r.late.down.step) + bit(r.mail.patience.Any())
		if n := len(r.mail.letters); n > 0 {
			sum += int(r.mail.letters[n-1].at)
		}
		return sum
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
		switch l := &letters[i]; {
		case depth > 0 && l.notice == nil: // twice as deep, since a part comes to its request at last
			sum += l.to.warmHandler(2*depth-2) + l.to.warmHandler(2*depth-1)
		case depth > 0:
			sum += l.to.warmHandler(depth - 1)
		case l.notice == nil:
			sum += bit(l.to.closed) + l.parcel.m.Size
		default:
			sum += bit(l.to.closed) + int(l.notice.frame[0])
		}
	}
	return sum
}
