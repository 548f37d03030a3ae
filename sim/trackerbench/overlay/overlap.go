package overlay

import (
	"math"
	"math/rand/v2"
	"slices"
)

// overlap is how many targets two announces share, if they share any, and how many that would be if all choices were uniform.
//
// Each member's last announce counts: the first ones of a swarm that still grows have few others to choose from, and share
// targets whatever the rule.
func overlap(g Graph, rng *rand.Rand) (mean, uniform float64) {
	sets := lastTargets(g)
	askedBy := make([][]int32, len(g.Joined)) // by target: the announcers
	sizes := map[int]float64{}
	for from, targets := range sets {
		for _, to := range targets {
			askedBy[to] = append(askedBy[to], int32(from)) // a place in Joined
		}
		if len(targets) > 0 {
			sizes[len(targets)]++
		}
	}
	shared := make([]int32, len(g.Joined)) // with the announcer at hand, by announcer
	var touched []int32
	var sum, pairs float64
	work := 0
	for i, from := range rng.Perm(len(sets)) {
		if i >= mostAnnounces || work > mostOverlaps {
			break
		}
		for _, to := range sets[from] {
			for _, other := range askedBy[to] {
				work++
				if int(other) == from {
					continue
				}
				if shared[other] == 0 {
					touched = append(touched, other)
				}
				shared[other]++
			}
		}
		for _, other := range touched {
			sum += float64(shared[other])
			pairs++
			shared[other] = 0
		}
		touched = touched[:0]
	}
	if pairs == 0 {
		return 0, 0
	}
	return sum / pairs, uniformOverlap(sizes, len(g.Joined))
}

// lastTargets is, by member, whom its last announce was offered to, each once.
func lastTargets(g Graph) [][]int32 {
	last := make([]int32, len(g.Joined))
	for i := range last {
		last[i] = -1
	}
	for _, o := range g.Offers {
		last[o.From] = max(last[o.From], o.Announce)
	}
	sets := make([][]int32, len(g.Joined))
	for _, o := range g.Offers {
		if o.Announce == last[o.From] && o.From != o.To {
			sets[o.From] = append(sets[o.From], o.To)
		}
	}
	for i, list := range sets {
		slices.Sort(list)
		sets[i] = slices.Compact(list)
	}
	return sets
}

// uniformOverlap is the mean of what two announcers' sets share if they share anything, over all pairs of sizes, each set drawn
// from the members other than its announcer.
func uniformOverlap(sizes map[int]float64, members int) float64 {
	others := float64(members - 1)
	var expected, sharing float64
	for _, a := range sortedKeys(sizes) { // in order: sums of floats depend on it
		for _, b := range sortedKeys(sizes) {
			pairs := sizes[a] * sizes[b]
			if a == b {
				pairs -= sizes[a] // nobody is paired with himself
			}
			inA, inB := float64(a)/others, float64(b)/others
			expected += pairs * inA * inB * float64(members-2)
			sharing += pairs * (1 - apart(a, b, members))
		}
	}
	if sharing == 0 {
		return 0
	}
	return expected / sharing
}

// apart is the chance that the sets have nothing in common. Only the members other than the two announcers can be; each set may
// have lost one place to the other's announcer.
func apart(a, b, members int) float64 {
	others := float64(members - 1)
	hasB, hasA := float64(a)/others, float64(b)/others
	return hasB*hasA*disjoint(a-1, b-1, members-2) + hasB*(1-hasA)*disjoint(a-1, b, members-2) +
		(1-hasB)*hasA*disjoint(a, b-1, members-2) + (1-hasB)*(1-hasA)*disjoint(a, b, members-2)
}

// disjoint is the chance that a and b of n have nothing in common.
func disjoint(a, b, n int) float64 {
	if a < 0 || b < 0 || a+b > n {
		return 0 // a set of less than nothing has no chance either, by its weight
	}
	choose := func(n, k int) float64 {
		x, _ := math.Lgamma(float64(n + 1))
		y, _ := math.Lgamma(float64(k + 1))
		z, _ := math.Lgamma(float64(n - k + 1))
		return x - y - z
	}
	return math.Exp(choose(n-a, b) - choose(n, b))
}

func sortedKeys(m map[int]float64) []int {
	var keys []int
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
