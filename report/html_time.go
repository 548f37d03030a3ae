package report

import (
	"fmt"
	"math"

	"swarmlab/results"
)

// moments is the timeline as the page's charts have it: columns, so that the script can read any moment off.
type moments struct {
	edges                            []float64 // one more than there are moments
	to                               []float64
	p2p, http, origin, total         []float64 // Mbit/s
	ratio, ratioNow                  []float64
	viewers, connections             []float64
	stalled, stalls, buffer, latency []float64
}

func momentsOf(r *results.Result) moments {
	m := moments{edges: []float64{0}}
	for _, b := range bins(r.Timeline) {
		seconds := math.Max(b.seconds, 1e-3)
		mbit := func(bytes int64) float64 { return round(float64(bytes)*8/1e6/seconds, 3) }
		m.edges, m.to = append(m.edges, b.to), append(m.to, b.to)
		m.p2p = append(m.p2p, mbit(b.sum.P2PChunkBytes))
		m.http = append(m.http, mbit(b.sum.HTTPChunkBytes))
		m.total = append(m.total, mbit(b.sum.P2PChunkBytes+b.sum.HTTPChunkBytes))
		m.origin = append(m.origin, mbit(b.sum.OriginBytes))
		m.ratio = append(m.ratio, round(b.last.P2PRatio, 4))
		now := math.NaN()
		if useful := b.sum.P2PBytes + b.sum.HTTPBytes; useful > 0 {
			now = round(float64(b.sum.P2PBytes)/float64(useful), 4)
		}
		m.ratioNow = append(m.ratioNow, now)
		m.viewers = append(m.viewers, float64(b.last.Viewers))
		m.connections = append(m.connections, float64(b.last.Connections))
		m.stalled = append(m.stalled, float64(b.stalled))
		m.stalls = append(m.stalls, float64(b.sum.Stalls))
		m.buffer = append(m.buffer, round(b.last.MeanBufferSeconds, 2))
		m.latency = append(m.latency, round(b.last.MeanLiveLatencySeconds, 2))
	}
	return m
}

func round(x float64, digits int) float64 {
	p := math.Pow(10, float64(digits))
	return math.Round(x*p) / p
}

// timeSeries is a line of a chart over time. Unit says how the script writes a value.
type timeSeries struct {
	Name, Style, Unit string
	Area, Steps       bool
	values            []float64
	// shown, if set, is what is drawn instead: of a stack, the sum with what lies below.
	shown []float64
}

// timeChart is what one of the charts over time is made of.
type timeChart struct {
	name, title, yLabel string
	y                   scale
	ticks               niceTicks
	series              []timeSeries // what is drawn last covers the others
	alt                 string
	empty               string // instead of the series
}

