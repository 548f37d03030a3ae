package viewer

import (
	"encoding/json"
	"testing"

	"swarmlab/results"
	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

// TestUploadersAreToldApart: a segment of 1,000 bytes comes in attempts, and each byte is credited to the peer that sent it.
func TestUploadersAreToldApart(t *testing.T) {
	seg := &p2pml.Segment{RuntimeID: "s", Stream: &p2pml.Stream{RuntimeID: "v"}}
	p2p := func(peer string, held int64) func(recorder) {
		return func(r recorder) {
			r.OnSegmentStart(p2pml.SegmentStart{Segment: seg, Source: p2pml.P2P, PeerID: peer, Held: held})
		}
	}
	http := func(held int64) func(recorder) {
		return func(r recorder) {
			r.OnSegmentStart(p2pml.SegmentStart{Segment: seg, Source: p2pml.HTTP, Held: held})
		}
	}
	discard := func(cause p2pml.DiscardCause, fromHTTP, fromP2P int64) func(recorder) {
		return func(r recorder) {
			r.OnBytesDiscarded(p2pml.BytesDiscarded{Segment: seg, Cause: cause, BytesHTTP: fromHTTP, BytesP2P: fromP2P})
		}
	}
	for _, c := range []struct {
		what   string
		events []func(recorder)
		loaded p2pml.SegmentLoaded
		a, b   int64
	}{
		{"all from one", []func(recorder){p2p("a", 0)}, p2pml.SegmentLoaded{BytesP2P: 1000}, 1000, 0},
		{"one fails, another goes on", []func(recorder){p2p("a", 0), p2p("b", 300)}, p2pml.SegmentLoaded{BytesP2P: 1000}, 300, 700},
		{"a peer goes on after HTTP", []func(recorder){p2p("a", 0), http(300), p2p("b", 600)},
			p2pml.SegmentLoaded{BytesP2P: 700, BytesHTTP: 300}, 300, 400},
		{"HTTP finishes", []func(recorder){p2p("a", 0), http(300)}, p2pml.SegmentLoaded{BytesP2P: 300, BytesHTTP: 700}, 300, 0},
		{"the first attempt's bytes are thrown away", []func(recorder){p2p("a", 0), discard(p2pml.DiscardMismatch, 0, 300), p2p("b", 0)},
			p2pml.SegmentLoaded{BytesP2P: 1000}, 0, 1000},
		{"the server ignores the range", []func(recorder){p2p("a", 0), http(300), discard(p2pml.DiscardRestarted, 0, 300)},
			p2pml.SegmentLoaded{BytesHTTP: 1000}, 0, 0},
		{"it does, and a peer finishes", []func(recorder){p2p("a", 0), http(300), discard(p2pml.DiscardRestarted, 0, 300), p2p("b", 200)},
			p2pml.SegmentLoaded{BytesHTTP: 200, BytesP2P: 800}, 0, 800},
		{"two attempts at the same peer", []func(recorder){p2p("a", 0), p2p("a", 300)}, p2pml.SegmentLoaded{BytesP2P: 1000}, 1000, 0},
	} {
		me, a, b := results.NewViewer(results.ViewerInfo{}), results.NewViewer(results.ViewerInfo{}), results.NewViewer(results.ViewerInfo{})
		me.KnownAs("me")
		a.KnownAs("a")
		b.KnownAs("b")
		r := newRecorder(me)
		for _, event := range c.events {
			event(r)
		}
		c.loaded.Segment, c.loaded.Bytes = seg, c.loaded.BytesHTTP+c.loaded.BytesP2P
		r.OnSegmentLoaded(c.loaded)
		if len(r.uploaders) != 0 {
			t.Errorf("%s: attempts at a segment that is there are kept", c.what)
		}
		got := map[int]int64{}
		for _, l := range overlay(t, me, a, b).Links {
			got[l.B] = l.BToA
		}
		if got[1] != c.a || got[2] != c.b {
			t.Errorf("%s: %d from a, %d from b, want %d and %d", c.what, got[1], got[2], c.a, c.b)
		}
	}
}

func overlay(t *testing.T, viewers ...*results.ViewerRecord) *results.Overlay {
	t.Helper()
	r, err := results.Summarise(results.Input{Viewers: viewers})
	if err != nil {
		t.Fatal(err)
	}
	return r.Overlay
}

type deafEnv struct{ p2pml.Env }

func (deafEnv) OpenSocket(string, webtorrent.SocketHandler) webtorrent.Socket { return &sentTexts{} }

type sentTexts struct{ texts []string }

func (s *sentTexts) Send(text []byte) { s.texts = append(s.texts, string(text)) }
func (s *sentTexts) Close()           {}

// TestIDsAreThoseTheTrackerIsTold: each once, whatever else a message holds, and the message goes on as it was.
func TestIDsAreThoseTheTrackerIsTold(t *testing.T) {
	record, other := results.NewViewer(results.ViewerInfo{}), results.NewViewer(results.ViewerInfo{})
	socket := newBrowser(deafEnv{}, record).OpenSocket("ws://tracker", nil)
	escaped, err := json.Marshal("-PM-\u00e9\n")
	if err != nil {
		t.Fatal(err)
	}
	said := []string{
		`{"action":"announce","info_hash":"h","peer_id":"-PM-one","offers":[]}`,
		`{"action":"announce","to_peer_id":"-PM-stranger","peer_id":"-PM-one"}`,
		`{"action":"announce","offers":[{"offer":{"sdp":"\"peer_id\":\"-PM-false\""}}],"peer_id":` + string(escaped) + `}`,
		`{"action":"scrape"}`,
		`{"peer_id":"cut off`,
	}
	for _, text := range said {
		socket.Send([]byte(text))
	}
	if got := socket.(announcing).Socket.(*sentTexts).texts; len(got) != len(said) {
		t.Errorf("%d of %d messages went on", len(got), len(said))
	}
	for id, known := range map[string]bool{"-PM-one": true, "-PM-\u00e9\n": true, "-PM-stranger": false, "-PM-false": false} {
		other.ReceivedFrom(id, 10)
		o := overlay(t, record, other)
		if got := o.Bytes == 10; got != known {
			t.Errorf("%q names the viewer: %v, want %v", id, got, known)
		}
		*other = *results.NewViewer(results.ViewerInfo{})
	}
}
