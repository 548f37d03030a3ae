package p2pml

import "math/rand/v2"

// choosePeer picks one of the current swarm's peers that have the segment and owe us nothing, the faster ones more often. Slow and
// untried ones keep a share, so that their speed can be learnt.
//
// P2P Media Loader 2.3 behaviour: peer choice.
func choosePeer(l *hybridLoader, id int64) *peer {
	free := l.core.free[:0]
	for _, p := range l.swarms.current.peers {
		if p.download == nil && p.has(id) {
			free = append(free, p)
		}
	}
	l.core.free = free
	switch len(free) {
	case 0:
		return nil
	case 1:
		return free[0]
	}
	weights := l.core.weights[:0]
	for _, p := range free {
		weights = append(weights, p.bandwidth())
	}
	l.core.weights = weights
	r := l.core.env.Rand()
	if !speedWeights(weights) {
		return free[int(r.Float64()*float64(len(free)))]
	}
	return free[weightedPick(weights, r)]
}

// speedWeights turns speeds into weights, in place. It reports false if no speed is known.
func speedWeights(speeds []float64) bool {
	fastest := 0.0
	for _, s := range speeds {
		fastest = max(fastest, s)
	}
	if fastest == 0 {
		return false
	}
	base := max(1, 0.1*fastest)
	unproven, proven := 0, 0.0
	for _, s := range speeds {
		if s <= base {
			unproven++
		} else {
			proven += s
		}
	}
	if proven > 0 && float64(unproven)*base > proven {
		base = proven / float64(unproven) // many newcomers together never outweigh the proven
	}
	for i, s := range speeds {
		speeds[i] = max(s, base)
	}
	return true
}

func weightedPick(weights []float64, r *rand.Rand) int {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	x := r.Float64() * total
	for i, w := range weights {
		x -= w
		if x <= 0 {
			return i
		}
	}
	return len(weights) - 1
}
