package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"swarmlab/results"
)

// overlayPage is who uploads to whom, as the page shows it.
type overlayPage struct {
	Recorded  bool
	Facts     []fact
	Degrees   chart
	Uploads   chart
	Drawing   *drawing
	NoDrawing string // why there is none
	Matrix    *matrix
}

func overlayOf(r *results.Result) overlayPage {
	p := overlayPage{Uploads: uploadChart(r)}
	o := r.Overlay
	if o == nil {
		return p
	}
	p.Recorded = true
	p.Facts = overlayFacts(r)
	p.Degrees = degreeChart(o)
	p.Matrix = groupMatrix(r)
	switch {
	case len(r.Peers) < 2:
		p.NoDrawing = "One viewer alone has nobody to be connected to."
	case len(r.Peers) > mostDrawn:
		p.NoDrawing = fmt.Sprintf("A swarm of more than %d viewers is not drawn: it would be a ball of wool.", mostDrawn)
	default:
		p.Drawing = drawOverlay(r)
	}
	return p
}

func overlayFacts(r *results.Result) []fact {
	o, n := r.Overlay, len(r.Peers)
	possible := float64(n) * float64(n-1) / 2
	var partners float64
	for _, d := range o.Degrees {
		partners += float64(d.Of * d.Count)
	}
	facts := []fact{
		plain("Pairs ever connected", count(o.Pairs), percent(part(float64(o.Pairs), possible))+" of all that could be"),
		plain("Pairs that shared", count(o.GivingPairs), percent(part(float64(o.GivingPairs), float64(o.Pairs)))+" of those connected"),
		plain("Partners, mean", three(part(partners, float64(n))), "different ones, of each viewer"),
		plain("Components", componentsValue(o), componentsNote(o)),
		plain("Upload Gini", fmt.Sprintf("%.2f", r.Summary.UploadGini), "0: all upload the same, 1: one uploads everything"),
	}
	if o.OutsideBytes > 0 {
		facts = append(facts, plain("From outside", bytesText(o.OutsideBytes), "from peers that are no viewers of this run"))
	}
	return facts
}

func componentsValue(o *results.Overlay) string {
	n := 0
	for _, c := range o.Components {
		n += c.Count
	}
	return count(int64(n))
}

// componentsNote lists the sizes, the largest first.
func componentsNote(o *results.Overlay) string {
	if len(o.Components) == 1 && o.Components[0].Count == 1 {
		return "everybody hangs together"
	}
	var parts []string
	for i, c := range o.Components {
		if i == 4 {
			parts = append(parts, "smaller ones")
			break
		}
		if c.Of == 1 {
			parts = append(parts, many(int64(c.Count), "viewer alone", "viewers alone"))
		} else {
			parts = append(parts, fmt.Sprintf("%s of %s", count(int64(c.Count)), many(int64(c.Of), "viewer", "viewers")))
		}
	}
	return strings.Join(parts, ", ")
}

// mostBars is how many columns a chart of whole numbers has before they are taken together.
const mostBars = 40

// degreeChart shows how many viewers had how many partners.
func degreeChart(o *results.Overlay) chart {
	c := chart{Name: "degrees", Title: "How many partners a viewer had", XLabel: "different partners over the run", YLabel: "viewers"}
	if len(o.Degrees) == 0 || o.Pairs == 0 {
		c.Empty = "No two viewers were ever connected."
		return c
	}
	most := o.Degrees[len(o.Degrees)-1].Of
	width := most/mostBars + 1
	heights := make([]float64, most/width+1)
	for _, d := range o.Degrees {
		heights[d.Of/width] += float64(d.Count)
	}
	edges := make([]float64, len(heights)+1)
	for i := range edges {
		edges[i] = float64(i*width) - 0.5
	}
	x := scale{edges[0], edges[len(edges)-1], false}
	c.Alt = fmt.Sprintf("%s: from %d to %d.", c.Title, o.Degrees[0].Of, most)
	return bars(c, edges, heights, x.ticks(niceTicks{most: 8, whole: true}))
}

// uploadChart is what share of the uploads the busiest uploaders made.
func uploadChart(r *results.Result) chart {
	c := chart{Name: "uploads", Title: "Who uploads", XLabel: "share of uploaders, the busiest first", YLabel: ""}
	var uploads []float64
	var total float64
	for _, p := range r.Peers {
		if p.Uploads {
			uploads = append(uploads, float64(p.UploadedBytes))
			total += float64(p.UploadedBytes)
		}
	}
	if total == 0 {
		c.Empty = "Nobody uploaded anything."
		return c
	}
	slices.SortFunc(uploads, func(a, b float64) int { return cmp.Compare(b, a) })
	xs, ys := []float64{0}, []float64{0}
	tenth, sum := 0.0, 0.0
	for i, u := range uploads {
		sum += u
		xs, ys = append(xs, float64(i+1)/float64(len(uploads))), append(ys, sum/total)
		if i < max(1, len(uploads)/10) {
			tenth = sum / total
		}
	}
	unit := scale{0, 1, false}
	c.Curves = []curve{
		{Style: "bound", Path: linePath(unit, unit, []float64{0, 1}, []float64{0, 1})},
		{Style: "p2p", Path: linePath(unit, unit, xs, ys)},
	}
	c.Legend = []chartKey{{Name: "share of all uploads", Style: "p2p"}, {Name: "if all uploaded the same", Style: "bound"}}
	c.X, c.Y = unit.ticks(niceTicks{most: 5, label: percentLabel}), unit.ticks(niceTicks{most: 5, label: percentLabel})
	c.Alt = fmt.Sprintf("The busiest tenth of %s made %s of all uploads.", many(int64(len(uploads)), "uploader", "uploaders"), percent(tenth))
	return c
}
