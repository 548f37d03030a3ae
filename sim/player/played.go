package player

import "slices"

// playlog remembers the appended segments that the picture has not reached, by start.
type playlog struct{ pending []SegmentEvent }

// add puts a segment in. One that covers the same stretch at another level replaces the older.
func (l *playlog) add(s SegmentEvent) {
	i, _ := slices.BinarySearchFunc(l.pending, s.Start, func(e SegmentEvent, start float64) int {
		switch {
		case e.Start < start-joinTolerance:
			return -1
		case e.Start > start+joinTolerance:
			return 1
		}
		return 0
	})
	if i < len(l.pending) && l.pending[i].Start < s.Start+joinTolerance {
		l.pending[i] = s
		return
	}
	l.pending = slices.Insert(l.pending, i, s)
}

// upTo hands out, in order, the segments that the picture has entered.
func (l *playlog) upTo(position float64, f func(SegmentEvent)) {
	for len(l.pending) > 0 && l.pending[0].Start <= position {
		s := l.pending[0]
		l.pending = slices.Delete(l.pending, 0, 1) // a handful at most, whose memory is used again
		f(s)
	}
}

// rewind drops what a seek has jumped over: the picture never enters it.
func (l *playlog) rewind(to float64) {
	l.pending = slices.DeleteFunc(l.pending, func(s SegmentEvent) bool { return s.End <= to })
}
