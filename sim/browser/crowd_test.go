package browser

import (
	"os"
	"testing"
	"time"
)

// crowd, in the environment, asks for a minute and a half of a whole machine (make crowd).
const crowd = "SWARMLAB_CROWD"

// TestAHundredVirtualViewersAndAPage: on two processors a real page watches a live stream among a hundred virtual viewers on the real
// clock, who come within half a minute, and its picture never stands. This is a test of what a machine can do, so it is asked for by name.
func TestAHundredVirtualViewersAndAPage(t *testing.T) {
	if os.Getenv(crowd) == "" {
		t.Skipf("takes a machine that does nothing else: make crowd, or %s=1", crowd)
	}
	needBrowser(t)
	d := deploy(t, `
stream: {kind: live, segmentDuration: 6s, window: 6, variants: [{bandwidth: 800000, resolution: 640x360, codecs: "avc1.42c01e,mp4a.40.2"}]}
`)
	const viewers, watched = 100, 60 * time.Second
	party := d.virtual("peers: {count: 100, arrival: {kind: poisson, over: 30s}}\nrun: {duration: 5m}\n")
	waitFor(t, "half of them at the tracker", func() bool { return d.Stats().Tracker.Peers >= viewers/2 })
	v := d.open()
	v.until("the page's picture", func(s Snapshot, _ []Event) bool { return s.Playback.CurrentTime > 0 && !s.Playback.Paused })
	waitFor(t, "all of them at the tracker", func() bool { return d.Stats().Tracker.Peers > viewers })
	before, _ := v.look()
	time.Sleep(watched)
	now, _ := v.look()
	r := party.home(t)
	if now.Stalls > 0 {
		t.Errorf("the page stalled %d times, %.0f ms in all", now.Stalls, now.StalledMs)
	}
	if moved := now.Playback.CurrentTime - before.Playback.CurrentTime; moved < 0.9*watched.Seconds() {
		t.Errorf("the page's picture moved %.1f s in %v", moved, watched)
	}
	// What it gives and gets is left to chance: with the library's defaults a viewer that is nearest to the live edge loads everything
	// from the origin, and those that it is connected to may get it elsewhere.
	if now.PeersSeen == 0 {
		t.Error("the page met nobody")
	}
	if s := r.Summary; s.Peers != viewers || s.FullyDelivered != viewers || s.CorruptSegments != 0 {
		t.Errorf("of %d virtual viewers %d came, and %d had every segment intact; %d were not", viewers, s.Peers, s.FullyDelivered, s.CorruptSegments)
	}
	t.Logf("the page: %d peers seen, %+v, %d stalls; virtual viewers: ratio %.3f, stall ratio %.4f, %.0f CPU seconds in %.0f",
		now.PeersSeen, now.Bytes, now.Stalls, r.Summary.P2PRatio, r.Summary.StallRatio, r.Run.CPUSeconds, r.Run.WallSeconds)
	v.intact()
}
