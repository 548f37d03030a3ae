package wire

import "time"

// OfferTag is what an offer's id says: 20 characters, as aquatic_ws demands, that all known trackers pass on as they are.
type OfferTag struct {
	Due  time.Duration // of the announce, to the microsecond; not negative
	Slot uint32        // of the announce in the ledger: 17 bits
	// Index counts the offers of one announce: 7 bits.
	Index uint8
}

// MostSlots and MostIndex bound what fits into an id.
const (
	MostSlots = 1 << 17
	MostIndex = 1 << 7
)

const (
	idLength  = 20
	tagMark   = 's'
	hexDigits = "0123456789abcdef"
	// digits64 need no escape in JSON, and mean nothing in a URL.
	digits64 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
)

var values64 = func() (table [256]int8) {
	for i := range table {
		table[i] = -1
	}
	for i := range len(digits64) {
		table[digits64[i]] = int8(i) // at most 63
	}
	return table
}()

// append64 appends the lowest 24 bits of v as four characters.
func append64(dst []byte, v uint32) []byte {
	return append(dst, digits64[v>>18&63], digits64[v>>12&63], digits64[v>>6&63], digits64[v&63])
}

func parse64(text []byte) (v uint32, ok bool) {
	for _, c := range text {
		d := values64[c]
		if d < 0 {
			return 0, false
		}
		v = v<<6 | uint32(d)
	}
	return v, true
}

// Append appends the 20 characters.
func (t OfferTag) Append(dst []byte) []byte {
	dst = append(dst, tagMark)
	us := uint64(t.Due / time.Microsecond)
	for shift := 56; shift >= 0; shift -= 4 {
		dst = append(dst, hexDigits[us>>shift&15])
	}
	return append64(dst, t.Slot<<7|uint32(t.Index))
}

// ParseOfferTag reads what Append wrote; ok is false of an id that is not ours.
func ParseOfferTag(id []byte) (t OfferTag, ok bool) {
	if len(id) != idLength || id[0] != tagMark {
		return t, false
	}
	var us uint64
	for _, c := range id[1:16] {
		switch {
		case c >= '0' && c <= '9':
			us = us<<4 | uint64(c-'0')
		case c >= 'a' && c <= 'f':
			us = us<<4 | uint64(c-'a'+10)
		default:
			return t, false
		}
	}
	rest, ok := parse64(id[16:])
	const longest = uint64(1<<63-1) / uint64(time.Microsecond)
	if !ok || us > longest {
		return t, false
	}
	return OfferTag{Due: time.Duration(us) * time.Microsecond, Slot: rest >> 7, Index: uint8(rest & 127)}, true
}
