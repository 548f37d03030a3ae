package report

import (
	"math"
	"slices"

	"swarmlab/results"
)

// matrix is what groups gave each other.
type matrix struct {
	By     string // in what the groups differ
	Groups []string
	Rows   []matrixRow
}

type matrixRow struct {
	From  string
	Cells []matrixCell
}

type matrixCell struct {
	Bytes int64
	Share float64 // of all P2P bytes
	Heat  int     // percent of the largest cell
}

// mostInMatrix keeps a matrix within a page's width.
const mostInMatrix = 8

// groupMatrix is by the first thing in which viewers differ in a few ways; nil if there is none, or not all links are there.
func groupMatrix(r *results.Result) *matrix {
	if r.Overlay.Bytes == 0 || r.Overlay.LinksLeftOut > 0 {
		return nil
	}
	for _, by := range []string{"group", "NAT", "link", "region"} {
		d := dimensions[slices.IndexFunc(dimensions, func(d dimension) bool { return d.name == by })]
		if m, index := matrixOf(r, d); len(m.Groups) >= 2 && len(m.Groups) <= mostInMatrix {
			m.fill(r, d, index)
			return m
		}
	}
	return nil
}

func matrixOf(r *results.Result, d dimension) (*matrix, map[string]int) {
	m, index := &matrix{By: d.name}, map[string]int{}
	for i := range r.Peers {
		name := printable(d.of(&r.Peers[i]))
		if _, known := index[name]; known {
			continue
		}
		index[name] = len(m.Groups)
		if name == "" {
			name = "none"
		}
		m.Groups = append(m.Groups, name)
	}
	return m, index
}

func (m *matrix) fill(r *results.Result, d dimension, index map[string]int) {
	sums := make([][]int64, len(m.Groups))
	for i := range sums {
		sums[i] = make([]int64, len(m.Groups))
	}
	var most int64
	for _, l := range r.Overlay.Links {
		if max(l.A, l.B) >= len(r.Peers) || min(l.A, l.B) < 0 {
			continue
		}
		a, b := index[printable(d.of(&r.Peers[l.A]))], index[printable(d.of(&r.Peers[l.B]))]
		sums[a][b] += l.AToB
		sums[b][a] += l.BToA
		most = max(most, sums[a][b], sums[b][a])
	}
	for i, row := range sums {
		out := matrixRow{From: m.Groups[i]}
		for _, bytes := range row {
			out.Cells = append(out.Cells, matrixCell{bytes, float64(bytes) / float64(r.Overlay.Bytes), int(math.Round(100 * part(float64(bytes), float64(most))))})
		}
		m.Rows = append(m.Rows, out)
	}
}
