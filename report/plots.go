package report

import (
	"fmt"

	"swarmlab/results"
)

// drawings are the pictures of a result, in the order in which reports show them. README.md says how to add one.
var drawings = []struct {
	name, title string
	draw        func(r *results.Result) (fig figure, alt string)
}{
	{"ratio", "P2P ratio, and where the bytes came from", drawRatio},
	{"why-http", "Why segments came over HTTP", drawReasons},
	{"latency", "How long it took (share of cases within a time)", drawLatency},
	{"viewers", "P2P ratio of each viewer", drawViewers},
	{"upload", "Who uploads", drawUpload},
	{"connections", "Viewers and peer connections", drawConnections},
	{"stalls", "Stalls and buffers", drawStalls},
}

// Plots draws a result. What has nothing to show says so in the picture.
func Plots(r *results.Result) []Plot {
	out := make([]Plot, len(drawings))
	for i, d := range drawings {
		fig, alt := d.draw(r)
		fig.title = d.title
		if fig.empty != "" {
			alt = fig.empty
		}
		out[i] = Plot{Name: d.name, Title: d.title, Alt: fmt.Sprintf("%s. %s", d.title, alt), fig: fig}
	}
	return out
}
