package overlay

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"swarmlab/results"
)

// Offer is one offer that reached somebody. From and To are places in Graph.Joined; Announce numbers the announce that it came
// with, in the order in which they were made.
type Offer struct {
	From, To int32
	Announce int32
	Answered bool // and the answer arrived
}

// Graph is what happened in one swarm.
type Graph struct {
	Joined []time.Duration // when each member joined, since any moment
	Offers []Offer
}

// graph is a Graph made ready: neighbours sorted, each once.
type graph struct {
	members  int
	partners [][]int32 // directions aside
	edges    int
}

// Measure draws from rng where it samples. It is an error if an offer names a member that there is not.
func Measure(g Graph, rng *rand.Rand) (*results.TrackerOverlay, error) {
	n := len(g.Joined)
	for i, o := range g.Offers {
		if o.From < 0 || o.To < 0 || int(o.From) >= n || int(o.To) >= n {
			return nil, fmt.Errorf("offer %d is from member %d to %d, and there are only %d", i, o.From, o.To, n)
		}
	}
	all := newGraph(n, g.Offers, func(Offer) bool { return true })
	o := &results.TrackerOverlay{Members: n, Offers: int64(len(g.Offers)), TrackerReach: all.reach(rng)}
	for _, offer := range g.Offers {
		if offer.Answered {
			o.Established++
		}
	}
	if o.Established > 0 {
		reach := newGraph(n, g.Offers, func(o Offer) bool { return o.Answered }).reach(rng)
		o.EstablishedReach = &reach
	}
	degrees(g, all, o)
	o.TargetOverlap, o.TargetOverlapUniform = overlap(g, rng)
	o.JoinAgeCorrelation, o.JoinAgeBias = joinAge(g)
	return o, nil
}

func newGraph(members int, offers []Offer, counts func(Offer) bool) *graph {
	g := &graph{members: members, partners: make([][]int32, members)}
	for _, o := range offers {
		if o.From != o.To && counts(o) {
			g.partners[o.From] = append(g.partners[o.From], o.To)
			g.partners[o.To] = append(g.partners[o.To], o.From)
		}
	}
	for i, list := range g.partners {
		slices.Sort(list)
		g.partners[i] = slices.Compact(list)
		g.edges += len(g.partners[i])
	}
	g.edges /= 2
	return g
}

// links are all pairs, each once.
func (g *graph) links(yield func(int, int) bool) {
	for a, list := range g.partners {
		for _, b := range list {
			if a < int(b) && !yield(a, int(b)) {
				return
			}
		}
	}
}

func degrees(g Graph, all *graph, o *results.TrackerOverlay) {
	out, in := make([][]int32, all.members), make([][]int32, all.members)
	received := make([]float64, all.members)
	for _, offer := range g.Offers {
		out[offer.From] = append(out[offer.From], offer.To)
		in[offer.To] = append(in[offer.To], offer.From)
		received[offer.To]++
	}
	o.OutDegree, o.InDegree, o.Degree = distinct(out), distinct(in), distinct(all.partners)
	o.InGini = results.Gini(received)
}

// distinct is how many different others each has.
func distinct(lists [][]int32) results.Dist {
	numbers := make([]float64, len(lists))
	for i, list := range lists {
		slices.Sort(list)
		numbers[i] = float64(len(slices.Compact(list)))
	}
	return results.DistOf(numbers)
}
