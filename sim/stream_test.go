package sim

import (
	"testing"

	"swarmlab/scenarios"
	"swarmlab/sim/hls"
)

// TestPresetsPromiseTheirCodecs: what a preset's master playlist says of each variant is what its segments hold, the first and a
// later one; a browser refuses what another codec was promised for.
func TestPresetsPromiseTheirCodecs(t *testing.T) {
	for _, name := range scenarios.Names() {
		s, err := scenarios.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		stream, err := OpenStream(s)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range stream.Variants() {
			for _, seq := range []int64{0, 5} {
				card, ok := stream.Card(i, seq)
				if !ok {
					t.Errorf("%s: variant %d has no segment %d of our own making", name, i, seq)
					continue
				}
				if v.Codecs == "" || card.Codecs() != v.Codecs {
					t.Errorf("%s: variant %d promises %q, and segment %d holds %q", name, i, v.Codecs, seq, card.Codecs())
				}
				if shown := (hls.Resolution{Width: card.Width, Height: card.Height}); shown != v.Resolution {
					t.Errorf("%s: variant %d promises %v, and segment %d shows %v", name, i, v.Resolution, seq, shown)
				}
			}
		}
		if err := stream.Close(); err != nil {
			t.Error(err)
		}
	}
}
