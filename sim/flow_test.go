package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"swarmlab/results"
	"swarmlab/scenarios"
	"swarmlab/sim/crossvalidate"
)

// runFlow simulates a scenario on the flow tier, and fails the test on any error.
func runFlow(t *testing.T, s *scenarios.Scenario) *results.Result {
	t.Helper()
	r, err := Run(context.Background(), s, Options{Tier: "flow", Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// stored is a result as it is written, without what the machine decides.
func stored(t *testing.T, r *results.Result) []byte {
	t.Helper()
	r.Run.WallSeconds, r.Run.CPUSeconds, r.Run.MaxRSSBytes = 0, 0, 0
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestTheFlowTierRepeatsItselfToTheBit: the same scenario and seed, on one core and on two, over churn, ABR, NATs and lossy links.
func TestTheFlowTierRepeatsItselfToTheBit(t *testing.T) {
	for _, name := range []string{"churn", "abr", "mixed-nat"} {
		var first []byte
		for _, cores := range []int{1, 2, 2} {
			before := runtime.GOMAXPROCS(cores)
			again := stored(t, runFlow(t, preset(t, name, "peers.count=20", "run.duration=90s", "peers.arrival.over=20s")))
			runtime.GOMAXPROCS(before)
			if first == nil {
				first = again
			}
			if !bytes.Equal(first, again) {
				t.Errorf("%s on %d cores: another result (%d bytes, was %d)", name, cores, len(again), len(first))
			}
		}
		other := stored(t, runFlow(t, preset(t, name, "peers.count=20", "run.duration=90s", "peers.arrival.over=20s", "run.seed=2")))
		if bytes.Equal(first, other) {
			t.Errorf("%s: another seed, the same result", name)
		}
	}
}

// TestOneViewerMoreLeavesTheOthersAlone: viewers that cannot connect and share no bottleneck know nothing of one another, so one more
// changes nothing for the others, if chance is everybody's own.
func TestOneViewerMoreLeavesTheOthersAlone(t *testing.T) {
	rows := func(viewers string) []results.PeerRow {
		r := runFlow(t, preset(t, "vod", "peers.count="+viewers, "origin.link=unlimited", "ice.stun=false", "run.duration=60s",
			"peers.arrival={kind: together, jitter: 10s}", "peers.groups[0].nat=symmetric"))
		for i := range r.Peers {
			r.Peers[i].Errors = 0 // one more to fail to connect to
		}
		return r.Peers
	}
	without, with := rows("6"), rows("7")
	if !slices.ContainsFunc(without, func(p results.PeerRow) bool { return p.HTTPBytes > 0 }) {
		t.Fatal("nobody loaded anything")
	}
	a, _ := json.Marshal(without)
	b, _ := json.Marshal(with[:len(without)])
	if !bytes.Equal(a, b) {
		t.Errorf("with one viewer more the others have\n%s\nand had\n%s", b, a)
	}
}

// TestPresetsRunOnTheFlowTier runs every preset as it is, but for its audience: whatever happens in it, its invariants hold.
func TestPresetsRunOnTheFlowTier(t *testing.T) {
	for _, name := range scenarios.Names() {
		t.Run(name, func(t *testing.T) {
			s := preset(t, name)
			if s.Peers.Count > 30 {
				s = set(t, s, "peers.count=30")
			}
			r := runFlow(t, s)
			if r.Summary.NeverStarted == r.Summary.Peers {
				t.Error("nobody saw a picture")
			}
			if r.Run.Tier != "flow" || r.Summary.CorruptSegments > 0 {
				t.Errorf("tier %q, %d corrupt segments", r.Run.Tier, r.Summary.CorruptSegments)
			}
		})
	}
}

// TestSomebodysOwnStreamFlows: segments of their own files, and of parts of one.
func TestSomebodysOwnStreamFlows(t *testing.T) {
	for _, master := range []string{"hls/testdata/ts/master.m3u8", "hls/testdata/fmp4/master.m3u8"} {
		for _, kind := range []string{"vod", "live"} {
			t.Run(master+" "+kind, func(t *testing.T) {
				r := runFlow(t, scenario(t, `
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

// TestOneViewerLoadsTheSameInBothTiers: every byte of a folder whose init sections and segments are parts of files is asked for as
// often, and counted as what it is, with packets and without.
func TestOneViewerLoadsTheSameInBothTiers(t *testing.T) {
	for _, master := range []string{"hls/testdata/ts/master.m3u8", "hls/testdata/fmp4/master.m3u8"} {
		loaded := func(tier string) (out results.Summary) {
			r, err := Run(context.Background(), scenario(t, "run: {duration: 40s}\npeers: {count: 1, groups: [{name: home, link: fiber}]}",
				"stream.kind=vod", "stream.from="+master), Options{Tier: tier})
			if err != nil {
				t.Fatal(err)
			}
			return r.Summary
		}
		p, f := loaded("packet"), loaded("flow")
		if p.OriginBytes == 0 || p.OriginPlaylistBytes == 0 || p.SegmentsPlayed < 3 {
			t.Fatalf("%s: the packet tier loaded next to nothing: %+v", master, p)
		}
		for _, c := range []struct {
			what         string
			packet, flow int64
		}{
			{"bytes of segments", p.OriginBytes, f.OriginBytes},
			{"requests for segments", p.OriginRequests, f.OriginRequests},
			{"bytes of playlists", p.OriginPlaylistBytes, f.OriginPlaylistBytes},
			{"bytes loaded", p.HTTPBytes, f.HTTPBytes},
			{"segments played", p.SegmentsPlayed, f.SegmentsPlayed},
			{"corrupt segments", p.CorruptSegments, f.CorruptSegments},
			{"errors of the origin", p.OriginErrors, f.OriginErrors},
		} {
			if c.packet != c.flow {
				t.Errorf("%s: %s: %d in the packet tier, %d in the flow tier", master, c.what, c.packet, c.flow)
			}
		}
	}
}

// TestAnInterruptedFlowKeepsWhatThereIs: the figures of half a run still add up.
func TestAnInterruptedFlowKeepsWhatThereIs(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s := preset(t, "vod", "peers.count=30", "peers.arrival={kind: together}")
	r, err := Run(ctx, s, Options{Tier: "flow"})
	if !errors.Is(err, context.Canceled) || errors.Is(err, ErrInvariant) {
		t.Fatalf("got %v, want the interruption and nothing else", err)
	}
	if r == nil || !r.Run.Interrupted || r.Run.SimulatedSeconds >= s.Run.Duration.Std().Seconds() {
		t.Fatalf("no result of what there was: %+v", r)
	}
}

// TestWhatTheScenarioSaysFlows changes one field at a time and wants to see it in the result.
func TestWhatTheScenarioSaysFlows(t *testing.T) {
	plain := runFlow(t, scenario(t, small))
	p := plain.Summary
	if p.P2PRatio < 0.2 || p.Connections != 6 {
		t.Fatalf("P2P ratio %v over %d connections: nothing to compare with", p.P2PRatio, p.Connections)
	}
	type seen func(s results.Summary) bool
	later := func(ms float64) seen {
		return func(s results.Summary) bool { return s.StartupMs.P50 > p.StartupMs.P50+ms }
	}
	latePeer := func(ms float64) seen {
		return func(s results.Summary) bool { return s.TimeToFirstPeerMs.P50 > p.TimeToFirstPeerMs.P50+ms }
	}
	for _, c := range []struct {
		set  string
		want string
		seen seen
	}{
		{"origin.errorRate=0.3", "errors of the origin", func(s results.Summary) bool { return s.OriginErrors > 0 && p.OriginErrors == 0 }},
		{"origin.responseDelay=500ms", "a later start", later(900)},
		{"origin.link={down: 50Mbit/s, up: 2Mbit/s}", "slower HTTP", func(s results.Summary) bool { return s.HTTPLatencyMs.P50 > 2*p.HTTPLatencyMs.P50 }},
		{"origin.region=oc", "a later start", later(200)},
		{"tracker.interval=5s", "more announces", func(s results.Summary) bool { return s.TrackerAnnounces > 2*p.TrackerAnnounces }},
		{"tracker.maxOffers=1", "fewer offers", func(s results.Summary) bool { return s.TrackerOffers < p.TrackerOffers }},
		{"tracker.delay=3s", "later peers", latePeer(2000)},
		{"ice.stun=false", "nobody connects", func(s results.Summary) bool { return s.Connections == 0 }},
		{"peers.groups[0].nat=blocked", "nobody connects", func(s results.Summary) bool { return s.Connections == 0 }},
		{"peers.groups[0].nat=none", "earlier peers", latePeer(-300)},
		{"peers.groups[0].upload=false", "nothing is uploaded", func(s results.Summary) bool { return s.UploadedBytes == 0 && s.Connections > 0 }},
		{"peers.groups[0].link=adsl", "a later start", later(100)},
		{"peers.groups[0].link={preset: fiber, loss: 0.05}", "a later start", later(30)},
		{"peers.groups[0].region=sa", "a later start", later(200)},
		{"network.rampUp=false", "an earlier start", later(-200)},
		{"network.headers=0.5", "slower transfers", func(s results.Summary) bool { return s.P2PLatencyMs.Mean > p.P2PLatencyMs.Mean }},
		{"network.offerDelay=2s", "later peers", latePeer(1800)},
		{"network.answerDelay=2s", "later peers", latePeer(1800)},
		{"network.connectDelay=3s", "later peers", latePeer(2000)},
		{"network.httpChunk=1000", "later blocks no more", func(s results.Summary) bool { return s.HTTPLatencyMs != p.HTTPLatencyMs }},
		{"stream.variants[0].segmentBytes=[1880, 3760]", "small segments", func(s results.Summary) bool { return s.DistinctSegmentBytes == 8*1880+7*3760 }},
		{"p2pml.core.highDemandTimeWindow=5", "more P2P", func(s results.Summary) bool { return s.P2PRatio > p.P2PRatio }},
	} {
		if s := runFlow(t, scenario(t, small, c.set)).Summary; !c.seen(s) {
			t.Errorf("%s: no %s (startup %v, was %v; first peer %v, was %v; p2p %v, was %v; http %v, was %v; %d connections; ratio %v, was %v)", c.set,
				c.want, s.StartupMs.P50, p.StartupMs.P50, s.TimeToFirstPeerMs.P50, p.TimeToFirstPeerMs.P50, s.P2PLatencyMs.P50,
				p.P2PLatencyMs.P50, s.HTTPLatencyMs.P50, p.HTTPLatencyMs.P50, s.Connections, s.P2PRatio, p.P2PRatio)
		}
	}
	const thin = "peers.groups[0].link=adsl" // wide lines are never full, and then nothing is shared
	shared, equal := runFlow(t, scenario(t, small, thin)).Summary, runFlow(t, scenario(t, small, thin, "network.sharing=equal")).Summary
	if shared.P2PLatencyMs == equal.P2PLatencyMs {
		t.Errorf("network.sharing=equal: P2P takes %+v, as it does without", equal.P2PLatencyMs)
	}
}

// TestWhoVanishesFromAFlowIsMissedLate: after network.lostAfter; who says goodbye is missed at once.
func TestWhoVanishesFromAFlowIsMissedLate(t *testing.T) {
	held := func(sets ...string) (sum int) {
		r := runFlow(t, scenario(t, small, append(sets, "run.duration=90s", "peers.count=6", "peers.session={kind: exponential, mean: 15s}")...))
		for _, s := range r.Timeline {
			sum += s.Connections
		}
		return sum
	}
	clean, soon, late := held("peers.leave.clean=1"), held("peers.leave.clean=0", "network.lostAfter=2s"), held("peers.leave.clean=0")
	if soon < clean || float64(late) < 1.1*float64(clean) || late <= soon {
		t.Errorf("connections were held for %d s with clean leavers, %d if they are missed after 2 s, %d after 30 s", clean, soon, late)
	}
}

// TestTheStreamIsAsTheScenarioSays: what a stream can have that no figure of a small run shows.
func TestTheStreamIsAsTheScenarioSays(t *testing.T) {
	stream, err := OpenStream(preset(t, "live", "stream.phase=5s", "stream.variants[0].segmentBytes=[1880, 3760]"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at   time.Duration
		last int64
	}{{0, 5}, {999 * time.Millisecond, 5}, {time.Second, 6}, {7 * time.Second, 7}} {
		if _, last, _ := stream.Window(0, c.at); last != c.last {
			t.Errorf("at %v the newest segment is %d, want %d", c.at, last, c.last)
		}
	}
	for seq, size := range []int64{1880, 3760, 1880} {
		if s, _ := stream.Segment(0, int64(seq)); s.Size != size {
			t.Errorf("segment %d has %d bytes, want %d", seq, s.Size, size)
		}
	}
	if err := Check(preset(t, "live", "stream.variants[0].segmentBytes=[1000]")); !errors.Is(err, ErrInput) {
		t.Errorf("segments of 1000 bytes: %v, want a refusal", err)
	}
}

// TestOtherTiersRefuseAssumptions: the packet tier has a network, and none of the flow tier's settings for one.
func TestOtherTiersRefuseAssumptions(t *testing.T) {
	for _, c := range []struct {
		set     string
		refused bool
	}{
		{"network.sharing=equal", true}, {"network.rampUp=false", true}, {"network.connectDelay=1s", true}, {"network.lostAfter=5s", true},
		{"network.sharing=maxmin", false}, {"network.rampUp=true", false}, {"network.grid=2ms", false},
	} {
		err := checkAssumptions(preset(t, "one-viewer", c.set), "packet")
		if errors.Is(err, ErrInput) != c.refused {
			t.Errorf("%s on the packet tier: %v", c.set, err)
		}
		if err := checkAssumptions(preset(t, "one-viewer", c.set), "flow"); err != nil {
			t.Errorf("%s on the flow tier: %v", c.set, err)
		}
	}
}

// TestTheTiersAgree is a small cross-validation, by the bounds that the flow tier is to keep (of startup the mean): three seeds of 20 viewers, on fast lines
// and slow ones. `make crossvalidate` does it at full size.
func TestTheTiersAgree(t *testing.T) {
	skipIfShort(t)
	for _, c := range []struct {
		preset string
		sets   []string
	}{
		{"vod", nil},
		{"live", []string{"run.duration=2m"}},
		{"abr", []string{"stream.length=1m"}},
	} {
		byTier := map[string][]*results.Result{}
		for seed := range 3 {
			for _, tier := range []string{"packet", "flow"} {
				s := preset(t, c.preset, append(c.sets, "peers.count=20", "run.seed="+strconv.Itoa(seed+1))...)
				r, err := Run(context.Background(), s, Options{Tier: tier})
				if err != nil {
					t.Fatal(err)
				}
				byTier[tier] = append(byTier[tier], r)
			}
		}
		a, err := crossvalidate.Agree(c.preset, byTier["packet"], byTier["flow"])
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range a.Rows {
			if row.Broken && row.Metric != "startupMs.p50" {
				t.Errorf("%s: %s is %v in packets and %v here", c.preset, row.Metric, row.Packet, row.Flow)
			}
		}
		if packet, flow := meanStartup(byTier["packet"]), meanStartup(byTier["flow"]); !(math.Abs(flow-packet) <= 0.15*packet) { // nor is anything of nobody
			t.Errorf("%s: startup is %.0f ms in packets and %.0f here", c.preset, packet, flow)
		}
	}
}

// meanStartup is in ms, over all viewers. Their median says little of so few: startups of a crowd have two humps, so that the median of twenty is
// between 430 and 750 ms from seed to seed, where their mean is between 600 and 740.
func meanStartup(runs []*results.Result) float64 {
	var sum, n float64
	for _, r := range runs {
		for _, p := range r.Peers {
			if p.StartupMs != nil {
				sum += *p.StartupMs
				n++
			}
		}
	}
	return sum / n
}

// TestEveryHTTPByteHasItsReason: also those of segments of which a peer sent the rest, and those of a player without P2P.
func TestEveryHTTPByteHasItsReason(t *testing.T) {
	mixed := int64(0)
	for _, c := range []struct{ name, set string }{
		{"abr", "peers.count=30"}, {"mixed-nat", "peers.count=30"}, {"live", "origin.link={down: 50Mbit/s, up: 12Mbit/s}"},
		{"vod", "peers.groups=[{name: mobile, link: lte-congested}]"}, {"vod", "p2pml.core.isP2PDisabled=true"},
	} {
		s := runFlow(t, preset(t, c.name, "peers.count=30", "run.duration=3m", c.set)).Summary
		var bytes int64
		for _, r := range s.HTTPReasons {
			bytes += r.Bytes
		}
		if bytes != s.HTTPBytes || bytes == 0 {
			t.Errorf("%s, %s: %d of %d bytes have a reason", c.name, c.set, bytes, s.HTTPBytes)
		}
		if off := s.HTTPReasons[results.ReasonP2PDisabled].Bytes; off > 0 != strings.Contains(c.set, "Disabled") || off > 0 && off != bytes {
			t.Errorf("%s, %s: %d of %d bytes since P2P is disabled", c.name, c.set, off, bytes)
		}
		mixed += s.SegmentsLoaded.Mixed
	}
	if mixed < 10 {
		t.Errorf("%d segments came from both sources: nothing to see", mixed)
	}
}
