package webtorrent

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// A reader of JSON that finds values and leaves them where they are.
//
// Why not encoding/json: a tracker relays session descriptions, 90 % of every message, without looking into them, and the client
// does not know most keys. Here nothing is copied and a relayed description is the very bytes that came in: parsing an announce
// of five offers takes one allocation instead of 19, and two thirds of the time (what is nested is walked again for every level;
// that is where more could be had). Strictness is the same (FuzzJSON holds the two against each other), but for two things:
// invalid UTF-8 is refused instead of replaced, as browsers close a socket that sends it, and so is what nests too deep.

// maxJSONDepth bounds recursion. The protocol nests three deep.
const maxJSONDepth = 32

// skipSpace returns the position of the next byte that is not white space.
func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}

// skipValue returns the position after the value that begins at i, or -1 if there is none.
func skipValue(b []byte, i, depth int) int {
	if i >= len(b) || depth > maxJSONDepth {
		return -1
	}
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{':
		return walkObject(b, i, depth, nil)
	case '[':
		return walkArray(b, i, depth, nil)
	case 't':
		return skipWord(b, i, "true")
	case 'f':
		return skipWord(b, i, "false")
	case 'n':
		return skipWord(b, i, "null")
	default:
		return skipNumber(b, i)
	}
}

func skipWord(b []byte, i int, word string) int {
	if len(b)-i < len(word) || string(b[i:i+len(word)]) != word {
		return -1
	}
	return i + len(word)
}

func skipNumber(b []byte, i int) int {
	if i < len(b) && b[i] == '-' {
		i++
	}
	switch {
	case i < len(b) && b[i] == '0':
		i++
	default:
		if i = skipDigits(b, i); i < 0 {
			return -1
		}
	}
	if i < len(b) && b[i] == '.' {
		if i = skipDigits(b, i+1); i < 0 {
			return -1
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		i = skipDigits(b, i)
	}
	return i
}

// skipDigits wants at least one.
func skipDigits(b []byte, i int) int {
	start := i
	for i < len(b) && '0' <= b[i] && b[i] <= '9' {
		i++
	}
	if i == start {
		return -1
	}
	return i
}

// plain marks the bytes that a string's body may hold as they are, one by one.
var plain = func() (table [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		table[c] = c != '"' && c != '\\'
	}
	return table
}()

// skipString is where the time goes: nine bytes of ten are descriptions.
func skipString(b []byte, i int) int {
	for i++; i < len(b); {
		for i < len(b) && plain[b[i]] {
			i++
		}
		if i >= len(b) {
			return -1
		}
		switch c := b[i]; {
		case c == '"':
			return i + 1
		case c < ' ':
			return -1
		case c == '\\' && i+1 < len(b) && (b[i+1] == 'r' || b[i+1] == 'n'): // the ends of lines
			i += 2
		default:
			_, size := nextChar(b[i:])
			if size == 0 {
				return -1
			}
			i += size
		}
	}
	return -1
}

// walkObject calls member for every member of the object that begins at i, and returns the position after it, or -1. The key
// is a whole JSON string token.
func walkObject(b []byte, i, depth int, member func(key, value []byte)) int {
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1
	}
	for i < len(b) && b[i] == '"' {
		key := i
		keyEnd := skipString(b, i)
		if keyEnd < 0 {
			return -1
		}
		i = skipSpace(b, keyEnd)
		if i >= len(b) || b[i] != ':' {
			return -1
		}
		value := skipSpace(b, i+1)
		end := skipValue(b, value, depth+1)
		if end < 0 {
			return -1
		}
		if member != nil {
			member(b[key:keyEnd], b[value:end])
		}
		i = skipSpace(b, end)
		if i < len(b) && b[i] == '}' {
			return i + 1
		}
		if i >= len(b) || b[i] != ',' {
			return -1
		}
		i = skipSpace(b, i+1)
	}
	return -1
}

