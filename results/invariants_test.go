package results

import (
	"strings"
	"testing"
)

func TestInvariantsHoldOfAnHonestRun(t *testing.T) {
	r := must(Summarise(twoViewers()))
	if len(r.Invariants) != len(invariants) {
		t.Fatalf("%d checks, want %d", len(r.Invariants), len(invariants))
	}
	for _, c := range r.Breaches() {
		t.Errorf("%s: %s", c.Name, c.Detail)
	}
}

// Every row breaks one thing in an honest result and names the one check that must notice.
func TestInvariantsNoticeEachBreach(t *testing.T) {
	for _, c := range []struct {
		what   string
		breach func(r *Result)
		want   string
	}{
		{"a segment is corrupt", func(r *Result) { r.Summary.CorruptSegments, r.Peers[0].CorruptSegments = 1, 1 }, "segmentsIntact"},
		{"more useful bytes than arrived", func(r *Result) { r.Summary.UnfinishedBytes = -1 }, "bytesAddUp"},
		{"waste without a cause", func(r *Result) { r.Summary.WastedByCause = nil }, "bytesAddUp"},
		{"one viewer has more P2P bytes than arrived there", func(r *Result) {
			r.Peers[1].P2PBytes += 200
			r.Peers[0].P2PBytes -= 200
		}, "bytesAddUp"},
		{"more received than was uploaded", func(r *Result) {
			// In the books of both ends alike, so that only the sign gives it away.
			r.Summary.UploadedBytes -= 100
			*r.Summary.InFlightBytes -= 100
			r.Peers[0].UploadedBytes -= 100
			r.Timeline[0].UploadedBytes -= 100
		}, "uploadsArrive"},
		{"an upload nobody received", func(r *Result) { *r.Summary.InFlightBytes = 49 }, "uploadsArrive"},
		{"a download nobody sent, and flight not measured", func(r *Result) {
			r.Summary.InFlightBytes = nil
			for _, p := range []*int64{&r.Summary.UploadedBytes, &r.Peers[0].UploadedBytes, &r.Timeline[0].UploadedBytes} {
				*p = 1599
			}
		}, "uploadsArrive"},
		{"a segment that the origin never sent", func(r *Result) { r.Summary.DistinctSegmentBytes = 4501 }, "originServedEverySegment"},
		{"HTTP bytes that the origin never sent", func(r *Result) {
			r.Summary.OriginBytes, r.Timeline[0].OriginBytes = 4499, 4499
		}, "originServedWhatHTTPBrought"},
		{"HTTP bytes that it did not send, and too few kept", func(r *Result) {
			r.Summary.OriginBytes, r.Timeline[0].OriginBytes, r.Summary.HTTPCachedBytes = 4498, 4498, 1
		}, "originServedWhatHTTPBrought"},
		{"more out of caches than over HTTP", func(r *Result) {
			r.Summary.HTTPCachedBytes = r.Summary.HTTPChunkBytes + 1
		}, "originServedWhatHTTPBrought"},
		{"a segment whose first copy came from nowhere", func(r *Result) { r.Summary.DistinctLoadedBytes = 4501 }, "firstCopyOverHTTP"},
		{"a ratio above (N-1)/N", func(r *Result) { r.Summary.P2PRatio = 0.50001 }, "p2pRatioWithinBound"},
		{"a second that nobody sampled", func(r *Result) { r.Timeline = nil }, "timelineAddsUp"},
		{"bytes from nobody", func(r *Result) { r.Overlay.Bytes-- }, "overlayAddsUp"},
		{"more had from a viewer than it uploaded", func(r *Result) { r.Overlay.Links[0].AToB = 1651 }, "overlayAddsUp"},
		{"a link to nobody", func(r *Result) { r.Overlay.Links[0].B = 2 }, "overlayAddsUp"},
		{"a viewer without a row", func(r *Result) { r.Peers, r.Overlay = r.Peers[:1], nil }, "peersAddUp"},
	} {
		t.Run(c.what, func(t *testing.T) {
			r := must(Summarise(twoViewers()))
			c.breach(r)
			r.Invariants = CheckInvariants(r)
			broken := r.Breaches()
			if len(broken) != 1 || broken[0].Name != c.want {
				t.Fatalf("broken: %+v, want %s alone", broken, c.want)
			}
			if !strings.ContainsAny(broken[0].Detail, "0123456789") {
				t.Errorf("no figures in %q", broken[0].Detail)
			}
		})
	}
}

// TestWhatABrowserKeptNeedNotBeSentAgain, and the invariant says how much that was.
func TestWhatABrowserKeptNeedNotBeSentAgain(t *testing.T) {
	r := must(Summarise(twoViewers()))
	r.Summary.OriginBytes, r.Timeline[0].OriginBytes, r.Summary.HTTPCachedBytes = 4500-7, 4500-7, 7
	r.Summary.DistinctSegmentBytes -= 7
	for _, c := range CheckInvariants(r) {
		if !c.OK || c.Name == "originServedWhatHTTPBrought" && !strings.Contains(c.Detail, "and 7 more out of their browsers' caches") {
			t.Errorf("%s: %v, %s", c.Name, c.OK, c.Detail)
		}
	}
}

func TestOpenSwarmIsNotHeldToWhatItCannotSee(t *testing.T) {
	r := must(Summarise(twoViewers()))
	r.Run.OpenSwarm = true
	r.Summary.OriginBytes, r.Timeline[0].OriginBytes = 0, 0
	r.Summary.P2PRatio = 0.99
	for _, c := range CheckInvariants(r) {
		if !c.OK {
			t.Errorf("%s: %s", c.Name, c.Detail)
		}
	}
}
