package results

import "math"

// Judged is a metric that comparisons judge, with the smallest difference that matters. A difference matters if it is at least
// Least and at least Share of the value it is measured against: of a small number a large part is still little, and of a large
// number a small part is mostly chance.
type Judged struct {
	Name  string // flat, as in [Value]
	Least float64
	Share float64
	Gated bool // check compares it with a baseline
	Why   string
}

// judged is in the summary's order. docs/comparing.md has it as a table; a test holds the two together.
var judged = []Judged{
	{"viewersWatchedAll", 1, 0.02, false, "one viewer; sessions end by chance"},
	{"neverStarted", 0.5, 0, true, "half a viewer: one in every other seed"},
	{"fullyDelivered", 0.5, 0, true, "half a viewer: one in every other seed"},
	{"p2pRatio", 0.01, 0, true, "one point of the origin's bill"},
	{"copiesPerSegment", 0.1, 0.05, true, "a twentieth of what the origin sends"},
	{"offload", 0.01, 0, true, "one point of the origin's bill"},
	{"wastedBytes", 1e6, 0.25, true, "waste is small, and varies more than anything else"},
	{"originRequests", 10, 0.05, false, "a twentieth of the origin's requests"},
	{"startupMs.p50", 50, 0.10, true, "below it nobody notices"},
	{"startupMs.p95", 100, 0.15, true, "a tail rests on few viewers"},
	{"timeToFirstPeerMs.p50", 100, 0.10, true, "a first segment more over HTTP takes longer than that"},
	{"httpLatencyMs.p50", 20, 0.10, false, "below it no request is decided otherwise"},
	{"httpLatencyMs.p95", 50, 0.15, true, "a tail rests on few segments"},
	{"p2pLatencyMs.p50", 20, 0.10, false, "below it no request is decided otherwise"},
	{"p2pLatencyMs.p95", 100, 0.15, true, "a tail rests on few segments"},
	{"liveLatencyMs.p50", 250, 0.05, true, "below it nobody notices"},
	{"stalls", 1, 0.10, false, "one stall"},
	{"stallRatio", 0.001, 0.10, true, "a second and a half in twenty-five minutes"},
	{"levelSwitches", 1, 0.10, false, "one switch"},
	{"uploadGini", 0.05, 0, true, "below it the picture of who uploads looks the same"},
}

// JudgedMetrics lists what comparisons judge.
func JudgedMetrics() []Judged { return append([]Judged(nil), judged...) }

func judgedOf(name string) (Judged, bool) {
	for _, j := range judged {
		if j.Name == name {
			return j, true
		}
	}
	return Judged{}, false
}

// smallest is the smallest difference from a value that matters.
func (j Judged) smallest(from float64) float64 { return max(j.Least, j.Share*math.Abs(from)) }
