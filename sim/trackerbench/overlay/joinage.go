package overlay

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// joinAge is how joining times go together: over offers, those of the two sides; over members, theirs and the offers received.
func joinAge(g Graph) (ofNeighbours, bias float64) {
	joined := make([]float64, len(g.Joined))
	for i, d := range g.Joined {
		joined[i] = float64(d)
	}
	joined = ranks(joined)
	from, to := make([]float64, len(g.Offers)), make([]float64, len(g.Offers))
	received := make([]float64, len(g.Joined))
	for i, o := range g.Offers {
		from[i], to[i] = joined[o.From], joined[o.To]
		received[o.To]++
	}
	return correlation(from, to), correlation(joined, ranks(received))
}

// correlation is Pearson's, and 0 where one side is all the same or there are too few.
func correlation(x, y []float64) float64 {
	if len(x) < 2 {
		return 0
	}
	if r := stat.Correlation(x, y, nil); !math.IsNaN(r) {
		return max(-1, min(1, r))
	}
	return 0
}

// ranks are 0 for the smallest and so on; equal values share the mean of their places.
func ranks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	out := make([]float64, len(values))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && values[order[j]] == values[order[i]] {
			j++
		}
		for _, at := range order[i:j] {
			out[at] = float64(i+j-1) / 2
		}
		i = j
	}
	return out
}