func timeCharts(r *results.Result, m moments) []timeChart {
	s := r.Summary
	rates := niceTicks{most: 4}
	bound := make([]float64, len(m.to))
	for i := range bound {
		bound[i] = s.P2PRatioBound
	}
	all := []timeChart{
		{"bytes", "Bytes by source", "Mbit/s", upTo(m.total), rates, []timeSeries{
			{Name: "HTTP", Style: "http", Unit: "mbit", Area: true, Steps: true, values: m.http, shown: m.total},
			{Name: "P2P", Style: "p2p", Unit: "mbit", Area: true, Steps: true, values: m.p2p},
		}, fmt.Sprintf("What arrived at all viewers together, P2P below and HTTP on top of it. In all %s P2P and %s HTTP.",
			bytesText(s.P2PChunkBytes), bytesText(s.HTTPChunkBytes)), ""},
		{"ratio", "P2P ratio", "", scale{hi: 1}, niceTicks{most: 4, label: percentLabel}, []timeSeries{
			{Name: "bound (N-1)/N", Style: "bound", Unit: "ratio", values: bound},
			{Name: "at that time", Style: "faint", Unit: "ratio", values: m.ratioNow},
			{Name: "so far", Style: "p2p", Unit: "ratio", values: m.ratio},
		}, fmt.Sprintf("It ends at %s of at most %s.", percent(s.P2PRatio), percent(s.P2PRatioBound)), ""},
		{"origin", "Origin load", "Mbit/s", upTo(m.origin, m.total), rates, []timeSeries{
			{Name: "the origin sends", Style: "http", Unit: "mbit", Area: true, Steps: true, values: m.origin},
			{Name: "viewers receive, from anywhere", Style: "bound", Unit: "mbit", values: m.total},
		}, fmt.Sprintf("The origin sent %s in %s.", bytesText(s.OriginBytes), many(s.OriginRequests, "request", "requests")), ""},
		{"viewers", "Viewers", "", upTo(m.viewers), niceTicks{most: 4, whole: true}, []timeSeries{
			{Name: "present", Style: "ink", Unit: "count", values: m.viewers},
		}, many(int64(s.Peers), "viewer", "viewers") + " joined.", ""},
		{"connections", "Peer connections", "", upTo(m.connections), niceTicks{most: 4, whole: true}, []timeSeries{
			{Name: "open", Style: "p2p", Unit: "count", values: m.connections},
		}, many(s.Connections, "connection was", "connections were") + " opened.", ""},
		{"stalls", "Stalls", "viewers", upTo(m.stalled), niceTicks{most: 4, whole: true}, []timeSeries{
			{Name: "pictures that stand still", Style: "http", Unit: "count", Area: true, Steps: true, values: m.stalled},
		}, many(s.Stalls, "stall", "stalls") + ".", noStalls(s)},
		{"buffer", "Buffer", "s", upTo(m.buffer), rates, []timeSeries{
			{Name: "video ahead, mean of viewers", Style: "p2p", Unit: "s", values: m.buffer},
		}, "Seconds of video buffered ahead, mean of viewers whose picture has started.", ""},
	}
	if r.Run.Live {
		all = append(all, timeChart{"latency-live", "Live latency", "s", upTo(m.latency), rates, []timeSeries{
			{Name: "behind the live edge, mean of viewers", Style: "p2p", Unit: "s", values: m.latency},
		}, "Distance from the live edge, mean of viewers.", ""})
	}
	return all
}

func noStalls(s results.Summary) string {
	if s.Stalls == 0 {
		return "No picture stood still."
	}
	return ""
}

// timePage draws the charts over time, and gives what the script needs to read moments off.
func timePage(r *results.Result) (charts []chart, data *timeData) {
	m := momentsOf(r)
	if len(m.to) == 0 {
		return []chart{{Name: "timeline", Title: "Timeline", Empty: noTimeline}}, nil
	}
	x := scale{0, math.Max(m.to[len(m.to)-1], 1), false}
	data = &timeData{To: m.to, End: x.hi}
	for _, t := range timeCharts(r, m) {
		if t.empty != "" {
			charts = append(charts, chart{Name: t.name, Title: t.title, Empty: t.empty})
			continue
		}
		c := chart{Name: t.name, Title: t.title, YLabel: t.yLabel, Alt: t.title + " over time. " + t.alt, Read: true}
		c.X, c.Y = x.ticks(timeTicks{}), t.y.ticks(t.ticks)
		var read []readSeries
		for _, s := range t.series {
			shown := s.values
			if s.shown != nil {
				shown = s.shown
			}
			path := linePath(x, t.y, m.to, shown)
			if s.Steps {
				path = stepArea(x, t.y, m.edges, shown)
			}
			c.Curves = append(c.Curves, curve{s.Style, s.Area, path})
			c.Legend = append(c.Legend, chartKey{s.Name, s.Style, s.Area})
			read = append(read, readSeries{s.Unit, numbers(s.values)})
		}
		data.Charts = append(data.Charts, read)
		charts = append(charts, c)
	}
	return charts, data
}

// timeData is in the page as JSON: for each chart, in order, the values of each entry of its legend.
type timeData struct {
	To     []float64      `json:"to"`
	End    float64        `json:"end"`
	Charts [][]readSeries `json:"charts"`
}

type readSeries struct {
	Unit   string     `json:"unit"`
	Values []*float64 `json:"values"`
}

// numbers has nil where there is none: JSON knows no NaN.
func numbers(values []float64) []*float64 {
	out := make([]*float64, len(values))
	for i, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			out[i] = &values[i]
		}
	}
	return out
}
