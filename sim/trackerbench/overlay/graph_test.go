package overlay

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// of makes a graph of n members that joined one after the other; each pair is an offer of an announce of its own.
func of(n int, pairs ...[2]int) Graph {
	g := Graph{Joined: make([]time.Duration, n)}
	for i := range n {
		g.Joined[i] = time.Duration(i) * time.Second
	}
	for i, p := range pairs {
		g.Offers = append(g.Offers, Offer{From: int32(p[0]), To: int32(p[1]), Announce: int32(i), Answered: true})
	}
	return g
}

func ring(n int) Graph {
	var pairs [][2]int
	for i := range n {
		pairs = append(pairs, [2]int{i, (i + 1) % n})
	}
	return of(n, pairs...)
}

func clique(from, size int) (pairs [][2]int) {
	for a := from; a < from+size; a++ {
		for b := from; b < a; b++ {
			pairs = append(pairs, [2]int{a, b})
		}
	}
	return pairs
}

func TestKnownGraphs(t *testing.T) {
	star := func(n int) (pairs [][2]int) {
		for i := 1; i < n; i++ {
			pairs = append(pairs, [2]int{i, 0})
		}
		return pairs
	}
	for _, c := range []struct {
		name                             string
		g                                Graph
		components                       int
		largest, path, clustering, gini  float64
		diameter                         int
		degreeMax, outMax, inMax, median float64
	}{
		{"nobody", of(0), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		{"one alone", of(1), 1, 1, 0, 0, 0, 0, 0, 0, 0, 0},
		{"three strangers", of(3), 3, 1.0 / 3, 0, 0, 0, 0, 0, 0, 0, 0},
		{"a pair, both ways", of(2, [2]int{0, 1}, [2]int{1, 0}), 1, 1, 1, 0, 0, 1, 1, 1, 1, 1},
		{"a pair, ten times", of(2, [][2]int{{0, 1}, {0, 1}, {0, 1}, {0, 1}}...), 1, 1, 1, 0, 0.5, 1, 1, 1, 1, 1},
		{"a line of three", of(3, [2]int{0, 1}, [2]int{1, 2}), 1, 1, 4.0 / 3, 0, 1.0 / 3, 2, 2, 1, 1, 1},
		{"a ring of 50", ring(50), 1, 1, 625.0 / 49, 0, 0, 25, 2, 1, 1, 2},
		{"all know all", of(6, clique(0, 6)...), 1, 1, 1, 1, 7.0 / 18, 1, 5, 5, 5, 5},
		{"two halls", of(12, append(clique(0, 6), clique(6, 6)...)...), 2, 0.5, 1, 1, 7.0 / 18, 1, 5, 5, 5, 5},
		{"a star of 60", of(60, star(60)...), 1, 1, 2 - 1.0/30, 0, 59.0 / 60, 2, 59, 1, 59, 1},
		{"an offer to oneself", of(2, [2]int{0, 0}), 2, 0.5, 0, 0, 0.5, 0, 0, 1, 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := measure(t, c.g)
			if o.Components != c.components || o.DiameterSampled != c.diameter {
				t.Errorf("%d components, diameter %d; want %d, %d", o.Components, o.DiameterSampled, c.components, c.diameter)
			}
			near(t, "largest share", o.LargestShare, c.largest, 1e-9)
			near(t, "mean path", o.MeanPathLength, c.path, 1e-9)
			near(t, "clustering", o.Clustering, c.clustering, 1e-9)
			near(t, "Gini", o.InGini, c.gini, 1e-9)
			near(t, "largest degree", o.Degree.Max, c.degreeMax, 0)
			near(t, "largest out degree", o.OutDegree.Max, c.outMax, 0)
			near(t, "largest in degree", o.InDegree.Max, c.inMax, 0)
			near(t, "median degree", o.Degree.P50, c.median, 0)
			if len(c.g.Offers) > 0 && cmp.Diff(o.Components, o.EstablishedReach.Components) != "" {
				t.Error("all was answered, and yet the established graph is another one")
			}
		})
	}
}

