package flow

import (
	"context"
	"testing"

	viewing "swarmlab/sim/viewer"
)

func BenchmarkSteady(b *testing.B) {
	s := preset(b, "live", "peers.count=1000", "run.duration=5m")
	for b.Loop() {
		if _, err := Run(context.Background(), s, viewing.Options{Stream: streamOf(b, s)}); err != nil {
			b.Fatal(err)
		}
	}
}
