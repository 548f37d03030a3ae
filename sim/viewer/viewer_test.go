package viewer

import (
	"testing"

	"swarmlab/results"
	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

type oneSegment struct{ bytes string }

func (s oneSegment) Canonical(url string, _ *p2pml.ByteRange) []byte {
	if url != "http://origin/0.ts" {
		return nil
	}
	return []byte(s.bytes)
}

func (oneSegment) Siblings(string, *p2pml.ByteRange) [][]byte {
	return [][]byte{nil, []byte("another rendition's")}
}

func (oneSegment) Segments() int { return 1 }

// TestAMisfiledSegmentIsTheLibrarysMistake: it counts as not intact, but the run's own figures are not in doubt.
func TestAMisfiledSegmentIsTheLibrarysMistake(t *testing.T) {
	for _, c := range []struct {
		blocks  []webtorrent.Message
		corrupt int64
	}{
		{blocks("another ", "rendition's"), 0},
		{blocks("neither"), 1},
		{nil, 1},
	} {
		v := &Viewer{Record: results.NewViewer(results.ViewerInfo{}), source: oneSegment{"segment"}, corrupt: map[string]bool{}}
		v.Assemble(&p2pml.Segment{RuntimeID: "s", URL: "http://origin/0.ts"}, c.blocks)
		r, err := results.Summarise(results.Input{Viewers: []*results.ViewerRecord{v.Record}})
		if err != nil {
			t.Fatal(err)
		}
		if r.Summary.CorruptSegments != c.corrupt || r.Summary.Errors["misfiled-segment"] != 1-c.corrupt || !v.corrupt["s"] {
			t.Errorf("%v: %d corrupt, errors %v", c.blocks, r.Summary.CorruptSegments, r.Summary.Errors)
		}
	}
}

func blocks(parts ...string) (out []webtorrent.Message) {
	for _, p := range parts {
		out = append(out, webtorrent.Text([]byte(p)))
	}
	return out
}

// TestAssembleChecksEveryByte: whole and right is shared; anything else counts as corrupt, and stays what it is.
func TestAssembleChecksEveryByte(t *testing.T) {
	for _, c := range []struct {
		what, url string
		blocks    []webtorrent.Message
		intact    bool
	}{
		{"in one block", "http://origin/0.ts", blocks("segment"), true},
		{"in several", "http://origin/0.ts", blocks("seg", "", "ment"), true},
		{"a flipped byte", "http://origin/0.ts", blocks("seg", "mEnt"), false},
		{"too short", "http://origin/0.ts", blocks("segmen"), false},
		{"too long", "http://origin/0.ts", blocks("segment", "s"), false},
		{"nothing", "http://origin/0.ts", nil, false},
		{"a segment the origin does not know", "http://origin/1.ts", blocks("segment"), false},
	} {
		v := &Viewer{Record: results.NewViewer(results.ViewerInfo{}), source: oneSegment{"segment"}, corrupt: map[string]bool{}}
		got := v.Assemble(&p2pml.Segment{RuntimeID: c.url, URL: c.url}, c.blocks)
		var want string
		for _, b := range c.blocks {
			want += string(b.Bytes)
		}
		if string(got.Bytes) != want || got.Size != len(want) {
			t.Errorf("%s: assembled %q, want what came: %q", c.what, got.Bytes, want)
		}
		if v.corrupt[c.url] == c.intact {
			t.Errorf("%s: counted as intact: %v", c.what, !v.corrupt[c.url])
		}
	}
}

// TestReasonsAndCausesHaveReportsWords: whatever the scheduler says, a report can explain.
func TestReasonsAndCausesHaveReportsWords(t *testing.T) {
	reasons := map[p2pml.StartReason]string{
		p2pml.HighDemandNoPeer:        results.ReasonNoPeers,
		p2pml.HighDemandNotAnnounced:  results.ReasonNobodyHadIt,
		p2pml.HighDemandPeerLoading:   results.ReasonNotYetAnnounced,
		p2pml.HighDemandPeerHadIt:     results.ReasonHighDemand,
		p2pml.HighDemandP2PReplaced:   results.ReasonHighDemand,
		p2pml.HighDemandAfterP2PError: results.ReasonP2PFailed,
		p2pml.RandomPrefetch:          results.ReasonRandomPrefetch,
		p2pml.EngineImmediate:         results.ReasonOther,
		p2pml.HighDemandHTTPRetry:     results.ReasonOther,
	}
	for from, want := range reasons {
		if got := httpReason(from); got != want {
			t.Errorf("%s is told as %s, want %s", from, got, want)
		}
	}
	for _, c := range []p2pml.DiscardCause{
		p2pml.DiscardAborted, p2pml.DiscardMismatch, p2pml.DiscardInvalid, p2pml.DiscardRestarted, p2pml.DiscardDestroyed,
	} {
		if wasteCause(c) == results.WasteUnexplained {
			t.Errorf("%s cannot be explained", c)
		}
	}
}
