package p2pml

import "slices"

// DefaultGeneration is the scheduler of the 2.3 releases.
const DefaultGeneration = "v2-random"

// generation is a scheduling strategy: the points at which the library's versions differ. Later ones replace the random timer by
// an election and the window by the buffer's level; they have a place here and are not built.
type generation struct {
	name string
	// urgent says whether a segment of the queue is needed now.
	urgent func(l *hybridLoader, it *queueItem) bool
	// choose picks the peer to load a segment from; nil: nobody.
	choose func(l *hybridLoader, id int64) *peer
	// newPrefetcher starts what fetches ahead of need.
	newPrefetcher func(l *hybridLoader) prefetcher
}

var generations = map[string]*generation{}

func register(g generation) {
	if _, taken := generations[g.name]; taken {
		panic("p2pml: generation registered twice: " + g.name)
	}
	generations[g.name] = &g
}

func init() {
	register(generation{
		name:          DefaultGeneration,
		urgent:        func(_ *hybridLoader, it *queueItem) bool { return it.highDemand },
		choose:        choosePeer,
		newPrefetcher: newRandomPrefetch,
	})
}

// Generations lists the names that Config.Generation may have.
func Generations() []string {
	names := make([]string, 0, len(generations))
	for name := range generations {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
