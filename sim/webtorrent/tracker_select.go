package webtorrent

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// Selection picks who gets an announce's offers: want different numbers of 0 to members-1, none of them self, appended to
// picked. self is the announcer's own place, want is at most members-1.
//
// Members stand in the order they joined, but that the last one moves to the place of one that leaves.
type Selection func(rng *rand.Rand, members, self, want int, picked []int) []int

// Uniform is the strategy of bittorrent-tracker: every other peer is as likely.
const Uniform = "uniform"

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
