package browser

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"swarmlab/scenarios"
	"swarmlab/sim"
)

// starved, in the environment, asks for ten minutes (make starved).
const starved = "SWARMLAB_STARVED"

// tooMany for their origin: eight viewers want 3.3 Mbit/s if nobody shares.
const tooMany = `
run: {duration: 150s}
stream: {kind: live, segmentDuration: 6s, window: 6, variants: [{bandwidth: 408000, resolution: 64x36}]}
peers: {count: 8, arrival: {kind: stagger, gap: 400ms, jitter: 100ms, at: 3s}, groups: [{name: page, link: unlimited, region: lab}]}
origin: {link: {up: %s, down: 100Mbit/s}, region: lab, cacheable: %v}
ice: {stun: false}
`

// TestPagesBeforeAnOriginThatIsTooSlow sets real pages and virtual viewers before the same origin, and says what becomes of them. Below
// what they need to begin, nobody ever has a whole segment; how much that is depends on whether browsers may keep what they were given.
//
// Near the border chance decides, so that no outcome is asserted, but that Chromium does go on where it was.
func TestPagesBeforeAnOriginThatIsTooSlow(t *testing.T) {
	if os.Getenv(starved) == "" {
		t.Skipf("takes ten minutes: make starved, or %s=1", starved)
	}
	needBrowser(t)
	for _, c := range []struct {
		mbits     float64
		cacheable bool
	}{{3, true}, {3, false}, {2, true}} {
		t.Run(fmt.Sprintf("%v Mbit per s, cacheable %v", c.mbits, c.cacheable), func(t *testing.T) {
			text := fmt.Sprintf(tooMany, fmt.Sprint(c.mbits, "Mbit/s"), c.cacheable)
			d := deploy(t, text)
			server, err := url.Parse(d.urls.Page)
			if err != nil {
				t.Fatal(err)
			}
			line := narrowLine(t, server.Host)
			server.Host = line.listener.Addr().String()
			audience := scenarios.Audience(d.scenario, 1)
			slices.SortStableFunc(audience, func(a, b scenarios.Viewer) int { return int(a.JoinAt - b.JoinAt) })
			var pages []*viewer
			for range audience {
				pages = append(pages, d.openAt(server.String(), "start=no", "show=no"))
			}
			line.limit.SetLimit(rate.Limit(c.mbits * 1e6 / 8))
			line.sent.Store(0)
			began := time.Now()
			for i, p := range pages {
				time.Sleep(time.Until(began.Add(audience[i].JoinAt)))
				if err := p.Start(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Until(began.Add(d.scenario.Run.Duration.Std())))
			var http, p2p int64
			var stalled float64
			for _, p := range pages {
				now, _ := p.look()
				http, p2p, stalled = http+now.Bytes.HTTP, p2p+now.Bytes.P2P, stalled+now.StalledMs/1000
			}
			sent := line.sent.Load()
			t.Logf("pages: ratio %.2f, stalled %.0f s; the origin sent %.1f MB, of which pages were told %.1f", float64(p2p)/float64(max(1, p2p+http)), stalled,
				float64(sent)/1e6, float64(http)/1e6)
			if c.cacheable != (http > sent) {
				t.Errorf("pages were told of %d bytes over HTTP, and %d have come", http, sent)
			}
			t.Logf("virtual viewers, ten seeds: %s", virtually(t, text))
		})
	}
}

func virtually(t *testing.T, text string) string {
	t.Helper()
	var all []string
	for seed := range 10 {
		s, err := scenarios.Parse("starved.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.SetAll([]string{fmt.Sprint("run.seed=", seed+1)}); err != nil {
			t.Fatal(err)
		}
		r, err := sim.Run(context.Background(), s, sim.Options{Tier: "flow", Version: "test"})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%.2f and %.0f s", r.Summary.P2PRatioChunks, r.Summary.StalledSeconds))
	}
	return strings.Join(all, ", ")
}
