package packet

import (
	"net/url"

	"swarmlab/sim/hls"
	"swarmlab/sim/p2pml"
)

// source checks segments against the stream.
type source struct{ stream *hls.Stream }

// Canonical returns the bytes that the origin made for a URL and range; nil if it made none.
func (s *source) Canonical(address string, r *p2pml.ByteRange) []byte {
	u, err := url.Parse(address)
	if err != nil {
		return nil
	}
	found, ok := s.stream.Locate(u.Path)
	if r != nil {
		found, ok = s.stream.LocateRange(u.Path, hls.ByteRange{Start: r.Start, End: r.End})
	}
	if !ok || found.Kind != hls.KindSegment {
		return nil
	}
	data, err := s.stream.Bytes(found.Variant, found.Seq)
	if err != nil {
		return nil // a file that cannot be read: the segment counts as corrupt, and the run fails by name
	}
	return data
}

// Segments is the number of segments of a VOD rendition.
func (s *source) Segments() int {
	if s.stream.Live() {
		return 0
	}
	first, last, ok := s.stream.Window(0, 0)
	if !ok {
		return 0
	}
	return int(last - first + 1)
}
