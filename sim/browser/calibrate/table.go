package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// row is a case with all its runs.
type row struct {
	name, what string
	runs       [3][]measures // by way
}

func (r *row) of(way string, m measures) {
	for i, w := range ways {
		if w.name == way {
			r.runs[i] = append(r.runs[i], m)
		}
	}
}

// column is one figure of the table.
type column struct {
	name   string
	digits int
	get    func(measures) float64
	// near says whether two samples are near enough.
	near func(a, b []float64) bool
}

var columns = []column{
	{"P2P ratio", 3, func(m measures) float64 { return m.Ratio }, within(func(real float64) float64 { return 0.03 })},
	{"copies per segment", 2, func(m measures) float64 { return m.Copies }, within(func(real float64) float64 { return 0.1 * real })},
	{"first request to first peer, ms", 0, func(m measures) float64 { return m.IntroducedMs },
		within(func(real float64) float64 { return 0.2 * real })},
	{"joining to first peer, ms", 0, func(m measures) float64 { return m.FirstPeerMs }, nil},
	{"segments HTTP", 0, func(m measures) float64 { return m.HTTP }, nil},
	{"segments P2P", 0, func(m measures) float64 { return m.P2P }, nil},
	{"connections", 0, func(m measures) float64 { return m.Connections }, nil},
	{"startup, ms", 0, func(m measures) float64 { return m.StartupMs }, nil},
	{"stalls", 0, func(m measures) float64 { return m.Stalls }, nil},
	{"processors busy meanwhile, %", 0, measures.busyPercent, nil},
}

// within accepts medians that differ by no more than a tolerance, and ranges that overlap: more than that a few runs cannot tell.
func within(tolerance func(real float64) float64) func(a, b []float64) bool {
	return func(a, b []float64) bool {
		if math.Abs(median(a)-median(b)) <= tolerance(median(a)) {
			return true
		}
		return slices.Min(a) <= slices.Max(b) && slices.Min(b) <= slices.Max(a)
	}
}

// table prints each case as a table of its own: figures down, ways across; median, and lowest to highest.
func table(w io.Writer, rows []row) error {
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "**%s**: %s\n\n| | %s | |\n|---|", r.name, r.what, strings.Join(names(), " | "))
		b.WriteString(strings.Repeat("---|", len(ways)+1) + "\n")
		for _, c := range columns {
			fmt.Fprintf(&b, "| %s |", c.name)
			for i := range ways {
				fmt.Fprintf(&b, " %s |", c.cell(r.runs[i]))
			}
			fmt.Fprintf(&b, " %s |\n", c.verdict(r))
		}
		b.WriteString("\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func names() (out []string) {
	for _, w := range ways {
		out = append(out, w.name)
	}
	return out
}

func (c column) values(runs []measures) (out []float64) {
	for _, m := range runs {
		if v := c.get(m); !math.IsNaN(v) {
			out = append(out, v)
		}
	}
	return out
}

func (c column) cell(runs []measures) string {
	v := c.values(runs)
	if len(v) == 0 {
		return ""
	}
	if slices.Min(v) == slices.Max(v) {
		return fmt.Sprintf("%.*f", c.digits, v[0])
	}
	return fmt.Sprintf("%.*f (%.*f - %.*f)", c.digits, median(v), c.digits, slices.Min(v), c.digits, slices.Max(v))
}

// verdict names the ways that are not near the first.
func (c column) verdict(r row) string {
	if c.near == nil {
		return ""
	}
	var far []string
	for i := 1; i < len(ways); i++ {
		if len(r.runs[0]) == 0 || len(r.runs[i]) == 0 {
			return "" // not all was asked for
		}
		if !c.near(c.values(r.runs[0]), c.values(r.runs[i])) {
			far = append(far, ways[i].name)
		}
	}
	if len(far) == 0 {
		return "agree"
	}
	return "**differs: " + strings.Join(far, ", ") + "**"
}
