package viewer

import (
	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

// Source knows what the origin made, so that a segment can be checked wherever it came from.
type Source interface {
	// Check tells whether the blocks, in order, are the segment at a URL, and joins them. If they are, the data may be a buffer
	// that all viewers share: hundreds of them then keep one copy of every segment.
	Check(url string, r *p2pml.ByteRange, blocks []webtorrent.Message) (webtorrent.Message, Verdict)
	// Segments is the number of segments of a VOD rendition; 0 if the stream is live, or nobody knows.
	Segments() int
}

// Verdict is what a Source says of a segment.
type Verdict int

const (
	// Intact: every byte is the origin's.
	Intact Verdict = iota
	// Corrupt: it differs. The fault is ours, and fails the run.
	Corrupt
	// Misfiled: these are the bytes of another rendition's segment, which is the library's own mistake (p2pml's
	// Defects.FiledUnderPlayed) and happens to real viewers too.
	Misfiled
	// Unknown: nothing is known of it that the bytes could be held against.
	Unknown
)
