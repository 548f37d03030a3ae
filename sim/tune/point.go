package tune

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"swarmlab/results"
)

// point is a place in the unit cube, one coordinate a dimension.
type point []float64

// settings are the values at a point.
func (s Space) settings(p point) []results.Setting {
	out := make([]results.Setting, len(s.Dimensions))
	for i, d := range s.Dimensions {
		out[i] = results.Setting{Path: d.Path, Value: value(d, p[i])}
	}
	return out
}

// value is a dimension's value at a coordinate from 0 to 1. Numbers have three figures: nobody pastes 4.3719482, and nobody can tell it
// from 4.37.
func value(d results.Dimension, u float64) string {
	u = min(max(u, 0), 1)
	switch d.Kind {
	case results.ChoiceDimension:
		return d.Choices[cell(u, len(d.Choices))]
	case results.IntDimension:
		x := d.From + float64(cell(u, int(d.To-d.From)+1))
		return number(x) + d.Unit
	case results.LogDimension:
		return number(within(d, figures(math.Exp(math.Log(d.From)+u*(math.Log(d.To)-math.Log(d.From)))))) + d.Unit
	}
	return number(within(d, figures(d.From+u*(d.To-d.From)))) + d.Unit
}

// cell divides the line from 0 to 1 into n equal parts.
func cell(u float64, n int) int { return min(int(u*float64(n)), n-1) }

func figures(x float64) float64 {
	y, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 3, 64), 64)
	return y
}

func within(d results.Dimension, x float64) float64 { return min(max(x, d.From), d.To) }

// features are where settings lie, as the model sees it: numbers on their dimension's axis, choices each on an axis of its own, so that no
// choice lies between two others. A field that is not among the settings has its default.
func (s Space) features(settings []results.Setting) []float64 {
	var out []float64
	for _, d := range s.Dimensions {
		value := d.Default
		if i := slices.IndexFunc(settings, func(o results.Setting) bool { return o.Path == d.Path }); i >= 0 {
			value = settings[i].Value
		}
		if d.Kind == results.ChoiceDimension {
			for _, choice := range d.Choices {
				on := 0.0
				if choice == value {
					on = math.Sqrt2 / 2 // two different choices are 1 apart
				}
				out = append(out, on)
			}
			continue
		}
		x, ok := d.Position(value)
		if !ok {
			x = 0.5
		}
		// A default far outside (3000 s where 120 s is as good) lies just outside: the model is not to stretch for it.
		out = append(out, min(max(x, -0.1), 1.1))
	}
	return out
}

// key tells settings apart.
func key(settings []results.Setting) string { return strings.Join(assignments(settings), "\n") }

// assignments are settings as --set has them.
func assignments(settings []results.Setting) []string {
	out := make([]string, len(settings))
	for i, s := range settings {
		out[i] = s.Path + "=" + s.Value
	}
	return out
}
