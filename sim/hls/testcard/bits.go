package testcard

import "math/bits"

// bitWriter writes the way both H.264 (section 7.2) and AAC are written: the most significant bit first.
type bitWriter struct {
	bytes []byte
	// pending holds the bits that are not a byte yet, at its lower end.
	pending uint64
	n       uint
}

// u writes an unsigned number of up to 32 bits.
func (w *bitWriter) u(size uint, value uint32) {
	w.pending = w.pending<<size | uint64(value)
	for w.n += size; w.n >= 8; {
		w.n -= 8
		w.bytes = append(w.bytes, byte(w.pending>>w.n))
	}
}

// ue writes an Exp-Golomb code (H.264 section 9.1).
func (w *bitWriter) ue(value uint32) {
	size := uint(bits.Len32(value + 1))
	w.u(size-1, 0)
	w.u(size, value+1)
}

// zeros fills the byte that is begun.
func (w *bitWriter) zeros() {
	if w.n > 0 {
		w.u(8-w.n, 0)
	}
}

// appendNAL appends a network abstraction layer unit in the byte stream format (H.264 annex B): start code, header, and the payload
// with its trailing bits, no three bytes of which may look like a start code (section 7.4.1).
func appendNAL(dst []byte, header byte, payload *bitWriter) []byte {
	payload.u(1, 1)
	payload.zeros()
	dst = append(dst, 0, 0, 0, 1, header)
	zeros := 0
	for _, b := range payload.bytes {
		if zeros >= 2 && b <= 3 {
			dst, zeros = append(dst, 3), 0
		}
		dst = append(dst, b)
		if zeros++; b != 0 {
			zeros = 0
		}
	}
	return dst
}
