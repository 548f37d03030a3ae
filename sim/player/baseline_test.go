package player

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"swarmlab/sim/hls"
	"swarmlab/sim/p2pml"
)

// A viewer who is alone in the swarm must not be worse off than one without P2P Media Loader: the same segments, once each, the
// same bytes, no stall. The start is the same if the engine loads one segment at a time; as released it loads two, which on a link
// shared fairly makes the first take up to twice as long. Real engine, no tracker, no peers.
func TestLoneViewerEqualsPlainHTTP(t *testing.T) {
	for _, c := range []struct {
		name      string
		stream    hls.Config
		run       time.Duration
		downloads int
	}{
		{"vod", hls.Config{Length: 60 * time.Second}, 90 * time.Second, 2},
		{"live", liveStream(2*time.Second, 8), 60 * time.Second, 2},
		{"vod", hls.Config{Length: 60 * time.Second}, 90 * time.Second, 1},
		{"live", liveStream(2*time.Second, 8), 60 * time.Second, 1},
	} {
		t.Run(fmt.Sprint(c.name, c.downloads), func(t *testing.T) {
			view := func(engine bool) (*world, *Player, *diary) {
				w := newWorld(t, c.stream)
				w.now = 300 * time.Millisecond
				cfg := p2pml.Default()
				cfg.Main.SimultaneousHTTPDownloads = c.downloads
				p, d := w.viewer(func(x *Config) {
					x.P2PEnabled, x.P2P = engine, cfg
					x.HLS.LiveSyncDurationCount = 5 // the same place in the stream for both
					x.HLS.MaxBufferLength = 14 * time.Second
					x.HLS.MaxMaxBufferLength = 14 * time.Second
				})
				w.do(p.Start)
				w.run(c.run)
				w.do(func() { p.Snapshot() }) // tells what was played
				return w, p, d
			}
			plain, pp, pd := view(false)
			alone, ap, ad := view(true)
			a, b := plain.segments(), alone.segments()
			slices.Sort(a)
			slices.Sort(b)
			if c.name == "vod" && (!slices.Equal(a, b) || plain.bytes != alone.bytes || len(a) != 15) {
				t.Errorf("plain asked for %v, alone for %v", a, b)
			}
			if diff := len(a) - len(b); diff < -2 || diff > 2 {
				t.Errorf("plain asked for %d segments, alone for %d", len(a), len(b))
			}
			if n := len(slices.Compact(slices.Clone(b))); n != len(b) {
				t.Errorf("alone asked for %d segments of %d", len(b), n)
			}
			most := pd.startup[0].Delay
			if c.downloads == 2 {
				most = 2*most - 3*plain.rtt
			}
			if len(ad.startup) != 1 || ad.startup[0].Delay > most {
				t.Errorf("startup %v alone, %v plain", ad.startup, pd.startup)
			}
			if len(ad.stalls) != 0 || len(pd.stalls) != 0 || len(ad.played) != len(pd.played) {
				t.Errorf("stalls %v and %v, played %d and %d", ad.stalls, pd.stalls, len(ad.played), len(pd.played))
			}
			for i := range ad.played {
				x, y := ad.played[i], pd.played[i]
				if x.URL != y.URL || x.Bytes != y.Bytes || x.ExternalID != y.ExternalID || !x.ByEngine || y.ByEngine {
					t.Errorf("played %+v alone, %+v plain", x, y)
				}
			}
			alone.late = true
			alone.do(ap.Leave)
			plain.do(pp.Leave)
			if fmt.Sprint(alone.pending(), alone.open, plain.pending(), plain.open) != "0 0 0 0" {
				t.Errorf("left behind: %d timers, %d requests; plain %d, %d", alone.pending(), alone.open, plain.pending(), plain.open)
			}
		})
	}
}
