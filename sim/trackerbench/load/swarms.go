package load

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Swarms is how many there are and how the members spread over them: evenly, or by Zipf's law, where the k-th largest has a share
// that goes with 1/k^Exponent.
type Swarms struct {
	Count    int
	Exponent float64 // 0: all of equal size
}

// ParseSwarms reads "one", a number, or "zipf:N[:s]", where s is 1 if it is not given.
func ParseSwarms(spec string) (Swarms, error) {
	wrong := fmt.Errorf("swarms are %q; right would be one, a number such as 20, zipf:50 or zipf:50:1.2", spec)
	if spec == "one" {
		return Swarms{Count: 1}, nil
	}
	rest, zipf := strings.CutPrefix(spec, "zipf:")
	s := Swarms{}
	count, exponent, given := strings.Cut(rest, ":")
	var err error
	if s.Count, err = strconv.Atoi(count); err != nil || s.Count < 1 || s.Count > MostSwarms || given && !zipf {
		return Swarms{}, wrong
	}
	if zipf {
		s.Exponent = 1
	}
	if given {
		s.Exponent, err = strconv.ParseFloat(exponent, 64)
		if err != nil || !(s.Exponent >= 0 && s.Exponent <= 10) {
			return Swarms{}, wrong
		}
	}
	return s, nil
}

// String is what ParseSwarms reads.
func (s Swarms) String() string {
	switch {
	case s.Count == 1:
		return "one"
	case s.Exponent == 0:
		return strconv.Itoa(s.Count)
	case s.Exponent == 1:
		return "zipf:" + strconv.Itoa(s.Count)
	}
	return fmt.Sprintf("zipf:%d:%g", s.Count, s.Exponent)
}

// Sizes shares members out, the largest swarm first, so that they add up to exactly members and no swarm has more than limit (0: no limit).
// A swarm may get none.
func (s Swarms) Sizes(members, limit int) []int {
	sizes := make([]int, s.Count)
	weights, sum := make([]float64, s.Count), 0.0
	for k := range weights {
		weights[k] = math.Pow(float64(k+1), -s.Exponent)
		sum += weights[k]
	}
	// What one swarm may not have, or loses by rounding, goes to the next.
	left := members
	for k := range sizes {
		if left > 0 && sum > 0 {
			sizes[k] = min(left, int(math.Round(float64(left)*min(1, weights[k]/sum))))
		}
		if limit > 0 {
			sizes[k] = min(sizes[k], limit)
		}
		left -= sizes[k]
		sum -= weights[k]
	}
	for k := 0; left > 0 && k < len(sizes); k++ { // only rounding in the sum can leave something over
		room := left
		if limit > 0 {
			room = min(left, limit-sizes[k])
		}
		sizes[k] += room
		left -= room
	}
	return sizes
}
