package sim

import (
	"context"
	"errors"
	"strings"
	"testing"

	"swarmlab/results"
	"swarmlab/scenarios"
)

// scenario reads a scenario given as YAML, and sets fields of it.
func scenario(t *testing.T, yaml string, sets ...string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Parse("test.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return set(t, s, sets...)
}

// preset reads a preset, and sets fields of it.
func preset(t *testing.T, name string, sets ...string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return set(t, s, sets...)
}

func set(t *testing.T, s *scenarios.Scenario, sets ...string) *scenarios.Scenario {
	t.Helper()
	if err := s.SetAll(sets); err != nil {
		t.Fatal(err)
	}
	return s
}

// run simulates a scenario and fails the test on any error: broken invariants, goroutines left behind.
func run(t *testing.T, s *scenarios.Scenario) *results.Result {
	t.Helper()
	r, err := Run(context.Background(), s, Options{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// skipIfShort leaves out what takes minutes under the race detector.
func skipIfShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes long")
	}
}

func within(t *testing.T, what string, got, low, high float64) {
	t.Helper()
	if got < low || got > high {
		t.Errorf("%s is %v, want %v to %v", what, got, low, high)
	}
}

// loopback is the audience and network of the measurements with real browsers: pages of one machine, opened together.
const loopback = `
peers: {count: 2, arrival: {kind: together, jitter: 100ms}, groups: [{name: page, link: unlimited, region: lab}]}
origin: {link: unlimited, region: lab}
ice: {stun: false}
`

const loopbackVOD = `
stream: {kind: vod, segmentDuration: 4s, length: 160s, variants: [{bandwidth: 408000}]}` + loopback

const loopbackLive = `
run: {duration: 60s}
stream: {kind: live, segmentDuration: 2s, window: 8, variants: [{bandwidth: 408000}]}` + loopback

// TestVODGivesWhatRealBrowsersGave holds us against P2P Media Loader 2.3.1 in Chromium 156 (library defaults, VOD of 40 x 4 s, all
// pages started together): 0.437 with two pages, 0.638 to 0.674 with four. The bounds are a little wider: three runs of a browser
// do not show all that can be.
func TestVODGivesWhatRealBrowsersGave(t *testing.T) {
	for _, c := range []struct {
		peers     string
		low, high float64
	}{
		{"peers.count=2", 0.41, 0.46},
		{"peers.count=4", 0.60, 0.70},
	} {
		var sum float64
		const seeds = 4
		for seed := range seeds {
			r := run(t, scenario(t, loopbackVOD, c.peers, "run.seed="+string(rune('1'+seed))))
			sum += r.Summary.P2PRatio
			within(t, c.peers+" viewers delivered", float64(r.Summary.FullyDelivered), float64(r.Summary.Peers), float64(r.Summary.Peers))
			within(t, c.peers+" stalls", float64(r.Summary.Stalls), 0, 0)
		}
		within(t, c.peers+" mean P2P ratio", sum/seeds, c.low, c.high)
	}
}

// TestAFirstPeerTakesAsLongAsInABrowser: whoever joined a swarm of real pages on one machine had a first peer after 0.16 to 0.20 s
// (make calibrate; 0.24 to 0.54 s where pages started cold). Most of it is the time to gather five offers.
func TestAFirstPeerTakesAsLongAsInABrowser(t *testing.T) {
	r := run(t, scenario(t, loopbackVOD, "run.duration=10s", "peers.arrival.kind=stagger", "peers.arrival.gap=3s"))
	second := r.Peers[1].TimeToFirstPeerMs
	if second == nil {
		t.Fatal("the second viewer never had a peer")
	}
	within(t, "time to first peer in an existing swarm, ms,", *second, 150, 240)
}

// TestALiveWindowInsideTheHighDemandWindowSharesNothing: with a window of 8 x 2 s and the default highDemandTimeWindow of 15 s, four
// real pages shared nothing in every run. With 4 s they reached 0.64.
func TestALiveWindowInsideTheHighDemandWindowSharesNothing(t *testing.T) {
	r := run(t, scenario(t, loopbackLive, "peers.count=4"))
	within(t, "P2P ratio with the defaults", r.Summary.P2PRatio, 0, 0)
	within(t, "connections", float64(r.Summary.Connections), 6, 6) // though all are connected
	r = run(t, scenario(t, loopbackLive, "peers.count=4",
		"p2pml.core.highDemandTimeWindow=4", "p2pml.core.simultaneousP2PDownloads=5"))
	within(t, "P2P ratio with a small window", r.Summary.P2PRatio, 0.3, 0.75)
}

// TestOneViewerIsAPlainPlayer: alone, the engine must cost nothing against a player without it, but for one thing: the library
// loads two segments at once, so the first one shares the link with the second and the picture comes later. That is the
// library's doing (simultaneousHttpDownloads); with one at a time, the difference is gone.
func TestOneViewerIsAPlainPlayer(t *testing.T) {
	plain := run(t, preset(t, "one-viewer", "p2pml.core.isP2PDisabled=true"))
	with := run(t, preset(t, "one-viewer"))
	single := run(t, preset(t, "one-viewer", "p2pml.core.simultaneousHttpDownloads=1"))
	for name, r := range map[string]*results.Result{"plain": plain, "with P2P": with, "one at a time": single} {
		within(t, name+": P2P ratio", r.Summary.P2PRatio, 0, 0)
		within(t, name+": copies per segment", r.Summary.CopiesPerSegment, 1, 1)
		within(t, name+": wasted bytes", float64(r.Summary.WastedBytes), 0, 0)
		within(t, name+": stalls", float64(r.Summary.Stalls), 0, 0)
		within(t, name+": viewers who saw it all", float64(r.Summary.ViewersWatchedAll), 1, 1)
		if r.Summary.OriginBytes != plain.Summary.OriginBytes {
			t.Errorf("%s: the origin sent %d bytes, to a plain player %d", name, r.Summary.OriginBytes, plain.Summary.OriginBytes)
		}
	}
	const tolerance = 20 // ms: round trips of connections that are opened or found open
	within(t, "startup, one at a time", single.Summary.StartupMs.P50, 0, plain.Summary.StartupMs.P50+tolerance)
	within(t, "startup, two at a time", with.Summary.StartupMs.P50, 0, 2*plain.Summary.StartupMs.P50)
}

// TestPresetsRun runs every preset, with fewer viewers and shorter: whatever happens in it, its invariants hold.
func TestPresetsRun(t *testing.T) {
	skipIfShort(t)
	for _, name := range scenarios.Names() {
		t.Run(name, func(t *testing.T) {
			s := preset(t, name)
			if s.Peers.Count > 8 {
				s = set(t, s, "peers.count=8")
			}
			if s.Peers.Arrival.Over > 0 {
				s = set(t, s, "peers.arrival.over=20s")
			}
			r := run(t, set(t, s, "run.duration=80s"))
			if r.Summary.NeverStarted == r.Summary.Peers {
				t.Error("nobody saw a picture")
			}
		})
	}
}

// TestNATsDecideWhoConnects: two viewers behind symmetric NATs cannot reach each other, but through a TURN server.
func TestNATsDecideWhoConnects(t *testing.T) {
	for _, c := range []struct {
		nat, turn   string
		connections float64
	}{
		{"port-restricted", "false", 1},
		{"symmetric", "false", 0},
		{"symmetric", "true", 1},
	} {
		s := preset(t, "two-viewers", "peers.groups[0].nat="+c.nat, "ice.stun=true", "ice.turn="+c.turn, "run.duration=60s")
		r := run(t, s)
		within(t, c.nat+" with TURN "+c.turn+": connections", float64(r.Summary.Connections), c.connections, c.connections)
		if (r.Summary.P2PBytes > 0) != (c.connections > 0) {
			t.Errorf("%s with TURN %s: %d bytes over %v connections", c.nat, c.turn, r.Summary.P2PBytes, c.connections)
		}
	}
}

// TestSomebodysOwnStream serves a folder made by ffmpeg, in both of its forms, recorded and looped as live.
func TestSomebodysOwnStream(t *testing.T) {
	for _, master := range []string{"hls/testdata/ts/master.m3u8", "hls/testdata/fmp4/master.m3u8"} {
		for _, kind := range []string{"vod", "live"} {
			t.Run(master+" "+kind, func(t *testing.T) {
				r := run(t, scenario(t, `
run: {duration: 40s}
peers: {count: 3, arrival: {kind: stagger, gap: 5s}, groups: [{name: home, link: fiber}]}
`, "stream.kind="+kind, "stream.from="+master))
				within(t, "segments played", float64(r.Summary.SegmentsPlayed), 3, 1000)
				within(t, "viewers delivered", float64(r.Summary.FullyDelivered), 3, 3)
				within(t, "stalls", float64(r.Summary.Stalls), 0, 0)
			})
		}
	}
}

// TestChurnLeavesNothingBehind: viewers who close their connections and viewers who vanish, all through the run.
func TestChurnLeavesNothingBehind(t *testing.T) {
	r := run(t, preset(t, "churn", "peers.count=12", "peers.arrival.over=30s", "run.duration=90s", "peers.session.median=20s", "peers.leave.clean=0.5"))
	left := map[bool]int{}
	for _, p := range r.Peers {
		if p.LeftSeconds != nil {
			left[p.LeftClean]++
		}
	}
	if left[true] == 0 || left[false] == 0 {
		t.Errorf("%d left clean and %d vanished: the test shows nothing", left[true], left[false])
	}
}

// TestAnInterruptedRunKeepsWhatThereIs: the figures of half a run still add up.
func TestAnInterruptedRunKeepsWhatThereIs(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := preset(t, "vod", "peers.count=30")
	r, err := Run(ctx, s, Options{Progress: func(p Progress) {
		if p.Viewers > 0 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || errors.Is(err, ErrInvariant) {
		t.Fatalf("got %v, want the interruption and nothing else", err)
	}
	if r == nil || !r.Run.Interrupted {
		t.Fatal("no result of what there was")
	}
	if full := s.Run.Duration.Std().Seconds(); r.Run.SimulatedSeconds <= 0 || r.Run.SimulatedSeconds >= full {
		t.Errorf("simulated %v of %v seconds", r.Run.SimulatedSeconds, full)
	}
}

func TestAnUnknownTierIsNamed(t *testing.T) {
	_, err := Run(context.Background(), preset(t, "one-viewer"), Options{Tier: "fluid"})
	if err == nil || !strings.Contains(err.Error(), "packet") {
		t.Errorf("got %v, want the tiers there are", err)
	}
}
