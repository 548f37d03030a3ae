package p2pml

import "slices"

// tally counts, for every segment id, in how many of the sets put in it stands, so that "has any peer got it" need not be found
// anew from all peers whenever one of them announces something: in a large swarm that is what a viewer does most.
//
// The counts of 64 neighbouring ids are kept bit by bit across words (planes): one carry chain counts them all. Scattered ids that a
// hostile peer makes up thus cost a word each, as they do in the idSet they came in.
type tally struct {
	blocks []tallyBlock // sorted
}

type tallyBlock struct {
	base   int64 // id >> 6
	any    uint64
	planes []uint64 // bit i of plane p: bit p of id i's count
}

func (t *tally) clear() { t.blocks = t.blocks[:0] }

func (t *tally) find(base int64) (int, bool) {
	return slices.BinarySearchFunc(t.blocks, base, func(b tallyBlock, base int64) int {
		switch {
		case b.base < base:
			return -1
		case b.base > base:
			return 1
		}
		return 0
	})
}

func (t *tally) has(id int64) bool {
	i, ok := t.find(id >> 6)
	return ok && t.blocks[i].any&(1<<uint(id&63)) != 0
}

// add puts a set in.
func (t *tally) add(s *idSet) {
	for _, b := range s.blocks {
		i, ok := t.find(b.base)
		if !ok {
			t.blocks = slices.Insert(t.blocks, i, tallyBlock{base: b.base})
		}
		t.blocks[i].add(b.bits)
	}
}

// remove takes a set out that was put in as it is.
func (t *tally) remove(s *idSet) {
	for _, b := range s.blocks {
		i, ok := t.find(b.base)
		if !ok {
			continue
		}
		if t.blocks[i].remove(b.bits); t.blocks[i].any == 0 {
			t.blocks = slices.Delete(t.blocks, i, i+1)
		}
	}
}

func (b *tallyBlock) add(carry uint64) {
	b.any |= carry
	for i := 0; carry != 0; i++ {
		if i == len(b.planes) {
			b.planes = append(b.planes, 0)
		}
		b.planes[i], carry = b.planes[i]^carry, b.planes[i]&carry
	}
}

func (b *tallyBlock) remove(borrow uint64) {
	for i := 0; borrow != 0 && i < len(b.planes); i++ {
		b.planes[i], borrow = b.planes[i]^borrow, borrow&^b.planes[i]
	}
	b.any = 0
	for _, p := range b.planes {
		b.any |= p
	}
}
