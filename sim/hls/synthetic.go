package hls

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"swarmlab/sim/hls/testcard"
)

// ErrCorrupt is what a verification finds.
var ErrCorrupt = errors.New("the bytes differ from the segment's")

// NewSynthetic makes a stream out of its description.
func NewSynthetic(cfg Config) (*Stream, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("synthetic stream: %w", err)
	}
	src := &synthetic{cfg: cfg, byName: make(map[string]int)}
	s := &Stream{kind: cfg.Kind, masterPath: "master.m3u8", variants: cfg.Variants, source: src, cache: newByteCache(cfg.CacheBytes)}
	for i, v := range cfg.Variants {
		src.byName[v.Name] = i
		s.tracks = append(s.tracks, &track{timeline: cfg.timeline(), path: v.URI, independent: true})
	}
	s.master = writeMaster(s.variants, nil, true)
	return s, nil
}

func (c Config) timeline() timeline {
	t := timeline{first: c.FirstSequence}
	if c.Kind == Live {
		t.loops, t.window = true, c.Window
		t.setEnds([]time.Duration{c.SegmentDuration})
		t.target = targetDuration(t.most)
		t.begins = -t.fullWindowEnd() - c.Phase
		return t
	}
	var ends []time.Duration
	for end := c.SegmentDuration; end < c.Length; end += c.SegmentDuration {
		ends = append(ends, end)
	}
	t.setEnds(append(ends, c.Length))
	t.target = targetDuration(t.most)
	return t
}

// synthetic is the source that makes segments up.
type synthetic struct {
	cfg    Config
	byName map[string]int
}

func (s *synthetic) facts(track int, seq int64, p place) facts {
	v := s.cfg.Variants[track]
	size := s.size(v, seq, p.duration)
	if track < len(s.cfg.SegmentBytes) && len(s.cfg.SegmentBytes[track]) > 0 {
		exact := s.cfg.SegmentBytes[track]
		size = exact[(seq-s.cfg.FirstSequence)%int64(len(exact))]
	}
	return facts{path: v.Name + "/" + strconv.FormatInt(seq, 10) + ".ts", size: size, content: seq}
}

// etag is made of what the bytes are made of, before anything is fitted, which costs more than a name should.
func (s *synthetic) etag(track int, seq int64, f facts) string {
	key := sha256.Sum256(append(s.id(track, seq, f).line(), s.wanted(track, seq).Line()...))
	return hex.EncodeToString(key[:8])
}

// size is what the variant's bitrate gives for the segment's duration, to the nearest whole packet of MPEG-TS. The bitrate is
// AVERAGE-BANDWIDTH where it is given, since that is its meaning (RFC 8216 section 4.3.4.2); BANDWIDTH, the peak, is then the
// bound of what varies.
func (s *synthetic) size(v Variant, seq int64, d time.Duration) int64 {
	rate := v.Bandwidth
	if v.AverageBandwidth > 0 {
		rate = v.AverageBandwidth
	}
	size := bytesAt(rate, d)
	if s.cfg.SizeSigma == 0 {
		return wholePackets(size)
	}
	key := sha256.Sum256(fmt.Appendf(nil, "swarmlab size stream=%d variant=%s seq=%d", s.cfg.Seed, v.Name, seq))
	sigma := s.cfg.SizeSigma
	factor := math.Exp(float64(sigma*rand.New(rand.NewChaCha8(key)).NormFloat64()) - float64(sigma*sigma/2))
	// On a grid of 1/4096, so that the last bit of one processor's Exp does not change a size.
	grid := int64(math.Round(min(max(factor, 1.0/16), 4) * 4096))
	size = wholePackets(min(size*grid/4096, maxSegmentBytes))
	if v.AverageBandwidth > 0 {
		most := max(bytesAt(v.Bandwidth, d)/testcard.PacketBytes, 1) * testcard.PacketBytes
		size = min(size, most)
	}
	return size
}

// wholePackets rounds to the nearest multiple of a packet's size, and never down to nothing.
func wholePackets(size int64) int64 {
	return max((size+testcard.PacketBytes/2)/testcard.PacketBytes, 1) * testcard.PacketBytes
}

// bytesAt is rate * d / 8, in 128 bits because a nanosecond count times a bitrate is too much for 64.
func bytesAt(rate int64, d time.Duration) int64 {
	hi, lo := bits.Mul64(uint64(max(rate, 0)), uint64(max(d, 0)))
	const perByte = 8 * uint64(time.Second)
	if hi >= perByte {
		return math.MaxInt64
	}
	q, _ := bits.Div64(hi, lo, perByte)
	return int64(min(q, math.MaxInt64))
}

func (s *synthetic) load(track int, seq int64, f facts) ([]byte, error) {
	id := s.id(track, seq, f)
	id.Card = s.card(track, seq, f)
	return syntheticBytes(id)
}

func (s *synthetic) id(track int, seq int64, f facts) SyntheticID {
	return SyntheticID{Stream: s.cfg.Seed, Variant: s.cfg.Variants[track].Name, Seq: seq, Bytes: f.size}
}

func (s *synthetic) locate(path string) (Resource, bool) {
	folder, file, _ := strings.Cut(path, "/")
	variant, ok := s.byName[folder]
	digits, isTS := strings.CutSuffix(file, ".ts")
	seq, err := strconv.ParseInt(digits, 10, 64)
	// One segment has one URL: "007.ts" and "+7.ts" are not other names of "7.ts".
	if !ok || !isTS || err != nil || strconv.FormatInt(seq, 10) != digits {
		return Resource{}, false
	}
	return Resource{Kind: KindSegment, Variant: variant, Seq: seq}, true
}

func (s *synthetic) open(r Resource) (*openFile, error) {
	return nil, fmt.Errorf("a synthetic stream has no %s", r.Kind)
}
func (s *synthetic) discontinuitiesBefore(int, place) int64 { return 0 }
func (s *synthetic) close() error                           { return nil }
