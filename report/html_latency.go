package report

import (
	"fmt"
	"math"

	"swarmlab/results"
)

// latencyCurve is one distribution of times.
type latencyCurve struct {
	Label string
	D     results.Dist
	h     results.Histogram
	style string
}

func latencies(r *results.Result) []latencyCurve {
	s, h := r.Summary, r.Histograms
	out := []latencyCurve{
		{"HTTP segment", s.HTTPLatencyMs, h.HTTPLatencyMs, "http"},
		{"P2P segment", s.P2PLatencyMs, h.P2PLatencyMs, "p2p"},
		{"First peer", s.TimeToFirstPeerMs, h.TimeToFirstPeerMs, "third"},
		{"Startup", s.StartupMs, h.StartupMs, "fourth"},
	}
	if s.LiveLatencyMs != nil {
		out = append(out, latencyCurve{"Live latency", *s.LiveLatencyMs, h.LiveLatencyMs, "ink"})
	}
	return out
}

// latencyChart shows the shares of cases within a time.
func latencyChart(all []latencyCurve) chart {
	c := chart{Name: "latency", Title: "Share of cases within a time", XLabel: "time, logarithmic"}
	x := scale{math.Inf(1), 0, true}
	for _, l := range all {
		if n := len(l.h.Buckets); n > 0 {
			x.lo = math.Min(x.lo, atLeastOne(l.h.Buckets[0].UpTo))
			x.hi = math.Max(x.hi, atLeastOne(l.h.Buckets[n-1].UpTo))
		}
	}
	if x.hi == 0 {
		c.Empty = "No segment was loaded and no picture started, so there are no times."
		return c
	}
	// Some air, which also makes a range of a single value.
	x.lo, x.hi = x.lo/1.3, x.hi*1.3
	y := scale{hi: 1}
	for _, l := range all {
		if l.h.Count == 0 {
			continue
		}
		points := cdf(l.h, x.hi)
		xs, ys := make([]float64, len(points)), make([]float64, len(points))
		for i, p := range points {
			xs[i], ys[i] = p.X, p.Y
		}
		c.Curves = append(c.Curves, curve{Style: l.style, Path: linePath(x, y, xs, ys)})
		c.Legend = append(c.Legend, chartKey{Name: l.Label, Style: l.style})
		c.Alt += fmt.Sprintf("%s: median %s, 95 %% within %s. ", l.Label, msText(l.D.P50), msText(l.D.P95))
	}
	c.Alt = c.Title + ". " + c.Alt
	c.X, c.Y = x.ticks(logTicks{}), y.ticks(niceTicks{most: 5, label: percentLabel})
	return c
}
