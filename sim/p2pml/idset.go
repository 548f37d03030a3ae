package p2pml

import (
	"math/bits"
	"slices"
)

// idSet is a set of segment ids: a sorted list of 64-id blocks. Peers announce runs of neighbouring ids, so a whole VOD is a
// handful of words. Its size is bounded by the announcement it came from, whatever ids a hostile peer makes up.
type idSet struct {
	blocks []idBlock
}

type idBlock struct {
	base int64 // id >> 6
	bits uint64
}

func (s *idSet) find(base int64) (int, bool) {
	return slices.BinarySearchFunc(s.blocks, base, func(b idBlock, base int64) int {
		switch {
		case b.base < base:
			return -1
		case b.base > base:
			return 1
		}
		return 0
	})
}

func (s *idSet) has(id int64) bool {
	if len(s.blocks) == 0 {
		return false
	}
	i, ok := s.find(id >> 6)
	return ok && s.blocks[i].bits&(1<<uint(id&63)) != 0
}

func (s *idSet) add(id int64) { s.or(idBlock{id >> 6, 1 << uint(id&63)}) }

func (s *idSet) or(b idBlock) {
	n := len(s.blocks)
	if n > 0 && s.blocks[n-1].base == b.base { // ids mostly come in order
		s.blocks[n-1].bits |= b.bits
		return
	}
	i, ok := s.find(b.base)
	if ok {
		s.blocks[i].bits |= b.bits
		return
	}
	s.blocks = slices.Insert(s.blocks, i, b)
}

func (s *idSet) remove(id int64) {
	if i, ok := s.find(id >> 6); ok {
		s.blocks[i].bits &^= 1 << uint(id&63)
	}
}

// set replaces the contents. Ids are sorted in blocks first when they come from afar, so that a hostile list of a million
// scattered ids costs n log n and not n squared.
func (s *idSet) set(ids []int64) {
	s.clear()
	for _, id := range ids {
		b := idBlock{id >> 6, 1 << uint(id&63)}
		if n := len(s.blocks); n > 0 && s.blocks[n-1].base == b.base {
			s.blocks[n-1].bits |= b.bits
			continue
		}
		s.blocks = append(s.blocks, b)
	}
	s.normalise()
}

func (s *idSet) normalise() {
	byBase := func(a, b idBlock) int {
		switch {
		case a.base < b.base:
			return -1
		case a.base > b.base:
			return 1
		}
		return 0
	}
	if slices.IsSortedFunc(s.blocks, byBase) && !s.repeats() {
		return
	}
	slices.SortFunc(s.blocks, byBase)
	out := s.blocks[:0]
	for _, b := range s.blocks {
		if n := len(out); n > 0 && out[n-1].base == b.base {
			out[n-1].bits |= b.bits
			continue
		}
		out = append(out, b)
	}
	s.blocks = out
}

func (s *idSet) repeats() bool {
	for i := 1; i < len(s.blocks); i++ {
		if s.blocks[i].base == s.blocks[i-1].base {
			return true
		}
	}
	return false
}

func (s *idSet) clear() { s.blocks = s.blocks[:0] }

func (s *idSet) len() int {
	n := 0
	for _, b := range s.blocks {
		n += bits.OnesCount64(b.bits)
	}
	return n
}
