package serve

import (
	"fmt"
	"strconv"

	"swarmlab/scenarios"
	"swarmlab/sim/hls"
)

// Open makes a scenario's stream, to be served: the very one that a run of the scenario watches.
func Open(s *scenarios.Scenario) (*hls.Stream, error) {
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
		variant, err := variantOf(v)
		if err != nil {
			return nil, fmt.Errorf("stream.variants[%d]: %w", i, err)
		}
		c.Variants = append(c.Variants, variant)
		c.SegmentBytes = append(c.SegmentBytes, v.SegmentBytes)
	}
	return hls.NewSynthetic(c)
}

func variantOf(v scenarios.Variant) (hls.Variant, error) {
	out := hls.Variant{Name: v.Name, Bandwidth: v.Bandwidth, Codecs: v.Codecs}
	if v.FrameRate > 0 {
		out.FrameRate = strconv.FormatFloat(v.FrameRate, 'f', 3, 64)
	}
	if v.Resolution != "" {
		if _, err := fmt.Sscanf(v.Resolution, "%dx%d", &out.Resolution.Width, &out.Resolution.Height); err != nil {
			return out, fmt.Errorf("resolution %q: want WIDTHxHEIGHT", v.Resolution)
		}
	}
	return out, nil
}
