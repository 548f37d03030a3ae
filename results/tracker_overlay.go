package results

import "iter"

// TrackerOverlay is the graph that the tracker's choice of peers makes of the largest swarm: an edge is an offer passed on.
type TrackerOverlay struct {
	Swarm   int   `json:"swarm"`
	Members int   `json:"members"` // all that were ever in it
	Offers  int64 `json:"offers"`
	// Truncated: there were more offers than are kept.
	Truncated   bool  `json:"truncated,omitempty"`
	Established int64 `json:"established"` // answered, and the answer arrived

	// Distinct others: offered to, offered by, and either.
	OutDegree Dist `json:"outDegree"`
	InDegree  Dist `json:"inDegree"`
	Degree    Dist `json:"degree"`
	// InGini is how unevenly offers are received, 0 (all alike) to 1.
	InGini float64 `json:"inGini"`

	TrackerReach
	// EstablishedReach is the same of answered offers alone; nil if nothing was answered.
	EstablishedReach *TrackerReach `json:"establishedReach,omitempty"`

	// TargetOverlap is the mean number of shared targets of two announces that share one at all; TargetOverlapUniform is what it
	// would be if every other member were as likely. Each member's last announce counts. 0 if no two shared a target.
	TargetOverlap        float64 `json:"targetOverlap"`
	TargetOverlapUniform float64 `json:"targetOverlapUniform"`
	// JoinAgeCorrelation is Pearson's, over offers, of when the two sides joined (as ranks): 1 if like meets like in age.
	// JoinAgeBias is Spearman's of a member's rank by joining and its offers received: -1 if the first get the most.
	JoinAgeCorrelation float64 `json:"joinAgeCorrelation"`
	JoinAgeBias        float64 `json:"joinAgeBias"`
}

// TrackerReach is how well a graph hangs together, directions aside.
type TrackerReach struct {
	Components   int     `json:"components"` // a member without a partner is one of its own
	LargestShare float64 `json:"largestShare"`
	// Both of pairs that have a path, from a sample of members: the longest found, and the mean. 0 if there is no such pair.
	DiameterSampled int     `json:"diameterSampled"`
	MeanPathLength  float64 `json:"meanPathLength"`
	// Clustering is the mean over members of the share of its partners' pairs that are partners too.
	Clustering           float64       `json:"clustering"`
	RobustnessDepartures []TrackerLoss `json:"robustness"`
}

// TrackerLoss is what is left of the largest component when a share of the members has departed at random.
type TrackerLoss struct {
	Departed     float64 `json:"departed"`
	LargestShare float64 `json:"largestShare"` // of those that stayed
}

// DistOf is the exact distribution of a few values.
func DistOf(values []float64) Dist { return distOf(values) }

// ComponentSizes is the sizes of what hangs together among n things, of which links join some pairs.
func ComponentSizes(n int, links iter.Seq2[int, int]) []int {
	f := newForest(n)
	for a, b := range links {
		f.join(a, b)
	}
	return f.sizes()
}
