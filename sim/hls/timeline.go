package hls

import (
	"sort"
	"time"
)

// timeline tells which segment of a track is when. A track is a cycle of segments, passed through once (VOD) or for ever (live);
// a synthetic live stream is a cycle of one.
type timeline struct {
	ends   []time.Duration // where each segment of the cycle ends, from the cycle's beginning
	cycle  time.Duration   // from one beginning to the next; at least the last end
	loops  bool
	begins time.Duration // when the first segment begins, on the stream's clock
	first  int64         // media sequence number of the first segment
	window int           // live: segments in a playlist
	target time.Duration // EXT-X-TARGETDURATION
	most   time.Duration // the longest segment's duration
}

// setEnds gives the timeline its segments.
func (t *timeline) setEnds(ends []time.Duration) {
	t.ends, t.cycle = ends, ends[len(ends)-1]
	for i := range ends {
		t.most = max(t.most, t.duration(i))
	}
}

// place is where a segment stands in its timeline.
type place struct {
	index           int   // in the cycle
	loop            int64 // which time round
	start, duration time.Duration
}

// at finds a segment by its media sequence number.
func (t *timeline) at(seq int64) (place, bool) {
	n := int64(len(t.ends))
	if seq < t.first || seq > maxSequence {
		return place{}, false
	}
	loop, index := (seq-t.first)/n, int((seq-t.first)%n)
	if loop > 0 && !t.loops || loop >= int64(maxClock/t.cycle) {
		return place{}, false
	}
	return place{index: index, loop: loop, start: t.begins + time.Duration(loop)*t.cycle + t.offset(index), duration: t.duration(index)}, true
}

// maxClock is the latest time that timelines reckon with: 73 years, half of what a Duration holds, so that sums cannot overflow.
const maxClock = time.Duration(1 << 61)

func (t *timeline) offset(index int) time.Duration {
	if index == 0 {
		return 0
	}
	return t.ends[index-1]
}

func (t *timeline) duration(index int) time.Duration { return t.ends[index] - t.offset(index) }

// last is the newest segment published at a time: the newest whose end has come. One less than first if there is none.
func (t *timeline) last(at time.Duration) int64 {
	n := int64(len(t.ends))
	if !t.loops {
		return t.first + n - 1
	}
	since := min(max(at, -maxClock), maxClock) - t.begins
	if since < 0 {
		return t.first - 1
	}
	since = min(since, maxClock)
	loop, rest := int64(since/t.cycle), since%t.cycle
	ended := sort.Search(len(t.ends), func(i int) bool { return t.ends[i] > rest })
	return t.first + loop*n + int64(ended) - 1
}

// windowStart is the oldest segment of the playlist whose newest is last. It reaches back further than the window where that is
// shorter than three target durations (RFC 8216 section 6.2.2), as it can be when durations vary.
func (t *timeline) windowStart(last int64) int64 {
	if !t.loops {
		return t.first
	}
	start, shown := last+1, time.Duration(0)
	for start > t.first && (last-start+1 < int64(t.window) || shown < 3*t.target) {
		start--
		shown += t.duration(int((start - t.first) % int64(len(t.ends))))
	}
	return start
}

// available reports whether the origin still has, or already has, a segment. RFC 8216 section 6.2.2: a removed segment must
// remain for its own duration and that of the longest playlist that showed it. Players lag behind, so this is what they live on.
func (t *timeline) available(seq int64, at time.Duration) bool {
	p, ok := t.at(seq)
	if !ok || seq > t.last(at) {
		return false
	}
	longest := max(time.Duration(t.window)*t.most, 3*t.target+t.most)
	return seq >= t.windowStart(t.last(at-longest-p.duration))
}

// fullWindowEnd is how long after its beginning a live track first has a whole window to show.
func (t *timeline) fullWindowEnd() time.Duration {
	var shown, end time.Duration
	for k := int64(0); k < int64(t.window) || shown < 3*t.target; k++ {
		p, _ := t.at(t.first + k)
		shown += p.duration
		end = p.start - t.begins + p.duration
	}
	return end
}

// targetDuration rounds to the nearest second, as RFC 8216 section 4.3.3.1 compares, and never down to nothing.
func targetDuration(longest time.Duration) time.Duration {
	return max(longest.Round(time.Second), time.Second)
}
