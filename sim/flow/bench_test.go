package flow

import (
	"context"
	"fmt"
	"testing"
	"time"

	"swarmlab/scenarios"
	"swarmlab/sim/hls"
	viewing "swarmlab/sim/viewer"
)

// streamOf makes the synthetic stream of a scenario of one variant, as package sim does.
func streamOf(tb testing.TB, s *scenarios.Scenario) *hls.Stream {
	tb.Helper()
	c := hls.Config{
		Kind: hls.VOD, SegmentDuration: s.Stream.SegmentDuration.Std(), Window: s.Stream.Window, Length: s.Stream.Length.Std(),
		Phase: s.Stream.Phase.Std(), Seed: s.Run.Seed,
	}
	if s.Stream.Kind == scenarios.Live {
		c.Kind = hls.Live
	}
	for _, v := range s.Stream.Variants {
		c.Variants = append(c.Variants, hls.Variant{Name: v.Name, Bandwidth: v.Bandwidth, Codecs: v.Codecs})
	}
	stream, err := hls.NewSynthetic(c)
	if err != nil {
		tb.Fatal(err)
	}
	return stream
}

func preset(tb testing.TB, name string, sets ...string) *scenarios.Scenario {
	tb.Helper()
	s, err := scenarios.Load(name)
	if err != nil {
		tb.Fatal(err)
	}
	if err := s.SetAll(sets); err != nil {
		tb.Fatal(err)
	}
	return s
}

// BenchmarkLive tells what a viewer costs for each simulated second, at several sizes of the audience.
func BenchmarkLive(b *testing.B) {
	for _, c := range []struct {
		viewers  int
		duration time.Duration
	}{{100, 5 * time.Minute}, {1000, 2 * time.Minute}, {10000, time.Minute}} {
		b.Run(fmt.Sprint(c.viewers), func(b *testing.B) {
			s := preset(b, "live", fmt.Sprintf("peers.count=%d", c.viewers), "run.duration="+c.duration.String())
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Run(context.Background(), s, viewing.Options{Stream: streamOf(b, s)}); err != nil {
					b.Fatal(err)
				}
			}
			seconds := c.duration.Seconds() * float64(c.viewers)
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/seconds*1e6, "us/viewer-s")
		})
	}
}
