package report

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"swarmlab/results"
)

const noTimeline = "The run ended before its first second, so there is no timeline."

// mostPoints is how many points a line has at most. A viewer loads a segment in one go and then none for a while, so single
// seconds of a long run draw a hedge instead of a rate.
const mostPoints = 160

// bin is several samples taken together.
type bin struct {
	to      float64 // seconds
	seconds float64
	last    results.Sample
	sum     results.Sample // of the byte counters
	stalled int            // the most at once
}

// bins takes samples together until there are few enough.
func bins(timeline []results.Sample) []bin {
	size := (len(timeline) + mostPoints - 1) / mostPoints
	var out []bin
	from := 0.0
	for i, s := range timeline {
		if size == 0 || i%size == 0 {
			out = append(out, bin{})
		}
		b := &out[len(out)-1]
		b.last, b.to = s, s.T
		b.seconds += s.T - from
		b.sum.P2PChunkBytes += s.P2PChunkBytes
		b.sum.HTTPChunkBytes += s.HTTPChunkBytes
		b.sum.P2PBytes += s.P2PBytes
		b.sum.HTTPBytes += s.HTTPBytes
		b.sum.OriginBytes += s.OriginBytes
		b.sum.Stalls += s.Stalls
		b.stalled = max(b.stalled, s.StalledViewers)
		from = s.T
	}
	return out
}

func drawRatio(r *results.Result) (figure, string) {
	all := bins(r.Timeline)
	if len(all) == 0 {
		return figure{empty: noTimeline}, ""
	}
	ratio, p2p, total := plotter.XYs{}, plotter.XYs{}, plotter.XYs{}
	from := 0.0
	for _, b := range all {
		seconds := math.Max(b.seconds, 1e-3)
		a := float64(b.sum.P2PChunkBytes) * 8 / 1e6 / seconds
		h := float64(b.sum.HTTPChunkBytes) * 8 / 1e6 / seconds
		ratio = append(ratio, plotter.XY{X: b.to, Y: b.last.P2PRatio})
		p2p = append(p2p, plotter.XY{X: from, Y: a}, plotter.XY{X: b.to, Y: a})
		total = append(total, plotter.XY{X: from, Y: a + h}, plotter.XY{X: b.to, Y: a + h})
		from = b.to
	}
	top := timePanel(r, "", "P2P ratio so far")
	top.Y.Min, top.Y.Max, top.Y.Tick.Marker = 0, 1, niceTicks{most: 4, label: percentLabel}
	bound := line(faint, 1.2, dashed)
	addLine(top, plotter.XYs{{X: 0, Y: r.Summary.P2PRatioBound}, {X: top.X.Max, Y: r.Summary.P2PRatioBound}}, bound)
	ratioLine := line(p2pColor, 2, solid)
	addLine(top, ratio, ratioLine)

	bottom := timePanel(r, "time since the run began", "Mbit/s, all viewers")
	yTop := fromZero(&bottom.Y, total, niceTicks{most: 4})
	addArea(bottom, total, httpFill)
	addArea(bottom, p2p, p2pFill)
	s := r.Summary
	return figure{
			legend: []key{
				{name: "ratio of useful bytes", line: ratioLine}, {name: boundText(s), line: bound},
				{name: "P2P", fill: p2pFill}, {name: "HTTP, on top", fill: httpFill},
			},
			panels: [][]*plot.Plot{{top}, {bottom}},
		}, fmt.Sprintf("The ratio ends at %s of at most %s; traffic peaks at %s Mbit/s.",
			percent(s.P2PRatio), percent(s.P2PRatioBound), axisNumber(yTop, 1))
}

func boundText(s results.Summary) string { return "bound (N-1)/N = " + percent(s.P2PRatioBound) }

func drawConnections(r *results.Result) (figure, string) {
	all := bins(r.Timeline)
	if len(all) == 0 {
		return figure{empty: noTimeline}, ""
	}
	viewers, connections := plotter.XYs{}, plotter.XYs{}
	for _, b := range all {
		viewers = append(viewers, plotter.XY{X: b.to, Y: float64(b.last.Viewers)})
		connections = append(connections, plotter.XY{X: b.to, Y: float64(b.last.Connections)})
	}
	viewersPeak, connectionsPeak := 0, 0
	for _, t := range r.Timeline {
		viewersPeak, connectionsPeak = max(viewersPeak, t.Viewers), max(connectionsPeak, t.Connections)
	}
	top := timePanel(r, "", "viewers")
	fromZero(&top.Y, viewers, niceTicks{most: 4, whole: true})
	v := line(ink, 2, dashed)
	addLine(top, viewers, v)
	bottom := timePanel(r, "time since the run began", "connections")
	fromZero(&bottom.Y, connections, niceTicks{most: 4, whole: true})
	c := line(p2pColor, 2, solid)
	addLine(bottom, connections, c)
	return figure{
		legend: []key{{name: "viewers present", line: v}, {name: "peer connections open", line: c}},
		panels: [][]*plot.Plot{{top}, {bottom}},
	}, fmt.Sprintf("At most %s and %s at once.", many(int64(viewersPeak), "viewer", "viewers"), many(int64(connectionsPeak), "connection", "connections"))
}

