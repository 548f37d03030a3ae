package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"swarmlab/results"
)

// The pictures of a tuning's page. A dot is a line of no length with a round end: it stays round however the chart is stretched.

func dots(x, y scale, xs, ys []float64) string {
	var b strings.Builder
	for i := range xs {
		b.WriteByte('M')
		point(&b, x.at(xs[i]), y.at(ys[i]))
		b.WriteString("h.01")
	}
	return b.String()
}

// around is an axis around values, which need not begin at zero.
func around(values []float64) scale {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	if math.IsInf(lo, 0) {
		return scale{0, 1, false}
	}
	air := max((hi-lo)*0.06, math.Abs(hi)*1e-3, 1e-9)
	return scale{lo - air, hi + air, false}
}

// niceLabels are an axis' ticks with a figure's unit.
func niceLabels(s scale, figure string, most int) []chartTick {
	label := axisText(valueOf(figure))
	if inPoints(valueOf(figure)) && s.hi-s.lo < 0.05 { // whole per cents would be the same one several times
		label = func(x float64) string { return fmt.Sprintf("%.4g %%", math.Round(x*1e6)/1e4) }
	}
	return s.ticks(niceTicks{most: most, label: label})
}

// gainLabels are an axis' ticks of a difference: with a sign, and of ratios in points.
func gainLabels(s scale, figure string, most int) []chartTick {
	return s.ticks(niceTicks{most: most, label: func(x float64) string {
		if inPoints(valueOf(figure)) && math.Abs(x) > 1e-12 {
			return fmt.Sprintf("%+.4g", math.Round(x*1e4)/100)
		}
		if math.Abs(x) <= 1e-12 {
			return "0"
		}
		return diffText(valueOf(figure), x)
	}})
}

// gainUnit says what gainLabels are in, where they do not.
func gainUnit(figure string) string {
	if inPoints(valueOf(figure)) {
		return "points"
	}
	return ""
}

// tuneCharts are the search over time, and the front.
func tuneCharts(t *results.Tuning) []chart {
	if len(t.Objectives) == 0 {
		return nil
	}
	out := []chart{searchChart(t)}
	against := ""
	if len(t.Objectives) > 1 {
		against = t.Objectives[1].Figure
	} else if len(t.Constraints) > 0 {
		against = t.Constraints[0].Figure
		for _, c := range t.Constraints { // the one that varies is the one to see
			if varies(t, c.Figure) {
				against = c.Figure
				break
			}
		}
	}
	if against != "" {
		out = append(out, frontChart(t, against))
	}
	return out
}

func varies(t *results.Tuning, figure string) bool {
	var values []float64
	for _, trial := range t.Trials {
		if x, ok := trial.Means[figure]; ok {
			values = append(values, x)
		}
	}
	return len(values) > 1 && slices.Max(values) > slices.Min(values)
}

