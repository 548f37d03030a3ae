package report

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"swarmlab/results"
)

// comparedDrawings are the pictures of a comparison: every side in one plot.
var comparedDrawings = []picture[*results.Comparison]{
	{"seeds", "Every seed, and the mean", drawSeeds},
	{"ratio-over-time", "P2P ratio over time (mean over seeds, with the lowest and the highest)", drawRatios},
	{"latency", "How long segments took (share of segments within a time)", drawLatencies},
	{"start", "How long the start took (share of viewers within a time)", drawStarts},
}

// ComparedPlots draws a comparison.
func ComparedPlots(c *results.Comparison) []Plot { return drawAll(comparedDrawings, c) }

// sideLine is the line of side i: colours and dashes both differ, and take turns at different lengths, so that many sides do too.
func sideLine(i int) draw.LineStyle {
	colors := []color.Color{p2pColor, httpColor, thirdLine, fourth}
	dashes := [][]vg.Length{solid, dashed, dotted, dotdot}
	return line(colors[i%4], 2, dashes[(i+i/4)%4])
}

// sideLegend names the sides that have runs to draw; baselines have none.
func sideLegend(c *results.Comparison, all bool) []key {
	var out []key
	for i, e := range c.Sides {
		if all || len(e.Runs) > 0 {
			name := sideName(i)
			if len(c.Sides) <= 4 { // a legend is one line
				name += " " + cut(shortLabel(e.Label), 24)
			}
			out = append(out, key{name: name, line: sideLine(i)})
		}
	}
	return out
}

// shortLabel is the end of a path, which tells more than its beginning.
func shortLabel(label string) string {
	parts := strings.Split(strings.TrimRight(printable(label), "/"), "/")
	return parts[len(parts)-1]
}

// drawSeeds shows a dot for each seed: what a mean hides.
func drawSeeds(c *results.Comparison) (figure, string) {
	names := []string{"p2pRatio", "copiesPerSegment", "stallRatio", "startupMs.p50"}
	fig := figure{legend: sideLegend(c, true), panels: [][]*plot.Plot{nil, nil}}
	alt := ""
	for i, name := range names {
		p := panel("", valueTitle(name))
		p.X.Min, p.X.Max = -0.5, float64(len(c.Sides))-0.5
		ticks := make(plot.ConstantTicks, len(c.Sides))
		lo, hi := math.Inf(1), math.Inf(-1)
		for j, e := range c.Sides {
			ticks[j] = plot.Tick{Value: float64(j), Label: sideName(j)}
			s, ok := e.Spread(name)
			if !ok {
				continue
			}
			lo, hi = math.Min(lo, s.Min), math.Max(hi, s.Max)
			addSeeds(p, j, e.Measured(name), s)
			alt += fmt.Sprintf("%s of %s: %s. ", valueTitle(name), sideName(j), spreadText(s))
		}
		p.X.Tick.Marker, p.X.Tick.Length = ticks, 0
		room := math.Max((hi-lo)*0.15, math.Max(math.Abs(hi)*0.02, 1e-3))
		if math.IsInf(lo, 0) {
			lo, hi = 0, 1
		}
		low := lo - room
		if low < 0 && lo >= 0 {
			low = -0.06 * (hi + room) // nothing is below nothing, and a dot on it wants to be seen whole
		}
		p.Y.Min, p.Y.Max, p.Y.Tick.Marker = low, hi+room, niceTicks{most: 4, label: axisText(name)}
		fig.panels[i/2] = append(fig.panels[i/2], p)
	}
	return fig, alt
}

// axisText labels an axis with a metric's unit, with the digits that close values need.
func axisText(name string) func(float64) string {
	if inPoints(name) {
		return func(x float64) string { return fmt.Sprintf("%.4g %%", math.Round(x*1e4)/100) }
	}
	return func(x float64) string { return valueText(name, x) }
}

// addSeeds draws a side's seeds as dots beside each other, and its mean as a line.
func addSeeds(p *plot.Plot, side int, values []float64, s results.Spread) {
	style := sideLine(side)
	dots := &plotter.Scatter{GlyphStyle: draw.GlyphStyle{Color: style.Color, Radius: 2.6, Shape: draw.CircleGlyph{}}}
	for i, y := range values {
		x := float64(side)
		if len(values) > 1 {
			x += 0.5 * (float64(i)/float64(len(values)-1) - 0.5)
		}
		dots.XYs = append(dots.XYs, plotter.XY{X: x, Y: y})
	}
	p.Add(dots)
	addLine(p, plotter.XYs{{X: float64(side) - 0.35, Y: s.Mean}, {X: float64(side) + 0.35, Y: s.Mean}}, style)
}

const noRuns = "Baselines keep no timelines and no distributions, so there is nothing to lay over each other."

