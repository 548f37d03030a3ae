package viewer

import (
	"bytes"
	"slices"
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
	mixed := blocks(right[:half/2], right[:half/2], right[2*(half/2):]) // what is late of the first answer, then the second's
	for _, c := range []struct {
		what, url string
		blocks    []webtorrent.Message
		doubtful  bool
		corrupt   int64
		error     string
	}{
		{"in one block", url, blocks(right), false, 0, ""},
		{"in several", url, blocks(right[:half], nil, right[half:]), false, 0, ""},
		{"a flipped bit", url, blocks(flipped[:half], flipped[half:]), false, 1, ""},
		{"too short", url, blocks(right[:len(right)-1]), false, 1, ""},
		{"too long", url, blocks(right, []byte("s")), false, 1, ""},
		{"nothing", url, nil, false, 1, ""},
		{"another segment", url, blocks(segmentBytes(t, stream, 0, 1)), false, 1, ""},
		{"the other rendition's", url, blocks(segmentBytes(t, stream, 1, 0)), false, 0, "misfiled-segment"},
		{"a segment the origin does not know", "http://origin/nowhere.ts", blocks(right), false, 1, ""},

		{"in disorder", url, mixed, false, 1, ""},
		{"in doubt, but right", url, blocks(right), true, 0, ""},
		{"in doubt, a flipped bit", url, blocks(flipped[:half], flipped[half:]), true, 1, ""},
		{"in doubt, too short", url, mixed[:2], true, 1, ""},
		{"in doubt, in disorder", url, mixed, true, 0, "disordered-segment"},
	} {
		v := &Viewer{Record: results.NewViewer(results.ViewerInfo{}), source: FromStream(stream), corrupt: map[string]bool{}, doubted: map[string]bool{c.url: c.doubtful}}
		got := v.Assemble(&p2pml.Segment{RuntimeID: c.url, URL: c.url}, c.blocks)
		if want := join(c.blocks); !bytes.Equal(got.Bytes, want.Bytes) || got.Size != want.Size {
			t.Errorf("%s: assembled %d bytes that are not what came", c.what, got.Size)
		}
		r, err := results.Summarise(results.Input{Viewers: []*results.ViewerRecord{v.Record}})
		if err != nil {
			t.Fatal(err)
		}
		if errors := r.Summary.Errors; r.Summary.CorruptSegments != c.corrupt || len(errors) != btoi(c.error != "") || errors[c.error] != int64(len(errors)) {
			t.Errorf("%s: %d corrupt, errors %v", c.what, r.Summary.CorruptSegments, r.Summary.Errors)
		}
		if intact := c.corrupt == 0 && c.error == ""; v.corrupt[c.url] == intact {
			t.Errorf("%s: counted as intact: %v", c.what, !intact)
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestDisorderIsHandedOn: whoever gets such a segment from another has it as that one does, or goes on with a right copy; both are
// excused only once a viewer in doubt has put it together.
func TestDisorderIsHandedOn(t *testing.T) {
	stream, url := twoVariants(t)
	right := segmentBytes(t, stream, 0, 0)
	third := len(right) / 3
	mixed := slices.Concat(right[:third], right[:third], right[2*third:])
	joined := slices.Concat(mixed[:third+100], right[third+100:])
	forged := slices.Concat(mixed[:third+100], make([]byte, len(right)-third-100))
	for _, c := range []struct {
		what   string
		source Source
		mended Verdict // of a copy that is half right: only who has the origin's bytes can tell
	}{
		{"of our own stream", FromStream(stream), Disordered},
		{"of a stream that verifies itself", Agreement(), Corrupt},
	} {
		check := func(data []byte, doubtful bool, want Verdict) {
			t.Helper()
			if _, got := c.source.Check(url, nil, blocks(data[:third], data[third:2*third], data[2*third:]), doubtful); got != want {
				t.Errorf("%s: the verdict is %d, want %d", c.what, got, want)
			}
		}
		check(right, false, Intact)
		check(mixed, false, Corrupt)
		check(mixed, true, Disordered)
		check(mixed, false, Disordered)
		check(joined, false, c.mended)
		check(forged, false, Corrupt)
		check(right, false, Intact)
	}
}
