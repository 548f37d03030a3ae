package p2pml

import "slices"

// rendition is a stream and its playlist: the segments in the order they were added, which is the order of playback.
type rendition struct {
	Stream
	swarmID  string // stream swarm id; "" until the first segment request fixes it
	infoHash string
	shelf    *shelf // of its segments; nil: not looked up, or nothing stored yet
	segments []*segment
	byID     map[string]*segment // by RuntimeID
	next     int64               // ordinal of the next segment added
}

// segment is a Segment and what the core attaches to it. It outlives its place in the playlist while a request or a player
// still refers to it.
type segment struct {
	Segment
	rendition *rendition
	ordinal   int64    // grows along the playlist
	listed    bool     // in the playlist
	request   *request // of the loader of its stream type; nil: none
	queued    uint64   // number of the scheduling pass whose queue has it
}

func newRendition(s Stream) *rendition {
	return &rendition{Stream: s, byID: make(map[string]*segment)}
}

// update applies a playlist: known segments stay as they were first seen, new ones are appended. Reports whether anything
// changed.
func (r *rendition) update(added []Segment, removed []string) bool {
	changed := false
	for i := range added {
		if _, known := r.byID[added[i].RuntimeID]; known {
			continue
		}
		s := &segment{Segment: added[i], rendition: r, ordinal: r.next}
		s.Stream = &r.Stream
		s.listed = true
		r.next++
		r.segments = append(r.segments, s)
		r.byID[s.RuntimeID] = s
		changed = true
	}
	gone := false
	for _, id := range removed {
		if s, known := r.byID[id]; known {
			delete(r.byID, id)
			s.listed = false
			gone = true
		}
	}
	if gone {
		r.segments = slices.DeleteFunc(r.segments, func(s *segment) bool { return !s.listed })
	}
	return changed || gone
}

// from returns the playlist's rest from a segment on; nil if it has left the playlist.
func (r *rendition) from(s *segment) []*segment {
	if !s.listed {
		if s = r.byID[s.RuntimeID]; s == nil { // or it has come back, as another
			return nil
		}
	}
	if i := s.ordinal - r.segments[0].ordinal; i < int64(len(r.segments)) && r.segments[i] == s { // nothing is missing before it
		return r.segments[i:]
	}
	i, _ := slices.BinarySearchFunc(r.segments, s.ordinal, func(s *segment, ordinal int64) int { return int(s.ordinal - ordinal) })
	return r.segments[i:]
}

// byExternalID is how a peer's request names a segment. Only the current playlist counts.
func (r *rendition) byExternalID(id int64) *segment {
	for _, s := range r.segments {
		if s.ExternalID == id {
			return s
		}
	}
	return nil
}

// averageDuration is 0 for an empty playlist.
func (r *rendition) averageDuration() float64 {
	if len(r.segments) == 0 {
		return 0
	}
	total := 0.0
	for _, s := range r.segments {
		total += s.End - s.Start
	}
	return total / float64(len(r.segments))
}

// knownBytes is the segment's length if the playlist tells it; -1 otherwise.
func (s *segment) knownBytes() int64 {
	if s.ByteRange == nil || s.ByteRange.End < s.ByteRange.Start {
		return -1
	}
	return s.ByteRange.End - s.ByteRange.Start + 1
}
