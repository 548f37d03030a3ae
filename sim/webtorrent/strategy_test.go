package webtorrent

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// The strategy that README.md gives as an example works as it stands there.
func selectOldest(_ *rand.Rand, members, self, want int, picked []int) []int {
	for at := 0; at < members && want > 0; at++ {
		if at != self {
			picked = append(picked, at)
			want--
		}
	}
	return picked
}

func TestAStrategyCanBeAdded(t *testing.T) {
	before := slices.Clone(selections)
	defer func() { selections = before }()
	RegisterSelection("oldest", "", selectOldest)
	tr := newTestTracker(t, TrackerConfig{Selection: "oldest"})
	for i := range 20 {
		tell(t, tr, ConnID(i), string(announceMessage(infoName(1), peerName(i), 0)))
	}
	got := tell(t, tr, 2, string(announceMessage(infoName(1), peerName(2), 3)))
	if len(got) != 4 || got[1].To != 0 || got[2].To != 1 || got[3].To != 3 {
		t.Errorf("offers went to %v", got)
	}
}

// Whatever the strategy, nobody is offered to himself or twice, and a small swarm is taken whole.
func TestEveryStrategyPicksOthersOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	names, _ := Selections()
	for _, name := range names {
		choose, err := selectionByName(name)
		if err != nil {
			t.Fatal(err)
		}
		for range 20_000 {
			members := 2 + rng.IntN(30)
			self, want := rng.IntN(members), 1+rng.IntN(members-1)
			picked := choose(rng, members, self, want, nil)
			least := want
			if name == TwoRuns && members > want+1 {
				least-- // the announcer lay in a run
			}
			seen := map[int]bool{self: true}
			for _, p := range picked {
				if p < 0 || p >= members || seen[p] {
					t.Fatalf("%s picked %v of %d for %d", name, picked, members, self)
				}
				seen[p] = true
			}
			if len(picked) > want || len(picked) < least {
				t.Fatalf("%s picked %v of %d for %d, want %d", name, picked, members, self, want)
			}
		}
	}
}

func TestUnknownSelectionIsAnError(t *testing.T) {
	_, err := NewTracker(TrackerConfig{Selection: "unifrom"}, nil)
	if err == nil || !strings.Contains(err.Error(), Uniform) {
		t.Errorf("error %v does not name what there is", err)
	}
	names, docs := Selections()
	if !slices.IsSorted(names) || len(docs) != len(names) || !slices.Contains(names, Uniform) {
		t.Errorf("%v %v", names, docs)
	}
	defer func() {
		if recover() == nil {
			t.Error("a second strategy of the same name was taken")
		}
	}()
	RegisterSelection(Uniform, "", selectUniform)
}

// Every other peer is as likely for every offer: chi-squared over 20 peers, and all pairs occur.
func TestUniformIsUniform(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	const members, want, rounds = 20, 5, 20000
	for _, self := range []int{0, 7, members - 1} {
		var hits [want][members]int
		var picked []int
		for range rounds {
			picked = selectUniform(rng, members, self, want, picked[:0])
			seen := map[int]bool{self: true}
			for i, p := range picked {
				if seen[p] || p < 0 || p >= members {
					t.Fatalf("picked %v for %d", picked, self)
				}
				seen[p] = true
				hits[i][p]++
			}
		}
		for i := range hits {
			expected := float64(rounds) / (members - 1)
			chi := 0.0
			for p, n := range hits[i] {
				if p != self {
					chi += (float64(n) - expected) * (float64(n) - expected) / expected
				}
			}
			if chi > 45 { // 18 degrees of freedom: p < 0.0005
				t.Errorf("offer %d of %d: chi-squared %.1f: %v", i, self, chi, hits[i])
			}
		}
	}
	if got := selectUniform(rng, 4, 2, 3, nil); len(got) != 3 || !slices.Contains(got, 0) || !slices.Contains(got, 1) || !slices.Contains(got, 3) {
		t.Errorf("all others are %v", got)
	}
}
