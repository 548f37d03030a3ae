package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"swarmlab/results"
)

// effectsPage is what settings do.
type effectsPage struct {
	Known        bool
	Fit          string
	Guess        bool
	Charts       []chart
	Interactions []interactionRow
}

type interactionRow struct{ A, B, Share, Low, High string }

// mostInteractions is how many are listed.
const mostInteractions = 6

func effectsOf(t *results.Tuning) effectsPage {
	var p effectsPage
	if len(t.Objectives) == 0 {
		return p
	}
	o := t.Objectives[0]
	e := t.EffectsOf(o)
	if e == nil {
		return p
	}
	p.Known, p.Fit, p.Guess = true, fitText(e), e.Fit < results.PoorFit
	names := dimensionNames(t.Space)
	var all []float64
	for _, m := range e.Main {
		for _, point := range m.Curve {
			if !p.Guess {
				all = append(all, point.Gain)
			}
		}
		for _, b := range m.Bins {
			if in := b.Spread.Interval; in != nil {
				all = append(all, in.Low, in.High)
			}
			all = append(all, b.Spread.Mean)
		}
	}
	y := around(all)
	for _, m := range e.Main {
		p.Charts = append(p.Charts, effectChart(t.Space[m.Dimension], names[m.Dimension], o.Figure, m, y, p.Guess))
	}
	for _, i := range e.Interactions[:min(len(e.Interactions), mostInteractions)] {
		if i.Share >= 0.01 && !p.Guess {
			p.Interactions = append(p.Interactions, interactionRow{names[i.A], names[i.B], percent(i.Share), diffText(valueOf(o.Figure), i.Low), diffText(valueOf(o.Figure), i.High)})
		}
	}
	return p
}

// effectChart is one setting's effect: the means of what was measured, with their intervals, and the surrogate's curve and share unless
// they are a guess.
func effectChart(d results.Dimension, name, figure string, m results.MainEffect, y scale, guess bool) chart {
	c := chart{Name: name, Title: name, Alt: fmt.Sprintf("Mean gain in %s of the trials along %s.", figureTitle(figure), name)}
	if !guess {
		c.YLabel = percent(m.Share) + " of what settings change"
	}
	if unit := gainUnit(figure); unit != "" {
		c.YLabel = strings.TrimPrefix(c.YLabel+", in "+unit, ", ")
	}
	x := scale{-0.03, 1.03, false}
	var binX, binY []float64
	var whiskers strings.Builder
	for _, b := range m.Bins {
		binX, binY = append(binX, b.Position), append(binY, b.Spread.Mean)
		if in := b.Spread.Interval; in != nil {
			whiskers.WriteString(linePath(x, y, []float64{b.Position, b.Position}, []float64{in.Low, in.High}))
		}
	}
	c.Curves = []curve{
		{Style: "bound", Path: linePath(x, y, []float64{0, 1}, []float64{0, 0})},
		{Style: "whisker", Path: whiskers.String()},
	}
	if !guess {
		var xs, ys []float64
		for _, point := range m.Curve {
			xs, ys = append(xs, point.Position), append(ys, point.Gain)
		}
		c.Curves = append(c.Curves, curve{Style: "p2p", Path: linePath(x, y, xs, ys)})
		c.Alt = fmt.Sprintf("Gain in %s over %s: %s at one end, %s at the other, all other settings averaged over.", figureTitle(figure), name,
			diffText(valueOf(figure), ys[0]), diffText(valueOf(figure), ys[len(ys)-1]))
	}
	c.Curves = append(c.Curves, curve{Style: "dots http", Path: dots(x, y, binX, binY)})
	for i, tick := range dimensionTicks(d) {
		tick.At = x.at(tick.At)
		tick.Minor = d.Kind != results.ChoiceDimension && i%2 == 1
		c.X = append(c.X, tick)
	}
	c.Y = gainLabels(y, figure, 4)
	return c
}

// dimensionTicks label a dimension's own axis, 0 to 1.
func dimensionTicks(d results.Dimension) (out []chartTick) {
	if d.Kind == results.ChoiceDimension {
		for i, choice := range d.Choices {
			out = append(out, chartTick{At: float64(i) / float64(max(len(d.Choices)-1, 1)), Label: cut(printable(choice), 12)})
		}
		return out
	}
	const n = 4
	for i := range n + 1 {
		at := float64(i) / n
		x := d.From + at*(d.To-d.From)
		if d.Kind == results.LogDimension {
			x = d.From * math.Pow(d.To/d.From, at)
		}
		out = append(out, chartTick{At: at, Label: strconv.FormatFloat(x, 'g', 3, 64) + d.Unit})
	}
	return out
}
