package viewer

import (
	"bytes"
	"testing"

	"swarmlab/sim/p2pml"
)

// TestAgreementHoldsCopiesAgainstEachOther: it knows no origin, so the first copy says what a segment is.
func TestAgreementHoldsCopiesAgainstEachOther(t *testing.T) {
	a := Agreement()
	for i, c := range []struct {
		url  string
		r    *p2pml.ByteRange
		data string
		want Verdict
	}{
		{"u", nil, "segment", Unknown},
		{"u", nil, "segment", Intact},
		{"u", nil, "segmenT", Corrupt},
		{"u", nil, "segment", Intact},
		{"u", nil, "", Corrupt},
		{"v", nil, "another", Unknown},
		{"u", &p2pml.ByteRange{Start: 0, End: 3}, "segm", Unknown},
		{"u", &p2pml.ByteRange{Start: 4, End: 7}, "ent!", Unknown},
		{"u", &p2pml.ByteRange{Start: 0, End: 3}, "ent!", Corrupt},
	} {
		got, verdict := a.Check(c.url, c.r, blocks([]byte(c.data[:len(c.data)/2]), []byte(c.data[len(c.data)/2:])), false)
		if verdict != c.want || string(got.Bytes) != c.data {
			t.Errorf("%d: %q for %s%v: verdict %v, want %v; data %q", i, c.data, c.url, c.r, verdict, c.want, got.Bytes)
		}
	}
}

// TestAgreementTrustsWhatASegmentProves: a synthetic segment is held against itself, so a broken first copy spoils nothing.
func TestAgreementTrustsWhatASegmentProves(t *testing.T) {
	stream, url := twoVariants(t)
	right := segmentBytes(t, stream, 0, 0)
	wrong := bytes.Clone(right)
	wrong[len(wrong)-1] ^= 1
	a := Agreement()
	for i, c := range []struct {
		data []byte
		want Verdict
	}{{wrong, Corrupt}, {right, Intact}, {wrong, Corrupt}, {right, Intact}} {
		if _, verdict := a.Check(url, nil, blocks(c.data), false); verdict != c.want {
			t.Errorf("copy %d: verdict %v, want %v", i, verdict, c.want)
		}
	}
}
