package report

import (
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// WhySide is one of several runs, or means of runs, whose reasons for HTTP are set beside each other: by reason, the share of all bytes.
type WhySide struct {
	Name   string
	Shares map[string]float64
}

// ReasonTitle is a reason for HTTP in an operator's words.
func ReasonTitle(reason string) string { return reasonName(reason) }

// WhyPlot draws, for each reason, a bar for each of at most two sides.
func WhyPlot(name, title string, sides []WhySide) Plot {
	var reasons []string
	widest := 0.0
	for _, s := range sides {
		for reason, share := range s.Shares {
			widest = max(widest, share)
			if !slices.Contains(reasons, reason) {
				reasons = append(reasons, reason)
			}
		}
	}
	if len(reasons) == 0 {
		return newPlot(name, title, figure{empty: "Nothing came over HTTP."}, "")
	}
	slices.SortFunc(reasons, func(a, b string) int {
		for _, s := range sides {
			if s.Shares[a] != s.Shares[b] {
				return map[bool]int{true: -1, false: 1}[s.Shares[a] > s.Shares[b]]
			}
		}
		return map[bool]int{true: -1, false: 1}[a < b]
	})
	p := panel("share of all bytes received", "")
	p.X.Min, p.X.Max, p.X.Tick.Marker = 0, widest*1.15, niceTicks{most: 6, label: axisText("p2pRatio")}
	p.Y.Min, p.Y.Max = -0.6, max(float64(len(reasons)), 3)-0.4
	names, alt := make(plot.ConstantTicks, len(reasons)), ""
	labels := &plotter.Labels{Offset: vg.Point{X: 4}}
	fills := []color.Color{httpFill, p2pFill}
	var legend []key
	for k, s := range sides {
		legend = append(legend, key{name: cut(printable(s.Name), 80), fill: fills[k%2]})
	}
	for i, reason := range reasons {
		y := float64(len(reasons) - 1 - i)
		names[i] = plot.Tick{Value: y, Label: cut(reasonName(reason), 34)}
		height := 0.8 / float64(len(sides))
		for k, s := range sides {
			top := y + 0.4 - height*float64(k)
			addBox(p, 0, s.Shares[reason], top-height, top, fills[k%2])
			style := sans(9.5, false)
			style.YAlign = draw.YCenter
			labels.XYs = append(labels.XYs, plotter.XY{X: s.Shares[reason], Y: top - height/2})
			labels.Labels = append(labels.Labels, percent(s.Shares[reason]))
			labels.TextStyle = append(labels.TextStyle, style)
			alt += fmt.Sprintf("%s, %s: %s. ", reasonName(reason), s.Name, percent(s.Shares[reason]))
		}
	}
	p.Y.Tick.Marker, p.Y.Tick.Length, p.Y.LineStyle.Width = names, 0, 0
	p.Add(labels)
	return newPlot(name, title, figure{legend: legend, panels: [][]*plot.Plot{{p}}}, alt)
}
