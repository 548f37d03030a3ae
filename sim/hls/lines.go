package hls

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of what the reader takes in. A day of 1-second segments is 86,400 segments and 3 MB.
const (
	MaxPlaylistBytes = 16 << 20
	maxSegments      = 200_000
	maxRenditions    = 10_000
	maxLineBytes     = 64 << 10
	maxTotal         = 10 * 365 * 24 * time.Hour
	maxEXTINF        = 24 * time.Hour
)

// ParseError says where a playlist is wrong and what would be right.
type ParseError struct {
	URL  string // as given to the reader; a file's name from Open
	Line int    // from 1; 0: the playlist as a whole
	Text string
}

func (e *ParseError) Error() string {
	if e.Line == 0 {
		return e.URL + ": " + e.Text
	}
	return fmt.Sprintf("%s:%d: %s", e.URL, e.Line, e.Text)
}

// lineReader walks through the lines that mean something and remembers where it is.
type lineReader struct {
	url  string
	rest []byte
	line int // of the current line
}

// newLineReader checks what every playlist must have before anything else (RFC 8216 sections 4.1 and 4.3.1.1).
func newLineReader(url string, body []byte) (*lineReader, error) {
	r := &lineReader{url: url}
	switch {
	case len(body) > MaxPlaylistBytes:
		return nil, r.errorf("%d bytes are too much for a playlist; at most %d are read", len(body), MaxPlaylistBytes)
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		r.line = 1
		return nil, r.errorf("begins with a byte order mark; a playlist must not (RFC 8216 section 4.1)")
	case !utf8.Valid(body):
		return nil, r.errorf("is not UTF-8 text (RFC 8216 section 4.1)")
	}
	r.rest = body
	if first, _ := r.raw(); strings.TrimRight(first, " \t") != "#EXTM3U" {
		return nil, r.errorf("begins with %s; the first line of a playlist is #EXTM3U", quote(first))
	}
	return r, nil
}

// raw is the next line, whatever it is.
func (r *lineReader) raw() (string, bool) {
	if len(r.rest) == 0 {
		return "", false
	}
	r.line++
	line, rest, _ := bytes.Cut(r.rest, []byte("\n"))
	r.rest = rest
	return string(bytes.TrimSuffix(line, []byte("\r"))), true
}

// next is the next tag or URI; blank lines and comments are skipped. A tag is cut at its colon, a URI has an empty tag.
func (r *lineReader) next() (tag, value string, ok bool, err error) {
	for {
		line, more := r.raw()
		if !more {
			return "", "", false, nil
		}
		if len(line) > maxLineBytes {
			return "", "", false, r.errorf("the line has %d bytes; at most %d are read", len(line), maxLineBytes)
		}
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case strings.HasPrefix(line, "#EXT"):
			tag, value, _ = strings.Cut(line, ":")
			return tag, value, true, nil
		case line[0] != '#':
			return "", line, true, nil
		}
	}
}

func (r *lineReader) errorf(format string, args ...any) error {
	return &ParseError{URL: r.url, Line: r.line, Text: fmt.Sprintf(format, args...)}
}

// quote shows a piece of somebody's text in a message, cut to a readable length.
func quote(text string) string {
	const most = 60
	if len(text) <= most {
		return strconv.Quote(text)
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return strconv.Quote(text[:cut]) + "..."
}

// parseDecimal reads RFC 8216's decimal-integer (section 4.2), bounded by what the players' JavaScript can count to.
func parseDecimal(text string) (int64, error) {
	if text == "" || len(text) > 20 || strings.Trim(text, "0123456789") != "" {
		return 0, fmt.Errorf("%s is not a whole number", quote(text))
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n > maxSequence {
		return 0, fmt.Errorf("%s is more than 2^53", text)
	}
	return n, nil
}

// parseSeconds reads a decimal number of seconds, to the nearest nanosecond. Decimal arithmetic, so that what was written
// comes back exactly.
func parseSeconds(text string) (time.Duration, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	if whole+fraction == "" || len(whole) > 9 || strings.Trim(whole+fraction, "0123456789") != "" {
		return 0, fmt.Errorf("%s is not a number of seconds like 4 or 3.84", quote(text))
	}
	d := time.Duration(0)
	if whole != "" {
		n, err := strconv.ParseInt(whole, 10, 64)
		if err != nil {
			return 0, err
		}
		d = time.Duration(n) * time.Second
	}
	digits := (fraction + "0000000000")[:10]
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, err
	}
	return d + time.Duration((n+5)/10), nil
}

// ByteRange is a part of a file; both ends are inclusive, as in HTTP and in P2P Media Loader.
type ByteRange struct{ Start, End int64 }

// Len is the number of bytes.
func (r ByteRange) Len() int64 { return r.End - r.Start + 1 }

func sameRange(a, b *ByteRange) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// parseByteRange reads "n" or "n@o" (RFC 8216 section 4.3.2.2); next is the offset to use where there is none, -1 if unknown.
func parseByteRange(text string, next int64) (ByteRange, error) {
	length, offset, given := strings.Cut(text, "@")
	n, err := parseDecimal(length)
	if err != nil {
		return ByteRange{}, fmt.Errorf("byte range %s: %w; write length@offset", quote(text), err)
	}
	if n == 0 {
		return ByteRange{}, errors.New("byte range of no bytes")
	}
	start := next
	if given {
		if start, err = parseDecimal(offset); err != nil {
			return ByteRange{}, fmt.Errorf("byte range %s: %w; write length@offset", quote(text), err)
		}
	}
	switch {
	case start < 0:
		return ByteRange{}, fmt.Errorf("byte range %s has no offset, and the segment before it is not a range of the same file; write %s@offset (RFC 8216 section 4.3.2.2)", quote(text), text)
	case start+n > maxSequence:
		return ByteRange{}, fmt.Errorf("byte range %s ends beyond 2^53", quote(text))
	}
	return ByteRange{Start: start, End: start + n - 1}, nil
}
