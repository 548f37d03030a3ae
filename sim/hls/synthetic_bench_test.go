package hls

import (
	"testing"
	"time"
)

// BenchmarkSegment is what a segment costs to make. Padding alone is the floor: the keystream.
func BenchmarkSegment(b *testing.B) {
	for _, c := range []struct {
		name     string
		duration time.Duration
		variant  Variant
	}{
		{"102kB-320x180", 2 * time.Second, Variant{Bandwidth: 408_000, Resolution: Resolution{320, 180}}},
		{"204kB-320x180", 4 * time.Second, Variant{Bandwidth: 408_000, Resolution: Resolution{320, 180}}},
		{"400kB-640x360", 4 * time.Second, Variant{Bandwidth: 800_000}},
		{"3MB-1920x1080-30Hz", 4 * time.Second, Variant{Bandwidth: 6_000_000, Resolution: Resolution{1920, 1080}, FrameRate: "30.000"}},
		{"1MB-padding", time.Microsecond, Variant{Bandwidth: 8_000_000_000_000}},
	} {
		b.Run(c.name, func(b *testing.B) {
			// Not through NewSynthetic, which refuses the last: nobody streams segments of a microsecond.
			cfg := Config{Kind: Live, SegmentDuration: c.duration, Variants: []Variant{c.variant}}
			s := &synthetic{cfg: cfg}
			f := facts{size: s.size(c.variant, 3, c.duration)}
			b.SetBytes(f.size)
			for b.Loop() {
				if _, err := s.load(0, 3, f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
