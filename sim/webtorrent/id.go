package webtorrent

import (
	"errors"
	"unicode/utf8"
)

// ID is 20 bytes: an info hash, a peer id or an offer id.
//
// WebTorrent puts them into JSON as "binary strings": 20 characters, one from U+0000 to U+00FF for each byte. On the wire that
// is escaped UTF-8, so that the same id takes 20 to 120 bytes there.
type ID [20]byte

// ErrID is returned for a string that is not 20 bytes, or on the wire not 20 characters up to U+00FF.
var ErrID = errors.New("not 20 bytes")

// ParseID takes the 20 bytes of s as they are.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != len(id) {
		return id, ErrID
	}
	copy(id[:], s)
	return id, nil
}

// String is the id's bytes, unescaped.
func (id ID) String() string { return string(id[:]) }

// AppendJSON appends the id as a JSON string.
func (id ID) AppendJSON(dst []byte) []byte { return appendBinaryString(dst, string(id[:])) }

// MarshalJSON makes ID fit encoding/json.
func (id ID) MarshalJSON() ([]byte, error) { return id.AppendJSON(nil), nil }

// UnmarshalJSON makes ID fit encoding/json.
func (id *ID) UnmarshalJSON(b []byte) error {
	parsed, ok := parseIDToken(b)
	if !ok {
		return ErrID
	}
	*id = parsed
	return nil
}

// parseIDToken reads a JSON string of exactly 20 characters, none above U+00FF.
func parseIDToken(token []byte) (ID, bool) {
	var id ID
	raw, ok := stringBody(token)
	if !ok {
		return id, false
	}
	n := 0
	for len(raw) > 0 {
		r, size := nextChar(raw)
		if size == 0 || r > 0xff || n == len(id) {
			return id, false
		}
		id[n] = byte(r)
		n++
		raw = raw[size:]
	}
	return id, n == len(id)
}

// appendBinaryString appends bytes as a JSON string of as many characters.
func appendBinaryString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		if c := s[i]; c < utf8.RuneSelf {
			dst = appendCharASCII(dst, c)
		} else {
			dst = utf8.AppendRune(dst, rune(c))
		}
	}
	return append(dst, '"')
}

// appendString appends text as a JSON string, escaped as JavaScript's JSON.stringify does.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			dst = appendCharASCII(dst, c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:]) // bytes that are not UTF-8 become U+FFFD: a text frame may not carry them
		dst = utf8.AppendRune(dst, r)
		i += size
	}
	return append(dst, '"')
}

func appendCharASCII(dst []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	switch {
	case c == '"' || c == '\\':
		return append(dst, '\\', c)
	case c >= ' ':
		return append(dst, c)
	}
	switch c {
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0x0f])
}

// binaryString is the bytes of a JSON string whose characters are all below U+0100, however many.
func binaryString(token []byte) (string, bool) {
	raw, ok := stringBody(token)
	if !ok {
		return "", false
	}
	bytes := make([]byte, 0, len(raw))
	for len(raw) > 0 {
		r, size := nextChar(raw)
		if size == 0 || r > 0xff {
			return "", false
		}
		bytes = append(bytes, byte(r))
		raw = raw[size:]
	}
	return string(bytes), true
}

// isBinaryString tells whether a token stands for the bytes of s.
func isBinaryString(token []byte, s string) bool {
	raw, ok := stringBody(token)
	if !ok {
		return false
	}
	i := 0
	for len(raw) > 0 {
		r, size := nextChar(raw)
		if size == 0 || i == len(s) || r != rune(s[i]) {
			return false
		}
		raw = raw[size:]
		i++
	}
	return i == len(s)
}