// walkArray calls element for every element of the array that begins at i, and returns the position after it, or -1.
func walkArray(b []byte, i, depth int, element func(value []byte)) int {
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == ']' {
		return i + 1
	}
	for {
		end := skipValue(b, i, depth+1)
		if end < 0 {
			return -1
		}
		if element != nil {
			element(b[i:end])
		}
		i = skipSpace(b, end)
		if i < len(b) && b[i] == ']' {
			return i + 1
		}
		if i >= len(b) || b[i] != ',' {
			return -1
		}
		i = skipSpace(b, i+1)
	}
}

// eachMember calls f for the members of value if it is an object. value has been skipped over before, so is valid.
func eachMember(value []byte, f func(key, value []byte)) {
	if len(value) > 0 && value[0] == '{' {
		walkObject(value, 0, 0, f)
	}
}

// eachElement is eachMember for arrays, and reports whether value is one.
func eachElement(value []byte, f func(value []byte)) bool {
	return len(value) > 0 && value[0] == '[' && walkArray(value, 0, 0, f) == len(value)
}

// parseObject walks a whole document that must be one object.
func parseObject(text []byte, member func(key, value []byte)) (isJSON, isObject bool) {
	i := skipSpace(text, 0)
	if i < len(text) && text[i] == '{' {
		end := walkObject(text, i, 0, member)
		valid := end >= 0 && skipSpace(text, end) == len(text)
		return valid, valid
	}
	end := skipValue(text, i, 0)
	return end >= 0 && skipSpace(text, end) == len(text), false
}

// stringBody is what stands between a string token's quotes.
func stringBody(token []byte) ([]byte, bool) {
	if len(token) < 2 || token[0] != '"' {
		return nil, false
	}
	return token[1 : len(token)-1], true
}

// nextChar decodes the character, escaped or not, at the head of a string's body. Size 0: it is not valid. Half of a surrogate
// pair is U+FFFD, as in encoding/json.
func nextChar(b []byte) (r rune, size int) {
	if b[0] != '\\' {
		r, size = utf8.DecodeRune(b)
		if r == utf8.RuneError && size <= 1 {
			return 0, 0
		}
		return r, size
	}
	if len(b) < 2 {
		return 0, 0
	}
	switch b[1] {
	case '"', '\\', '/':
		return rune(b[1]), 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		return nextEscape(b)
	}
	return 0, 0
}

func nextEscape(b []byte) (r rune, size int) {
	r, ok := hexEscape(b)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if low, ok := hexEscape(b[6:]); ok {
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return utf8.RuneError, 6
}

// hexEscape reads \uXXXX.
func hexEscape(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range b[2:6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// unquote is the text of a string token.
func unquote(token []byte) (string, bool) {
	raw, ok := stringBody(token)
	if !ok {
		return "", false
	}
	text := make([]byte, 0, len(raw))
	for len(raw) > 0 {
		r, size := nextChar(raw)
		if size == 0 {
			return "", false
		}
		text = utf8.AppendRune(text, r)
		raw = raw[size:]
	}
	return string(text), true
}

// isString tells whether a token is the string s. Escapes are undone first, as "action" may be spelled with them.
func isString(token []byte, s string) bool {
	raw, ok := stringBody(token)
	if !ok {
		return false
	}
	if string(raw) == s {
		return true
	}
	for len(raw) > 0 && len(s) > 0 {
		r, size := nextChar(raw)
		want, n := utf8.DecodeRuneInString(s)
		if size == 0 || r != want {
			return false
		}
		raw, s = raw[size:], s[n:]
	}
	return len(raw) == 0 && len(s) == 0
}

// number is the value of a number token.
func number(token []byte) (float64, bool) {
	if len(token) == 0 || token[0] != '-' && (token[0] < '0' || token[0] > '9') {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(token), 64)
	return f, err == nil
}

// isAbsent tells a member that is missing or null.
func isAbsent(value []byte) bool { return value == nil || string(value) == "null" }
