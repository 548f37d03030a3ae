package overlay

import (
	"iter"
	"math/rand/v2"
	"slices"

	"swarmlab/results"
)

// Bounds of what is sampled. 64 sources give the mean path of a random graph to a fraction of a percent.
const (
	mostSources   = 64
	mostNodes     = 5000       // of which clustering is looked at
	mostPairs     = 1000       // of partners, for each of them
	mostBFSEdges  = 20_000_000 // looked at in all
	mostOverlaps  = 5_000_000  // likewise
	mostAnnounces = 5000
)

// departures are the shares of members that leave.
var departures = []float64{0.1, 0.3, 0.5}

func (g *graph) reach(rng *rand.Rand) results.TrackerReach {
	r := results.TrackerReach{RobustnessDepartures: []results.TrackerLoss{}}
	sizes := results.ComponentSizes(g.members, g.links)
	r.Components = len(sizes)
	if g.members == 0 {
		return r
	}
	r.LargestShare = float64(slices.Max(sizes)) / float64(g.members)
	r.DiameterSampled, r.MeanPathLength = g.paths(rng)
	r.Clustering = g.clustering(rng)
	order := rng.Perm(g.members) // whoever is gone after 10 % is gone after 30 %, so that the figures can only fall
	for _, share := range departures {
		r.RobustnessDepartures = append(r.RobustnessDepartures, g.without(order, share))
	}
	return r
}

// paths walks from some members to all that can be reached.
func (g *graph) paths(rng *rand.Rand) (diameter int, mean float64) {
	sources := min(mostSources, g.members, 1+mostBFSEdges/(2*g.edges+g.members))
	distance := make([]int32, g.members)
	queue := make([]int32, 0, g.members)
	var sum, pairs float64
	for _, source := range rng.Perm(g.members)[:sources] {
		for i := range distance {
			distance[i] = -1
		}
		distance[source] = 0
		queue = append(queue[:0], int32(source)) // a place in a list of less than 2^31
		for at := 0; at < len(queue); at++ {
			here := queue[at]
			for _, next := range g.partners[here] {
				if distance[next] < 0 {
					distance[next] = distance[here] + 1
					queue = append(queue, next)
				}
			}
			sum += float64(distance[here])
		}
		pairs += float64(len(queue) - 1)
		diameter = max(diameter, int(distance[queue[len(queue)-1]]))
	}
	if pairs == 0 {
		return 0, 0
	}
	return diameter, sum / pairs
}

// clustering is the mean local clustering coefficient; a member with fewer than two partners counts as 0, as in Watts and
// Strogatz.
func (g *graph) clustering(rng *rand.Rand) float64 {
	nodes := rng.Perm(g.members)[:min(mostNodes, g.members)]
	var sum float64
	for _, node := range nodes {
		list := g.partners[node]
		all := len(list) * (len(list) - 1) / 2
		if all == 0 {
			continue
		}
		closed, looked := 0, 0
		for a, b := range somePairs(len(list), all, rng) {
			looked++
			if _, found := slices.BinarySearch(g.partners[list[a]], list[b]); found {
				closed++
			}
		}
		sum += float64(closed) / float64(looked)
	}
	return sum / float64(len(nodes))
}

// somePairs are all pairs of n things, or mostPairs drawn of them.
func somePairs(n, all int, rng *rand.Rand) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		if all > mostPairs {
			for range mostPairs {
				a, b := rng.IntN(n), rng.IntN(n-1)
				if b >= a {
					b++
				}
				if !yield(a, b) {
					return
				}
			}
			return
		}
		for a := range n {
			for b := range a {
				if !yield(a, b) {
					return
				}
			}
		}
	}
}

// without takes the first members of order away, a share of all.
func (g *graph) without(order []int, share float64) results.TrackerLoss {
	gone := make([]bool, g.members)
	departed := int(share * float64(g.members))
	for _, i := range order[:departed] {
		gone[i] = true
	}
	sizes := results.ComponentSizes(g.members, func(yield func(int, int) bool) {
		for a, b := range g.links {
			if !gone[a] && !gone[b] && !yield(a, b) {
				return
			}
		}
	})
	// Those gone are components of one, and at least one stayed.
	return results.TrackerLoss{Departed: share, LargestShare: float64(slices.Max(sizes)) / float64(g.members-departed)}
}
