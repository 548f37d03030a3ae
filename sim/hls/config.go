package hls

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"

	"swarmlab/sim/hls/testcard"
)

// Kind says whether a stream is recorded or happening.
type Kind string

// The kinds, as scenarios spell them.
const (
	VOD  Kind = "vod"
	Live Kind = "live"
)

// Defaults of a Config's zero values.
const (
	DefaultSegmentDuration = 4 * time.Second
	DefaultLength          = 160 * time.Second
	// DefaultWindow is the least that Apple's HLS authoring specification allows (8.11).
	DefaultWindow = 6
	// DefaultCacheBytes holds some minutes of a ladder; what does not fit is made again, which costs 1 to 1.5 ms per MB.
	DefaultCacheBytes = 256 << 20
)

// Limits of a configuration. They are far above sane use and keep a slip of the pen from eating the machine.
const (
	minSegmentDuration = 10 * time.Millisecond
	maxSegmentDuration = 10 * time.Minute
	maxLength          = 7 * 24 * time.Hour
	maxBandwidth       = 10_000_000_000
	maxSegmentBytes    = 512 << 20
	maxWindow          = 100_000
	maxTracks          = 256
	maxSequence        = 1 << 53 // what JavaScript, and so every player in a browser, can count to
)

// Config describes a synthetic stream. The zero value is a VOD of 40 segments of 4 s in one variant.
type Config struct {
	Kind            Kind          // VOD if empty
	SegmentDuration time.Duration // of every segment; the last of a VOD takes what is left
	Window          int           // live: segments in the playlist
	Length          time.Duration // VOD only; a live stream does not end
	Phase           time.Duration // live: how long before time 0 the newest segment was published
	Variants        []Variant
	// SegmentBytes, where given, are the exact sizes of a variant's segments from FirstSequence on, over and over; by variant. They
	// count for SizeSigma's place too.
	SegmentBytes [][]int64
	// Seed names the stream: the same seed gives the same bytes.
	Seed uint64
	// SizeSigma makes segment sizes vary: the sigma of a log-normal factor with mean 1, the same for a segment in every run.
	// 0 (the default) gives bandwidth * duration / 8 bytes, to the nearest packet of 188. Real streams have about 0.1 to 0.4.
	SizeSigma float64
	// FirstSequence is the media sequence number of the first segment (live: the first in the playlist at time 0).
	FirstSequence int64
	CacheBytes    int64 // bound of the cache of segment bytes; DefaultCacheBytes if 0
}

func (c Config) withDefaults() Config {
	if c.Kind == "" {
		c.Kind = VOD
	}
	if c.SegmentDuration == 0 {
		c.SegmentDuration = DefaultSegmentDuration
	}
	if c.Window == 0 {
		c.Window = DefaultWindow
	}
	if c.Length == 0 {
		c.Length = DefaultLength
	}
	if c.CacheBytes == 0 {
		c.CacheBytes = DefaultCacheBytes
	}
	if len(c.Variants) == 0 {
		c.Variants = []Variant{{Bandwidth: 800_000, Resolution: Resolution{640, 360}, Codecs: "avc1.42c01e,mp4a.40.2"}}
	}
	c.Variants = append([]Variant(nil), c.Variants...)
	for i := range c.Variants {
		if c.Variants[i].Name == "" {
			c.Variants[i].Name = fmt.Sprintf("v%d", i)
		}
		c.Variants[i].URI = c.Variants[i].Name + "/playlist.m3u8"
	}
	return c
}

// validate reports everything that is wrong, not only the first: a person mends a file once.
func (c Config) validate() error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.Kind != VOD && c.Kind != Live {
		fail("kind %q: use %q or %q", c.Kind, VOD, Live)
	}
	if c.SegmentDuration < minSegmentDuration || c.SegmentDuration > maxSegmentDuration {
		fail("segment duration %v: use %v to %v", c.SegmentDuration, minSegmentDuration, maxSegmentDuration)
		return errors.Join(errs...) // everything below divides by it
	}
	if c.Kind == VOD && (c.Length < minSegmentDuration || c.Length > maxLength || c.Length/c.SegmentDuration >= maxSegments) {
		fail("length %v: use %v to %v, in at most %d segments", c.Length, minSegmentDuration, maxLength, maxSegments)
	}
	if c.Phase < 0 || c.Phase >= c.SegmentDuration {
		fail("phase %v: use 0 to less than a segment's duration (%v)", c.Phase, c.SegmentDuration)
	}
	if len(c.SegmentBytes) > len(c.Variants) {
		fail("segment bytes of %d variants: there are %d", len(c.SegmentBytes), len(c.Variants))
	}
	for i, sizes := range c.SegmentBytes {
		for _, n := range sizes {
			if n < 1 || n > maxSegmentBytes || n%testcard.PacketBytes != 0 {
				fail("segment bytes of variant %d: %d: use whole packets of %d bytes, at most %d in all; %d is the nearest", i, n,
					testcard.PacketBytes, maxSegmentBytes, wholePackets(min(n, maxSegmentBytes)))
			}
		}
	}
	if c.Kind == Live {
		if err := checkWindow(c.Window, c.SegmentDuration); err != nil {
			errs = append(errs, err)
		}
	}
	if !(c.SizeSigma >= 0 && c.SizeSigma <= 2) { // written so that NaN fails too
		fail("size sigma %v: use 0 (constant sizes) to 2", c.SizeSigma)
	}
	if c.FirstSequence < 0 || c.FirstSequence > maxSequence/2 {
		fail("first sequence number %d: use 0 to %d", c.FirstSequence, int64(maxSequence/2))
	}
	if c.CacheBytes < 0 {
		fail("cache of %d bytes: use 0 (the default) or more", c.CacheBytes)
	}
	return errors.Join(append(errs, checkVariants(c.Variants, c.SegmentDuration)...)...)
}

