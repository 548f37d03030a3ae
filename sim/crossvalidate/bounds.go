package crossvalidate

import "math"

// metric is one line of the comparison, as results.Summary.Values names it.
type metric struct {
	name   string
	title  string
	digits int
	scale  float64 // what a value is multiplied with before it is shown; 0 is 1
	bound  *bound  // nil: shown, and not judged
}

// bound is how far the means of the tiers may be apart.
type bound struct {
	absolute, share float64 // of the packet tier's mean
	text            string
}

// tolerance is the largest difference that keeps the bound.
func (b *bound) tolerance(packet float64) float64 { return b.absolute + b.share*math.Abs(packet) }

// The three bounds are those that the flow tier was built to keep. All other metrics are there to show why, when one is broken.
var metrics = []metric{
	{name: "p2pRatio", title: "P2P ratio, %", digits: 1, scale: 100, bound: &bound{absolute: 0.03, text: "3 points"}},
	{name: "copiesPerSegment", title: "copies per segment", digits: 2, bound: &bound{share: 0.15, text: "15 %"}},
	{name: "startupMs.p50", title: "startup p50, ms", bound: &bound{share: 0.15, text: "15 %"}},
	{name: "startupMs.p95", title: "startup p95, ms"},
	{name: "timeToFirstPeerMs.p50", title: "time to first peer p50, ms"},
	{name: "timeToFirstPeerMs.p95", title: "time to first peer p95, ms"},
	{name: "httpLatencyMs.p50", title: "HTTP segment p50, ms"},
	{name: "httpLatencyMs.p95", title: "HTTP segment p95, ms"},
	{name: "p2pLatencyMs.p50", title: "P2P segment p50, ms"},
	{name: "p2pLatencyMs.p95", title: "P2P segment p95, ms"},
	{name: "liveLatencyMs.p50", title: "behind the live edge p50, s", digits: 2, scale: 1e-3},
	{name: "stalls", title: "stalls", digits: 1},
	{name: "stalledSeconds", title: "time stalled, s", digits: 1},
	{name: "levelSwitches", title: "quality switches", digits: 1},
	{name: "wastedBytes", title: "wasted, MB", digits: 2, scale: 1e-6},
	{name: "connections", title: "connections"},
	{name: "trackerAnnounces", title: "announces"},
}

func (m metric) shown(x float64) float64 {
	if m.scale == 0 {
		return x
	}
	return x * m.scale
}
