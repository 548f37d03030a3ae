package report

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// A chart of the page. Its curves are an SVG that stretches to whatever width there is, and everything that is text stands
// beside it as HTML, in the page's own size: one picture for a wall and for a telephone, and no script is needed to draw it.
type chart struct {
	Name   string
	Title  string
	Alt    string // what it shows, for those who cannot see it
	Empty  string // instead of curves: why there is nothing to draw
	YLabel string
	XLabel string
	Legend []chartKey
	Curves []curve
	X, Y   []chartTick
	// Read says that the moment under the pointer can be read off, from the page's data of that name.
	Read bool
}

// chartKey is an entry of a legend. Style is a CSS class, of the curve that it explains as well.
type chartKey struct {
	Name, Style string
	Area        bool
}

type curve struct {
	Style string
	Area  bool
	Path  string
}

// chartTick is a mark on an axis, at a share of it. Minor ones are left out where there is little room.
type chartTick struct {
	At    float64
	Label string
	Minor bool
}

// side is the length of a chart's sides in the SVG's own units.
const side = 1000

// scale is one axis of a chart.
type scale struct {
	lo, hi float64
	log    bool
}

// at is a value's place on the axis, 0 to 1; what is beyond an end is at that end.
func (s scale) at(x float64) float64 {
	lo, hi := s.lo, s.hi
	if s.log {
		lo, hi, x = math.Log(lo), math.Log(hi), math.Log(x)
	}
	return max(0, min(1, (x-lo)/(hi-lo)))
}

func (s scale) ticks(t plot.Ticker) []chartTick {
	var out []chartTick
	for _, tick := range t.Ticks(s.lo, s.hi) {
		if tick.Label != "" {
			out = append(out, chartTick{At: s.at(tick.Value), Label: tick.Label, Minor: len(out)%2 == 1})
		}
	}
	return out
}

// upTo is an axis from zero to a little more than the largest value.
func upTo(values ...[]float64) scale {
	largest := 0.0
	for _, list := range values {
		for _, v := range list {
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				largest = max(largest, v)
			}
		}
	}
	if largest == 0 {
		return scale{hi: 1}
	}
	return scale{hi: largest * 1.06}
}

// point writes a place on a chart. y grows upwards, unlike the SVG's.
func point(b *strings.Builder, x, y float64) {
	b.WriteString(strconv.FormatFloat(math.Round(x*side*10)/10, 'f', -1, 64))
	b.WriteByte(' ')
	b.WriteString(strconv.FormatFloat(math.Round((1-y)*side*10)/10, 'f', -1, 64))
}

// linePath joins points. Where there is no value the line is interrupted.
func linePath(x, y scale, xs, ys []float64) string {
	var b strings.Builder
	pen := "M"
	for i, v := range ys {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			pen = "M"
			continue
		}
		b.WriteString(pen)
		point(&b, x.at(xs[i]), y.at(v))
		pen = "L"
	}
	return b.String()
}

// stepArea fills from zero up to steps: ys[i] holds from edges[i] to edges[i+1].
func stepArea(x, y scale, edges, ys []float64) string {
	var b strings.Builder
	pen := "M"
	to := func(px, py float64) {
		b.WriteString(pen)
		point(&b, px, py)
		pen = "L"
	}
	if len(ys) == 0 {
		return ""
	}
	to(x.at(edges[0]), 0)
	for i, v := range ys {
		to(x.at(edges[i]), y.at(v))
		to(x.at(edges[i+1]), y.at(v))
	}
	to(x.at(edges[len(ys)]), 0)
	return b.String() + "Z"
}

// bars are columns with a little air between them, whole numbers on both axes.
func bars(c chart, edges, heights []float64, x []chartTick) chart {
	xs, ys := scale{edges[0], edges[len(edges)-1], false}, upTo(heights)
	var b strings.Builder
	for i, h := range heights {
		if h <= 0 {
			continue
		}
		air := (edges[i+1] - edges[i]) * 0.08
		b.WriteString(stepArea(xs, ys, []float64{edges[i] + air, edges[i+1] - air}, []float64{h}))
	}
	c.Curves = []curve{{Style: "p2p", Area: true, Path: b.String()}}
	c.X, c.Y = x, ys.ticks(niceTicks{most: 4, whole: true})
	return c
}
