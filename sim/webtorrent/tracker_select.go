package webtorrent

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"swarmlab/sim/trackerbench/profile"
)

// Selection picks who gets an announce's offers: want different numbers of 0 to members-1, none of them self, appended to
// picked; or fewer, if it is in its nature. self is the announcer's own place, want is at most members-1.
//
// Members stand in the order they joined, but that the last one moves to the place of one that leaves.
type Selection func(rng *rand.Rand, members, self, want int, picked []int) []int

// The strategies of the trackers in the field, by the names that their profiles use too.
const (
	Uniform     = profile.Uniform     // bittorrent-tracker: every other peer is as likely
	Consecutive = profile.Consecutive // wt-tracker: neighbours in order of arrival, from a random one on
	TwoRuns     = profile.TwoRuns     // aquatic_ws: two such runs, one in each half of the swarm
)

type selectionEntry struct {
	name, doc string
	choose    Selection
}

var selections []selectionEntry

// RegisterSelection adds a strategy under a name. It panics if there is one of that name: call it from init.
func RegisterSelection(name, doc string, choose Selection) {
	at, found := slices.BinarySearchFunc(selections, name, func(e selectionEntry, n string) int {
		return strings.Compare(e.name, n)
	})
	if found {
		panic("webtorrent: two selection strategies named " + name)
	}
	selections = slices.Insert(selections, at, selectionEntry{name, doc, choose})
}

// Selections lists the strategies' names in order, with a line about each.
func Selections() (names, docs []string) {
	for _, e := range selections {
		names = append(names, e.name)
		docs = append(docs, e.doc)
	}
	return names, docs
}

func selectionByName(name string) (Selection, error) {
	for _, e := range selections {
		if e.name == name {
			return e.choose, nil
		}
	}
	names, _ := Selections()
	return nil, fmt.Errorf("no tracker selection named %q; there are: %s", name, strings.Join(names, ", "))
}

func init() {
	RegisterSelection(Uniform, "every other peer of the swarm is equally likely (bittorrent-tracker)", selectUniform)
	RegisterSelection(Consecutive, "neighbours in order of arrival, from a random one on (wt-tracker)", selectConsecutive)
	RegisterSelection(TwoRuns, "two runs of neighbours, one in each half of the swarm (aquatic_ws)", selectTwoRuns)
}

// selectUniform draws without replacement: the i-th draw is a place among those that are left, counted past self and past
// those drawn before. It looks at want^2/2 small numbers and never at the swarm; want is capped by MaxOffers.
func selectUniform(rng *rand.Rand, members, self, want int, picked []int) []int {
	var buffer [DefaultMaxOffers + 1]int
	taken := append(buffer[:0], self) // in ascending order
	for range want {
		place := rng.IntN(members - len(taken))
		at := 0
		for at < len(taken) && taken[at] <= place {
			place++
			at++
		}
		taken = slices.Insert(taken, at, place)
		picked = append(picked, place)
	}
	return picked
}

// selectConsecutive goes round the swarm from a random place on.
func selectConsecutive(rng *rand.Rand, members, self, want int, picked []int) []int {
	for at := rng.IntN(members); want > 0; at = (at + 1) % members {
		if at != self {
			picked = append(picked, at)
			want--
		}
	}
	return picked
}

// selectTwoRuns is aquatic's rule: half of what is wanted from a random run in the first half of the swarm, the rest from one in
// the second, and one fewer if the announcer lies in a run. Neither run goes round, so that the ends of a half are picked less
// often. A swarm that is hardly larger than what is wanted is taken whole.
func selectTwoRuns(rng *rand.Rand, members, self, want int, picked []int) []int {
	run := func(from, to int) {
		for at := from; at < to; at++ {
			if at != self {
				picked = append(picked, at)
			}
		}
	}
	if members <= want+1 {
		run(0, members)
		return picked
	}
	each, half := want/2, members/2
	first := rng.IntN(half + members%2 - each)
	second := half + rng.IntN(members-each-half)
	run(first, first+each)
	run(second, min(second+each+want%2, members))
	return picked
}
