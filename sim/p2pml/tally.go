package p2pml

import (
	"cmp"
	"slices"
)

// tally counts, for every segment id, in how many of the sets put in it stands, so that "has any peer got it" need not be found
// anew from all peers whenever one of them announces something: in a large swarm that is what a viewer does most.
//
// The counts of 64 neighbouring ids are kept bit by bit across words (planes): one carry chain counts them all. Scattered ids that a
// hostile peer makes up thus cost a block each, as they do in the idSet they came in.
type tally struct {
	blocks []tallyBlock // sorted
}

// tallyBlock is the counts from base * 64 on. The planes that 255 peers need are beside the rest of it.
type tallyBlock struct {
	base int64 // id >> 6
	any  uint64
	low  [8]uint64 // bit i of plane p: bit p of id i's count
	high []uint64
}

func (t *tally) clear() {
	clear(t.blocks)
	t.blocks = t.blocks[:0]
}

func (t *tally) find(base int64) (int, bool) {
	if len(t.blocks) > 0 && t.blocks[0].base == base {
		return 0, true
	}
	return slices.BinarySearchFunc(t.blocks, base, func(b tallyBlock, base int64) int { return cmp.Compare(b.base, base) })
}

// word is which ids of a block stand in any set.
func (t *tally) word(base int64) uint64 {
	if i, ok := t.find(base); ok {
		return t.blocks[i].any
	}
	return 0
}

func (t *tally) has(id int64) bool { return t.word(id>>6)&(1<<uint(id&63)) != 0 }

// add puts a set in.
func (t *tally) add(s *idSet) {
	for i, w := range s.near {
		t.apply(change{base: s.base + int64(i), come: w})
	}
	for _, b := range s.far {
		t.apply(change{base: b.base, come: b.bits})
	}
}

// take takes a set out that is in.
func (t *tally) take(s *idSet) {
	for i, w := range s.near {
		t.apply(change{base: s.base + int64(i), gone: w})
	}
	for _, b := range s.far {
		t.apply(change{base: b.base, gone: b.bits})
	}
}

// apply is told how one of the sets that are in changes.
func (t *tally) apply(c change) {
	if c.gone|c.come == 0 {
		return
	}
	i, ok := t.find(c.base)
	if !ok {
		t.blocks = slices.Insert(t.blocks, i, tallyBlock{base: c.base})
	}
	b := &t.blocks[i]
	if c.come != 0 {
		b.add(c.come)
	}
	if c.gone != 0 {
		b.remove(c.gone)
	}
	if b.any == 0 {
		t.blocks = slices.Delete(t.blocks, i, i+1)
	}
}

func (b *tallyBlock) add(carry uint64) {
	b.any |= carry
	for i := range b.low {
		if b.low[i], carry = b.low[i]^carry, b.low[i]&carry; carry == 0 {
			return
		}
	}
	for i := 0; carry != 0; i++ {
		if i == len(b.high) {
			b.high = append(b.high, 0)
		}
		b.high[i], carry = b.high[i]^carry, b.high[i]&carry
	}
}

func (b *tallyBlock) remove(borrow uint64) {
	b.any = 0
	for i, p := range b.low {
		b.low[i], borrow = p^borrow, borrow&^p
		b.any |= b.low[i]
	}
	for i, p := range b.high {
		b.high[i], borrow = p^borrow, borrow&^p
		b.any |= b.high[i]
	}
}
