package main

import (
	"fmt"
	"image/color"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"swarmlab/results"
)

// picture is one figure against the size of the audience.
type picture struct {
	name, title, unit string
	digits            int
	of                func(p point) float64
	log               bool // the figure's axis, too, is logarithmic
}

var pictures = []picture{
	{"ratio", "P2P ratio", "%", 1, func(p point) float64 { return 100 * p.P2PRatio }, false},
	{"copies", "Copies per segment that leave the origin", "copies", 1, func(p point) float64 { return p.Copies }, true},
	{"origin", "Origin load, mean over the run", "Mbit/s", 1, func(p point) float64 { return p.OriginMbit }, true},
	{"tracker", "Tracker load, mean over the run", "announces/s", 2, func(p point) float64 { return p.Announces }, true},
	{"cpu", "Cost of simulating: CPU time per viewer-second", "µs", 1, func(p point) float64 { return p.CPUMicros }, false},
	{"memory", "Cost of simulating: memory per viewer", "kB", 0, func(p point) float64 { return p.MemoryBytes / 1e3 }, true},
}

// How each kind is drawn: hues that the colour-blind tell apart (Okabe and Ito), and dashes and shapes for print in grey.
var looks = map[string]struct {
	color  color.NRGBA
	dashes []vg.Length
	shape  draw.GlyphDrawer
}{
	"live":      {color.NRGBA{0x00, 0x72, 0xb2, 0xff}, nil, draw.CircleGlyph{}},
	"vod":       {color.NRGBA{0xd5, 0x5e, 0x00, 0xff}, []vg.Length{7, 3}, draw.SquareGlyph{}},
	"live1gbit": {color.NRGBA{0x56, 0xb4, 0xe9, 0xff}, []vg.Length{2, 2}, draw.RingGlyph{}},
	"vod1gbit":  {color.NRGBA{0xe6, 0x9f, 0x00, 0xff}, []vg.Length{2, 2}, draw.BoxGlyph{}},
}

// document writes the pictures and the table. Each file is whole or absent.
func document(folder string, points map[string][]point) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, p := range pictures {
		drawn, err := p.draw(points)
		if err != nil {
			return fmt.Errorf("draw %s: %w", p.name, err)
		}
		for _, format := range []string{"svg", "png"} {
			canvas, err := drawn.WriterTo(16*vg.Centimeter, 9*vg.Centimeter, format)
			if err != nil {
				return err
			}
			if err := results.WriteFile(filepath.Join(folder, "scale-"+p.name+"."+format), func(w io.Writer) error {
				_, err := canvas.WriteTo(w)
				return err
			}); err != nil {
				return err
			}
		}
	}
	return results.WriteFile(filepath.Join(folder, "scale-table.md"), func(w io.Writer) error { return table(w, points) })
}

func (p picture) draw(points map[string][]point) (*plot.Plot, error) {
	out := plot.New()
	out.Title.Text, out.X.Label.Text, out.Y.Label.Text = p.title, "viewers", p.unit
	out.Legend.Top, out.Legend.Left, out.Legend.Padding = true, true, 2
	out.Add(plotter.NewGrid())
	for _, k := range kinds {
		var line plotter.XYs
		for _, x := range points[k.name] {
			if y := p.of(x); y > 0 || !p.log { // nothing has no logarithm
				line = append(line, plotter.XY{X: float64(x.Viewers), Y: y})
			}
		}
		if len(line) == 0 {
			continue
		}
		drawn, marks, err := plotter.NewLinePoints(line)
		if err != nil {
			return nil, err
		}
		look := looks[k.name]
		drawn.Color, drawn.Dashes, drawn.Width = look.color, look.dashes, 2
		marks.Color, marks.Shape, marks.Radius = look.color, look.shape, 3
		out.Add(drawn, marks)
		out.Legend.Add(k.title, drawn, marks)
	}
	out.X.Scale, out.X.Tick.Marker = plot.LogScale{}, decades{}
	out.X.Min, out.X.Max = 8, max(12, out.X.Max*2) // the last label is as wide as that
	if out.Y.Min > out.Y.Max {                     // nothing was drawn
		out.Y.Min, out.Y.Max = 1, 10
	}
	if p.log {
		out.Y.Scale, out.Y.Tick.Marker = plot.LogScale{}, decades{}
		out.Y.Min, out.Y.Max = out.Y.Min/1.5, out.Y.Max*4
		return out, nil
	}
	out.Y.Min, out.Y.Max, out.Y.Tick.Marker = 0, out.Y.Max*1.4, plain{}
	if p.unit == "%" {
		out.Y.Max = 130
		out.Y.Tick.Marker = plot.ConstantTicks{{Value: 0, Label: "0"}, {Value: 20, Label: "20"}, {Value: 40, Label: "40"}, {Value: 60, Label: "60"}, {Value: 80, Label: "80"}, {Value: 100, Label: "100"}}
	}
	return out, nil
}

// plain are gonum's own ticks, without "25.00" where 25 says as much.
type plain struct{}

// Ticks implements plot.Ticker.
func (plain) Ticks(lo, hi float64) []plot.Tick {
	ticks := plot.DefaultTicks{}.Ticks(lo, hi)
	for i := range ticks {
		if ticks[i].Label != "" {
			ticks[i].Label = thousands(ticks[i].Value)
		}
	}
	return ticks
}

// decades are the powers of ten, with 3 times each between them, as the sizes are.
type decades struct{}

// Ticks implements plot.Ticker.
func (decades) Ticks(lo, hi float64) (out []plot.Tick) {
	for power := 1e-6; power <= hi; power *= 10 {
		for m := 1.0; m < 10; m++ {
			if x := m * power; x >= lo && x <= hi {
				tick := plot.Tick{Value: x}
				if m == 1 || m == 3 {
					tick.Label = thousands(x)
				}
				out = append(out, tick)
			}
		}
	}
	return out
}

// thousands writes a number with its thousands apart.
func thousands(x float64) string {
	text := strconv.FormatFloat(x, 'g', 6, 64)
	if x < 1000 || strings.Contains(text, "e") {
		return text
	}
	return text[:len(text)-3] + "," + text[len(text)-3:]
}

// table writes all figures as Markdown.
func table(w io.Writer, points map[string][]point) error {
	var b strings.Builder
	b.WriteString("| | viewers |")
	for _, p := range pictures {
		fmt.Fprintf(&b, " %s, %s |", p.title, p.unit)
	}
	b.WriteString(" connections per viewer | startup p50, ms | stalled, % of the time watched | CPU, s |\n|---|--:|")
	b.WriteString(strings.Repeat("--:|", len(pictures)+4) + "\n")
	for _, k := range kinds {
		for _, p := range points[k.name] {
			fmt.Fprintf(&b, "| %s | %s |", k.title, thousands(float64(p.Viewers)))
			for _, f := range pictures {
				fmt.Fprintf(&b, " %.*f |", f.digits, f.of(p))
			}
			fmt.Fprintf(&b, " %.1f | %.0f | %.2f | %.1f |\n", p.Connections, p.StartupMs, 100*p.StallRatio, p.CPUSeconds)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
