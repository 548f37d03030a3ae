package report

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"swarmlab/results"
)

func drawLatency(r *results.Result) (figure, string) {
	h, s := r.Histograms, r.Summary
	curves := []struct {
		name string
		h    results.Histogram
		d    results.Dist
		line draw.LineStyle
	}{
		{"HTTP segment", h.HTTPLatencyMs, s.HTTPLatencyMs, line(httpColor, 2, dashed)},
		{"P2P segment", h.P2PLatencyMs, s.P2PLatencyMs, line(p2pColor, 2.4, solid)},
		{"first peer", h.TimeToFirstPeerMs, s.TimeToFirstPeerMs, line(thirdLine, 2, dotted)},
		{"startup", h.StartupMs, s.StartupMs, line(fourth, 2, dotdot)},
	}
	lo, hi := math.Inf(1), 0.0
	for _, c := range curves {
		if c.h.Count > 0 && len(c.h.Buckets) > 0 {
			lo = math.Min(lo, atLeastOne(c.h.Buckets[0].UpTo))
			hi = math.Max(hi, atLeastOne(c.h.Buckets[len(c.h.Buckets)-1].UpTo))
		}
	}
	if hi == 0 {
		return figure{empty: "No segment was loaded and no picture started, so there are no times."}, ""
	}
	p := panel("time, logarithmic", "share of cases")
	// A quarter of a decade of air, which also makes a range of a single value.
	p.X.Min, p.X.Max = lo/1.8, hi*1.8
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, logTicks{}
	p.Y.Min, p.Y.Max, p.Y.Tick.Marker = 0, 1, niceTicks{most: 5, label: percentLabel}
	fig := figure{panels: [][]*plot.Plot{{p}}}
	alt := ""
	for _, c := range curves {
		if c.h.Count == 0 {
			fig.legend = append(fig.legend, key{name: c.name + ": none"})
			continue
		}
		addLine(p, cdf(c.h, p.X.Max), c.line)
		fig.legend = append(fig.legend, key{name: fmt.Sprintf("%s (%s)", c.name, count(c.h.Count)), line: c.line})
		alt += fmt.Sprintf("%s: median %s, 95 %% within %s. ", c.name, msText(c.d.P50), msText(c.d.P95))
	}
	return fig, alt
}

// atLeastOne keeps a time on a logarithmic axis; what is below a millisecond is no news.
func atLeastOne(ms float64) float64 { return math.Max(ms, 1) }

// cdf is a histogram as steps, to the right end of the axis.
func cdf(h results.Histogram, right float64) plotter.XYs {
	var out plotter.XYs
	var seen int64
	before := 0.0
	for _, b := range h.Buckets {
		seen += b.Count
		x, y := atLeastOne(b.UpTo), float64(seen)/float64(h.Count)
		out = append(out, plotter.XY{X: x, Y: before}, plotter.XY{X: x, Y: y})
		before = y
	}
	return append(out, plotter.XY{X: right, Y: before})
}

// ratioBins is how finely viewers are told apart by their ratio: five points each.
const ratioBins = 20

func drawViewers(r *results.Result) (figure, string) {
	var bins [ratioBins]float64
	var largest float64
	n := 0
	for _, p := range r.Peers {
		if p.P2PBytes+p.HTTPBytes == 0 {
			continue // loaded nothing, so there is no ratio
		}
		i := min(ratioBins-1, max(0, int(p.P2PRatio*ratioBins)))
		bins[i]++
		largest = math.Max(largest, bins[i])
		n++
	}
	if n == 0 {
		return figure{empty: "No viewer loaded anything, so nobody has a ratio."}, ""
	}
	p := panel("P2P ratio of a viewer", "viewers")
	p.X.Min, p.X.Max, p.X.Tick.Marker = 0, 1, niceTicks{most: 10, label: percentLabel}
	p.Y.Min, p.Y.Max, p.Y.Tick.Marker = 0, largest*1.08, niceTicks{most: 6, whole: true}
	for i, height := range bins {
		if height > 0 {
			addBox(p, float64(i)/ratioBins, float64(i+1)/ratioBins, 0, height, p2pFill)
		}
	}
	mean := line(ink, 1.6, dashed)
	addLine(p, plotter.XYs{{X: r.Summary.P2PRatio, Y: 0}, {X: r.Summary.P2PRatio, Y: p.Y.Max}}, mean)
	return figure{
		legend: []key{{name: "viewers, by five points of ratio", fill: p2pFill}, {name: "whole swarm: " + percent(r.Summary.P2PRatio), line: mean}},
		panels: [][]*plot.Plot{{p}},
	}, fmt.Sprintf("%s; the whole swarm has %s.", many(int64(n), "viewer", "viewers"), percent(r.Summary.P2PRatio))
}

