package flow

import (
	"swarmlab/sim/hls"
	"swarmlab/sim/p2pml"
	viewing "swarmlab/sim/viewer"
	"swarmlab/sim/webtorrent"
)

// source checks segments by what their parts say they are. It is the viewers' Source: no byte is there to be compared.
type source struct {
	origin *origin
	viewing.Source
	// disordered are the segments that a viewer has put together in disorder, and what they should be.
	disordered map[*webtorrent.Content]*webtorrent.Content
}

// Check tells whether the blocks, in order, are the whole of the segment at a URL.
func (s source) Check(address string, r *p2pml.ByteRange, blocks []webtorrent.Message, doubtful bool) (webtorrent.Message, viewing.Verdict) {
	var size int
	for _, b := range blocks {
		size += b.Size
	}
	res, ok := s.origin.locate(address, r)
	if !ok || res.Kind != hls.KindSegment || len(blocks) == 0 {
		return webtorrent.Message{Size: size}, viewing.Corrupt
	}
	of, contiguous := blocks[0].Of, true
	var at int64
	for _, b := range blocks {
		contiguous = contiguous && b.Of != nil && b.Of == of && b.At == at
		at += int64(b.Size)
	}
	data := webtorrent.Message{Size: size, Of: of}
	right := s.origin.content(res.Variant, res.Seq)
	if contiguous && of.Size == at && of == right {
		return data, viewing.Intact
	}
	if s.disorder(right, blocks, doubtful) {
		// It is something else than the segment, and whoever gets it from here shows it.
		data.Of = &webtorrent.Content{Name: right.Name, Size: right.Size}
		s.disordered[data.Of] = right
		return data, viewing.Disordered
	}
	if !contiguous || of.Size != at {
		return data, viewing.Corrupt
	}
	for variant := range s.origin.stream.Tracks() {
		if variant != res.Variant && of == s.origin.content(variant, res.Seq) {
			return data, viewing.Misfiled
		}
	}
	return data, viewing.Corrupt
}

// disorder reports whether blocks that are not the right segment are so by the library's mistake: all are parts of it, in the wrong
// places, and their viewer was in doubt; or they are in their places, and some of somebody who was.
func (s source) disorder(right *webtorrent.Content, blocks []webtorrent.Message, doubtful bool) bool {
	var at int64
	inPlace, handedOn := true, false
	for _, b := range blocks {
		if b.Of == nil || b.Of != right && s.disordered[b.Of] != right {
			return false
		}
		inPlace = inPlace && b.At == at
		handedOn = handedOn || b.Of != right
		at += int64(b.Size)
	}
	return at == right.Size && (doubtful || inPlace && handedOn)
}
