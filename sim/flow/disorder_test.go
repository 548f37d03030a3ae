package flow

import (
	"context"
	"fmt"
	"testing"

	"swarmlab/results"
	"swarmlab/scenarios"
	viewing "swarmlab/sim/viewer"
	"swarmlab/sim/webtorrent"
)

// slowUploaders is a swarm in which uploads queue up, time out and are asked for again.
const slowUploaders = `
run: {duration: 120s}
stream: {kind: vod, segmentDuration: 4s, length: 80s, variants: [{bandwidth: 1500000}]}
peers:
  count: 8
  arrival: {kind: stagger, gap: 4s, jitter: 1s}
  groups:
    - {name: thin, share: 0.5, link: {up: 300kbps, down: 8mbps}}
    - {name: wide, share: 0.5, link: {up: 2mbps, down: 8mbps}}
p2pml: {core: {webRtcMaxMessageSize: 16384}}
`

// TestTheLibrarysDisorderIsNoBreach: of such runs one in a hundred, or in several, has a request asked again under the same id, and then a segment
// in disorder. The library does that, so it is told and fails nothing. Seeds are tried until it happens; the first does now.
func TestTheLibrarysDisorderIsNoBreach(t *testing.T) {
	for seed := uint64(180); seed < 1180; seed++ {
		r := runOf(t, slowUploaders, seed)
		if b := breaches(r); b != "" {
			t.Fatalf("seed %d: breaches %q, errors %v", seed, b, r.Summary.Errors)
		}
		if r.Summary.Errors["disordered-segment"] == 0 {
			continue
		}
		if r.Summary.CorruptSegments != 0 || r.Summary.FullyDelivered == r.Summary.Peers {
			t.Errorf("seed %d: %d corrupt segments, %d of %d viewers have had every segment as it was made",
				seed, r.Summary.CorruptSegments, r.Summary.FullyDelivered, r.Summary.Peers)
		}
		return
	}
	t.Error("no run had a segment in disorder")
}

func runOf(t *testing.T, text string, seed uint64) *results.Result {
	t.Helper()
	s, err := scenarios.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetAll([]string{fmt.Sprint("run.seed=", seed)}); err != nil {
		t.Fatal(err)
	}
	w, err := newWorld(s, streamOf(t, s))
	if err != nil {
		t.Fatal(err)
	}
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

// TestDisorderIsHandedOn: who has parts of a segment in the wrong places shows it to others, who are excused too.
func TestDisorderIsHandedOn(t *testing.T) {
	s, err := scenarios.Parse("test.yaml", []byte(slowUploaders))
	if err != nil {
		t.Fatal(err)
	}
	w, err := newWorld(s, streamOf(t, s))
	if err != nil {
		t.Fatal(err)
	}
	src := w.source.(source)
	info, _ := src.origin.stream.Segment(0, 0)
	url := "http://origin/" + info.URI
	right := src.origin.content(0, 0)
	third := int(right.Size / 3)
	part := func(of *webtorrent.Content, from, to int) webtorrent.Message {
		return webtorrent.Message{Size: to - from, Of: of, At: int64(from)}
	}
	whole := func(of *webtorrent.Content) []webtorrent.Message {
		return []webtorrent.Message{part(of, 0, int(of.Size))}
	}
	mixed := []webtorrent.Message{part(right, 0, third), part(right, 0, third), part(right, 2*third, int(right.Size))}
	check := func(what string, blocks []webtorrent.Message, doubtful bool, want viewing.Verdict) webtorrent.Message {
		t.Helper()
		data, got := src.Check(url, nil, blocks, doubtful)
		if got != want {
			t.Errorf("%s: the verdict is %d, want %d", what, got, want)
		}
		return data
	}
	check("right", whole(right), true, viewing.Intact)
	check("in disorder", mixed, false, viewing.Corrupt)
	check("another segment, in doubt", whole(src.origin.content(0, 1)), true, viewing.Corrupt)
	check("too short, in doubt", mixed[:2], true, viewing.Corrupt)
	got := check("in disorder, in doubt", mixed, true, viewing.Disordered)
	check("handed on", whole(got.Of), false, viewing.Disordered)
	check("gone on with a right copy", []webtorrent.Message{part(got.Of, 0, third), part(right, third, int(right.Size))}, false, viewing.Disordered)
	check("gone on in the wrong place", []webtorrent.Message{part(got.Of, 0, third), part(right, third+1, int(right.Size)), part(right, 0, 1)}, false, viewing.Corrupt)
}
