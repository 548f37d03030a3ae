package viewer

import (
	"bytes"
	"testing"

	"swarmlab/results"
	"swarmlab/sim/hls"
	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

// twoVariants is a short video in two renditions, and the URL of its first segment in the first of them.
func twoVariants(t *testing.T) (*hls.Stream, string) {
	t.Helper()
	stream, err := hls.NewSynthetic(hls.Config{Variants: []hls.Variant{{Bandwidth: 200_000}, {Bandwidth: 400_000}}})
	if err != nil {
		t.Fatal(err)
	}
	info, ok := stream.Segment(0, 0)
	if !ok {
		t.Fatal("the stream has no first segment")
	}
	return stream, "http://origin/" + info.URI
}

func segmentBytes(t *testing.T, s *hls.Stream, variant int, seq int64) []byte {
	t.Helper()
	data, err := s.Bytes(variant, seq)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func blocks(parts ...[]byte) (out []webtorrent.Message) {
	for _, p := range parts {
		out = append(out, webtorrent.Text(p))
	}
	return out
}

// TestEveryByteIsChecked: whole and right is shared; anything else counts, and stays what it is.
func TestEveryByteIsChecked(t *testing.T) {
	stream, url := twoVariants(t)
	right := segmentBytes(t, stream, 0, 0)
	flipped := bytes.Clone(right)
	flipped[len(flipped)/2] ^= 1
	half := len(right) / 2
	for _, c := range []struct {
		what, url string
		blocks    []webtorrent.Message
		corrupt   int64
		misfiled  int64
	}{
		{"in one block", url, blocks(right), 0, 0},
		{"in several", url, blocks(right[:half], nil, right[half:]), 0, 0},
		{"a flipped bit", url, blocks(flipped[:half], flipped[half:]), 1, 0},
		{"too short", url, blocks(right[:len(right)-1]), 1, 0},
		{"too long", url, blocks(right, []byte("s")), 1, 0},
		{"nothing", url, nil, 1, 0},
		{"another segment", url, blocks(segmentBytes(t, stream, 0, 1)), 1, 0},
		{"the other rendition's", url, blocks(segmentBytes(t, stream, 1, 0)), 0, 1},
		{"a segment the origin does not know", "http://origin/nowhere.ts", blocks(right), 1, 0},
	} {
		v := &Viewer{Record: results.NewViewer(results.ViewerInfo{}), source: FromStream(stream), corrupt: map[string]bool{}}
		got := v.Assemble(&p2pml.Segment{RuntimeID: c.url, URL: c.url}, c.blocks)
		if want := join(c.blocks); !bytes.Equal(got.Bytes, want.Bytes) || got.Size != want.Size {
			t.Errorf("%s: assembled %d bytes that are not what came", c.what, got.Size)
		}
		r, err := results.Summarise(results.Input{Viewers: []*results.ViewerRecord{v.Record}})
		if err != nil {
			t.Fatal(err)
		}
		if r.Summary.CorruptSegments != c.corrupt || r.Summary.Errors["misfiled-segment"] != c.misfiled {
			t.Errorf("%s: %d corrupt, errors %v", c.what, r.Summary.CorruptSegments, r.Summary.Errors)
		}
		if intact := c.corrupt+c.misfiled == 0; v.corrupt[c.url] == intact {
			t.Errorf("%s: counted as intact: %v", c.what, !intact)
		}
	}
}
