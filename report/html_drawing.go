package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/rivo/uniseg"

	"swarmlab/results"
)

// mostDrawn is how many viewers a drawing of the overlay can have.
const mostDrawn = 60

// drawing is the overlay as a circle of viewers and the chords between them.
type drawing struct {
	Nodes []drawnNode
	Links []drawnLink
	Names bool // there is room for names
	Alt   string
	// Top and Height are the part of the square that is drawn on.
	Top, Height float64
}

type drawnNode struct {
	Place         int // in the result's rows
	Name, Group   string
	X, Y, R       float64
	TextX, TextY  float64
	Anchor        string
	Gives         bool // may upload
	Gave, Had     int64
	Takers, Given int // partners it gave to, and had from
}

// drawnLink is what one gave another, or, if Bytes is 0, that they were connected.
type drawnLink struct {
	From, To int
	Path     string
	Width    float64
	Bytes    int64
}

const drawnSize = 640

// nodeName keeps a name's end, where the number is.
func nodeName(name string) string {
	const most = 18
	runes := []rune(printable(name))
	if len(runes) <= most {
		return string(runes)
	}
	return "…" + string(runes[len(runes)-most+1:])
}

// drawOverlay places the viewers on a circle by group, and those of a group in the order in which they joined.
func drawOverlay(r *results.Result) *drawing {
	n := len(r.Peers)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(r.Peers[a].Group, r.Peers[b].Group) })
	d := &drawing{Nodes: make([]drawnNode, n), Names: n <= 32}
	radius := 300.0
	if d.Names {
		longest := 0
		for _, p := range r.Peers {
			longest = max(longest, uniseg.StringWidth(nodeName(p.Name)))
		}
		radius -= 7.5*float64(longest) + 4 // room for a name at 13 px on each side
	}
	d.Top, d.Height = drawnSize/2-radius-36, 2*radius+72
	var most int64
	for _, p := range r.Peers {
		most = max(most, p.UploadedBytes)
	}
	for place, i := range order {
		p := &r.Peers[i]
		angle := 2*math.Pi*float64(place)/float64(n) - math.Pi/2
		cos, sin := math.Cos(angle), math.Sin(angle)
		node := drawnNode{
			Place: i, Name: nodeName(p.Name), Group: printable(p.Group), Gives: p.Uploads,
			X: round(drawnSize/2+radius*cos, 1), Y: round(drawnSize/2+radius*sin, 1),
			R:     round(4+8*math.Sqrt(part(float64(p.UploadedBytes), float64(most))), 1),
			TextX: round(drawnSize/2+(radius+16)*cos, 1), TextY: round(drawnSize/2+(radius+16)*sin+4, 1),
			Anchor: "start",
		}
		if cos < -0.01 {
			node.Anchor = "end"
		} else if cos < 0.01 {
			node.Anchor = "middle"
		}
		d.Nodes[i] = node
	}
	d.link(r.Overlay.Links)
	slices.SortFunc(d.Links, func(a, b drawnLink) int { return cmp.Or(cmp.Compare(a.Bytes, b.Bytes), a.From-b.From, a.To-b.To) })
	d.Alt = fmt.Sprintf("%s on a circle, with a chord for each pair that was connected: %s, of which %s shared.",
		many(int64(n), "viewer", "viewers"), many(r.Overlay.Pairs, "pair", "pairs"), count(r.Overlay.GivingPairs))
	return d
}

func (d *drawing) link(links []results.OverlayLink) {
	var most int64
	for _, l := range links {
		most = max(most, l.AToB, l.BToA)
	}
	for _, l := range links {
		if max(l.A, l.B) >= len(d.Nodes) || min(l.A, l.B) < 0 {
			continue // an invariant says so
		}
		if l.AToB+l.BToA == 0 {
			d.Links = append(d.Links, d.chord(l.A, l.B, 0, most))
		}
		if l.AToB > 0 {
			d.Links = append(d.Links, d.chord(l.A, l.B, l.AToB, most))
		}
		if l.BToA > 0 {
			d.Links = append(d.Links, d.chord(l.B, l.A, l.BToA, most))
		}
	}
}

// chord bends towards the middle, the more so the further apart its ends are; the two directions of a pair bend differently.
func (d *drawing) chord(from, to int, bytes, most int64) drawnLink {
	a, b := &d.Nodes[from], &d.Nodes[to]
	if bytes > 0 {
		a.Gave += bytes
		a.Takers++
		b.Had += bytes
		b.Given++
	}
	const bend, aside = 0.35, 0.06
	mx, my := (a.X+b.X)/2, (a.Y+b.Y)/2
	cx := mx + (drawnSize/2-mx)*bend + (b.Y-a.Y)*aside
	cy := my + (drawnSize/2-my)*bend - (b.X-a.X)*aside
	width := 0.6
	if bytes > 0 {
		width = round(0.8+5*math.Sqrt(float64(bytes)/float64(most)), 2)
	}
	return drawnLink{from, to, fmt.Sprintf("M%g %gQ%g %g %g %g", a.X, a.Y, round(cx, 1), round(cy, 1), b.X, b.Y), width, bytes}
}