// addBox draws a filled rectangle.
func addBox(p *plot.Plot, x0, x1, y0, y1 float64, fill color.Color) {
	box := plotter.XYs{{X: x0, Y: y0}, {X: x0, Y: y1}, {X: x1, Y: y1}, {X: x1, Y: y0}}
	ax0, ax1, ay0, ay1 := p.X.Min, p.X.Max, p.Y.Min, p.Y.Max
	p.Add(&plotter.Polygon{XYs: []plotter.XYs{box}, Color: fill, LineStyle: line(paper, 0.8, solid)})
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = ax0, ax1, ay0, ay1
}

func drawUpload(r *results.Result) (figure, string) {
	var uploads []float64
	var total float64
	for _, p := range r.Peers {
		if p.Uploads {
			uploads = append(uploads, float64(p.UploadedBytes))
			total += float64(p.UploadedBytes)
		}
	}
	if total == 0 {
		return figure{empty: "Nobody uploaded anything."}, ""
	}
	slices.Sort(uploads)
	n := float64(len(uploads))
	ranked := plotter.XYs{}
	lorenz := plotter.XYs{{X: 0, Y: 0}}
	sum := 0.0
	for i, x := range uploads {
		sum += x
		lorenz = append(lorenz, plotter.XY{X: float64(i+1) / n, Y: sum / total})
	}
	for i := range uploads {
		mb := uploads[len(uploads)-1-i] / 1e6
		ranked = append(ranked, plotter.XY{X: float64(i), Y: mb}, plotter.XY{X: float64(i + 1), Y: mb})
	}
	left := panel("uploaders, the busiest first", "uploaded, MB")
	left.X.Min, left.X.Max, left.X.Tick.Marker = 0, n, niceTicks{most: 5, whole: true}
	fromZero(&left.Y, ranked, niceTicks{most: 6})
	addArea(left, ranked, p2pFill)
	addLine(left, ranked, line(p2pColor, 0.8, solid))
	right := panel("share of uploaders, the laziest first", "share of what was uploaded")
	right.X.Min, right.X.Max, right.X.Tick.Marker = 0, 1, niceTicks{most: 5, label: percentLabel}
	right.Y.Min, right.Y.Max, right.Y.Tick.Marker = 0, 1, niceTicks{most: 5, label: percentLabel}
	equal, curve := line(faint, 1.2, dashed), line(p2pColor, 2, solid)
	addLine(right, plotter.XYs{{X: 0, Y: 0}, {X: 1, Y: 1}}, equal)
	addLine(right, lorenz, curve)
	return figure{
		legend: []key{
			{name: "uploaded by each", fill: p2pFill}, {name: fmt.Sprintf("Lorenz curve (Gini %.2f)", r.Summary.UploadGini), line: curve},
			{name: "if all uploaded the same", line: equal},
		},
		panels: [][]*plot.Plot{{left, right}},
	}, fmt.Sprintf("%s uploaded %s; Gini coefficient %.2f.", many(int64(len(uploads)), "viewer", "viewers"), bytesText(int64(total)), r.Summary.UploadGini)
}

func drawReasons(r *results.Result) (figure, string) {
	parts := reasons(r.Summary)
	if len(parts) == 0 {
		return figure{empty: "No segment came over HTTP, or nobody recorded why."}, ""
	}
	var total int64
	for _, part := range parts {
		total += part.bytes
	}
	p := panel("share of the bytes that came over HTTP", "")
	p.X.Min, p.X.Max, p.X.Tick.Marker = 0, 1.12, shareTicks{}
	p.Y.Min, p.Y.Max = -0.6, float64(len(parts))-0.4
	if len(parts) < 3 {
		p.Y.Min = float64(len(parts)) - 3.4 // one bar alone would fill the picture
	}
	names, alt := make(plot.ConstantTicks, len(parts)), ""
	labels := &plotter.Labels{}
	for i, part := range parts {
		y, x := float64(len(parts)-1-i), float64(part.bytes)/float64(total)
		addBox(p, 0, x, y-0.32, y+0.32, httpFill)
		names[i] = plot.Tick{Value: y, Label: cut(part.name, 34)}
		labels.XYs = append(labels.XYs, plotter.XY{X: x, Y: y})
		labels.Labels = append(labels.Labels, percent(x)+", "+bytesText(part.bytes))
		style := sans(10, false)
		style.YAlign = draw.YCenter
		labels.TextStyle = append(labels.TextStyle, style)
		alt += fmt.Sprintf("%s: %s. ", part.name, percent(x))
	}
	labels.Offset = vg.Point{X: 5}
	p.Y.Tick.Marker, p.Y.Tick.Length = names, 0
	p.Y.LineStyle.Width = 0
	p.Add(labels)
	return figure{panels: [][]*plot.Plot{{p}}}, alt
}

// shareTicks end at 100 %, though the axis goes on to leave room for a label.
type shareTicks struct{}

func (shareTicks) Ticks(_, _ float64) []plot.Tick { return ticksAt(0, 1, 0.2, percentLabel) }
