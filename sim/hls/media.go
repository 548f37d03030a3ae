package hls

import (
	"fmt"
	"strings"
	"time"
)

// Media is a media playlist as a player understands it.
type Media struct {
	URL                   string
	Version               int
	TargetDuration        time.Duration
	MediaSequence         int64
	DiscontinuitySequence int64
	// PlaylistType is VOD, EVENT or empty.
	PlaylistType        string
	IndependentSegments bool
	// EndList: no segment will be added. A playlist without it is live.
	EndList  bool
	Segments []MediaSegment
}

// MediaSegment is one segment of a playlist.
type MediaSegment struct {
	Seq      int64 // media sequence number
	URI      string
	Duration time.Duration
	Range    *ByteRange // nil: the whole file
	// Discontinuity: the segment does not continue the one before it.
	Discontinuity bool
	Map           *Map // nil: none needed
	Gap           bool // EXT-X-GAP: there is no such segment to load
	Encrypted     bool // EXT-X-KEY with a method other than NONE
}

// Map is an EXT-X-MAP: what the decoder needs before the segment.
type Map struct {
	URI   string
	Range *ByteRange
}

// Length is the sum of all durations.
func (m *Media) Length() time.Duration {
	var sum time.Duration
	for _, s := range m.Segments {
		sum += s.Duration
	}
	return sum
}

// ParseMedia reads a media playlist; url is where it was loaded from, and URIs come back absolute. Errors are *ParseError.
func ParseMedia(url string, body []byte) (*Media, error) {
	resolve, err := resolver(url)
	if err != nil {
		return nil, err
	}
	m, _, err := parseMedia(url, body, resolve)
	return m, err
}

type mediaParser struct {
	*lineReader
	resolve func(string) (string, error)
	media   *Media
	lines   []int // of the segments' URIs, for errors found later
	total   time.Duration

	segment   MediaSegment // what the tags before a URI have said so far
	hasInf    bool
	byteRange string // the value of EXT-X-BYTERANGE, read when the URI is known
	seen      map[string]bool
}

func parseMedia(url string, body []byte, resolve func(string) (string, error)) (*Media, []int, error) {
	lines, err := newLineReader(url, body)
	if err != nil {
		return nil, nil, err
	}
	p := &mediaParser{lineReader: lines, resolve: resolve, media: &Media{URL: url, Version: 1}, seen: make(map[string]bool)}
	for {
		tag, value, ok, err := p.next()
		if err != nil {
			return nil, nil, err
		}
		if !ok {
			break
		}
		if err := p.take(tag, value); err != nil {
			return nil, nil, p.errorf("%s", err)
		}
	}
	if p.hasInf {
		return nil, nil, p.errorf("the playlist ends after EXTINF; the segment's URI must follow")
	}
	if p.media.TargetDuration == 0 {
		p.line = 0
		return nil, nil, p.errorf("EXT-X-TARGETDURATION is missing (RFC 8216 section 4.3.3.1)")
	}
	return p.media, p.lines, nil
}

func (p *mediaParser) take(tag, value string) error {
	if strings.HasPrefix(tag, "#EXT-X-STREAM-INF") || tag == "#EXT-X-MEDIA" || tag == "#EXT-X-I-FRAME-STREAM-INF" {
		return fmt.Errorf("%s belongs in a master playlist", tag)
	}
	if once[tag] && p.seen[tag] {
		return fmt.Errorf("%s is given twice", tag)
	}
	p.seen[tag] = true
	if err := p.takeTag(tag, value); err != nil {
		if tag == "" {
			return err
		}
		return fmt.Errorf("%s: %w", strings.TrimPrefix(tag, "#"), err)
	}
	return nil
}

// once are the tags that speak of the whole playlist (RFC 8216 section 4.3.3: there must not be more than one of each).
var once = map[string]bool{"#EXT-X-VERSION": true, "#EXT-X-TARGETDURATION": true, "#EXT-X-MEDIA-SEQUENCE": true,
	"#EXT-X-DISCONTINUITY-SEQUENCE": true, "#EXT-X-PLAYLIST-TYPE": true}

func (p *mediaParser) takeTag(tag, value string) (err error) {
	switch tag {
	case "":
		return p.uri(value)
	case "#EXTINF":
		return p.inf(value)
	case "#EXT-X-BYTERANGE":
		p.byteRange = strings.TrimSpace(value)
	case "#EXT-X-DISCONTINUITY":
		p.segment.Discontinuity = true
	case "#EXT-X-GAP":
		p.segment.Gap = true
	case "#EXT-X-MAP":
		return p.initMap(value)
	case "#EXT-X-KEY":
		return p.key(value)
	case "#EXT-X-DEFINE":
		return fmt.Errorf("variable substitution is not supported; write the values out")
	default:
		return p.header(tag, strings.TrimSpace(value))
	}
	return nil
}

