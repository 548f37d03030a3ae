package sim

import (
	"context"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"swarmlab/scenarios"
	"swarmlab/sim/hls"
	"swarmlab/sim/webtorrent"
)

// TestViewersJoinARunningDeployment: two parties of virtual viewers who know of each other only what the tracker tells.
func TestViewersJoinARunningDeployment(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes ten seconds of real time")
	}
	stream, err := hls.NewSynthetic(hls.Config{SegmentDuration: time.Second, Length: 30 * time.Second, Seed: 7,
		Variants: []hls.Variant{{Bandwidth: 400_000}}})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	handler := hls.NewOrigin(stream, hls.OriginConfig{Now: func() time.Duration { return time.Since(start) }})
	origin := httptest.NewServer(handler)
	defer origin.Close()
	rules, err := webtorrent.NewTracker(webtorrent.TrackerConfig{Interval: 120 * time.Second, MaxOffers: 10}, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	handling := webtorrent.NewHandler(rules, webtorrent.HandlerConfig{})
	defer handling.Close()
	tracker := httptest.NewServer(handling)
	defer tracker.Close()

	d := Deployment{ManifestURL: origin.URL + "/" + stream.MasterPath(), Trackers: []string{strings.Replace(tracker.URL, "http", "ws", 1)},
		Reach: Reach{Loopback: true}}
	first, second := party(t, 1, "0s"), party(t, 2, "3s")
	type outcome struct {
		shared int64
		err    error
	}
	done := make(chan outcome)
	for _, s := range []*scenarios.Scenario{first, second} {
		go func() {
			r, err := Join(context.Background(), s, d, Options{})
			if err != nil {
				done <- outcome{err: err}
				return
			}
			if !r.Run.OpenSwarm || r.Run.Clock != "real" || r.Summary.FullyDelivered != 1 {
				t.Errorf("open %v, clock %s, %d intact; want an open swarm on the real clock and one intact viewer",
					r.Run.OpenSwarm, r.Run.Clock, r.Summary.FullyDelivered)
			}
			done <- outcome{shared: r.Summary.P2PBytes}
		}()
	}
	var shared int64
	for range 2 {
		o := <-done
		if o.err != nil {
			t.Error(o.err)
		}
		shared += o.shared
	}
	if shared == 0 {
		t.Error("the two parties have shared nothing")
	}
	// Who leaves does not wait for the tracker to notice. Who leaves it without a word is forgotten after minutes.
	left := handling.Counters().Peers
	for began := time.Now(); left != 0 && time.Since(began) < 10*time.Second; left = handling.Counters().Peers {
		time.Sleep(10 * time.Millisecond)
	}
	if left != 0 {
		t.Errorf("the tracker still knows %d viewers; they should have left cleanly", left)
	}
}

func party(t *testing.T, seed int, at string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Parse("party.yaml", []byte(`
run: {duration: 10s}
peers: {count: 1, arrival: {kind: together, at: `+at+`}}
p2pml: {core: {highDemandTimeWindow: 4}}
`))
	if err != nil {
		t.Fatal(err)
	}
	s.Run.Seed = uint64(seed)
	return s
}

// TestJoinNeedsAPlaylist: a slip of the pen does not become a run in which nobody sees anything.
func TestJoinNeedsAPlaylist(t *testing.T) {
	server := httptest.NewServer(nil)
	defer server.Close()
	for url, want := range map[string]string{
		server.URL + "/no.m3u8":          "404",
		"http://10.255.255.1/live.m3u8":  "not on this machine",
		"http://127.0.0.1:1/master.m3u8": "refused",
	} {
		r, err := Join(context.Background(), party(t, 1, "0s"), Deployment{ManifestURL: url, Reach: Reach{Loopback: true}}, Options{})
		if r != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want an error that says %q", url, err, want)
		}
	}
}
