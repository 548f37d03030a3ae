package report

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"image/color"
	"strings"
)

// themeColors are the colours that the page's own style sets, so that pictures follow light and dark as the text does.
var themeColors = []struct {
	name string
	c    color.NRGBA
}{
	{"paper", paper}, {"ink", ink}, {"faint", faint}, {"grid", gridColor}, {"p2p", p2pColor}, {"http", httpColor},
	{"p2p-fill", p2pFill}, {"http-fill", httpFill}, {"third", thirdLine}, {"fourth", fourth},
}

// inlineSVG is a picture as part of a page: without the prolog and a size of its own, and in the page's colours.
func inlineSVG(p Plot) (template.HTML, error) {
	var b bytes.Buffer
	if err := p.SVG(&b); err != nil {
		return "", err
	}
	svg := b.String()
	svg = svg[max(0, strings.Index(svg, "<svg")):]
	size := fmt.Sprintf(`width="%dpt" height="%dpt"`, figureWidth, figureHeight)
	svg = strings.Replace(svg, size, fmt.Sprintf(`role="img" aria-label="%s"`, html.EscapeString(p.Alt)), 1)
	for _, t := range themeColors {
		hex := fmt.Sprintf(":#%02X%02X%02X", t.c.R, t.c.G, t.c.B)
		svg = strings.ReplaceAll(svg, hex, ":var(--"+t.name+")")
	}
	svg = strings.ReplaceAll(svg, "font-variant:normal;font-weight:normal;font-style:normal;", "")
	return template.HTML(svg), nil // made here; names in it are escaped by the SVG writer, and a test holds it to that
}

// htmlPlot is a picture in a page.
type htmlPlot struct {
	Title string
	SVG   template.HTML
}
