package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"swarmlab/results"
)

//go:embed compare.html.tmpl
var compareSource string

// compareTemplate is a page like the others, with words of its own.
var compareTemplate = template.Must(template.Must(pageTemplates.Clone()).New("compare").Funcs(template.FuncMap{
	"side": sideName, "sideText": sideText, "summary": summaryText, "title": valueTitle, "spread": spreadText, "verdict": verdictText,
	"p": pText, "plain": printable,
	"diff": func(r results.Row) string { return diffText(r.Metric, r.Diff) },
	"interval": func(r results.Row) string {
		return rangeText(r.Metric, r.Interval)
	},
	"differs": func(p results.Pair) []string {
		return differsLines(p.Differs, sideName(p.A), sideName(p.B), 200)
	},
	"class": func(r results.Row) string {
		switch {
		case r.Small || r.Verdict == results.NoEvidence || r.Verdict == results.Same:
			return "faint"
		case r.Verdict == results.Better:
			return "good"
		case r.Verdict == results.Worse:
			return "bad"
		}
		return ""
	},
	"forest": forest,
}).Parse(compareSource))

// comparePage is what the template shows.
type comparePage struct {
	C     *results.Comparison
	Pairs []comparePair
	Plots []htmlPlot
}

type comparePair struct {
	results.Pair
	Method, Enough string
}

// CompareHTML writes comparison.html: one file that needs no network, in light, dark and on paper.
func CompareHTML(w io.Writer, c *results.Comparison) error {
	page := comparePage{C: c}
	for _, p := range c.Pairs {
		page.Pairs = append(page.Pairs, comparePair{p, methodText(c, p), enoughText(c, p)})
	}
	for _, p := range ComparedPlots(c) {
		svg, err := inlineSVG(p)
		if err != nil {
			return err
		}
		page.Plots = append(page.Plots, htmlPlot{p.Title, svg})
	}
	var b bytes.Buffer
	if err := compareTemplate.Execute(&b, page); err != nil {
		return fmt.Errorf("write the HTML comparison: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// forestCell is how the difference and its interval lie to nothing and to what matters, in per cent of the cell's width.
type forestCell struct {
	Low, High, At     float64 // of the interval and the difference
	SmallFrom, SmallW float64 // the band within which a difference does not matter
	Label             string
}

// forest scales a row by its own interval, so that rows of different units can stand below each other; nil if there is no interval.
func forest(r results.Row) *forestCell {
	if r.Interval == nil {
		return nil
	}
	reach := 1.1 * max(-r.Interval.Low, r.Interval.High, r.Smallest, -r.Smallest)
	if reach <= 0 {
		return nil
	}
	at := func(x float64) float64 { return 50 + 50*max(-1, min(1, x/reach)) }
	return &forestCell{
		Low: at(r.Interval.Low), High: at(r.Interval.High), At: at(r.Diff), SmallFrom: at(-r.Smallest), SmallW: at(r.Smallest) - at(-r.Smallest),
		Label: diffText(r.Metric, r.Diff) + ", " + rangeText(r.Metric, r.Interval),
	}
}
