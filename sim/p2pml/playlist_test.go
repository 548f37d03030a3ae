package p2pml

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestTheRestOfAPlaylist: whatever comes and goes, the rest from a segment on is what stands from its place on in the playlist. One that has
// left has no rest, unless another has its name by now.
func TestTheRestOfAPlaylist(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	left, back, holes := 0, 0, 0
	for range 200 {
		r := newRendition(Stream{RuntimeID: "main"})
		var ever []*segment
		for step := range 40 {
			var added []Segment
			for range rng.IntN(3) {
				added = append(added, Segment{RuntimeID: fmt.Sprint(rng.IntN(step + 3))}) // some are there, some were
			}
			var removed []string
			if n := len(r.segments); n > 0 && rng.IntN(2) == 0 {
				removed = append(removed, r.segments[rng.IntN(n)].RuntimeID) // not always the first
				if r.segments[0].RuntimeID != removed[0] {
					holes++
				}
			}
			r.update(added, removed)
			for _, s := range r.segments {
				if !slices.Contains(ever, s) {
					ever = append(ever, s)
				}
			}
			for _, s := range ever {
				at := slices.IndexFunc(r.segments, func(o *segment) bool { return o.RuntimeID == s.RuntimeID })
				var want []*segment
				switch {
				case at < 0:
					left++
				default:
					want = r.segments[at:]
					if want[0] != s {
						back++
					}
				}
				if got := r.from(s); !slices.Equal(got, want) {
					t.Fatalf("from %s on: %d segments, want %d of %d", s.RuntimeID, len(got), len(want), len(r.segments))
				}
			}
		}
	}
	if left < 100 || back < 100 || holes < 100 {
		t.Errorf("%d had left, %d were back, %d holes: too few to tell", left, back, holes)
	}
}
