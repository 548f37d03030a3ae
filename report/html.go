package report

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"image/color"
	"io"
	"strings"

	"swarmlab/results"
)

//go:embed report.html.tmpl
var htmlSource string

var htmlTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"bytes":   bytesText,
	"count":   count,
	"percent": percent,
	"ms":      msText,
	"seconds": secondsText,
	"width":   func(part float64) string { return fmt.Sprintf("%.2f", 100*max(0, min(1, part))) },
	"optms":   optionalMs,
	"clock":   clockText,
}).Parse(htmlSource))

// htmlPage is what the template shows.
type htmlPage struct {
	Title, Subtitle string
	R               *results.Result
	Breaches        []results.Check
	Sections        []section
	Plots           []htmlPlot
	Times           []htmlTime
	Scenario        string
}

type htmlPlot struct {
	Title string
	SVG   template.HTML
}

type htmlTime struct {
	Label string
	D     results.Dist
}

// HTML writes report.html: one file that needs no network, in light, dark and on paper.
func HTML(w io.Writer, r *results.Result) error {
	s := r.Summary
	page := htmlPage{
		Title: title(r), Subtitle: subtitle(r), R: r, Breaches: r.Breaches(), Sections: answers(r),
		Times: []htmlTime{
			{"HTTP segment", s.HTTPLatencyMs}, {"P2P segment", s.P2PLatencyMs}, {"First peer", s.TimeToFirstPeerMs}, {"Startup", s.StartupMs},
		},
	}
	for _, p := range Plots(r) {
		svg, err := inlineSVG(p)
		if err != nil {
			return err
		}
		page.Plots = append(page.Plots, htmlPlot{p.Title, svg})
	}
	if len(r.Scenario) > 0 {
		var b bytes.Buffer
		if err := json.Indent(&b, r.Scenario, "", "  "); err != nil {
			return fmt.Errorf("write the scenario: %w", err)
		}
		page.Scenario = b.String()
	}
	var b bytes.Buffer
	if err := htmlTemplate.Execute(&b, page); err != nil {
		return fmt.Errorf("write the HTML report: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

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

// optionalMs is a time that there may not have been.
func optionalMs(ms *float64) string {
	if ms == nil {
		return "–"
	}
	return msText(*ms)
}
