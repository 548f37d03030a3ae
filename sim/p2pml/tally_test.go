package p2pml

import (
	"math/rand/v2"
	"testing"
)

// TestTallyKnowsWhatAnySetHas holds the tally against the union of sets that come, change and go.
func TestTallyKnowsWhatAnySetHas(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const most = 300
	random := func() (ids []int64) {
		from := rng.IntN(most)
		for id := from; id < min(from+rng.IntN(100), most); id++ {
			if rng.IntN(4) > 0 {
				ids = append(ids, int64(id-100))
			}
		}
		return ids
	}
	var counted tally
	sets := make([]idSet, 20)
	for step := range 5000 {
		i := rng.IntN(len(sets))
		var next []int64
		if rng.IntN(3) > 0 {
			next = random()
		}
		if next == nil && step%2 == 0 {
			counted.take(&sets[i])
			sets[i] = idSet{}
		}
		for _, c := range sets[i].replace(setOf(next), nil) {
			counted.apply(c)
		}
		id := int64(rng.IntN(most+20) - 110)
		want := false
		for j := range sets {
			want = want || sets[j].has(id)
		}
		if counted.has(id) != want {
			t.Fatalf("step %d: id %d is had: %v, want %v", step, id, counted.has(id), want)
		}
	}
	for i := range sets {
		for _, c := range sets[i].replace(new(idSet), nil) {
			counted.apply(c)
		}
	}
	if len(counted.blocks) > 0 {
		t.Errorf("%d blocks are left of nothing", len(counted.blocks))
	}
}

func setOf(ids []int64) *idSet {
	s := new(idSet)
	s.set(ids)
	return s
}
