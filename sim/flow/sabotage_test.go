package flow

import (
	"context"
	"strings"
	"testing"

	"swarmlab/results"
	"swarmlab/scenarios"
	"swarmlab/sim/p2pml/wire"
	viewing "swarmlab/sim/viewer"
	"swarmlab/sim/webtorrent"
)

// simulate runs four viewers of a short video, with something done to every data-channel message on its way in, and sums up.
func simulate(t *testing.T, tamper func(webtorrent.Message) (webtorrent.Message, bool)) *results.Result {
	t.Helper()
	s, err := scenarios.Parse("test.yaml", []byte(`
run: {duration: 60s}
stream: {kind: vod, segmentDuration: 4s, length: 60s, variants: [{bandwidth: 400000}]}
peers: {count: 4, arrival: {kind: stagger, gap: 3s}, groups: [{name: home, link: fiber}]}
`))
	if err != nil {
		t.Fatal(err)
	}
	w, err := newWorld(s, streamOf(t, s))
	if err != nil {
		t.Fatal(err)
	}
	w.tamper = tamper
	out, err := w.run(context.Background(), viewing.Options{})
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

// TestSabotageIsSeen breaks the swarm on purpose: although no byte is moved, what is wrong with a run must show in its result.
func TestSabotageIsSeen(t *testing.T) {
	sound := simulate(t, nil)
	if b := breaches(sound); b != "" || sound.Summary.P2PRatio < 0.2 || sound.Summary.FullyDelivered != 4 {
		t.Fatalf("without sabotage: breaches %q, P2P ratio %v", b, sound.Summary.P2PRatio)
	}
	forged := &webtorrent.Content{Name: "forged", Size: 200_000}
	t.Run("another segment's data fails the run", func(t *testing.T) {
		r := simulate(t, func(m webtorrent.Message) (webtorrent.Message, bool) {
			if m.Of != nil {
				m.Of = forged
			}
			return m, true
		})
		if got := breaches(r); got != "segmentsIntact" || r.Summary.FullyDelivered == r.Summary.Peers {
			t.Errorf("breaches %q, %d of %d viewers delivered", got, r.Summary.FullyDelivered, r.Summary.Peers)
		}
	})
	t.Run("the right data from the wrong place fails the run", func(t *testing.T) {
		r := simulate(t, func(m webtorrent.Message) (webtorrent.Message, bool) {
			if m.Of != nil && m.At > 0 {
				m.At--
			}
			return m, true
		})
		if got := breaches(r); got != "segmentsIntact" {
			t.Errorf("breaches %q", got)
		}
	})
	t.Run("a part that gets lost between network and core fails the run", func(t *testing.T) {
		lost := false
		r := simulate(t, func(m webtorrent.Message) (webtorrent.Message, bool) {
			if m.Of != nil && !lost {
				lost = true
				return m, false
			}
			return m, true
		})
		if got := breaches(r); got != "uploadsArrive" {
			t.Errorf("breaches %q", got)
		}
	})
	t.Run("without announcements nothing is shared", func(t *testing.T) {
		r := simulate(t, func(m webtorrent.Message) (webtorrent.Message, bool) {
			return m, m.Bytes == nil || wire.ID(m.Bytes[4]) != wire.SegmentsAnnouncement
		})
		if r.Summary.P2PBytes != 0 || breaches(r) != "" {
			t.Errorf("%d bytes shared, breaches %q", r.Summary.P2PBytes, breaches(r))
		}
	})
}
