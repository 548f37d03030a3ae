package browser

import (
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"swarmlab/results"
	"swarmlab/scenarios"
	"swarmlab/sim"
	"swarmlab/sim/webtorrent"
)

// A run behind real trackers, on the real clock: viewers meet, share, and the result says who introduced them.
func TestARunBehindARealTracker(t *testing.T) {
	if testing.Short() {
		t.Skip("takes ten seconds of real time")
	}
	t.Run("bittorrent-tracker", func(t *testing.T) {
		npm := startNPMTracker(t)
		behind(t, npm.url)
		if npm.announces.Load() == 0 {
			t.Error("the tracker has heard nothing")
		}
	})
	t.Run("our own, at two addresses", func(t *testing.T) {
		one, two := served(t), served(t)
		behind(t, one.url, two.url)
		var answers int64
		for _, s := range []servedTracker{one, two} {
			// The library announces to every tracker it is given. Whose offer comes first may be connected before the other's answer is
			// ready, which then is never sent.
			c := s.handler.Counters()
			if c.Announces == 0 || c.OffersRelayed == 0 || c.Errors != 0 {
				t.Errorf("%s: %+v", s.url, c)
			}
			answers += c.AnswersRelayed
		}
		if answers == 0 {
			t.Error("neither has passed on an answer")
		}
	})
	t.Run("none that is there", func(t *testing.T) {
		ts := httptest.NewServer(nil)
		ts.Close()
		url := "ws" + strings.TrimPrefix(ts.URL, "http")
		if r, err := runBehind(t, url); err == nil || r != nil || !strings.Contains(err.Error(), url) {
			t.Errorf("%v, want an error that names %s", err, url)
		}
	})
}

type servedTracker struct {
	url     string
	handler *webtorrent.Handler
}

func served(t *testing.T) servedTracker {
	t.Helper()
	tracker, err := webtorrent.NewTracker(webtorrent.TrackerConfig{}, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	h := webtorrent.NewHandler(tracker, webtorrent.HandlerConfig{EventLoop: true})
	ts := httptest.NewServer(h)
	t.Cleanup(func() { _ = h.Close(); ts.Close() })
	return servedTracker{"ws" + strings.TrimPrefix(ts.URL, "http"), h}
}

func runBehind(t *testing.T, urls ...string) (*results.Result, error) {
	t.Helper()
	s, err := scenarios.Parse("behind.yaml", fmt.Appendf(nil, `
run: {duration: 8s}
stream: {kind: vod, segmentDuration: 1s, length: 30s, variants: [{bandwidth: 400000}]}
peers: {count: 3, arrival: {kind: stagger, gap: 1s}, groups: [{name: here, link: unlimited}]}
p2pml: {core: {highDemandTimeWindow: 4}}
tracker: {urls: ["%s"]}
`, strings.Join(urls, `", "`)))
	if err != nil {
		t.Fatal(err)
	}
	return sim.Run(t.Context(), s, sim.Options{Clock: "real"})
}

func behind(t *testing.T, urls ...string) {
	t.Helper()
	r, err := runBehind(t, urls...)
	if err != nil {
		t.Fatal(err) // broken invariants too
	}
	if r.Summary.P2PBytes == 0 || r.Summary.Connections == 0 || r.Summary.FullyDelivered != 3 {
		t.Errorf("%d bytes from peers over %d connections, %d of 3 viewers fully served", r.Summary.P2PBytes, r.Summary.Connections, r.Summary.FullyDelivered)
	}
	if !slices.Equal(r.Run.Trackers, urls) || r.Run.OpenSwarm {
		t.Errorf("the result says trackers %v, open %v", r.Run.Trackers, r.Run.OpenSwarm)
	}
}