func drawStalls(r *results.Result) (figure, string) {
	all := bins(r.Timeline)
	if len(all) == 0 {
		return figure{empty: noTimeline}, ""
	}
	stalled, buffer := plotter.XYs{}, plotter.XYs{}
	from := 0.0
	for _, b := range all {
		// Steps: a viewer stalls or does not.
		stalled = append(stalled, plotter.XY{X: from, Y: float64(b.stalled)}, plotter.XY{X: b.to, Y: float64(b.stalled)})
		buffer = append(buffer, plotter.XY{X: b.to, Y: b.last.MeanBufferSeconds})
		from = b.to
	}
	top := timePanel(r, "", "viewers stalled")
	most := fromZero(&top.Y, stalled, niceTicks{most: 4, whole: true})
	addArea(top, stalled, httpFill)
	bottom := timePanel(r, "time since the run began", "mean buffer, s")
	fromZero(&bottom.Y, buffer, niceTicks{most: 4})
	b := line(p2pColor, 2, solid)
	addLine(bottom, buffer, b)
	name := "viewers whose picture stands still"
	if most == 0 {
		name += ": none"
	}
	return figure{
		legend: []key{{name: name, fill: httpFill}, {name: "video buffered ahead, mean of viewers", line: b}},
		panels: [][]*plot.Plot{{top}, {bottom}},
	}, fmt.Sprintf("%s; at most %.0f viewers at once.", many(r.Summary.Stalls, "stall", "stalls"), most)
}

// timePanel has the run's time as its horizontal axis.
func timePanel(r *results.Result, xLabel, yLabel string) *plot.Plot {
	p := panel(xLabel, yLabel)
	end := r.Run.SimulatedSeconds
	if n := len(r.Timeline); n > 0 {
		end = math.Max(end, r.Timeline[n-1].T)
	}
	// gonum cannot draw a range of nothing.
	p.X.Min, p.X.Max, p.X.Tick.Marker = 0, math.Max(end, 1), timeTicks{}
	return p
}

// fromZero gives an axis a range from zero to a little more than the largest value, and returns that value.
func fromZero(a *plot.Axis, xys plotter.XYs, t niceTicks) (largest float64) {
	for _, xy := range xys {
		largest = math.Max(largest, xy.Y)
	}
	a.Min, a.Max, a.Tick.Marker = 0, largest*1.08, t
	if largest == 0 {
		a.Max = 1
	}
	return largest
}

func addLine(p *plot.Plot, xys plotter.XYs, style draw.LineStyle) {
	x0, x1, y0, y1 := p.X.Min, p.X.Max, p.Y.Min, p.Y.Max
	p.Add(&plotter.Line{XYs: clean(xys), LineStyle: style})
	// Add widens the axes to the data; ours are set on purpose.
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = x0, x1, y0, y1
}

// addArea fills from zero up to the line.
func addArea(p *plot.Plot, xys plotter.XYs, fill color.Color) {
	xys = clean(xys)
	if len(xys) == 0 {
		return
	}
	closed := append(plotter.XYs{{X: xys[0].X, Y: 0}}, xys...)
	closed = append(closed, plotter.XY{X: xys[len(xys)-1].X, Y: 0})
	x0, x1, y0, y1 := p.X.Min, p.X.Max, p.Y.Min, p.Y.Max
	p.Add(&plotter.Polygon{XYs: []plotter.XYs{closed}, Color: fill, LineStyle: draw.LineStyle{Width: vg.Length(0)}})
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = x0, x1, y0, y1
}

// clean leaves out what cannot be drawn.
func clean(xys plotter.XYs) plotter.XYs {
	out := make(plotter.XYs, 0, len(xys))
	for _, xy := range xys {
		if !math.IsNaN(xy.X+xy.Y) && !math.IsInf(xy.X+xy.Y, 0) {
			out = append(out, xy)
		}
	}
	return out
}