func (p *mediaParser) header(tag, value string) (err error) {
	m := p.media
	switch tag {
	case "#EXT-X-VERSION":
		var n int64
		n, err = parseDecimal(value)
		m.Version = int(min(n, 1000))
	case "#EXT-X-TARGETDURATION":
		return p.target(value)
	case "#EXT-X-MEDIA-SEQUENCE":
		m.MediaSequence, err = p.beforeSegments(value)
	case "#EXT-X-DISCONTINUITY-SEQUENCE":
		m.DiscontinuitySequence, err = p.beforeSegments(value)
	case "#EXT-X-PLAYLIST-TYPE":
		if m.PlaylistType = value; value != "VOD" && value != "EVENT" {
			return fmt.Errorf("%s; use VOD or EVENT", quote(value))
		}
	case "#EXT-X-INDEPENDENT-SEGMENTS":
		m.IndependentSegments = true
	case "#EXT-X-ENDLIST":
		m.EndList = true
	}
	return err // an unknown tag must be ignored (RFC 8216 section 6.3.1)
}

func (p *mediaParser) target(value string) error {
	n, err := parseDecimal(value)
	if err != nil {
		return fmt.Errorf("%w of seconds", err)
	}
	if n < 1 || n > int64(maxEXTINF/time.Second) {
		return fmt.Errorf("%d s; use 1 to %d", n, int64(maxEXTINF/time.Second))
	}
	p.media.TargetDuration = time.Duration(n) * time.Second
	return nil
}

func (p *mediaParser) beforeSegments(value string) (int64, error) {
	if len(p.media.Segments) > 0 {
		return 0, fmt.Errorf("must stand before the first segment (RFC 8216 section 4.3.3)")
	}
	return parseDecimal(value)
}

func (p *mediaParser) inf(value string) error {
	if p.hasInf {
		return fmt.Errorf("two in a row; the URI of the segment before is missing")
	}
	text, _, _ := strings.Cut(value, ",")
	d, err := parseSeconds(strings.TrimSpace(text))
	if err != nil {
		return err
	}
	if p.total += d; d > maxEXTINF || p.total > maxTotal {
		return fmt.Errorf("%v is too long; a segment lasts at most %v, a playlist %v", d, maxEXTINF, maxTotal)
	}
	p.segment.Duration, p.hasInf = d, true
	return nil
}

func (p *mediaParser) initMap(value string) error {
	a, err := parseAttributes(value)
	if err != nil {
		return err
	}
	if a["URI"] == "" {
		return fmt.Errorf("URI is missing")
	}
	m := &Map{}
	if m.URI, err = p.resolve(a["URI"]); err != nil {
		return err
	}
	if text, ok := a["BYTERANGE"]; ok {
		r, err := parseByteRange(text, 0) // without an offset from the beginning, as players take it
		if err != nil {
			return err
		}
		m.Range = &r
	}
	p.segment.Map = m
	return nil
}

func (p *mediaParser) key(value string) error {
	a, err := parseAttributes(value)
	if err != nil {
		return err
	}
	if a["METHOD"] == "" {
		return fmt.Errorf("METHOD is missing")
	}
	p.segment.Encrypted = a["METHOD"] != "NONE"
	return nil
}

func (p *mediaParser) uri(text string) error {
	if !p.hasInf {
		return fmt.Errorf("URI %s without an EXTINF before it", quote(text))
	}
	if len(p.media.Segments) >= maxSegments {
		return fmt.Errorf("more than %d segments", maxSegments)
	}
	uri, err := p.resolve(text)
	if err != nil {
		return err
	}
	s := p.segment
	s.URI = uri
	s.Seq = p.media.MediaSequence + int64(len(p.media.Segments))
	if p.byteRange != "" {
		r, err := parseByteRange(p.byteRange, p.nextOffset(uri))
		if err != nil {
			return fmt.Errorf("EXT-X-BYTERANGE: %w", err)
		}
		s.Range = &r
	}
	p.media.Segments = append(p.media.Segments, s)
	p.lines = append(p.lines, p.line)
	// A map and a key last until the next of their kind; everything else speaks of one segment.
	p.segment = MediaSegment{Map: s.Map, Encrypted: s.Encrypted}
	p.hasInf, p.byteRange = false, ""
	return nil
}

// nextOffset is where the segment before ended, if it is a range of the same file; -1 otherwise.
func (p *mediaParser) nextOffset(uri string) int64 {
	if n := len(p.media.Segments); n > 0 {
		if before := p.media.Segments[n-1]; before.Range != nil && before.URI == uri {
			return before.Range.End + 1
		}
	}
	return -1
}