// searchChart is every trial's gain in the first objective in the order of trying, and the best so far.
func searchChart(t *results.Tuning) chart {
	o := t.Objectives[0]
	c := chart{Name: "search", Title: "The search: gain in " + figureTitle(o.Figure) + " over the defaults", YLabel: gainUnit(o.Figure), XLabel: "trial"}
	var xs, ys, badX, badY, bestX, bestY []float64
	best := 0.0
	for _, trial := range t.Trials {
		g, ok := gainOf(trial, o.Figure)
		if !ok {
			continue
		}
		x := float64(trial.Number)
		if !trial.Feasible {
			badX, badY = append(badX, x), append(badY, g.Diff)
			continue
		}
		xs, ys = append(xs, x), append(ys, g.Diff)
		if trial.State != results.TrialStopped && (o.Direction == results.Up) == (g.Diff > best) && g.Diff != best {
			bestX, bestY = append(bestX, x), append(bestY, best)
			best = g.Diff
		}
		bestX, bestY = append(bestX, x), append(bestY, best)
	}
	if len(xs) == 0 {
		c.Empty = "No trial has been made that keeps to the constraints."
		return c
	}
	x := scale{-0.5, float64(len(t.Trials)) - 0.5, false}
	y := around(slices.Concat(ys, badY, []float64{0}))
	c.Curves = []curve{
		{Style: "bound", Path: linePath(x, y, []float64{x.lo, x.hi}, []float64{0, 0})},
		{Style: "dots faint", Path: dots(x, y, badX, badY)},
		{Style: "dots p2p", Path: dots(x, y, xs, ys)},
		{Style: "http", Path: linePath(x, y, bestX, bestY)},
	}
	c.Legend = []chartKey{{Name: "keeps to the constraints", Style: "dots p2p"}, {Name: "breaks one", Style: "dots faint"}, {Name: "best so far", Style: "http"}, {Name: "defaults", Style: "bound"}}
	c.X, c.Y = x.ticks(niceTicks{most: 6, whole: true}), gainLabels(y, o.Figure, 5)
	c.Alt = fmt.Sprintf("%s. The best of %s is %s.", c.Title, many(int64(len(xs)+len(badX)), "trial", "trials"), diffText(valueOf(o.Figure), best))
	return c
}

// frontChart sets the first objective against another figure: what is on the front, and what it beats.
func frontChart(t *results.Tuning, against string) chart {
	o := t.Objectives[0]
	c := chart{Name: "front", Title: "The front: " + figureTitle(o.Figure), YLabel: "against " + figureTitle(against), XLabel: figureTitle(against)}
	var at [4][2][]float64 // broken, kept, front, winner
	var all [2][]float64
	var frontX, frontY []float64
	for _, trial := range t.Trials {
		vx, okX := trial.Means[against]
		vy, okY := trial.Means[o.Figure]
		if !okX || !okY {
			continue
		}
		kind := 1
		switch {
		case t.Verdict.Winner != nil && *t.Verdict.Winner == trial.Number:
			kind = 3
		case slices.Contains(t.Front, trial.Number):
			kind = 2
		case !trial.Feasible:
			kind = 0
		}
		if kind >= 2 {
			frontX, frontY = append(frontX, vx), append(frontY, vy)
		}
		at[kind][0], at[kind][1] = append(at[kind][0], vx), append(at[kind][1], vy)
		all[0], all[1] = append(all[0], vx), append(all[1], vy)
	}
	if len(all[0]) == 0 {
		c.Empty = "No trial has measured both."
		return c
	}
	x, y := around(all[0]), around(all[1])
	names := []string{"breaks a constraint", "others", "front", "winner"}
	styles := []string{"dots faint", "dots p2p", "dots third", "dots http big"}
	for i := range at {
		if len(at[i][0]) > 0 {
			c.Curves = append(c.Curves, curve{Style: styles[i], Path: dots(x, y, at[i][0], at[i][1])})
			c.Legend = append(c.Legend, chartKey{Name: names[i], Style: styles[i]})
		}
	}
	if def := t.Trials[0].Means; len(def) > 0 {
		c.Curves = append(c.Curves, curve{Style: "dots ink big", Path: dots(x, y, []float64{def[against]}, []float64{def[o.Figure]})})
		c.Legend = append(c.Legend, chartKey{Name: "defaults", Style: "dots ink big"})
	}
	if len(frontX) > 1 && len(t.Objectives) > 1 {
		order := make([]int, len(frontX))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(a, b int) int {
			if frontX[a] < frontX[b] {
				return -1
			}
			return 1
		})
		var lx, ly []float64
		for _, i := range order {
			lx, ly = append(lx, frontX[i]), append(ly, frontY[i])
		}
		c.Curves = append(c.Curves, curve{Style: "third", Path: linePath(x, y, lx, ly)})
	}
	c.X, c.Y = niceLabels(x, against, 5), niceLabels(y, o.Figure, 5)
	c.Alt = fmt.Sprintf("%s, of %s; %s on the front.", c.Title, many(int64(len(all[0])), "trial", "trials"), many(int64(len(t.Front)), "is", "are"))
	return c
}

