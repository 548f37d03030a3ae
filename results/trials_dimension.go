package results

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Position is where a value lies on the dimension's own axis, 0 at From (or the first choice) and 1 at To (or the last); outside of
// that for a default that the search could not choose. false: the value is not on the axis at all.
func (d Dimension) Position(value string) (float64, bool) {
	if d.Kind == ChoiceDimension {
		i := slices.Index(d.Choices, value)
		if i < 0 {
			return 0, false
		}
		return float64(i) / float64(max(len(d.Choices)-1, 1)), true
	}
	x, ok := d.Number(value)
	if !ok {
		return 0, false
	}
	from, to := d.From, d.To
	if d.Kind == LogDimension {
		if x <= 0 {
			return 0, false
		}
		x, from, to = math.Log(x), math.Log(from), math.Log(to)
	}
	if to == from {
		return 0, true
	}
	return (x - from) / (to - from), true
}

// Number is a value in the dimension's unit.
func (d Dimension) Number(value string) (float64, bool) {
	text, ok := strings.CutSuffix(value, d.Unit)
	if !ok {
		return 0, false
	}
	x, err := strconv.ParseFloat(text, 64)
	return x, err == nil && !math.IsNaN(x) && !math.IsInf(x, 0)
}
