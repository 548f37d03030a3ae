package suite

import (
	"swarmlab/results"
	"swarmlab/sim/trackerbench"
	"swarmlab/sim/trackerbench/overlay"
)

// fewestOffers are needed to say anything of a graph.
const fewestOffers = 10

// overlayOf measures the swarm that had the most members; nil if hardly anybody was offered anything there.
func overlayOf(g trackerbench.Graph, seed uint64) *results.TrackerOverlay {
	sizes := map[int32]int{}
	largest := int32(-1)
	for _, m := range g.Members { // in their order: of equal swarms the first to get there
		sizes[m.Swarm]++
		if largest < 0 || sizes[m.Swarm] > sizes[largest] {
			largest = m.Swarm
		}
	}
	places := make([]int32, len(g.Members)) // in the largest swarm
	var graph overlay.Graph
	for i, m := range g.Members {
		places[i] = -1
		if m.Swarm == largest {
			places[i] = int32(len(graph.Joined)) // bounded by MostPeers
			graph.Joined = append(graph.Joined, m.Joined)
		}
	}
	for _, e := range g.Edges {
		if int(max(e.From, e.To)) >= len(places) || places[e.From] < 0 || places[e.To] < 0 {
			continue // of another swarm; what went astray is counted as misdirected
		}
		graph.Offers = append(graph.Offers, overlay.Offer{
			From: places[e.From], To: places[e.To], Announce: int32(e.Announce & (1<<31 - 1)), Answered: e.Established,
		})
	}
	if len(graph.Offers) < fewestOffers {
		return nil
	}
	o, err := overlay.Measure(graph, newRand(seed))
	if err != nil {
		return nil // cannot be: places are of this swarm
	}
	o.Swarm, o.Truncated = int(largest), g.Truncated
	return o
}