// drawRatios lays the timelines over each other.
func drawRatios(c *results.Comparison) (figure, string) {
	p := panel("time since the run began", "P2P ratio so far")
	p.X.Min, p.X.Max, p.X.Tick.Marker = 0, 1, timeTicks{}
	p.Y.Min, p.Y.Max, p.Y.Tick.Marker = 0, 1, niceTicks{most: 5, label: percentLabel}
	drawn, alt := false, ""
	for i, e := range c.Sides {
		for _, r := range e.Runs {
			p.X.Max = math.Max(p.X.Max, r.Run.SimulatedSeconds)
			drawn = drawn || len(r.Timeline) > 0
		}
		mean, low, high := ratioOverTime(e.Runs)
		if len(mean) == 0 {
			continue
		}
		style := sideLine(i)
		edge := style
		edge.Width = 0.6
		if len(e.Runs) > 1 {
			addLine(p, low, edge)
			addLine(p, high, edge)
		}
		addLine(p, mean, style)
		alt += fmt.Sprintf("%s ends at %s. ", sideName(i), percent(mean[len(mean)-1].Y))
	}
	if !drawn {
		return figure{empty: noRuns}, ""
	}
	return figure{legend: sideLegend(c, false), panels: [][]*plot.Plot{{p}}}, alt
}

// ratioOverTime is the ratio so far, over runs: a run that is over keeps its last.
func ratioOverTime(runs []*results.Result) (mean, low, high plotter.XYs) {
	var all [][]bin
	longest := 0
	for i, r := range runs {
		all = append(all, bins(r.Timeline))
		if len(all[i]) > len(all[longest]) {
			longest = i
		}
	}
	if len(all) == 0 {
		return nil, nil, nil
	}
	for k, at := range all[longest] {
		sum, n, lo, hi := 0.0, 0, math.Inf(1), math.Inf(-1)
		for _, b := range all {
			if len(b) == 0 {
				continue
			}
			y := b[min(k, len(b)-1)].last.P2PRatio
			sum, n, lo, hi = sum+y, n+1, math.Min(lo, y), math.Max(hi, y)
		}
		mean = append(mean, plotter.XY{X: at.to, Y: sum / float64(n)})
		low, high = append(low, plotter.XY{X: at.to, Y: lo}), append(high, plotter.XY{X: at.to, Y: hi})
	}
	return mean, low, high
}

func drawLatencies(c *results.Comparison) (figure, string) {
	return overlaidTimes(c, []timeCurve{
		{"over HTTP", func(h results.Histograms) results.Histogram { return h.HTTPLatencyMs }},
		{"from peers", func(h results.Histograms) results.Histogram { return h.P2PLatencyMs }},
	})
}

func drawStarts(c *results.Comparison) (figure, string) {
	return overlaidTimes(c, []timeCurve{
		{"to the first picture", func(h results.Histograms) results.Histogram { return h.StartupMs }},
		{"to the first peer", func(h results.Histograms) results.Histogram { return h.TimeToFirstPeerMs }},
	})
}

// timeCurve is a distribution of times that every run has.
type timeCurve struct {
	name string
	of   func(results.Histograms) results.Histogram
}

// overlaidTimes draws one panel for each distribution, with a curve for each side: all its seeds together.
func overlaidTimes(c *results.Comparison, curves []timeCurve) (figure, string) {
	fig := figure{legend: sideLegend(c, false), panels: [][]*plot.Plot{nil}}
	alt, drawn := "", false
	for _, curve := range curves {
		p := panel(curve.name, "share")
		lo, hi := math.Inf(1), 0.0
		together := make([]results.Histogram, len(c.Sides))
		for i, e := range c.Sides {
			for _, r := range e.Runs {
				together[i] = together[i].Merge(curve.of(r.Histograms))
			}
			if b := together[i].Buckets; len(b) > 0 {
				lo, hi = math.Min(lo, atLeastOne(b[0].UpTo)), math.Max(hi, atLeastOne(b[len(b)-1].UpTo))
				drawn = true
			}
		}
		if hi == 0 {
			lo, hi = 1, 1000
		}
		p.X.Min, p.X.Max = lo/1.8, hi*1.8
		p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, logTicks{}
		p.Y.Min, p.Y.Max, p.Y.Tick.Marker = 0, 1, niceTicks{most: 5, label: percentLabel}
		for i, h := range together {
			if h.Count > 0 {
				addLine(p, cdf(h, p.X.Max), sideLine(i))
				alt += fmt.Sprintf("%s, %s: median %s, 95 %% within %s. ", curve.name, sideName(i), msText(h.Quantile(0.5)), msText(h.Quantile(0.95)))
			}
		}
		fig.panels[0] = append(fig.panels[0], p)
	}
	if !drawn {
		return figure{empty: noRuns}, ""
	}
	return fig, alt
}
