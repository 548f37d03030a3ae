package viewer

import (
	"bytes"
	"slices"
	"sync"

	"swarmlab/sim/webtorrent"
)

// disorder remembers the segments that somebody has put together in disorder, because others may get them from there.
type disorder struct {
	mu     sync.Mutex
	copies map[place][][]byte
	kept   int // bytes
}

// place is a segment's in a stream.
type place struct {
	variant int
	seq     int64
}

// maxDisorder bounds the copies, in bytes. An id repeats in one of a thousand requests that are made again: what goes beyond the
// bound counts as corrupt.
const maxDisorder = 64 << 20

// explains reports whether blocks, joined to data, are not the origin's segment by the library's mistake: they have its length, and
// either their viewer was in doubt and each of them is some part of the segment, or every byte is right or as somebody has it
// who was.
func (d *disorder) explains(at place, want, data []byte, blocks []webtorrent.Message, doubtful bool) bool {
	if len(want) == 0 || len(data) != len(want) {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	known := d.copies[at]
	if handedOn(want, data, known) {
		return true
	}
	wrong := func(b webtorrent.Message) bool { return !partOf(b.Bytes, want, known) }
	if !doubtful || d.kept+len(data) > maxDisorder || slices.ContainsFunc(blocks, wrong) {
		return false
	}
	if d.copies == nil {
		d.copies = make(map[place][][]byte)
	}
	d.copies[at] = append(known, data)
	d.kept += len(data)
	return true
}

// handedOn: a download may go on with another peer, or over HTTP, so that right and wrong parts are joined.
func handedOn(want, data []byte, known [][]byte) bool {
	if len(known) == 0 {
		return false
	}
	for i, b := range data {
		if b != want[i] && !slices.ContainsFunc(known, func(k []byte) bool { return k[i] == b }) {
			return false
		}
	}
	return true
}

func partOf(part, want []byte, known [][]byte) bool {
	return bytes.Contains(want, part) || slices.ContainsFunc(known, func(k []byte) bool { return bytes.Contains(k, part) })
}
