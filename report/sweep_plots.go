package report

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"swarmlab/results"
)

// mostPictures is how many pictures are drawn of a grid of more than two settings.
const mostPictures = 24

// SweepPlots draws a grid: of one setting a line for each metric; of two a heat map for each metric; of more a heat map of the first
// two for each combination of the others, of the first metric.
func SweepPlots(s *results.Sweep) []Plot {
	switch len(s.Axes) {
	case 1:
		return plotsOf(s, func(metric string) (figure, string) { return sweepLineFigure(s, metric) })
	case 2:
		return plotsOf(s, func(metric string) (figure, string) { return heatFigure(s, metric, nil) })
	}
	var out []Plot
	metric := s.Metrics[0]
	for rest := range othersOf(s) {
		if len(out) == mostPictures {
			break
		}
		fig, alt := heatFigure(s, metric, s.Place(rest)[2:])
		name := fileName(metric) + "-" + strconv.Itoa(len(out)+1)
		var where []string
		for i, k := range s.Place(rest)[2:] {
			where = append(where, shortPaths(s.Axes)[2+i]+" "+printable(s.Axes[2+i].Values[k]))
		}
		out = append(out, newPlot(name, valueTitle(metric)+", "+strings.Join(where, ", "), fig, alt))
	}
	return out
}

// othersOf counts the combinations of all axes but the first two; they are the first cells.
func othersOf(s *results.Sweep) int {
	n := 1
	for _, a := range s.Axes[2:] {
		n *= len(a.Values)
	}
	return n
}

func plotsOf(s *results.Sweep, draw func(metric string) (figure, string)) []Plot {
	var out []Plot
	for _, metric := range s.Metrics {
		fig, alt := draw(metric)
		out = append(out, newPlot(fileName(metric), valueTitle(metric)+", "+printable(s.Name), fig, alt))
	}
	return out
}

func newPlot(name, title string, fig figure, alt string) Plot {
	fig.title = title
	if fig.empty != "" {
		alt = fig.empty
	}
	return Plot{Name: name, Title: title, Alt: title + ". " + alt, fig: fig}
}

// fileName is a metric's name as a file's; names of reasons and causes come from results.
func fileName(metric string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' {
			return r
		}
		return '-'
	}, metric)
}

// axisPlaces are where an axis' values lie: at themselves if all are numbers and in order, otherwise one after the other.
func axisPlaces(a results.Axis) (places []float64, numbers bool) {
	numbers = len(a.Values) > 1
	for i, text := range a.Values {
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) || i > 0 && x <= places[i-1] {
			numbers = false
			break
		}
		places = append(places, x)
	}
	if numbers {
		return places, true
	}
	places = nil
	for i := range a.Values {
		places = append(places, float64(i))
	}
	return places, false
}

// valueTicks label an axis with the values that were run.
func valueTicks(a results.Axis, places []float64) plot.ConstantTicks {
	ticks := make(plot.ConstantTicks, len(places))
	every := (len(places) + 11) / 12
	for i, x := range places {
		ticks[i].Value = x
		if i%every == 0 {
			ticks[i].Label = cut(printable(a.Values[i]), 14)
		}
	}
	return ticks
}

const nothingMeasured = "No run has measured it."

