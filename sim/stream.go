package sim

import (
	"fmt"
	"strconv"
	"strings"

	"swarmlab/scenarios"
	"swarmlab/sim/hls"
)

// OpenStream makes the scenario's stream: synthetic, or somebody's own folder.
func OpenStream(s *scenarios.Scenario) (*hls.Stream, error) {
	stream, err := newStream(s)
	if err != nil {
		return nil, fmt.Errorf("%w: stream: %w", ErrInput, err)
	}
	return stream, nil
}

func newStream(s *scenarios.Scenario) (*hls.Stream, error) {
	kind := hls.VOD
	if s.Stream.Kind == scenarios.Live {
		kind = hls.Live
	}
	if s.Stream.From != "" {
		return hls.Open(s.StreamPath(), hls.FolderOptions{Kind: kind, Window: s.Stream.Window})
	}
	c := hls.Config{
		Kind: kind, SegmentDuration: s.Stream.SegmentDuration.Std(), Window: s.Stream.Window, Length: s.Stream.Length.Std(),
		Phase: s.Stream.Phase.Std(), Seed: s.Run.Seed,
	}
	for i, v := range s.Stream.Variants {
		variant, err := streamVariant(v)
		if err != nil {
			return nil, fmt.Errorf("stream.variants[%d]: %w", i, err)
		}
		c.Variants = append(c.Variants, variant)
		c.SegmentBytes = append(c.SegmentBytes, v.SegmentBytes)
	}
	return hls.NewSynthetic(c)
}

func streamVariant(v scenarios.Variant) (hls.Variant, error) {
	out := hls.Variant{Name: v.Name, Bandwidth: v.Bandwidth, Codecs: v.Codecs}
	if v.FrameRate > 0 {
		out.FrameRate = strconv.FormatFloat(v.FrameRate, 'f', 3, 64)
	}
	if v.Resolution != "" {
		w, h, _ := strings.Cut(v.Resolution, "x")
		var err1, err2 error
		out.Resolution.Width, err1 = strconv.Atoi(w)
		out.Resolution.Height, err2 = strconv.Atoi(h)
		if err1 != nil || err2 != nil {
			return out, fmt.Errorf("resolution %q: want WIDTHxHEIGHT", v.Resolution)
		}
	}
	return out, nil
}
