package hls

import (
	"fmt"
	"testing"
	"time"
)

// What a segment costs to make, and of that what stays if nothing is to be seen or heard; in MB/s of segments.
func BenchmarkSegment(b *testing.B) {
	for _, c := range []struct {
		name     string
		duration time.Duration
		variant  Variant
	}{
		{"204 kB 320x180", 4 * time.Second, Variant{Bandwidth: 408_000, Resolution: Resolution{320, 180}}},
		{"102 kB 320x180", 2 * time.Second, Variant{Bandwidth: 408_000, Resolution: Resolution{320, 180}}},
		{"400 kB 640x360", 4 * time.Second, Variant{Bandwidth: 800_000}},
		{"3 MB 1920x1080 at 30 Hz", 4 * time.Second, Variant{Bandwidth: 6_000_000, Resolution: Resolution{1920, 1080}, FrameRate: "30.000"}},
		{"1 MB padding only", 10 * time.Millisecond, Variant{Bandwidth: 800_000_000, Resolution: Resolution{60000, 60000}, Codecs: "avc1.42c01e"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			s, err := NewSynthetic(Config{SegmentDuration: c.duration, Variants: []Variant{c.variant}})
			if err != nil {
				b.Fatal(err)
			}
			info, _ := s.Segment(0, 3)
			b.SetBytes(info.Size)
			for b.Loop() {
				if _, err := s.source.load(0, 3, facts{size: info.Size}); err != nil {
					b.Fatal(err)
				}
			}
			card, _ := s.Card(0, 3)
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N)/float64(info.Size)*1e6, "ms/MB")
			_ = fmt.Sprint(card)
		})
	}
}
