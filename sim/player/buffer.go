package player

import "sort"

// span is one buffered stretch of the timeline, in seconds.
type span struct{ start, end float64 }

// joinTolerance: Chromium makes one range of frames that lie closer than about two frames' lengths, so that rounded EXTINF
// values leave no hole.
const joinTolerance = 0.05

// buffer is what the media element has buffered: sorted stretches that do not touch.
type buffer struct{ spans []span }

// add puts [start, end) in, joining what touches.
func (b *buffer) add(start, end float64) {
	if !(end > start) {
		return
	}
	first := sort.Search(len(b.spans), func(i int) bool { return b.spans[i].end+joinTolerance >= start })
	last := first
	for last < len(b.spans) && b.spans[last].start <= end+joinTolerance {
		start, end = min(start, b.spans[last].start), max(end, b.spans[last].end)
		last++
	}
	if first == last {
		b.spans = append(b.spans, span{})
		copy(b.spans[first+1:], b.spans[first:])
		b.spans[first] = span{start, end}
		return
	}
	b.spans[first] = span{start, end}
	b.spans = append(b.spans[:first+1], b.spans[last:]...)
}

// ahead is what lies before the picture: BufferHelper.bufferInfo of hls.js.
type ahead struct {
	start, end float64 // the stretch at the position; both are the position if it is not buffered
	len        float64 // from the position to end
	next       float64 // where the following stretch begins
	hasNext    bool
}

// at describes the buffer at pos, crossing holes shorter than hole.
func (b *buffer) at(pos, hole float64) ahead {
	a := ahead{start: pos, end: pos}
	for i := 0; i < len(b.spans); {
		s := b.spans[i]
		for i++; i < len(b.spans) && b.spans[i].start-s.end < hole; i++ {
			s.end = b.spans[i].end
		}
		switch {
		case pos+hole >= s.start && pos < s.end:
			a.start, a.end, a.len = s.start, s.end, s.end-pos
		case pos+hole < s.start:
			a.next, a.hasNext = s.start, true
			return a
		}
	}
	return a
}

// empty tells whether nothing was ever appended.
func (b *buffer) empty() bool { return len(b.spans) == 0 }

// end is where the last stretch ends.
func (b *buffer) end() float64 {
	if b.empty() {
		return 0
	}
	return b.spans[len(b.spans)-1].end
}
