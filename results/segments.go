package results

import (
	"math"
	"sort"
)

// segmentSet is the set of a viewer's segments with their sizes. Viewers go through a stream mostly in order, so a stream is a
// few runs of consecutive sequence numbers: four bytes a segment, where a map would take fifty. With 100,000 viewers that is
// the difference between megabytes and gigabytes.
type segmentSet struct {
	streams map[string][]segmentRun
}

// segmentRun is consecutive segments: first, first+1, ...
type segmentRun struct {
	first int64
	sizes []uint32
}

func (s *segmentSet) add(id SegmentID, bytes int64) {
	if s.streams == nil {
		s.streams = map[string][]segmentRun{}
	}
	size := uint32(min(max(bytes, 0), math.MaxUint32)) // bounded on this line
	runs := s.streams[id.Stream]
	// The first run that begins after id; only the one before it can hold or take it.
	i := sort.Search(len(runs), func(i int) bool { return runs[i].first > id.Sequence })
	if i > 0 {
		r := &runs[i-1]
		if n := id.Sequence - r.first; n < int64(len(r.sizes)) {
			return // known
		} else if n == int64(len(r.sizes)) {
			r.sizes = append(r.sizes, size)
			s.streams[id.Stream] = mergeRuns(runs, i-1)
			return
		}
	}
	runs = append(runs, segmentRun{})
	copy(runs[i+1:], runs[i:])
	runs[i] = segmentRun{first: id.Sequence, sizes: []uint32{size}}
	s.streams[id.Stream] = mergeRuns(runs, i)
}

// mergeRuns joins run i with the one after it if nothing lies between them.
func mergeRuns(runs []segmentRun, i int) []segmentRun {
	if i+1 >= len(runs) || runs[i].first+int64(len(runs[i].sizes)) != runs[i+1].first {
		return runs
	}
	runs[i].sizes = append(runs[i].sizes, runs[i+1].sizes...)
	return append(runs[:i+1], runs[i+2:]...)
}

// distinct counts the segments that at least one of the sets holds, and their bytes.
func distinct(sets []*segmentSet) (count, bytes int64) {
	seen := map[SegmentID]uint32{}
	for _, s := range sets {
		for stream, runs := range s.streams { // the sum does not depend on the order
			for _, r := range runs {
				for i, size := range r.sizes {
					id := SegmentID{stream, r.first + int64(i)}
					seen[id] = max(seen[id], size)
				}
			}
		}
	}
	for _, size := range seen {
		bytes += int64(size)
	}
	return int64(len(seen)), bytes
}
