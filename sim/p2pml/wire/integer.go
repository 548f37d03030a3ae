package wire

import (
	"math"
	"math/bits"
)

// Value types: the high nibble of a value's first byte.
const (
	typeInteger = 0
	typeArray   = 1
	typeString  = 2
)

// appendInt writes a header byte with the number of bytes that follow, then the absolute value big-endian with the sign in
// the top bit: not two's complement. Zero still takes one byte.
func appendInt(dst []byte, v int64) []byte {
	mag := magnitude(v)
	n := intBytes(mag)
	dst = append(dst, typeInteger<<4|byte(n))
	first := len(dst)
	for i := n - 1; i >= 0; i-- {
		// n is 9 for magnitudes of 64 bits; Go defines the shift by 64 as 0, which is the byte wanted there.
		dst = append(dst, byte(mag>>(8*uint(i))))
	}
	if v < 0 {
		dst[first] |= 0x80
	}
	return dst
}

// intSize is the number of bytes appendInt writes.
func intSize(v int64) int { return 1 + intBytes(magnitude(v)) }

// intBytes is how many bytes hold mag and a sign bit.
func intBytes(mag uint64) int { return (max(bits.Len64(mag), 1) + 1 + 7) / 8 }

func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

// integer is a decoded integer of up to 119 bits, of which we keep 64 and whether there were more.
type integer struct {
	magnitude uint64
	negative  bool
	huge      bool // magnitude's bits above 64 were not all zero
}

// readInt decodes the integer at the head of b and returns how many bytes it claims. As in the library, bytes that are
// missing are simply missing: the integer is made of those there are, and may claim more than b has.
func readInt(b []byte) (v integer, consumed int, err error) {
	if len(b) == 0 {
		return integer{}, 1, nil
	}
	if b[0]>>4 != typeInteger {
		return integer{}, 0, errNotInteger
	}
	n := int(b[0] & 0x0f)
	body := b[1:min(1+n, len(b))]
	for i, x := range body {
		if i == 0 {
			v.negative = x&0x80 != 0
			x &= 0x7f
		}
		v.huge = v.huge || v.magnitude>>56 != 0
		v.magnitude = v.magnitude<<8 | uint64(x)
	}
	return v, 1 + n, nil
}

// twosComplement is the low 64 bits of the value as the library's BigInt arithmetic sees it.
func (v integer) twosComplement() uint64 {
	if v.negative {
		return -v.magnitude
	}
	return v.magnitude
}

// number converts as the library does at the end of decoding, to a double, and saturates where an int64 ends.
func (v integer) number() int64 {
	if v.huge || v.magnitude >= 1<<63 {
		if v.negative {
			return math.MinInt64
		}
		return math.MaxInt64
	}
	n := asDouble(v.magnitude)
	if v.negative {
		return -n
	}
	return n
}

// asDouble rounds an integer to the nearest double, ties to even. Only integers beyond 2^53 change.
func asDouble(mag uint64) int64 {
	const exact = 1 << 53
	if mag <= exact {
		return int64(mag)
	}
	f := float64(mag)
	if f >= 1<<63 {
		return math.MaxInt64
	}
	return int64(f)
}
