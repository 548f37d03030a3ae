package hls

import (
	"bytes"
	"fmt"
	"sync"
	"time"
)

// Stream is what the origin serves. It never changes; every question about time takes the time as an argument, counted from the
// stream's start. All its methods may be called from any goroutine.
type Stream struct {
	kind       Kind
	masterPath string
	master     []byte
	variants   []Variant
	renditions []Rendition
	tracks     []*track
	source     source
	cache      *byteCache
	warnings   []string
}

// track is one media playlist: a variant's, or that of an audio rendition.
type track struct {
	timeline
	path        string // of the playlist, relative to the master's folder
	independent bool   // EXT-X-INDEPENDENT-SEGMENTS

	mu       sync.Mutex // guards the newest playlist, which every viewer asks for and which is the same for all of them
	newest   []byte
	newestAt int64
}

// source knows what is inside the segments: a generator, or a folder.
type source interface {
	facts(track int, seq int64, p place) facts
	load(track int, seq int64, f facts) ([]byte, error)
	// etag names the bytes of a segment without making them.
	etag(track int, seq int64, f facts) string
	locate(path string) (Resource, bool)
	// open opens what is neither a playlist nor a whole segment: an init section, or a file that holds several segments.
	open(r Resource) (*openFile, error)
	// discontinuitiesBefore counts them, from the track's beginning to a segment exclusively.
	discontinuitiesBefore(track int, p place) int64
	close() error
}

// facts are what a source knows of a segment without making its bytes.
type facts struct {
	path          string // relative to the master's folder
	size          int64
	byteRange     *ByteRange
	discontinuity bool
	init          *initSection
	// content numbers the bytes: segments of one track with the same content have the same bytes, as every time round of a loop
	// does. The cache goes by it.
	content int64
}

// initSection is an EXT-X-MAP.
type initSection struct {
	path      string
	byteRange *ByteRange
}

// SegmentInfo is what is known of a segment without making its bytes.
type SegmentInfo struct {
	Variant int
	Seq     int64 // media sequence number
	// Start on the stream's clock; of a live stream's first segments it is negative.
	Start    time.Duration
	Duration time.Duration
	Size     int64
	// URI relative to the master playlist, unescaped. Range is where in it the segment is; nil if it is all of it.
	URI           string
	Range         *ByteRange
	Discontinuity bool
}

// Live reports whether the stream is happening.
func (s *Stream) Live() bool { return s.kind == Live }

// Variants are the stream's variants. Their index is what other methods call variant.
func (s *Stream) Variants() []Variant { return append([]Variant(nil), s.variants...) }

// AudioRenditions are the audio renditions that have a playlist of their own (folders only). Their tracks follow the
// variants: rendition i is variant len(Variants())+i in other methods.
func (s *Stream) AudioRenditions() []Rendition {
	var audio []Rendition
	for _, r := range s.renditions {
		if r.separateAudio() {
			audio = append(audio, r)
		}
	}
	return audio
}

func (r Rendition) separateAudio() bool { return r.Type == "AUDIO" && r.URI != "" }

// Tracks is the number of media playlists: variants, then audio renditions.
func (s *Stream) Tracks() int { return len(s.tracks) }

// Warnings are what is odd, but not wrong, about a folder's playlists.
func (s *Stream) Warnings() []string { return append([]string(nil), s.warnings...) }

// MasterPath is where the master playlist is: "master.m3u8", or a folder's own name for it.
func (s *Stream) MasterPath() string { return s.masterPath }

// MediaPath is where a variant's media playlist is, relative to the master's folder. Empty if there is no such variant.
func (s *Stream) MediaPath(variant int) string {
	if t := s.track(variant); t != nil {
		return t.path
	}
	return ""
}

// Window is the first and the last segment of a variant's playlist at a time. ok is false if there is no such variant.
func (s *Stream) Window(variant int, at time.Duration) (first, last int64, ok bool) {
	t := s.track(variant)
	if t == nil {
		return 0, 0, false
	}
	last = t.last(max(at, 0))
	return t.windowStart(last), last, true
}

// Available reports whether the origin has a segment at a time: published, and not yet thrown away.
func (s *Stream) Available(variant int, seq int64, at time.Duration) bool {
	t := s.track(variant)
	return t != nil && t.available(seq, max(at, 0))
}

// Segment tells of a segment, published or not. A live stream has segments without end, but none before its first.
func (s *Stream) Segment(variant int, seq int64) (SegmentInfo, bool) {
	p, f, ok := s.look(variant, seq)
	if !ok {
		return SegmentInfo{}, false
	}
	return SegmentInfo{Variant: variant, Seq: seq, Start: p.start, Duration: p.duration, Size: f.size,
		URI: f.path, Range: f.byteRange, Discontinuity: f.discontinuity}, true
}

func (s *Stream) look(variant int, seq int64) (place, facts, bool) {
	t := s.track(variant)
	if t == nil {
		return place{}, facts{}, false
	}
	p, ok := t.at(seq)
	if !ok {
		return place{}, facts{}, false
	}
	return p, s.source.facts(variant, seq, p), true
}

// Bytes are the bytes of a segment. They are shared by everybody who asks: nobody may write to them.
func (s *Stream) Bytes(variant int, seq int64) ([]byte, error) {
	_, f, ok := s.look(variant, seq)
	if !ok {
		return nil, fmt.Errorf("variant %d has no segment %d", variant, seq)
	}
	return s.cache.get(cacheKey{variant, f.content}, func() ([]byte, error) { return s.source.load(variant, seq, f) })
}

// Verify reports how data differs from the segment's bytes, if it does.
func (s *Stream) Verify(variant int, seq int64, data []byte) error {
	want, err := s.Bytes(variant, seq)
	if err != nil {
		return fmt.Errorf("verify segment %d of variant %d: %w", seq, variant, err)
	}
	if len(data) > 0 && len(data) == len(want) && &data[0] == &want[0] {
		return nil // the shared bytes themselves
	}
	if err := difference(data, want); err != nil {
		return fmt.Errorf("segment %d of variant %d: %w", seq, variant, err)
	}
	return nil
}

func difference(got, want []byte) error {
	if bytes.Equal(got, want) {
		return nil
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Errorf("%w: byte %d of %d is 0x%02x, not 0x%02x", ErrCorrupt, i, len(want), got[i], want[i])
		}
	}
	return fmt.Errorf("%w: %d bytes, not %d", ErrCorrupt, len(got), len(want))
}

// Close gives back what the stream holds open (a folder). Bytes already handed out remain good.
func (s *Stream) Close() error { return s.source.close() }

func (s *Stream) track(variant int) *track {
	if variant < 0 || variant >= len(s.tracks) {
		return nil
	}
	return s.tracks[variant]
}
