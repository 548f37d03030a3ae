package hls

import (
	"bytes"
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
)

// MasterPlaylist is the master playlist. The slice is shared and read-only.
func (s *Stream) MasterPlaylist() []byte { return s.master }

// MediaPlaylist is a variant's playlist at a time since the stream's start; nil if there is no such variant. The slice is
// shared and read-only: until the next segment is published, everybody gets the same.
func (s *Stream) MediaPlaylist(variant int, at time.Duration) []byte {
	t := s.track(variant)
	if t == nil {
		return nil
	}
	last := t.last(max(at, 0))
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.newest != nil && t.newestAt == last {
		return t.newest
	}
	playlist := s.writeMedia(variant, t, last)
	// Only forward: somebody who asks about the past must not take the present's place.
	if t.newest == nil || last > t.newestAt {
		t.newest, t.newestAt = playlist, last
	}
	return playlist
}

func (s *Stream) writeMedia(variant int, t *track, last int64) []byte {
	first := t.windowStart(last)
	var segments bytes.Buffer
	version := 3 // EXTINF with a decimal point (RFC 8216 section 7)
	var current *initSection
	for seq := first; seq <= last; seq++ {
		p, f, ok := s.look(variant, seq)
		if !ok {
			break // the clock's end, after 73 years
		}
		version = max(version, f.version())
		if f.discontinuity {
			segments.WriteString("#EXT-X-DISCONTINUITY\n")
		}
		if f.init != nil && !f.init.equal(current) {
			writeMap(&segments, t.path, f.init)
		}
		current = f.init
		fmt.Fprintf(&segments, "#EXTINF:%s,\n", seconds(p.duration))
		if f.byteRange != nil {
			fmt.Fprintf(&segments, "#EXT-X-BYTERANGE:%d@%d\n", f.byteRange.Len(), f.byteRange.Start)
		}
		segments.WriteString(relativeURI(t.path, f.path))
		segments.WriteByte('\n')
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "#EXTM3U\n#EXT-X-VERSION:%d\n#EXT-X-TARGETDURATION:%d\n#EXT-X-MEDIA-SEQUENCE:%d\n", version, int64(t.target/time.Second), first)
	if n := s.gone(variant, t, first); n > 0 {
		fmt.Fprintf(&b, "#EXT-X-DISCONTINUITY-SEQUENCE:%d\n", n)
	}
	if t.independent {
		b.WriteString("#EXT-X-INDEPENDENT-SEGMENTS\n")
	}
	if !t.loops {
		b.WriteString("#EXT-X-PLAYLIST-TYPE:VOD\n")
	}
	b.Write(segments.Bytes())
	if !t.loops {
		b.WriteString("#EXT-X-ENDLIST\n")
	}
	return b.Bytes()
}

// gone counts the discontinuities that have left the playlist, for EXT-X-DISCONTINUITY-SEQUENCE (RFC 8216 section 4.3.3.3).
func (s *Stream) gone(variant int, t *track, first int64) int64 {
	p, ok := t.at(first)
	if !ok {
		return 0
	}
	return s.source.discontinuitiesBefore(variant, p)
}

// version is what RFC 8216 section 7 asks of a playlist with such a segment.
func (f facts) version() int {
	switch {
	case f.init != nil:
		return 6
	case f.byteRange != nil:
		return 4
	default:
		return 3
	}
}

func (i *initSection) equal(other *initSection) bool {
	if i == nil || other == nil {
		return i == other
	}
	return i.path == other.path && sameRange(i.byteRange, other.byteRange)
}

func writeMap(b *bytes.Buffer, playlist string, init *initSection) {
	fmt.Fprintf(b, "#EXT-X-MAP:URI=%q", relativeURI(playlist, init.path))
	if r := init.byteRange; r != nil {
		fmt.Fprintf(b, ",BYTERANGE=\"%d@%d\"", r.Len(), r.Start)
	}
	b.WriteByte('\n')
}

// seconds writes a duration as a decimal that reads back to the same nanosecond.
func seconds(d time.Duration) string {
	whole, rest := int64(d/time.Second), int64(d%time.Second)
	fraction := strings.TrimRight(fmt.Sprintf("%09d", rest), "0")
	for len(fraction) < 3 {
		fraction += "0" // 4.000, as packagers write it
	}
	return strconv.FormatInt(whole, 10) + "." + fraction
}

// relativeURI is how a playlist refers to another file of the stream; both paths are relative to the master's folder.
func relativeURI(from, to string) string {
	folder := strings.Split(path.Dir(from), "/")
	if folder[0] == "." {
		folder = nil
	}
	target := strings.Split(to, "/")
	for len(folder) > 0 && len(target) > 1 && folder[0] == target[0] {
		folder, target = folder[1:], target[1:]
	}
	u := url.URL{Path: strings.Repeat("../", len(folder)) + strings.Join(target, "/")}
	// url.URL leaves a quote-safe, space-free text: '"' and control characters are escaped.
	return u.String()
}

func writeMaster(variants []Variant, renditions []Rendition, independent bool) []byte {
	var b bytes.Buffer
	b.WriteString("#EXTM3U\n#EXT-X-VERSION:3\n")
	if independent {
		b.WriteString("#EXT-X-INDEPENDENT-SEGMENTS\n")
	}
	for _, r := range renditions {
		writeRendition(&b, r)
	}
	for _, v := range variants {
		writeVariant(&b, v)
	}
	return b.Bytes()
}

func writeVariant(b *bytes.Buffer, v Variant) {
	fmt.Fprintf(b, "#EXT-X-STREAM-INF:BANDWIDTH=%d", v.Bandwidth)
	if v.AverageBandwidth > 0 {
		fmt.Fprintf(b, ",AVERAGE-BANDWIDTH=%d", v.AverageBandwidth)
	}
	attribute(b, "CODECS", v.Codecs, true)
	attribute(b, "RESOLUTION", v.Resolution.String(), false)
	attribute(b, "FRAME-RATE", v.FrameRate, false)
	attribute(b, "VIDEO-RANGE", v.VideoRange, false)
	attribute(b, "AUDIO", v.AudioGroup, true)
	fmt.Fprintf(b, "\n%s\n", relativeURI("", v.URI))
}

func writeRendition(b *bytes.Buffer, r Rendition) {
	fmt.Fprintf(b, "#EXT-X-MEDIA:TYPE=%s,GROUP-ID=\"%s\",NAME=\"%s\"", r.Type, r.GroupID, r.Name)
	attribute(b, "LANGUAGE", r.Language, true)
	if r.Default {
		b.WriteString(",DEFAULT=YES")
	}
	if r.Autoselect {
		b.WriteString(",AUTOSELECT=YES")
	}
	attribute(b, "CHANNELS", r.Channels, true)
	if r.URI != "" {
		attribute(b, "URI", relativeURI("", r.URI), true)
	}
	b.WriteByte('\n')
}

func attribute(b *bytes.Buffer, name, value string, quoted bool) {
	switch {
	case value == "":
	case quoted:
		fmt.Fprintf(b, ",%s=\"%s\"", name, value)
	default:
		fmt.Fprintf(b, ",%s=%s", name, value)
	}
}
