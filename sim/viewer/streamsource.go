package viewer

import (
	"net/url"

	"swarmlab/sim/hls"
	"swarmlab/sim/p2pml"
)

// streamSource checks segments against the stream.
type streamSource struct{ stream *hls.Stream }

// FromStream is the Source of a stream that this process serves.
func FromStream(s *hls.Stream) Source { return &streamSource{s} }

// Canonical returns the bytes that the origin made for a URL and range; nil if it made none.
func (s *streamSource) Canonical(address string, r *p2pml.ByteRange) []byte {
	found, ok := s.locate(address, r)
	if !ok {
		return nil
	}
	return s.bytes(found.Variant, found.Seq)
}

// Siblings returns the bytes of the other renditions' segments of the same sequence number.
func (s *streamSource) Siblings(address string, r *p2pml.ByteRange) [][]byte {
	found, ok := s.locate(address, r)
	if !ok {
		return nil
	}
	var out [][]byte
	for variant := range s.stream.Tracks() {
		if variant != found.Variant {
			out = append(out, s.bytes(variant, found.Seq))
		}
	}
	return out
}

func (s *streamSource) locate(address string, r *p2pml.ByteRange) (hls.Resource, bool) {
	u, err := url.Parse(address)
	if err != nil {
		return hls.Resource{}, false
	}
	found, ok := s.stream.Locate(u.Path)
	if r != nil {
		found, ok = s.stream.LocateRange(u.Path, hls.ByteRange{Start: r.Start, End: r.End})
	}
	return found, ok && found.Kind == hls.KindSegment
}

func (s *streamSource) bytes(variant int, seq int64) []byte {
	data, err := s.stream.Bytes(variant, seq)
	if err != nil {
		return nil // a file that cannot be read: the segment counts as corrupt, and the run fails by name
	}
	return data
}

// Segments is the number of segments of a VOD rendition.
func (s *streamSource) Segments() int {
	if s.stream.Live() {
		return 0
	}
	first, last, ok := s.stream.Window(0, 0)
	if !ok {
		return 0
	}
	return int(last - first + 1)
}
