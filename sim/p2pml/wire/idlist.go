package wire

import "fmt"

// The "similar-int array": ids that differ only in their low byte form a group that names the rest once.
//
//	0x10, number of groups, then per group: integer(common | count), count low bytes
//
// Groups stand in the order they were first met, low bytes in input order. Both counts are single bytes and wrap.

// block is one group: common is the id with its low byte cleared, in two's complement also for negative ids.
type block struct {
	common int64
	count  int
	next   int // where the next low byte goes
}

// header is the integer in front of the low bytes. The count wraps at 256: the library's defect, kept.
func (b *block) header() int64 { return b.common | int64(byte(b.count)) }

// smallGrouping is how many blocks are searched linearly, and held without allocating: 16 blocks are 4,096 segments, more
// than two hours of 2 s segments, so a viewer's announcement almost never leaves it.
const smallGrouping = 16

// grouping sorts ids into blocks in first-seen order. The zero value is ready; group is called once.
type grouping struct {
	small [smallGrouping]block
	n     int           // blocks in small
	large []block       // all blocks, once there are more than small holds
	index map[int64]int // block by common part, with large; never iterated
}

func (g *grouping) blocks() []block {
	if g.large != nil {
		return g.large
	}
	return g.small[:g.n]
}

func (g *grouping) group(ids []int64) {
	last := -1
	for _, id := range ids {
		common := id &^ 0xff
		if last < 0 || g.blocks()[last].common != common {
			last = g.find(common)
			if last < 0 {
				last = g.add(common)
			}
		}
		g.blocks()[last].count++
	}
}

func (g *grouping) find(common int64) int {
	if g.large != nil {
		if i, ok := g.index[common]; ok {
			return i
		}
		return -1
	}
	for i := range g.n {
		if g.small[i].common == common {
			return i
		}
	}
	return -1
}

func (g *grouping) add(common int64) int {
	if g.large == nil {
		if g.n < smallGrouping {
			g.small[g.n].common = common
			g.n++
			return g.n - 1
		}
		g.large = append(make([]block, 0, 4*smallGrouping), g.small[:]...)
		g.index = make(map[int64]int, 4*smallGrouping)
		for i := range g.large {
			g.index[g.large[i].common] = i
		}
	}
	g.large = append(g.large, block{common: common})
	g.index[common] = len(g.large) - 1
	return len(g.large) - 1
}

// size is the number of bytes append writes.
func (g *grouping) size() int {
	size := 2
	blocks := g.blocks()
	for i := range blocks {
		size += intSize(blocks[i].header()) + blocks[i].count
	}
	return size
}

// append writes the array. ids are those given to group.
func (g *grouping) append(dst []byte, ids []int64) []byte {
	blocks := g.blocks()
	dst = grow(dst, g.size())
	dst = append(dst, typeArray<<4, byte(len(blocks)))
	for i := range blocks {
		b := &blocks[i]
		dst = appendInt(dst, b.header())
		b.next = len(dst)
		dst = dst[:len(dst)+b.count]
	}
	last := -1
	for _, id := range ids {
		common := id &^ 0xff
		if last < 0 || blocks[last].common != common {
			last = g.find(common)
		}
		dst[blocks[last].next] = byte(id)
		blocks[last].next++
	}
	return dst
}

// errTruncatedList: see eachGroup.
var errTruncatedList = fmt.Errorf("%w: a list ends within a group", ErrUndecodable)

// eachGroup walks the array at the head of b, hands every group's integer and low bytes to f, and returns how many bytes the
// array claims. There are never more low bytes than b has, whatever the counts claim.
//
// A group header cut off by the end reads as an empty group, as in the library; a group cut off in its low bytes is an error.
func eachGroup(b []byte, f func(v integer, lows []byte)) (consumed int, err error) {
	consumed = 2
	if len(b) < consumed {
		return consumed, nil
	}
	for range b[1] {
		v, n, err := readInt(b[min(consumed, len(b)):])
		if err != nil {
			return 0, err
		}
		consumed += n
		count := int(byte(v.twosComplement()))
		if count == 0 {
			continue
		}
		if consumed+count > len(b) {
			return 0, errTruncatedList
		}
		f(v, b[consumed:consumed+count])
		consumed += count
	}
	return consumed, nil
}

// countIDs walks the array without keeping it. Counting first lets readIDs allocate once; it is also all that is done with the
// list of an unknown field.
func countIDs(b []byte) (count, consumed int, err error) {
	consumed, err = eachGroup(b, func(_ integer, lows []byte) { count += len(lows) })
	return count, consumed, err
}

// readIDs decodes the array at the head of b into dst's memory, if it fits.
func readIDs(dst []int64, b []byte) (ids []int64, consumed int, err error) {
	count, consumed, err := countIDs(b)
	if err != nil {
		return nil, 0, err
	}
	ids = dst[:0]
	if cap(ids) < count {
		ids = make([]int64, 0, count)
	}
	_, err = eachGroup(b, func(v integer, lows []byte) {
		if common := v.twosComplement() &^ 0xff; v.isExact() {
			for _, low := range lows {
				ids = append(ids, int64(common|uint64(low)))
			}
			return
		}
		for _, low := range lows {
			ids = append(ids, v.withLow(low))
		}
	})
	return ids, consumed, err
}

// isExact tells that no id of the group can need rounding, which is always so in practice.
func (v integer) isExact() bool { return !v.huge && v.magnitude < 1<<52 }

// withLow is the group's common part with a low byte put in, rounded like a double.
func (v integer) withLow(low byte) int64 {
	if v.huge || v.magnitude >= 1<<63 {
		return v.number()
	}
	id := int64(v.twosComplement()&^0xff | uint64(low))
	if id < 0 {
		return -asDouble(magnitude(id))
	}
	return asDouble(uint64(id))
}

// What the two count bytes can hold: groups of a list, ids of a group.
const (
	maxBlocks   = 255
	maxBlockIDs = 255
)

// OmitFromFullBlocks returns the ids that can be announced so that everybody can read it: of every full block of 256 all but
// the first in the list (the one held longest, so the least likely to be wanted), and nothing of any block past the 255th,
// whose number the count byte cannot hold. Without either it returns ids as it is.
//
// The released library does not do this: that is its defect. It is what an interoperable sender does.
func OmitFromFullBlocks(ids []int64) []int64 {
	var g grouping
	g.group(ids)
	blocks := g.blocks()
	omit := len(blocks) > maxBlocks
	for i := range blocks {
		omit = omit || blocks[i].count > maxBlockIDs
	}
	if !omit {
		return ids
	}
	kept := make([]int64, 0, len(ids))
	for _, id := range ids {
		i := g.find(id &^ 0xff)
		if i >= maxBlocks {
			continue
		}
		if blocks[i].count > maxBlockIDs { // by one, unless ids are repeated
			blocks[i].count--
			continue
		}
		kept = append(kept, id)
	}
	return kept
}
