package packet

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"swarmlab/results"
	"swarmlab/scenarios"
	"swarmlab/sim/hls"
	"swarmlab/sim/p2pml/wire"
	viewing "swarmlab/sim/viewer"
	"swarmlab/sim/virtualtime"
)

// simulate runs four viewers of a short video, with something done to every data-channel message on its way in, and sums up.
func simulate(t *testing.T, tamper func([]byte) []byte) *results.Result {
	t.Helper()
	s, err := scenarios.Parse("test.yaml", []byte(`
run: {duration: 60s}
stream: {kind: vod, segmentDuration: 4s, length: 60s, variants: [{bandwidth: 400000}]}
peers: {count: 4, arrival: {kind: stagger, gap: 3s}, groups: [{name: home, link: fiber}]}
`))
	if err != nil {
		t.Fatal(err)
	}
	stream, err := hls.NewSynthetic(hls.Config{SegmentDuration: 4 * time.Second, Length: time.Minute, Variants: []hls.Variant{{Bandwidth: 400_000}}})
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	var out *viewing.Outcome
	err = virtualtime.Run(context.Background(), virtualtime.Options{Limit: time.Hour}, func(ctx context.Context) (err error) {
		out, err = (&world{ctx: ctx, start: time.Now(), scenario: s, tamper: tamper}).live(viewing.Options{Stream: stream})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := results.Summarise(results.Input{
		End: out.End, Viewers: out.Viewers, Sampler: out.Sampler, Origin: out.Origin, Tracker: out.Tracker, InFlightBytes: out.InFlight,
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func breaches(r *results.Result) string {
	var names []string
	for _, c := range r.Breaches() {
		names = append(names, c.Name)
	}
	return strings.Join(names, " ")
}

// TestSabotageIsSeen breaks the swarm on purpose: what is wrong with a run must show in its result.
func TestSabotageIsSeen(t *testing.T) {
	sound := simulate(t, nil)
	if b := breaches(sound); b != "" || sound.Summary.P2PRatio < 0.2 {
		t.Fatalf("without sabotage: breaches %q, P2P ratio %v", b, sound.Summary.P2PRatio)
	}
	t.Run("garbage among the uploaded bytes fails the run", func(t *testing.T) {
		r := simulate(t, func(m []byte) []byte {
			if !wire.IsCommand(m) {
				m[len(m)/2] ^= 1
			}
			return m
		})
		if got := breaches(r); got != "segmentsIntact" || r.Summary.FullyDelivered == r.Summary.Peers {
			t.Errorf("breaches %q, %d of %d viewers delivered", got, r.Summary.FullyDelivered, r.Summary.Peers)
		}
	})
	t.Run("a part of a segment that gets lost between network and core fails the run", func(t *testing.T) {
		var lost atomic.Bool // viewers live on goroutines of their own
		r := simulate(t, func(m []byte) []byte {
			if !wire.IsCommand(m) && lost.CompareAndSwap(false, true) {
				return nil
			}
			return m
		})
		if got := breaches(r); got != "uploadsArrive" {
			t.Errorf("breaches %q", got)
		}
	})
	t.Run("without announcements nothing is shared", func(t *testing.T) {
		r := simulate(t, func(m []byte) []byte {
			if wire.IsCommand(m) && wire.ID(m[4]) == wire.SegmentsAnnouncement {
				return nil
			}
			return m
		})
		if r.Summary.P2PBytes != 0 || breaches(r) != "" {
			t.Errorf("%d bytes shared, breaches %q", r.Summary.P2PBytes, breaches(r))
		}
		if sound.Summary.OriginBytes >= r.Summary.OriginBytes {
			t.Errorf("the origin sent %d bytes, with announcements %d", r.Summary.OriginBytes, sound.Summary.OriginBytes)
		}
	})
}
