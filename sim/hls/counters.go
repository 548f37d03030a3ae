package hls

import (
	"cmp"
	"slices"
	"sync"
)

// StatusGone is counted for a request whose client left before it was answered (nginx calls it 499 too).
const StatusGone = 499

// Counters are what an origin has served. Bytes are bytes of bodies that were handed to the network, headers not included.
type Counters struct {
	Requests []RequestCount // by kind, then by status
	// SegmentBytes are bytes of segments; in a file that holds several, bytes of the init section between them count as InitBytes.
	SegmentBytes  int64
	PlaylistBytes int64
	InitBytes     int64
	// OtherBytes are bodies of errors.
	OtherBytes int64
}

// RequestCount counts answers.
type RequestCount struct {
	Kind   ResourceKind
	Status int
	Count  int64
}

// SegmentCount is what was served of one segment.
type SegmentCount struct {
	Variant int
	Seq     int64
	// Requests whose answer had a part of it.
	Requests int64
	Bytes    int64
}

// Bytes are all bytes of bodies.
func (c Counters) Bytes() int64 { return c.SegmentBytes + c.PlaylistBytes + c.InitBytes + c.OtherBytes }

// Answers counts the requests of a kind that were answered with a status; 0 means any status.
func (c Counters) Answers(kind ResourceKind, status int) int64 {
	var n int64
	for _, r := range c.Requests {
		if r.Kind == kind && (status == 0 || status == r.Status) {
			n += r.Count
		}
	}
	return n
}

type counters struct {
	mu       sync.Mutex
	requests map[RequestCount]int64 // by its Kind and Status; its Count is 0
	total    Counters
	segments map[segmentKey]*SegmentCount
}

type segmentKey struct {
	variant int
	seq     int64
}

// Counters is a snapshot; take one each second and the differences are the history.
func (c *counters) Counters() Counters {
	c.mu.Lock()
	defer c.mu.Unlock()
	snapshot := c.total
	for key, n := range c.requests {
		key.Count = n
		snapshot.Requests = append(snapshot.Requests, key)
	}
	slices.SortFunc(snapshot.Requests, func(a, b RequestCount) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Status, b.Status))
	})
	return snapshot
}

// Segments are the distinct segments of which anything was served, by variant and sequence number.
func (c *counters) Segments() []SegmentCount {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]SegmentCount, 0, len(c.segments))
	for _, s := range c.segments {
		if s.Bytes > 0 { // else the viewer was gone before the first byte
			list = append(list, *s)
		}
	}
	slices.SortFunc(list, func(a, b SegmentCount) int {
		return cmp.Or(cmp.Compare(a.Variant, b.Variant), cmp.Compare(a.Seq, b.Seq))
	})
	return list
}

func (c *counters) countRequest(kind ResourceKind, status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.requests == nil {
		c.requests = make(map[RequestCount]int64)
	}
	c.requests[RequestCount{Kind: kind, Status: status}]++
}

func (c *counters) countSegment(variant int, seq, requests, bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.segments == nil {
		c.segments = make(map[segmentKey]*SegmentCount)
	}
	key := segmentKey{variant, seq}
	s, ok := c.segments[key]
	if !ok {
		s = &SegmentCount{Variant: variant, Seq: seq}
		c.segments[key] = s
	}
	s.Requests += requests
	s.Bytes += bytes
}

func (c *counters) addBytes(kind ResourceKind, n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch kind {
	case KindMaster, KindMedia:
		c.total.PlaylistBytes += n
	case KindSegment:
		c.total.SegmentBytes += n
	case KindInit:
		c.total.InitBytes += n
	default:
		c.total.OtherBytes += n
	}
}
