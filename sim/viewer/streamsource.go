package viewer

import (
	"net/url"

	"swarmlab/sim/hls"
	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

// streamSource checks segments against the stream.
type streamSource struct {
	stream     *hls.Stream
	disordered disorder
}

// FromStream is the Source of a stream that this process serves.
func FromStream(s *hls.Stream) Source { return &streamSource{stream: s} }

// Check compares the blocks with what the origin made for the URL and range.
func (s *streamSource) Check(address string, r *p2pml.ByteRange, blocks []webtorrent.Message, doubtful bool) (webtorrent.Message, Verdict) {
	found, ok := s.locate(address, r)
	if !ok {
		return join(blocks), Corrupt // a segment that the origin does not know cannot be right
	}
	want := s.bytes(found.Variant, found.Seq)
	if equal(want, blocks) {
		return webtorrent.Text(want), Intact
	}
	for variant := range s.stream.Tracks() {
		if variant != found.Variant && equal(s.bytes(variant, found.Seq), blocks) {
			return join(blocks), Misfiled
		}
	}
	data := join(blocks)
	if s.disordered.explains(place{found.Variant, found.Seq}, want, data.Bytes, blocks, doubtful) {
		return data, Disordered
	}
	return data, Corrupt
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

// equal compares the blocks in order with want. nil equals nothing.
func equal(want []byte, blocks []webtorrent.Message) bool {
	if want == nil {
		return false
	}
	for _, b := range blocks {
		if len(want) < len(b.Bytes) || string(want[:len(b.Bytes)]) != string(b.Bytes) {
			return false
		}
		want = want[len(b.Bytes):]
	}
	return len(want) == 0
}

func join(blocks []webtorrent.Message) webtorrent.Message {
	var all []byte
	for _, b := range blocks {
		all = append(all, b.Bytes...)
	}
	return webtorrent.Text(all)
}
