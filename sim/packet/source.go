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
	found, ok := s.locate(address, r)
	if !ok {
		return nil
	}
	return s.bytes(found.Variant, found.Seq)
}

// Siblings returns the bytes of the other renditions' segments of the same sequence number.
func (s *source) Siblings(address string, r *p2pml.ByteRange) [][]byte {
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

func (s *source) locate(address string, r *p2pml.ByteRange) (hls.Resource, bool) {
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

func (s *source) bytes(variant int, seq int64) []byte {
	data, err := s.stream.Bytes(variant, seq)
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
