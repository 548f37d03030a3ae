package results

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// crowd makes viewers who are known as "v0", "v1", ...
func crowd(n int) []*ViewerRecord {
	out := make([]*ViewerRecord, n)
	for i := range out {
		out[i] = NewViewer(ViewerInfo{Name: fmt.Sprint(i)})
		out[i].KnownAs(fmt.Sprintf("v%d", i))
	}
	return out
}

func TestOverlayByHand(t *testing.T) {
	v := crowd(6)
	v[0].KnownAs("v0-audio") // the id in another rendition's swarm
	v[1].Met("v0")
	v[0].Met("v1")
	v[1].ReceivedFrom("v0", 100)
	v[1].ReceivedFrom("v0-audio", 11)
	v[0].ReceivedFrom("v1", 7)
	v[2].Met("v1") // only one of the two noticed
	v[3].ReceivedFrom("v4", 50)
	v[4].ReceivedFrom("browser", 1000) // no viewer of this run
	v[5].Met("v5")                     // itself: no pair
	got := overlayOf(v)
	want := &Overlay{
		Pairs: 3, GivingPairs: 2, Bytes: 168, OutsideBytes: 1000,
		Degrees:    []Tally{{0, 1}, {1, 4}, {2, 1}},
		Components: []Tally{{3, 1}, {2, 1}, {1, 1}},
		Links:      []OverlayLink{{0, 1, 111, 7}, {1, 2, 0, 0}, {3, 4, 0, 50}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("overlay (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(got, overlayOf(v)); diff != "" {
		t.Errorf("differs from one time to the next:\n%s", diff)
	}
}

func TestNoOverlayIsNotAnEmptyOne(t *testing.T) {
	v := NewViewer(ViewerInfo{})
	v.ReceivedFrom("somebody", 10)
	if o := overlayOf([]*ViewerRecord{v}); o != nil {
		t.Errorf("nobody said who is who, and the overlay is %+v", o)
	}
}

// What one viewer remembers is bounded, and no byte is lost for it.
func TestPartnersAreBounded(t *testing.T) {
	v := crowd(1)[0]
	for i := range 3 * mostPartners {
		v.Met(fmt.Sprint(i))
		v.ReceivedFrom(fmt.Sprint(i), 1)
	}
	v.ReceivedFrom("0", -5) // no such thing
	if len(v.partners) != mostPartners {
		t.Errorf("%d partners are remembered, want %d", len(v.partners), mostPartners)
	}
	if o := overlayOf([]*ViewerRecord{v}); o.OutsideBytes != 3*mostPartners || o.Bytes != 0 {
		t.Errorf("bytes %d, outside %d, want 0 and %d", o.Bytes, o.OutsideBytes, 3*mostPartners)
	}
}

// A swarm too large to list keeps the links that moved the most, and the totals of all.
func TestLinksAreBounded(t *testing.T) {
	const n = 1500
	v := crowd(n)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		for j := range 50 {
			v[i].ReceivedFrom(fmt.Sprintf("v%d", (i+j+1)%n), 1+r.Int64N(1e6))
		}
	}
	o := overlayOf(v)
	if o.Pairs != 50*n || len(o.Links) != mostLinks || o.LinksLeftOut != 50*n-mostLinks {
		t.Errorf("%d pairs, %d kept, %d left out", o.Pairs, len(o.Links), o.LinksLeftOut)
	}
	var kept, least int64 = 0, 1 << 60
	for i, l := range o.Links {
		kept += l.AToB + l.BToA
		least = min(least, l.AToB+l.BToA)
		if i > 0 && inOrder(o.Links[i-1], l) >= 0 {
			t.Fatalf("%+v comes after %+v", l, o.Links[i-1])
		}
	}
	if left := o.Bytes - kept; left <= 0 || left > o.LinksLeftOut*least {
		t.Errorf("what was left out moved %d bytes, the least of what was kept %d", left, least)
	}
	data, err := json.Marshal(o)
	if err != nil || len(data) > 1<<20 {
		t.Errorf("%d bytes, %v", len(data), err)
	}
}

func TestLinksAreStoredAsLists(t *testing.T) {
	want := OverlayLink{3, 17, 1 << 40, 0}
	data, err := json.Marshal(want)
	if err != nil || string(data) != "[3,17,1099511627776,0]" {
		t.Fatalf("%s, %v", data, err)
	}
	var got OverlayLink
	if err := json.Unmarshal(data, &got); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{"[1,2,3]", "[1,2,3,4,5]", "[-1,2,3,4]", `{"A":1}`, `["a",2,3,4]`} {
		if err := json.Unmarshal([]byte(bad), &got); err == nil {
			t.Errorf("%s is a link", bad)
		}
	}
}
