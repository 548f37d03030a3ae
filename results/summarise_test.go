package results

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSummaryOfTwoViewersByHand(t *testing.T) {
	got := must(Summarise(twoViewers())).Summary
	lost := int64(50)
	want := Summary{
		Peers: 2, ViewersWatchedAll: 1, NeverStarted: 1, FullyDelivered: 2,
		P2PRatio:           0.25,     // 1500 of 6000
		P2PRatioBound:      0.5,      // 1/2
		P2PRatioAttainable: 0.5,      // 1 - 3000/6000
		P2PRatioChunks:     0.262295, // 1600 of 6100
		CopiesPerSegment:   1.5,      // 4500 / 3000
		Offload:            0.25,     // 1 - 4500/6000
		P2PBytes:           1500, HTTPBytes: 4500, P2PChunkBytes: 1600, HTTPChunkBytes: 4500,
		UploadedBytes: 1650, WastedBytes: 100, WastedByCause: map[string]int64{"stale": 100}, InFlightBytes: &lost,
		OriginBytes: 4500, OriginRequests: 5, OriginPlaylistBytes: 77, OriginPlaylists: 2,
		DistinctSegments: 3, DistinctSegmentBytes: 3000, DistinctLoadedBytes: 3000,
		SegmentsLoaded: SegmentCounts{HTTP: 4, P2P: 1, Mixed: 1}, SegmentsPlayed: 5,
		Requests:    map[string]Outcomes{"http": {"loaded": 3}, "p2p": {}},
		HTTPReasons: map[string]ReasonTotals{"noPeers": {Requests: 3, Bytes: 3000}, "highDemand": {Requests: 1, Bytes: 1500}},
		Errors:      map[string]int64{},
		StartupMs:   Dist{Count: 1, Mean: 250, P50: 250, P90: 250, P95: 250, P99: 250, Max: 250},
		// 2 s for a; b joined a second later.
		TimeToFirstPeerMs: Dist{Count: 2, Mean: 1500, P50: 1000.447, P90: 2000, P95: 2000, P99: 2000, Max: 2000},
		// 100, 200, 300, 400 and 900 ms; HdrHistogram gives the upper end of a bucket 0.1 % wide.
		HTTPLatencyMs: Dist{Count: 5, Mean: 380, P50: 300.031, P90: 900, P95: 900, P99: 900, Max: 900},
		P2PLatencyMs:  Dist{Count: 1, Mean: 700, P50: 700, P90: 700, P95: 700, P99: 700, Max: 700},
		Stalls:        1, StalledViewers: 1, StalledSeconds: 1, WatchedSeconds: 10, StallRatio: 0.1,
		Connections: 1, Degree: Dist{Count: 2, Mean: 1, P50: 1, P90: 1, P95: 1, P99: 1, Max: 1},
		TrackerAnnounces: 2, TrackerOffers: 10, TrackerAnswers: 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

func TestRowOfAViewerThatVanished(t *testing.T) {
	got := must(Summarise(twoViewers())).Peers[1]
	f := func(x float64) *float64 { return &x }
	want := PeerRow{
		Name: "b", Group: "mobile", JoinedSeconds: 1, LeftSeconds: f(6), FullyDelivered: true,
		P2PRatio: 0.5, P2PBytes: 1500, HTTPBytes: 1500, P2PChunkBytes: 1600, HTTPChunkBytes: 1500, WastedBytes: 100,
		SegmentsLoaded: 3, SegmentsPlayed: 2, TimeToFirstPeerMs: f(1000), HTTPLatencyP50Ms: f(400), P2PLatencyP50Ms: f(700),
		Stalls: 1, StalledSeconds: 1, WatchedSeconds: 2, StallRatio: 0.5, Connections: 1, PeakConnections: 1,
		MeanConnections: 0.8, // connected for 4 of the 5 s that it stayed
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("row (-want +got):\n%s", diff)
	}
}

func TestWhatStillGoesOnAtTheEndIsCounted(t *testing.T) {
	v := NewViewer(ViewerInfo{Name: "v"})
	v.StallStart(7 * time.Second)
	v.PeerConnected(5*time.Second, "x")
	v.ChunkDownloaded(HTTP, 123)
	r := must(Summarise(Input{Viewers: []*ViewerRecord{v}, End: 10 * time.Second, Origin: OriginCounters{SegmentBytes: 123}}))
	if got := r.Peers[0].StalledSeconds; got != 3 {
		t.Errorf("a stall that lasts from 7 s to the end at 10 s is %v s, want 3", got)
	}
	if got := r.Summary.StallRatio; got != 1 {
		t.Errorf("stalled and never watched: ratio %v, want 1", got)
	}
	if got := r.Peers[0].MeanConnections; got != 0.5 {
		t.Errorf("connected for half of the time: mean %v, want 0.5", got)
	}
	if got := r.Summary.UnfinishedBytes; got != 123 {
		t.Errorf("bytes of an unfinished segment: %d, want 123", got)
	}
}

func TestLiveLatencyOnlyOfLiveStreams(t *testing.T) {
	for _, live := range []bool{false, true} {
		v := NewViewer(ViewerInfo{})
		v.LiveLatency(8 * time.Second)
		r := must(Summarise(Input{Viewers: []*ViewerRecord{v}, End: time.Second, Run: Run{Live: live}}))
		if got := r.Summary.LiveLatencyMs != nil; got != live {
			t.Errorf("live %v: liveLatencyMs there: %v", live, got)
		}
		if live && r.Summary.LiveLatencyMs.P50 != 8000 {
			t.Errorf("liveLatencyMs.p50 = %v, want 8000", r.Summary.LiveLatencyMs.P50)
		}
	}
}

func TestRecordIgnoresWhatTheLibrarySaysTwice(t *testing.T) {
	v := NewViewer(ViewerInfo{})
	v.PeerConnected(1*time.Second, "p")
	v.PeerConnected(2*time.Second, "p")
	v.PeerClosed(3*time.Second, "p")
	v.PeerClosed(4*time.Second, "p")
	v.PeerClosed(4*time.Second, "stranger")
	v.StallStart(5 * time.Second)
	v.StallStart(6 * time.Second)
	v.StallEnd(7 * time.Second)
	v.StallEnd(9 * time.Second)
	v.Startup(1 * time.Second)
	v.Startup(9 * time.Second)
	v.Left(10*time.Second, true)
	v.Left(12*time.Second, false)
	row := v.row(20 * time.Second)
	if row.Connections != 1 || row.MeanConnections != 0.2 || row.Stalls != 1 || row.StalledSeconds != 2 ||
		*row.StartupMs != 1000 || *row.LeftSeconds != 10 || !row.LeftClean {
		t.Errorf("row = %+v", row)
	}
	if got := v.Totals(); got.Connections != 0 || got.Present {
		t.Errorf("totals after leaving = %+v", got)
	}
}

func TestCorruptSegmentsAreSeen(t *testing.T) {
	in := twoViewers()
	in.Viewers[1].SegmentCorrupt()
	in.Viewers[1].SegmentPlayed(SegmentID{"v0", 2}, 1000, false)
	r := must(Summarise(in))
	if r.Summary.FullyDelivered != 1 || r.Peers[1].FullyDelivered || r.Summary.CorruptSegments != 1 {
		t.Errorf("fullyDelivered %d, corruptSegments %d", r.Summary.FullyDelivered, r.Summary.CorruptSegments)
	}
}

func TestSummariseRefusesWhatSaysNothing(t *testing.T) {
	if _, err := Summarise(Input{}); !errors.Is(err, ErrNoViewers) {
		t.Errorf("no viewers: %v", err)
	}
	in := twoViewers()
	in.Scenario = json.RawMessage("name: yaml")
	if _, err := Summarise(in); !errors.Is(err, ErrScenario) {
		t.Errorf("a scenario that is not JSON: %v", err)
	}
}

func TestTimelineIsClosedWithTheRestOfASecond(t *testing.T) {
	in := twoViewers()
	s := &Sampler{}
	tick := s.Tick(9*time.Second, World{OriginBytes: 4000, TrackerAnnounces: 1})
	tick.Add(in.Viewers[0].Totals(), Gauge{Buffer: 6 * time.Second, LiveLatency: 4 * time.Second})
	tick.Add(in.Viewers[1].Totals(), Gauge{Buffer: 99 * time.Second}) // has left: counts in sums, not in means
	got := tick.Done()
	if got.Viewers != 1 || got.MeanBufferSeconds != 6 || got.MeanLiveLatencySeconds != 4 || got.P2PBytes != 1500 || got.P2PRatio != 0.25 {
		t.Errorf("sample = %+v", got)
	}
	in.Sampler = s
	r := must(Summarise(in))
	if len(r.Timeline) != 2 || r.Timeline[1].T != 10 || r.Timeline[1].OriginBytes != 500 || r.Timeline[1].P2PBytes != 0 {
		t.Errorf("timeline = %+v", r.Timeline)
	}
	if r.Timeline[1].MeanBufferSeconds != 6 {
		t.Errorf("the closing sample has no buffer: %+v", r.Timeline[1])
	}
	if b := r.Breaches(); len(b) != 0 {
		t.Errorf("breaches: %+v", b)
	}
}

func TestConnectionsHaveTwoEndsUnlessTheSwarmIsOpen(t *testing.T) {
	for _, c := range []struct {
		open bool
		want int64
	}{{false, 1}, {true, 2}} {
		in := twoViewers()
		in.Run.OpenSwarm = c.open
		if got := must(Summarise(in)).Summary.Connections; got != c.want {
			t.Errorf("open %v: %d connections, want %d", c.open, got, c.want)
		}
	}
}
