package p2pml

import (
	"cmp"
	"math/bits"
	"slices"
)

// idSet is a set of segment ids: bits of 64 neighbouring ids. Peers announce runs of neighbouring ids, so that nearly always two
// words hold them all, here and not behind a pointer: a viewer looks at hundreds of these sets. Its size is bounded by the
// announcement it came from, whatever ids a hostile peer makes up.
type idSet struct {
	base int64     // of near[0]; near[1] has the next
	near [2]uint64 // nothing in them: base means nothing
	far  []idBlock // all others, sorted
}

// idBlock is the ids from base * 64 on.
type idBlock struct {
	base int64 // id >> 6
	bits uint64
}

func blockOf(id int64) idBlock { return idBlock{id >> 6, 1 << uint(id&63)} }

func byBase(b idBlock, base int64) int { return cmp.Compare(b.base, base) }

// word is the bits of one block.
func (s *idSet) word(base int64) uint64 {
	if i := uint64(base - s.base); i < 2 {
		return s.near[i]
	}
	if len(s.far) == 0 {
		return 0
	}
	i, ok := slices.BinarySearchFunc(s.far, base, byBase)
	if !ok {
		return 0
	}
	return s.far[i].bits
}

func (s *idSet) has(id int64) bool { return s.word(id>>6)&(1<<uint(id&63)) != 0 }

func (s *idSet) add(id int64) {
	b := blockOf(id)
	if s.near == [2]uint64{} && len(s.far) == 0 {
		s.base = b.base
	}
	if b.base == s.base+2 && s.near[0] == 0 && len(s.far) == 0 { // ids that come and go as a live playlist's do
		s.base, s.near = s.base+1, [2]uint64{s.near[1]}
	}
	if i := uint64(b.base - s.base); i < 2 {
		s.near[i] |= b.bits
		return
	}
	i, ok := slices.BinarySearchFunc(s.far, b.base, byBase)
	if !ok {
		s.far = slices.Insert(s.far, i, idBlock{base: b.base})
	}
	s.far[i].bits |= b.bits
}

func (s *idSet) remove(id int64) {
	b := blockOf(id)
	if i := uint64(b.base - s.base); i < 2 {
		s.near[i] &^= b.bits
		return
	}
	if i, ok := slices.BinarySearchFunc(s.far, b.base, byBase); ok {
		if s.far[i].bits &^= b.bits; s.far[i].bits == 0 {
			s.far = slices.Delete(s.far, i, i+1)
		}
	}
}

// set replaces the contents. What comes from afar is sorted once, so that a hostile list of a million scattered ids costs n log n
// and not n squared.
func (s *idSet) set(ids []int64) {
	s.clear()
	if len(ids) == 0 {
		return
	}
	s.base = slices.Min(ids) >> 6
	for _, id := range ids {
		b := blockOf(id)
		if i := uint64(b.base - s.base); i < 2 {
			s.near[i] |= b.bits
		} else {
			s.far = append(s.far, b)
		}
	}
	if len(s.far) > 1 {
		s.far = merged(s.far)
	}
}

// merged sorts blocks and makes one of those with the same base, in place.
func merged(blocks []idBlock) []idBlock {
	slices.SortFunc(blocks, func(a, b idBlock) int { return cmp.Compare(a.base, b.base) })
	out := blocks[:1]
	for _, b := range blocks[1:] {
		if last := &out[len(out)-1]; last.base == b.base {
			last.bits |= b.bits
		} else {
			out = append(out, b)
		}
	}
	return out
}

func (s *idSet) clear() { s.near, s.far = [2]uint64{}, s.far[:0] }

func (s *idSet) len() int {
	n := bits.OnesCount64(s.near[0]) + bits.OnesCount64(s.near[1])
	for _, b := range s.far {
		n += bits.OnesCount64(b.bits)
	}
	return n
}

// change is what differs in one block of a set from what it was.
type change struct {
	base       int64
	gone, come uint64
}

// replace makes the set a copy of another, and appends what that changes.
func (s *idSet) replace(next *idSet, out []change) []change {
	for i, was := range s.near {
		out = next.compare(idBlock{s.base + int64(i), was}, out)
	}
	for _, b := range s.far {
		out = next.compare(b, out)
	}
	for i, is := range next.near {
		out = s.news(idBlock{next.base + int64(i), is}, out)
	}
	for _, b := range next.far {
		out = s.news(b, out)
	}
	s.base, s.near = next.base, next.near
	if len(s.far)+len(next.far) > 0 { // nearly never; and a pointer that is written is work for the garbage collector
		s.far = slices.Clone(next.far)
	}
	return out
}

// compare appends how the set differs from what was in a block of it.
func (s *idSet) compare(was idBlock, out []change) []change {
	if was.bits == 0 {
		return out
	}
	if is := s.word(was.base); is != was.bits {
		out = append(out, change{was.base, was.bits &^ is, is &^ was.bits})
	}
	return out
}

// news appends a block of which the set had nothing; where it had something, compare has looked.
func (s *idSet) news(is idBlock, out []change) []change {
	if is.bits != 0 && s.word(is.base) == 0 {
		out = append(out, change{is.base, 0, is.bits})
	}
	return out
}
