package sim

import (
	"context"
	"testing"

	"swarmlab/scenarios"
)

// TestTheSameViewersOnTheRealClock: loopback, the operating system's time, the same code. What differs from virtual time is what
// this machine's speed does, so only what must hold anywhere is asked.
func TestTheSameViewersOnTheRealClock(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes ten seconds of real time")
	}
	s, err := scenarios.Parse("real.yaml", []byte(`
run: {duration: 10s}
stream: {kind: vod, segmentDuration: 1s, length: 30s, variants: [{bandwidth: 400000}]}
peers: {count: 3, arrival: {kind: stagger, gap: 1s}, groups: [{name: here, link: unlimited}]}
p2pml: {core: {highDemandTimeWindow: 4}}
`))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), s, Options{Clock: "real"})
	if err != nil {
		t.Fatal(err) // broken invariants too
	}
	if r.Run.Clock != "real" || r.Summary.Peers != 3 || r.Summary.P2PBytes == 0 || r.Summary.Connections != 3 {
		t.Errorf("clock %s, %d viewers, %d bytes from peers, %d connections; want all three connected and sharing",
			r.Run.Clock, r.Summary.Peers, r.Summary.P2PBytes, r.Summary.Connections)
	}
	if r.Run.OriginBitsPerSecond != 0 {
		t.Errorf("the origin's line takes %d bit/s: nobody limits one on the real clock", r.Run.OriginBitsPerSecond)
	}
	if r.Run.SimulatedSeconds < 10 || r.Run.WallSeconds < 10 {
		t.Errorf("%v simulated seconds in %v: the clock is not real", r.Run.SimulatedSeconds, r.Run.WallSeconds)
	}
}
