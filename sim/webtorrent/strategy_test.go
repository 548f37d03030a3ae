package webtorrent

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// The strategy that README.md gives as an example works as it stands there.
func selectConsecutive(rng *rand.Rand, members, self, want int, picked []int) []int {
	at := rng.IntN(members)
	for ; len(picked) < want; at = (at + 1) % members {
		if at != self {
			picked = append(picked, at)
		}
	}
	return picked
}

func TestAStrategyCanBeAdded(t *testing.T) {
	before := slices.Clone(selections)
	defer func() { selections = before }()
	RegisterSelection("consecutive", "", selectConsecutive)
	tr := newTestTracker(t, TrackerConfig{Selection: "consecutive"})
	for i := range 20 {
		tell(t, tr, ConnID(i), string(announceMessage(infoName(1), peerName(i), 0)))
	}
	got := tell(t, tr, 5, string(announceMessage(infoName(1), peerName(5), 5)))
	for i := 2; i < len(got); i++ {
		step := (got[i].To + 20 - got[i-1].To) % 20
		if step != 1 && !(step == 2 && (got[i-1].To+1)%20 == 5) {
			t.Errorf("offers went to %v", got)
		}
	}
	for range 100 {
		picked := selectConsecutive(rand.New(rand.NewPCG(1, 1)), 3, 1, 2, nil)
		slices.Sort(picked)
		if !slices.Equal(picked, []int{0, 2}) {
			t.Fatalf("picked %v", picked)
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