// A star falls apart when its middle goes, a clique never: of five seeds at least one takes the middle away at 50 %.
func TestRobustness(t *testing.T) {
	middleGone := false
	for seed := range uint64(20) {
		pairs := make([][2]int, 0, 99)
		for i := 1; i < 100; i++ {
			pairs = append(pairs, [2]int{i, 0})
		}
		star, err := Measure(of(100, pairs...), rand.New(rand.NewPCG(seed, 1)))
		if err != nil {
			t.Fatal(err)
		}
		whole, err := Measure(of(20, clique(0, 20)...), rand.New(rand.NewPCG(seed, 1)))
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []float64{0.1, 0.3, 0.5} {
			s, w := star.RobustnessDepartures[i], whole.RobustnessDepartures[i]
			if s.Departed != want || w.LargestShare != 1 {
				t.Errorf("%+v %+v", s, w)
			}
			stayed := 100 * (1 - want)
			if s.LargestShare != 1 && s.LargestShare != 1/stayed {
				t.Errorf("a star of %v has a part of %v", stayed, s.LargestShare)
			}
		}
		middleGone = middleGone || star.RobustnessDepartures[2].LargestShare < 1
	}
	if !middleGone {
		t.Error("nobody ever left")
	}
}

// Only what was answered is a connection.
func TestEstablishedIsAnotherGraph(t *testing.T) {
	g := ring(10)
	for i := range g.Offers {
		g.Offers[i].Answered = i < 4 // five members in a row hang together, five stand alone
	}
	o := measure(t, g)
	if o.Components != 1 || o.Established != 4 || o.EstablishedReach.Components != 6 || o.EstablishedReach.LargestShare != 0.5 {
		t.Errorf("%+v, established %+v", o.TrackerReach, o.EstablishedReach)
	}
	for i := range g.Offers {
		g.Offers[i].Answered = false
	}
	if o := measure(t, g); o.EstablishedReach != nil {
		t.Errorf("nothing was answered: %+v", o.EstablishedReach)
	}
}

// Two announces with the targets {1 2 3} and {2 3 4} share two; one that shares nothing does not count.
func TestOverlapOfTargets(t *testing.T) {
	g := of(12)
	for announce, set := range map[int32][]int32{5: {1, 2, 3}, 6: {2, 3, 4}, 7: {8, 9}} {
		for _, to := range set {
			g.Offers = append(g.Offers, Offer{From: announce, To: to, Announce: announce})
		}
	}
	near(t, "overlap", measure(t, g).TargetOverlap, 2, 0)
	// An earlier announce of the same member does not count either.
	g.Offers = append(g.Offers, Offer{From: 7, To: 1, Announce: 2}, Offer{From: 7, To: 2, Announce: 2}, Offer{From: 7, To: 3, Announce: 2})
	near(t, "overlap", measure(t, g).TargetOverlap, 2, 0)
}

// If everybody is offered to those next to him in age, ages go together.
func TestJoinAge(t *testing.T) {
	var line [][2]int
	for i := range 99 {
		line = append(line, [2]int{i, i + 1})
	}
	near(t, "neighbours", measure(t, of(100, line...)).JoinAgeCorrelation, 1, 0.01)
	var hub [][2]int
	for i := 1; i < 100; i++ {
		for j := range min(i, 5) {
			hub = append(hub, [2]int{i, j * i / 5})
		}
	}
	if bias := measure(t, of(100, hub...)).JoinAgeBias; bias > -0.7 {
		t.Errorf("the first to come were offered the most, and the bias is %v", bias)
	}
}

// The same graph and seed give the same figures, to the bit.
func TestDeterministic(t *testing.T) {
	g := round("consecutive", 3000, 10, rand.New(rand.NewPCG(1, 2)))
	first := measure(t, g)
	for range 3 {
		if diff := cmp.Diff(first, measure(t, g)); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestMembersThatThereAreNot(t *testing.T) {
	for _, o := range []Offer{{From: 3}, {To: -1}} {
		g := of(3)
		g.Offers = []Offer{o}
		if _, err := Measure(g, rand.New(rand.NewPCG(1, 2))); err == nil {
			t.Errorf("%+v", o)
		}
	}
}

// A tracker that offers everything to one member makes every pair of announces share a target: bounded work all the same.
func TestAnOddTrackerCostsNoMore(t *testing.T) {
	const n = 20_000
	g := of(n)
	for i := 1; i < n; i++ {
		for range 5 {
			g.Offers = append(g.Offers, Offer{From: int32(i), To: 0, Announce: int32(i)})
		}
	}
	o := measure(t, g)
	near(t, "overlap", o.TargetOverlap, 1, 0)
	near(t, "share", o.LargestShare, 1, 0)
}
