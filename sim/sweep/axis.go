package sweep

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"swarmlab/results"
)

// ErrInput is bad input: an axis that cannot be read, or a grid that cannot be run.
var ErrInput = errors.New("the sweep cannot be run")

// ErrTooLarge is bad input too: the grid has more runs than were allowed.
var ErrTooLarge = fmt.Errorf("%w", ErrInput)

// mostValues bounds an axis: nobody reads a table of more rows, and a slip of the pen (0:1e9:1) must not fill the memory.
const mostValues = 1000

// ParseAxis reads path=a,b,c or path=from:to:step. Values are YAML as in a scenario; commas within brackets, braces and quotes
// belong to a value. From, to and step are numbers with the same unit: 4:20:2, 10s:60s:10s, 5Mbit/s:20Mbit/s:5Mbit/s. The last value
// is the largest that the steps reach and "to" does not stop.
func ParseAxis(text string) (results.Axis, error) {
	path, list, ok := strings.Cut(text, "=")
	axis := results.Axis{Path: strings.TrimSpace(path)}
	if !ok || axis.Path == "" {
		return axis, fmt.Errorf("%w: %q must be path=a,b,c or path=from:to:step, such as p2pml.core.highDemandTimeWindow=5:20:5", ErrInput, text)
	}
	values := splitList(list)
	if len(values) == 1 && strings.Count(values[0], ":") == 2 && !strings.ContainsAny(values[0], `{["'`) {
		var err error
		if values, err = steps(values[0]); err != nil {
			return axis, fmt.Errorf("%w: %s: %w", ErrInput, axis.Path, err)
		}
	}
	if len(values) > mostValues {
		return axis, fmt.Errorf("%w: %s has %d values; at most %d", ErrInput, axis.Path, len(values), mostValues)
	}
	seen := map[string]bool{}
	for _, v := range values {
		if v == "" {
			return axis, fmt.Errorf("%w: %s has an empty value in %q; null takes a value away", ErrInput, axis.Path, list)
		}
		if seen[v] {
			return axis, fmt.Errorf("%w: %s has the value %s twice", ErrInput, axis.Path, v)
		}
		seen[v] = true
	}
	axis.Values = values
	return axis, nil
}

// splitList cuts at the commas that are in no brackets, braces or quotes.
func splitList(list string) []string {
	var out []string
	depth, from := 0, 0
	var quote rune
	for i, r := range list {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case r == '{' || r == '[':
			depth++
		case r == '}' || r == ']':
			depth--
		case r == ',' && depth <= 0:
			out = append(out, strings.TrimSpace(list[from:i]))
			from = i + 1
		}
	}
	return append(out, strings.TrimSpace(list[from:]))
}

// quantity is a number as written, and its unit.
type quantity struct {
	value  float64
	digits int // behind the point
	unit   string
}

func parseQuantity(text string) (quantity, error) {
	end := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' && r != '-' && r != '+' })
	if end < 0 {
		end = len(text)
	}
	number := text[:end]
	value, err := strconv.ParseFloat(number, 64)
	if err != nil || math.Abs(value) > 1e15 {
		return quantity{}, fmt.Errorf("%q is no number, or one with its unit", text)
	}
	_, fraction, _ := strings.Cut(number, ".")
	return quantity{value, len(fraction), text[end:]}, nil
}

// steps are the values from:to:step, with the digits that were written and no others: 0.1 + 0.2 is 0.3.
func steps(text string) ([]string, error) {
	var q [3]quantity
	for i, part := range strings.Split(text, ":") {
		var err error
		if q[i], err = parseQuantity(strings.TrimSpace(part)); err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
	}
	from, to, step := q[0], q[1], q[2]
	switch {
	case from.unit != to.unit || from.unit != step.unit:
		return nil, fmt.Errorf("%s: write the same unit three times, such as 10s:60s:10s", text)
	case step.value == 0 || (to.value-from.value)/step.value < 0:
		return nil, fmt.Errorf("%s: no step of %s leads from the first to the second", text, strings.TrimSpace(strings.Split(text, ":")[2]))
	}
	const forgiven = 1e-9 // of a step: decimal fractions are not exact
	count := math.Floor((to.value-from.value)/step.value+forgiven) + 1
	if count > mostValues {
		return nil, fmt.Errorf("%s are %.0f values; at most %d", text, count, mostValues)
	}
	out := make([]string, int(count))
	for i := range out {
		out[i] = strconv.FormatFloat(from.value+float64(i)*step.value, 'f', max(from.digits, step.digits), 64) + from.unit
	}
	return out, nil
}