// checkWindow holds a live window against RFC 8216 6.2.2: a server must not shorten a playlist below three target durations.
func checkWindow(window int, segment time.Duration) error {
	need := 3 * targetDuration(segment)
	if window > maxWindow {
		return fmt.Errorf("window of %d segments: use at most %d", window, maxWindow)
	}
	if window < 1 || time.Duration(window)*segment < need {
		atLeast := int64(math.Ceil(float64(need) / float64(segment)))
		return fmt.Errorf("window of %d segments of %v: less than three target durations (%v, RFC 8216 section 6.2.2); use at least %d",
			window, segment, need, atLeast)
	}
	return nil
}

var (
	variantName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	rateText    = regexp.MustCompile(`^[0-9]{1,4}(\.[0-9]{1,6})?$`)
	enumText    = regexp.MustCompile(`^[A-Z0-9-]{1,32}$`)
)

func checkVariants(variants []Variant, segment time.Duration) []error {
	var errs []error
	if len(variants) > maxTracks {
		return []error{fmt.Errorf("%d variants: use at most %d", len(variants), maxTracks)}
	}
	seen := make(map[string]bool)
	for i, v := range variants {
		if err := checkVariant(v, segment); err != nil {
			errs = append(errs, fmt.Errorf("variant %d: %w", i, err))
		}
		// Case is folded because the name may become a folder on a disk that folds it.
		if name := strings.ToLower(v.Name); seen[name] {
			errs = append(errs, fmt.Errorf("variant %d: the name %q is taken; names must differ", i, v.Name))
		} else {
			seen[name] = true
		}
	}
	return errs
}

func checkVariant(v Variant, segment time.Duration) error {
	switch {
	case !variantName.MatchString(v.Name):
		return fmt.Errorf("name %q: use letters, digits, '.', '_' and '-'", v.Name)
	case v.Bandwidth <= 0 || v.Bandwidth > maxBandwidth:
		return fmt.Errorf("bandwidth %d: use 1 to %d bit/s", v.Bandwidth, int64(maxBandwidth))
	case v.AverageBandwidth < 0 || v.AverageBandwidth > v.Bandwidth:
		return fmt.Errorf("average bandwidth %d: use at most bandwidth, which is the peak (%d)", v.AverageBandwidth, v.Bandwidth)
	case bytesAt(v.Bandwidth, segment) < 1 || bytesAt(v.Bandwidth, segment) > maxSegmentBytes:
		return fmt.Errorf("bandwidth %d for %v gives segments of %d bytes: use 1 to %d", v.Bandwidth, segment,
			bytesAt(v.Bandwidth, segment), int64(maxSegmentBytes))
	case v.Resolution != Resolution{} && (v.Resolution.Width < 1 || v.Resolution.Height < 1 ||
		v.Resolution.Width > maxPixels || v.Resolution.Height > maxPixels):
		return fmt.Errorf("resolution %dx%d: use a form like 640x360", v.Resolution.Width, v.Resolution.Height)
	case strings.ContainsAny(v.Codecs, "\"\r\n"):
		return fmt.Errorf("codecs %q: no quotes and no line breaks", v.Codecs)
	case v.FrameRate != "" && !rateText.MatchString(v.FrameRate):
		return fmt.Errorf("frame rate %q: use a decimal number such as 29.970", v.FrameRate)
	case v.VideoRange != "" && !enumText.MatchString(v.VideoRange):
		return fmt.Errorf("video range %q: use SDR, HLG or PQ", v.VideoRange)
	case v.AudioGroup != "":
		return errors.New("audio group: a synthetic stream has no separate audio; take a folder with one")
	}
	return nil
}