// sweepLineFigure is the mean over one setting, its 95 % interval as a band, and each run as a dot.
func sweepLineFigure(s *results.Sweep, metric string) (figure, string) {
	places, _ := axisPlaces(s.Axes[0])
	p := panel(shortPaths(s.Axes)[0], valueTitle(metric))
	band := plotter.XYs{}
	var back plotter.XYs
	var mean plotter.XYs
	dots := &plotter.Scatter{GlyphStyle: draw.GlyphStyle{Color: p2pColor, Radius: 2.4, Shape: draw.CircleGlyph{}}}
	lo, hi, alt := math.Inf(1), math.Inf(-1), ""
	for i, c := range s.Cells {
		spread, ok := c.Spread(metric)
		if !ok {
			continue
		}
		low, high := spread.Min, spread.Max
		if spread.Interval != nil {
			band = append(band, plotter.XY{X: places[i], Y: spread.Interval.Low})
			back = append(back, plotter.XY{X: places[i], Y: spread.Interval.High})
			low, high = min(low, spread.Interval.Low), max(high, spread.Interval.High)
		}
		lo, hi = min(lo, low), max(hi, high)
		mean = append(mean, plotter.XY{X: places[i], Y: spread.Mean})
		for _, y := range c.Measured(metric) {
			dots.XYs = append(dots.XYs, plotter.XY{X: places[i], Y: y})
		}
		alt += fmt.Sprintf("%s: %s. ", printable(s.Axes[0].Values[i]), cellSpread(c, metric))
	}
	if len(mean) == 0 {
		return figure{empty: nothingMeasured}, ""
	}
	room := max((hi-lo)*0.08, math.Abs(hi)*0.01, 1e-6)
	air := 0.5
	if n := len(places); n > 1 {
		air = (places[n-1] - places[0]) * 0.03
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = places[0]-air, places[len(places)-1]+air, lo-room, hi+room
	p.X.Tick.Marker, p.Y.Tick.Marker = valueTicks(s.Axes[0], places), niceTicks{most: 6, label: axisText(metric)}
	fig := figure{legend: []key{{name: "mean", line: line(p2pColor, 2, solid)}, {name: "each run a dot"}}, panels: [][]*plot.Plot{{p}}}
	if len(band) > 1 {
		for i := len(back) - 1; i >= 0; i-- {
			band = append(band, back[i])
		}
		x0, x1, y0, y1 := p.X.Min, p.X.Max, p.Y.Min, p.Y.Max
		p.Add(&plotter.Polygon{XYs: []plotter.XYs{band}, Color: p2pFill})
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = x0, x1, y0, y1
		fig.legend = append(fig.legend, key{name: "95 % interval of the mean", fill: p2pFill})
	}
	addLine(p, mean, line(p2pColor, 2, solid))
	p.Add(dots)
	return fig, alt
}

// heatFigure is a metric's mean over the first two settings; the others are at the places given.
func heatFigure(s *results.Sweep, metric string, others []int) (figure, string) {
	names := shortPaths(s.Axes)
	p := panel(names[1], names[0])
	rows, columns := s.Axes[0], s.Axes[1]
	h := heat{metric: metric, lo: math.Inf(1), hi: math.Inf(-1), best: s.Best(metric)}
	alt := ""
	for i, c := range s.Cells {
		spread, ok := c.Spread(metric)
		if !ok {
			continue
		}
		h.lo, h.hi = min(h.lo, spread.Mean), max(h.hi, spread.Mean) // of all pictures: one scale for them
		if !slices.Equal(c.Place[2:], others) {
			continue
		}
		h.cells = append(h.cells, heatCell{c.Place[1], c.Place[0], spread.Mean, i == h.best})
		alt += fmt.Sprintf("%s %s, %s %s: %s. ", names[0], printable(rows.Values[c.Place[0]]), names[1], printable(columns.Values[c.Place[1]]), cellSpread(c, metric))
	}
	if len(h.cells) == 0 {
		return figure{empty: nothingMeasured}, ""
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = -0.5, float64(len(columns.Values))-0.5, -0.5, float64(len(rows.Values))-0.5
	p.X.Tick.Marker, p.Y.Tick.Marker = valueTicks(columns, counting(len(columns.Values))), valueTicks(rows, counting(len(rows.Values)))
	p.X.Tick.Length, p.Y.Tick.Length = 0, 0
	h.digits = len(columns.Values) <= 10 && len(rows.Values) <= 12
	p.Add(h)
	return figure{
		legend: []key{{name: valueText(metric, h.lo), fill: h.color(h.lo)}, {name: valueText(metric, h.hi), fill: h.color(h.hi)}, {name: "framed: the best mean"}},
		panels: [][]*plot.Plot{{p}},
	}, alt
}

func counting(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(i)
	}
	return out
}

// heat draws cells as squares that differ in lightness, with the figure in each if there is room: printed in grey it says the same.
type heat struct {
	metric string
	cells  []heatCell
	lo, hi float64
	best   int
	digits bool
}

type heatCell struct {
	column, row int
	value       float64
	best        bool
}

// color goes from nearly paper to the blue of P2P.
func (h heat) color(x float64) color.NRGBA {
	t := 0.5
	if h.hi > h.lo {
		t = (x - h.lo) / (h.hi - h.lo)
	}
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + t*(float64(b)-float64(a)))) }
	light, dark := color.NRGBA{0xe8, 0xf2, 0xf9, 0xff}, color.NRGBA{0x00, 0x4f, 0x7f, 0xff}
	return color.NRGBA{mix(light.R, dark.R), mix(light.G, dark.G), mix(light.B, dark.B), 0xff}
}

// Plot implements gonum's plot.Plotter.
func (h heat) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	style := sans(10, false)
	style.XAlign, style.YAlign = draw.XCenter, draw.YCenter
	for _, cell := range h.cells {
		cx, cy := float64(cell.column), float64(cell.row)
		const half = 0.48
		box := []vg.Point{{X: x(cx - half), Y: y(cy - half)}, {X: x(cx - half), Y: y(cy + half)}, {X: x(cx + half), Y: y(cy + half)}, {X: x(cx + half), Y: y(cy - half)}}
		fill := h.color(cell.value)
		c.FillPolygon(fill, box)
		if cell.best {
			c.StrokeLines(line(httpColor, 2.5, solid), append(box, box[0], box[1]))
		}
		if !h.digits {
			continue
		}
		style.Color = ink
		if h.hi > h.lo && (cell.value-h.lo)/(h.hi-h.lo) > 0.55 {
			style.Color = paper
		}
		c.FillText(style, vg.Point{X: x(cx), Y: y(cy)}, valueText(h.metric, cell.value))
	}
}
