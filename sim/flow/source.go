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
}

// Check tells whether the blocks, in order, are the whole of the segment at a URL.
func (s source) Check(address string, r *p2pml.ByteRange, blocks []webtorrent.Message) (webtorrent.Message, viewing.Verdict) {
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
	if !contiguous || of.Size != at {
		return data, viewing.Corrupt
	}
	if of == s.origin.content(res.Variant, res.Seq) {
		return data, viewing.Intact
	}
	for variant := range s.origin.stream.Tracks() {
		if variant != res.Variant && of == s.origin.content(variant, res.Seq) {
			return data, viewing.Misfiled
		}
	}
	return data, viewing.Corrupt
}