// parallel has one axis below the other, one for each setting and one for the first objective, and a line for each trial: on a
// telephone there is room for many rows, and for few columns.
type parallel struct {
	Axes   []parallelAxis
	Height int // of the SVG, in its own units
	Lines  []parallelLine
	Alt    string
}

type parallelAxis struct{ Name, Low, High string }

type parallelLine struct{ Style, Path, Title string }

// parallelRow is the height of an axis' row, as style.css has it; the axis lies at two thirds of it.
const parallelRow = 48

// mostLines is how many trials are drawn; beyond it is only ink.
const mostLines = 400

func parallelOf(t *results.Tuning) parallel {
	var p parallel
	if len(t.Objectives) == 0 || len(t.Space) == 0 {
		return p
	}
	o := t.Objectives[0]
	var gains []float64
	var trials []results.Trial
	for _, trial := range t.Trials {
		if g, ok := gainOf(trial, o.Figure); ok {
			gains, trials = append(gains, g.Diff), append(trials, trial)
		}
	}
	if len(trials) < 2 {
		return p
	}
	for i, d := range t.Space {
		low, high := strconv.FormatFloat(d.From, 'g', 6, 64)+d.Unit, strconv.FormatFloat(d.To, 'g', 6, 64)+d.Unit
		if d.Kind == results.ChoiceDimension {
			low, high = d.Choices[0], d.Choices[len(d.Choices)-1]
		}
		p.Axes = append(p.Axes, parallelAxis{dimensionNames(t.Space)[i], printable(low), printable(high)})
	}
	axis := around(gains)
	p.Axes = append(p.Axes, parallelAxis{"gain in " + figureTitle(o.Figure), diffText(valueOf(o.Figure), slices.Min(gains)), diffText(valueOf(o.Figure), slices.Max(gains))})
	axis.lo, axis.hi = slices.Min(gains), max(slices.Max(gains), slices.Min(gains)+1e-12)
	p.Height = parallelRow * len(p.Axes)
	order := make([]int, len(trials))
	for i := range order {
		order[i] = i
	}
	// The best are drawn last, above the others.
	slices.SortStableFunc(order, func(a, b int) int {
		d := gains[a] - gains[b]
		if o.Direction == results.Down {
			d = -d
		}
		return map[bool]int{true: -1, false: 1}[d < 0]
	})
	for rank, i := range order[max(0, len(order)-mostLines):] {
		place, _ := t.Place(trials[i])
		style := "rest"
		if best := float64(rank+1) / float64(min(len(order), mostLines)); best > 0.9 {
			style = "top"
		}
		switch n := trials[i].Number; {
		case t.Verdict.Winner != nil && *t.Verdict.Winner == n:
			style = "winner"
		case n == 0:
			style = "defaults"
		}
		p.Lines = append(p.Lines, parallelLine{style, parallelPath(append(place, axis.at(gains[i]))), fmt.Sprintf("trial %d: %s", trials[i].Number, diffText(valueOf(o.Figure), gains[i]))})
	}
	p.Alt = fmt.Sprintf("One line for each of %s through its settings, from the top down, to its gain.", many(int64(len(p.Lines)), "trial", "trials"))
	return p
}

func parallelPath(places []float64) string {
	var b strings.Builder
	for i, x := range places {
		b.WriteString(map[bool]string{true: "M", false: "L"}[i == 0])
		fmt.Fprintf(&b, "%s %s", strconv.FormatFloat(math.Round(x*side*10)/10, 'f', -1, 64), strconv.FormatFloat(float64(i*parallelRow)+parallelRow*2/3, 'f', 1, 64))
	}
	return b.String()
}
