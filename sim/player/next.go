package player

// Which segment comes next (base-stream-controller.ts, fragment-finders.ts). Indexes are into a level's current playlist; -1 is
// none.

// fragID remembers the segment appended last.
type fragID struct {
	level      int
	sequence   int64
	start, end float64
}

// nextSegment is the segment to load after what is buffered.
func (p *Player) nextSegment(l *level, a ahead) int {
	i := p.segmentFor(l, a.end)
	if i >= 0 && p.nextLoadPosition > a.end && p.trackedAt(l, i) != notLoaded {
		// Already loaded or given up (getNextFragmentLoopLoading): look behind it.
		i = p.segmentFor(l, p.nextLoadPosition)
	}
	return i
}

// segmentFor is getNextFragment: the segment for a position, with the rules for the start of live and of VOD.
func (p *Player) segmentFor(l *level, pos float64) int {
	d := l.details
	if !d.live {
		if pos <= d.sliding {
			return p.orNext(l, 0)
		}
		return p.segmentAt(l, pos)
	}
	opening := !p.enough && !p.startRequested && p.startPosition == -1
	if !opening && pos >= d.sliding {
		return p.segmentAt(l, pos)
	}
	i := p.liveSegment(l)
	start := p.syncPosition(d)
	if i >= 0 {
		start = max(start, d.start(i))
	}
	p.startPosition = max(start, d.sliding)
	p.nextLoadPosition = p.startPosition
	if i < 0 {
		i = p.segmentAt(l, pos)
	}
	return i
}

// orNext is segment i, or the one behind it if i is loaded.
func (p *Player) orNext(l *level, i int) int {
	if p.trackedAt(l, i) == notLoaded {
		return i
	}
	return p.segmentAt(l, l.details.start(i))
}

// liveSegment is where a live viewer starts, or goes on after the window has passed it (getInitialLiveFragment).
func (p *Player) liveSegment(l *level) int {
	d := l.details
	if p.previous == nil {
		return p.segmentAt(l, p.syncPosition(d))
	}
	if i := d.index(p.previous.sequence + 1); i >= 0 {
		return i
	}
	return nearest(d, p.previous.end)
}

// nearest is the segment closest to a position.
func nearest(d *details, pos float64) int {
	for i := range d.segments {
		if d.end(i) > pos {
			return i
		}
	}
	return len(d.segments) - 1
}

// segmentAt is getFragmentAtPosition: the segment at a position, or the one behind it if it is loaded already.
func (p *Player) segmentAt(l *level, pos float64) int {
	d := l.details
	last := len(d.segments) - 1
	i := last
	if pos < d.edge() {
		tolerance := fragLookUpTolerance
		if pos < p.lastPosition || pos > d.edge()-tolerance || p.media.state == paused || !p.startRequested {
			tolerance = 0
		}
		i = p.find(l, pos, tolerance)
	}
	if i < 0 {
		return -1
	}
	previous := p.previous
	if p.trackedAt(l, i) != notLoaded {
		previous = &fragID{level: l.index, sequence: d.first + int64(i)}
	}
	if previous == nil || previous.sequence != d.first+int64(i) || previous.level != l.index {
		return i
	}
	if i < last && p.trackedAt(l, i+1) != appended {
		return i + 1
	}
	return -1
}

// find is findFragmentByPTS: prefer the segment after the previous one, else search.
func (p *Player) find(l *level, pos, tolerance float64) int {
	d := l.details
	next := -1
	if p.previous != nil {
		next = d.index(p.previous.sequence + 1)
		if next >= 0 && p.previous.level != l.index && d.end(next) <= p.previous.end {
			next = d.index(p.previous.sequence + 2)
		}
	}
	if next >= 0 && p.previous.level == l.index && compare(d, next, pos, tolerance) == 0 {
		return next
	}
	lo, hi := 0, len(d.segments)-1
	for lo <= hi {
		mid := (lo + hi) / 2
		switch c := compare(d, mid, pos, tolerance); {
		case c == 0:
			return mid
		case c > 0:
			lo = mid + 1
		default:
			hi = mid - 1
		}
	}
	return next
}

// compare tells where a position lies from a segment: 0 within, 1 after, -1 before (fragmentWithinToleranceTest).
func compare(d *details, i int, pos, tolerance float64) int {
	start, end := d.start(i), d.end(i)
	if start <= pos && end > pos {
		return 0
	}
	tolerance = min(tolerance, end-start)
	switch {
	case end-tolerance <= pos:
		return 1
	case start-tolerance > pos && start > 0:
		return -1
	}
	return 0
}
