package results

import (
	"encoding/json"
	"fmt"
	"time"
)

// Two viewers watch three segments of 1,000 bytes. The first has all over HTTP; the second has one over HTTP, one over P2P, and
// one half and half, and throws 100 bytes away. 50 bytes are lost on their way. Every figure of this run is computed by hand
// in the tests.
func twoViewers() Input {
	a := NewViewer(ViewerInfo{Name: "a", Group: "home", Uploads: true})
	b := NewViewer(ViewerInfo{Name: "b", Group: "mobile", JoinedAt: time.Second})
	seg := func(i int64) SegmentID { return SegmentID{Stream: "v0", Sequence: i} }
	for i := range int64(3) {
		a.ChunkDownloaded(HTTP, 1000)
		a.SegmentLoaded(Load{Segment: seg(i), Source: HTTP, Latency: time.Duration(i+1) * 100 * time.Millisecond, HTTPBytes: 1000})
		a.SegmentPlayed(seg(i), 1000, true)
		a.Request(HTTP, OutcomeLoaded)
		a.HTTPReason(ReasonNoPeers, 1000)
	}
	a.KnownAs("id-a")
	b.KnownAs("id-b")
	a.Met("id-b")
	b.Met("id-a")
	b.ReceivedFrom("id-a", 1500)
	a.PeerConnected(2*time.Second, "b")
	b.PeerConnected(2*time.Second, "a")
	a.ChunkUploaded(1000 + 500 + 100 + 50)
	b.ChunkDownloaded(HTTP, 1500)
	b.ChunkDownloaded(P2P, 1600)
	b.SegmentLoaded(Load{Segment: seg(0), Source: HTTP, Latency: 400 * time.Millisecond, HTTPBytes: 1000})
	b.SegmentLoaded(Load{Segment: seg(1), Source: P2P, Latency: 700 * time.Millisecond, P2PBytes: 1000})
	b.SegmentLoaded(Load{Segment: seg(2), Source: HTTP, Latency: 900 * time.Millisecond, HTTPBytes: 500, P2PBytes: 500})
	b.Wasted(P2P, WasteStale, 100)
	b.SegmentPlayed(seg(0), 1000, true)
	b.SegmentPlayed(seg(1), 1000, true)
	b.HTTPReason(ReasonHighDemand, 1500)
	a.Startup(250 * time.Millisecond)
	a.Watched(8 * time.Second)
	b.Watched(2 * time.Second)
	b.StallStart(4 * time.Second)
	b.StallEnd(5 * time.Second)
	a.WatchedAll()
	b.Left(6*time.Second, false)
	lost := int64(50)
	return Input{
		Scenario:      json.RawMessage(`{"name":"two"}`),
		Run:           Run{Name: "two", Seed: 3, Tier: "packet", Clock: "virtual", Version: "test"},
		End:           10 * time.Second,
		Viewers:       []*ViewerRecord{a, b},
		Origin:        OriginCounters{SegmentBytes: 4500, SegmentRequests: 5, PlaylistBytes: 77, PlaylistRequests: 2},
		Tracker:       TrackerCounters{Announces: 2, Offers: 10, Answers: 1},
		InFlightBytes: &lost,
	}
}

func must(r *Result, err error) *Result {
	if err != nil {
		panic(fmt.Sprint("summarise: ", err))
	}
	return r
}
