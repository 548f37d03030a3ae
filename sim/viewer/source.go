package viewer

import (
	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

// Source knows what the origin made, so that a segment can be checked wherever it came from.
type Source interface {
	// Check tells whether the blocks, in order, are the segment at a URL, and joins them. If they are, the data may be a buffer
	// that all viewers share: hundreds of them then keep one copy of every segment. doubtful: answers to two requests may have got
	// mixed up (p2pml's Events.OnRequestIDRepeated). Only such a viewer may bring a segment in disorder into the swarm; those
	// that have it from others may hand it on.
	Check(url string, r *p2pml.ByteRange, blocks []webtorrent.Message, doubtful bool) (webtorrent.Message, Verdict)
	// Segments is the number of segments of a VOD rendition; 0 if the stream is live, or nobody knows.
	Segments() int
}

// Verdict is what a Source says of a segment.
type Verdict int

// The verdicts. Corrupt is a fault of ours, and fails the run. Misfiled and Disordered are the library's own mistakes (p2pml's
// Defects.FiledUnderPlayed and Defects.RequestIDRepeats), and happen to real viewers too.
const (
	Intact     Verdict = iota // every byte is the origin's
	Corrupt                   // it differs
	Misfiled                  // the bytes of another rendition's segment
	Disordered                // parts of the segment in the wrong place, of two answers to one request id
	Unknown                   // there is nothing to hold it against
)
