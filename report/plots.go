package report

import "swarmlab/results"

// picture is one picture of a result, a benchmark or a comparison: its file's name, its title, and what draws it and says what is to be
// seen in it.
type picture[T any] struct {
	name, title string
	draw        func(of T) (fig figure, alt string)
}

// drawings are the pictures of a result, in the order in which reports show them. README.md says how to add one.
var drawings = []picture[*results.Result]{
	{"ratio", "P2P ratio, and where the bytes came from", drawRatio},
	{"why-http", "Why segments came over HTTP", drawReasons},
	{"latency", "How long it took (share of cases within a time)", drawLatency},
	{"viewers", "P2P ratio of each viewer", drawViewers},
	{"upload", "Who uploads", drawUpload},
	{"connections", "Viewers and peer connections", drawConnections},
	{"stalls", "Stalls and buffers", drawStalls},
}

// Plots draws a result. What has nothing to show says so in the picture.
func Plots(r *results.Result) []Plot { return drawAll(drawings, r) }

func drawAll[T any](drawings []picture[T], of T) []Plot {
	out := make([]Plot, len(drawings))
	for i, d := range drawings {
		fig, alt := d.draw(of)
		out[i] = newPlot(d.name, d.title, fig, alt)
	}
	return out
}
