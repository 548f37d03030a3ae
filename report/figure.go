package report

import (
	"bytes"
	"fmt"
	"image/color"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Plot is one picture of a result.
type Plot struct {
	Name  string // of its files
	Title string
	Alt   string // what it shows, for those who cannot see it
	fig   figure
}

// The size of a picture: a page's width, in points.
const (
	figureWidth  = 640
	figureHeight = 340
	pngDPI       = 144
)

// Colours. Every pair that shares a plot differs in line style or shape as well, because reports are printed in grey, and the
// hues are those that the colour-blind tell apart (Okabe and Ito).
var (
	paper     = color.NRGBA{0xff, 0xff, 0xff, 0xff}
	ink       = color.NRGBA{0x22, 0x22, 0x22, 0xff}
	faint     = color.NRGBA{0x70, 0x70, 0x70, 0xff}
	gridColor = color.NRGBA{0xe2, 0xe2, 0xe2, 0xff}
	p2pColor  = color.NRGBA{0x00, 0x72, 0xb2, 0xff}
	httpColor = color.NRGBA{0xd5, 0x5e, 0x00, 0xff}
	p2pFill   = color.NRGBA{0x9c, 0xcb, 0xe8, 0xff}
	httpFill  = color.NRGBA{0xc2, 0x54, 0x08, 0xff}
	thirdLine = color.NRGBA{0x00, 0x7d, 0x5c, 0xff}
	fourth    = color.NRGBA{0xa0, 0x4b, 0x7d, 0xff}
)

// Line styles, from the plainest.
var (
	solid  = []vg.Length(nil)
	dashed = []vg.Length{7, 3}
	dotted = []vg.Length{1.5, 2.5}
	dotdot = []vg.Length{8, 2.5, 1.5, 2.5}
)

// key is an entry of a figure's legend: a line, or a filled area.
type key struct {
	name string
	line draw.LineStyle
	fill color.Color
}

// figure is panels beside or above each other, with one title and one legend outside of them, where it covers no data.
type figure struct {
	title  string
	legend []key
	panels [][]*plot.Plot // rows of equal length
	empty  string         // instead of panels: why there is nothing to draw
}

func sans(size vg.Length, weight bool) text.Style {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
	if weight {
		f.Weight = 3 // bold
	}
	return text.Style{Color: ink, Font: f, Handler: plot.DefaultTextHandler}
}

// SVG writes the picture as SVG.
func (p Plot) SVG(w io.Writer) error {
	c := vgsvg.New(figureWidth, figureHeight)
	if err := p.fig.draw(draw.New(c)); err != nil {
		return fmt.Errorf("draw %s: %w", p.Name, err)
	}
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return err
	}
	// The letters were measured with Liberation, which has Arial's widths; where it is not installed Arial fits.
	_, err := w.Write(bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif")))
	return err
}

// PNG writes the picture as PNG.
func (p Plot) PNG(w io.Writer) error {
	c := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(figureWidth, figureHeight), vgimg.UseDPI(pngDPI), vgimg.UseBackgroundColor(paper))}
	if err := p.fig.draw(draw.New(c)); err != nil {
		return fmt.Errorf("draw %s: %w", p.Name, err)
	}
	_, err := c.WriteTo(w)
	return err
}

// draw turns gonum's panics, which it has for figures that cannot be drawn, into errors: one bad plot must not lose a report.
func (f figure) draw(dc draw.Canvas) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	dc.SetColor(paper)
	dc.Fill(dc.Rectangle.Path())
	const margin, titleHeight, legendHeight = 12, 20, 20
	dc = draw.Crop(dc, margin, -margin, margin, -margin)
	head := sans(13, true)
	head.YAlign = draw.YTop
	dc.FillText(head, vg.Point{X: dc.Min.X, Y: dc.Max.Y}, f.title)
	dc = draw.Crop(dc, 0, 0, 0, -titleHeight)
	if f.empty != "" {
		middle := sans(12, false)
		middle.Color, middle.XAlign, middle.YAlign = faint, draw.XCenter, draw.YCenter
		dc.FillText(middle, dc.Center(), f.empty)
		return nil
	}
	if len(f.legend) > 0 {
		f.drawLegend(dc)
		dc = draw.Crop(dc, 0, 0, 0, -legendHeight)
	}
	tiles := draw.Tiles{Rows: len(f.panels), Cols: len(f.panels[0]), PadX: 24, PadY: 10}
	for i, row := range plot.Align(f.panels, tiles, dc) {
		for j := range row {
			f.panels[i][j].Draw(row[j])
		}
	}
	return nil
}

// drawLegend writes the legend as one line.
func (f figure) drawLegend(dc draw.Canvas) {
	style := sans(10.5, false)
	style.YAlign = draw.YCenter
	const sample, gap = 26, 18
	x, y := dc.Min.X, dc.Max.Y-8
	for _, k := range f.legend {
		if k.fill != nil {
			dc.FillPolygon(k.fill, []vg.Point{{X: x, Y: y - 4}, {X: x + sample, Y: y - 4}, {X: x + sample, Y: y + 4}, {X: x, Y: y + 4}})
		}
		if k.line.Width > 0 {
			dc.StrokeLine2(k.line, x, y, x+sample, y)
		}
		if k.fill != nil || k.line.Width > 0 {
			x += sample + 6
		}
		dc.FillText(style, vg.Point{X: x, Y: y}, k.name)
		x += style.Width(k.name) + gap
	}
}

// panel is an empty plot in the house's style.
func panel(xLabel, yLabel string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle = sans(10.5, false)
		a.Label.TextStyle.Color = faint
		a.Tick.Label = withAlign(sans(10, false), a.Tick.Label)
		a.Color, a.Tick.Color = faint, faint
		a.Padding = 4
	}
	p.X.Label.Text, p.Y.Label.Text = xLabel, yLabel
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.XAlign, a.Label.TextStyle.YAlign = draw.XCenter, draw.YBottom
		a.Label.Padding = 4
	}
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = gridColor, gridColor
	p.Add(grid)
	return p
}

// withAlign keeps the alignment that gonum gave to an axis' tick labels.
func withAlign(to, from text.Style) text.Style {
	to.XAlign, to.YAlign = from.XAlign, from.YAlign
	return to
}

func line(c color.Color, width vg.Length, dashes []vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: c, Width: width, Dashes: dashes}
}
