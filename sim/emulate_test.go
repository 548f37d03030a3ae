package sim

import (
	"context"
	"fmt"
	"testing"

	"swarmlab/results"
	"swarmlab/scenarios"
)

func runEmulated(t *testing.T, tier, emulate, more string) *results.Result {
	t.Helper()
	s, err := scenarios.Parse("emulate.yaml", fmt.Appendf(nil, `
run: {duration: 90s}
stream: {kind: vod, segmentDuration: 2s, length: 80s, variants: [{bandwidth: 400000}]}
peers: {count: 8, arrival: {kind: stagger, gap: 1s}, groups: [{name: here, link: fiber}]}
p2pml: {core: {highDemandTimeWindow: 4}}
tracker: {emulate: %s%s}
`, emulate, more))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), s, Options{Tier: tier})
	if err != nil {
		t.Fatal(err) // broken invariants too
	}
	if r.Summary.P2PBytes == 0 || r.Summary.FullyDelivered != 8 {
		t.Errorf("%d bytes from peers, %d of 8 viewers fully served", r.Summary.P2PBytes, r.Summary.FullyDelivered)
	}
	return r
}

// TestEmulatedTrackersInBothTiers: viewers meet behind each of them, as often as its interval has them announce. All begin with the
// library's 30 s.
func TestEmulatedTrackersInBothTiers(t *testing.T) {
	t.Parallel()
	for _, tier := range Tiers() {
		for _, tt := range []struct {
			emulate, more string
			rounds        float64 // announces of a viewer who stays for a minute and a half, about; two streams at most, one here
		}{
			{"bittorrent-tracker", "", 1}, {"aquatic_ws", "", 1}, {"wt-tracker", "", 4.5}, {"wt-tracker", ", interval: 2m", 1},
		} {
			if tier == "packet" && (tt.emulate != "wt-tracker" || tt.more != "") {
				continue // a second of CPU each, for the same code
			}
			t.Run(tier+" "+tt.emulate+tt.more, func(t *testing.T) {
				r := runEmulated(t, tier, tt.emulate, tt.more)
				if got := float64(r.Summary.TrackerAnnounces) / 8; got < 0.6*tt.rounds || got > 2*tt.rounds {
					t.Errorf("%.2f announces a viewer, want about %.1f", got, tt.rounds)
				}
			})
		}
	}
}

// wt-tracker throws out who answers a viewer that has just left. With churn that happens, and viewers come back; with
// another tracker nobody is thrown out.
func TestAnEmulatedTrackerThrowsOut(t *testing.T) {
	t.Parallel()
	errors := map[string]int64{}
	for _, emulate := range []string{"wt-tracker", "bittorrent-tracker"} {
		s, err := scenarios.Parse("churn.yaml", fmt.Appendf(nil, `
run: {duration: 3m}
stream: {kind: vod, segmentDuration: 2s, length: 3m, variants: [{bandwidth: 400000}]}
peers: {count: 300, arrival: {kind: poisson, over: 150s}, session: {kind: exponential, mean: 3s}, leave: {clean: 1}}
tracker: {emulate: %s, delay: 200ms}
`, emulate))
		if err != nil {
			t.Fatal(err)
		}
		r, err := Run(context.Background(), s, Options{Tier: "flow"})
		if err != nil {
			t.Fatal(err)
		}
		errors[emulate] = r.Summary.TrackerErrors
	}
	if errors["wt-tracker"] == 0 || errors["bittorrent-tracker"] != 0 {
		t.Errorf("refused: %v; want some by wt-tracker only", errors)
	}
}
