package report

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strconv"

	"swarmlab/results"
)

//go:embed page
var pageFiles embed.FS

// What every page of ours is made of: a style, a script, and templates. All of it is written into the page, which asks the
// network for nothing, and tells the browser so (its Content-Security-Policy).
var (
	pageStyle     = template.CSS(pageFile("page/style.css")) // our own
	pageScript    = template.JS(pageFile("page/script.js"))  // our own
	pageTemplates = template.Must(template.New("").Funcs(template.FuncMap{
		"bytes":   bytesText,
		"count":   count,
		"whole":   func(n int) string { return count(int64(n)) },
		"groups":  func(n int) string { return many(int64(n), "smaller group", "smaller groups") },
		"viewers": func(n int) string { return many(int64(n), "viewer", "viewers") },
		"inc":     func(n int) int { return n + 1 },
		"percent": percent,
		"ms":      msText,
		"optms":   optionalMs,
		"three":   three,
		"dist":    medianText,
		"fromTop": func(at float64) string { return strconv.FormatFloat(round(side*(1-at), 1), 'f', -1, 64) },
		"width":   func(part float64) string { return fmt.Sprintf("%.2f", 100*max(0, min(1, part))) },
		"style":   func() template.CSS { return pageStyle },
		"script":  func() template.JS { return pageScript },
	}).ParseFS(pageFiles, "page/*.tmpl"))
)

func pageFile(name string) string {
	data, err := pageFiles.ReadFile(name)
	if err != nil {
		panic(err) // it is part of the program
	}
	return string(data)
}

// htmlPage is what the template shows.
type htmlPage struct {
	Title, Subtitle string
	R               *results.Result
	Breaches        []results.Check
	Sections        []section
	Because         string
	Reasons         []barPart
	Times           []chart
	Latency         chart
	Latencies       []latencyCurve
	Comparisons     []comparison
	Alike           []string
	Overlay         overlayPage
	Waste           []barRow
	Requests        []requestTable
	Viewers         viewersPage
	Scenario        string
	Data            template.JS
}

// pageData is what the script needs, in the page as JSON.
type pageData struct {
	Time    *timeData    `json:"time,omitempty"`
	Viewers *viewersData `json:"viewers,omitempty"`
}

// HTML writes report.html: one file that needs no network, in light, dark and on paper.
func HTML(w io.Writer, r *results.Result) error {
	reasons := htmlReasons(r.Summary)
	page := htmlPage{
		Title: title(r), Subtitle: subtitle(r), R: r, Breaches: r.Breaches(), Sections: answers(r),
		Because: because(r, reasons), Reasons: reasons,
		Latencies: latencies(r), Overlay: overlayOf(r), Waste: wasteRows(r.Summary), Requests: requestTables(r.Summary),
		Viewers: viewersOf(r),
	}
	page.Latency = latencyChart(page.Latencies)
	page.Comparisons, page.Alike = comparisons(r)
	var data pageData
	page.Times, data.Time = timePage(r)
	data.Viewers = page.Viewers.data
	encoded, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("write the page's data: %w", err)
	}
	page.Data = template.JS(encoded) // JSON with <, > and & escaped, as json.Marshal writes it
	if page.Scenario, err = indented(r.Scenario); err != nil {
		return err
	}
	return writePage(w, "report.html.tmpl", page)
}

// writePage executes a template as a whole or not at all.
func writePage(w io.Writer, name string, page any) error {
	var b bytes.Buffer
	if err := pageTemplates.ExecuteTemplate(&b, name, page); err != nil {
		return fmt.Errorf("write the HTML report: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func indented(scenario json.RawMessage) (string, error) {
	if len(scenario) == 0 {
		return "", nil
	}
	var b bytes.Buffer
	if err := json.Indent(&b, scenario, "", "  "); err != nil {
		return "", fmt.Errorf("write the scenario: %w", err)
	}
	return b.String(), nil
}

// optionalMs is a time that there may not have been.
func optionalMs(ms *float64) string {
	if ms == nil {
		return "–"
	}
	return msText(*ms)
}

// medianText is a distribution's median, if there is one.
func medianText(d results.Dist) string {
	if d.Count == 0 {
		return "–"
	}
	return msText(d.P50)
}
