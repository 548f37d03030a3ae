package report

import (
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"

	"gonum.org/v1/plot/plotter"

	"swarmlab/results"
)

// trackerPage is what the template of a benchmark of trackers shows.
type trackerPage struct {
	Title, Subtitle, Machine string
	R                        *results.TrackerRun
	Troubles                 []string
	Sections                 []section
	Costs                    []trackerCostBar
	Names                    []string
	Groups                   []trackerGroup
	Latency, Seconds, Search []chart
	Searches                 []trackerSearch
	Notes                    []trackerNote
	Command                  string
	Data                     template.JS
}

// trackerCostBar is one tracker's processor time beside that of the dearest.
type trackerCostBar struct {
	Name, Text string
	Share      float64
}

type trackerSearch struct {
	Name, Ended string
	Steps       []results.TrackerStep
}

type trackerNote struct{ Name, URL, Profile, Text string }

// TrackerHTML writes the page of a benchmark of trackers: one file that needs no network.
func TrackerHTML(w io.Writer, r *results.TrackerRun) error {
	page := trackerPage{
		Title: trackerTitle(r), Subtitle: trackerSubtitle(r), Machine: machineText(r), R: r, Troubles: trackerTroubles(r),
		Sections: trackerAnswers(r), Costs: costBars(r), Command: printable(r.Command), Data: "{}",
		Latency: []chart{
			trackerLatencyChart(r, "From an announce to its first offer", firstOffer),
			trackerLatencyChart(r, "From an announce to an answer back", offerToAnswer),
			trackerLatencyChart(r, "From an announce to the response", response),
			trackerLatencyChart(r, "Connecting", connect),
		},
		Seconds: secondsCharts(r), Search: searchCharts(r),
	}
	page.Names, page.Groups = trackerTable(r)
	for i := range r.Targets {
		t := &r.Targets[i]
		text := ""
		for _, note := range t.Notes {
			text += capital(printable(note)) + ". "
		}
		page.Notes = append(page.Notes, trackerNote{printable(t.Name), printable(t.URL), printable(t.Profile), text})
		if t.FindMax != nil {
			page.Searches = append(page.Searches, trackerSearch{printable(t.Name), printable(t.FindMax.Ended), t.FindMax.Steps})
		}
	}
	return writePage(w, "tracker.html.tmpl", page)
}

// costBars are the trackers whose processes could be watched.
func costBars(r *results.TrackerRun) (bars []trackerCostBar) {
	most := 0.0
	list := measuredTrackers(r)
	for _, t := range list {
		if us := t.s.TrackerCPUUsPerAnnounce; us != nil {
			most = math.Max(most, us.Median)
		}
	}
	for _, t := range list {
		if us := t.s.TrackerCPUUsPerAnnounce; us != nil {
			bars = append(bars, trackerCostBar{t.name, usText(us.Median), part(us.Median, most)})
		}
	}
	return bars
}

// trackerStyle is the CSS class of tracker i's curve, of the same colours and dashes as its line in a picture.
func trackerStyle(i int) string { return [...]string{"p2p", "http", "third", "fourth", "ink"}[i%5] }

func trackerLatencyChart(r *results.TrackerRun, title string, of func(*results.TrackerRound) *results.TrackerLatency) chart {
	c := chart{Name: "latency", Title: title, XLabel: "time, logarithmic"}
	lo, hi, ok := trackerRange(r, of)
	if !ok {
		c.Empty = "There was none."
		return c
	}
	x, y := scale{lo, hi, true}, scale{hi: 1}
	for i := range r.Targets {
		t := &r.Targets[i]
		h := t.Merged(of)
		if h.Count == 0 {
			continue
		}
		c.add(printable(t.Name), i, x, y, trackerCDF(h, hi))
		q := t.Quantiles(of)
		c.Alt += fmt.Sprintf("%s: median %s, 99 %% within %s. ", printable(t.Name), msText(q.P50), msText(q.P99))
	}
	c.Alt = c.Title + ". " + c.Alt
	c.X, c.Y = x.ticks(decades{}), y.ticks(niceTicks{most: 5, label: percentLabel})
	return c
}

// add draws tracker i's line.
func (c *chart) add(name string, i int, x, y scale, points plotter.XYs) {
	xs, ys := make([]float64, len(points)), make([]float64, len(points))
	for k, p := range points {
		xs[k], ys[k] = p.X, p.Y
	}
	c.Curves = append(c.Curves, curve{Style: trackerStyle(i), Path: linePath(x, y, xs, ys)})
	c.Legend = append(c.Legend, chartKey{Name: name, Style: trackerStyle(i)})
}

// secondsCharts show the first round of each tracker, second by second.
func secondsCharts(r *results.TrackerRun) []chart {
	late := chart{Title: "Offers that arrived in a second: 99 % within", YLabel: "logarithmic", XLabel: "seconds of the first round"}
	arrived := chart{Title: "Offers that arrived", YLabel: "in a second", XLabel: "seconds of the first round"}
	var lateLines, arrivedLines []plotter.XYs
	end := 0.0
	for i := range r.Targets {
		var a, b plotter.XYs
		if rounds := r.Targets[i].Rounds; len(rounds) > 0 {
			for _, s := range rounds[0].Series {
				y := math.NaN()
				if s.Offers > 0 {
					y = math.Max(leastMs, s.OfferP99Ms)
				}
				a, b = append(a, plotter.XY{X: s.T, Y: y}), append(b, plotter.XY{X: s.T, Y: float64(s.Offers)})
				end = math.Max(end, s.T)
			}
		}
		lateLines, arrivedLines = append(lateLines, a), append(arrivedLines, b)
	}
	lo, hi := math.Inf(1), 0.0
	_, most := ends(arrivedLines)
	for _, l := range lateLines {
		for _, p := range l {
			if !math.IsNaN(p.Y) {
				lo, hi = math.Min(lo, p.Y), math.Max(hi, p.Y)
			}
		}
	}
	if end == 0 || hi == 0 {
		return nil
	}
	x := scale{hi: end}
	lateY, arrivedY := scale{lo / 1.5, hi * 1.5, true}, upTo([]float64{most})
	for i := range r.Targets {
		name := printable(r.Targets[i].Name)
		late.add(name, i, x, lateY, lateLines[i])
		arrived.add(name, i, x, arrivedY, arrivedLines[i])
	}
	late.X, late.Y = x.ticks(niceTicks{most: 6, whole: true}), lateY.ticks(decades{})
	arrived.X, arrived.Y = late.X, arrivedY.ticks(niceTicks{most: 4, whole: true})
	late.Alt, arrived.Alt = late.Title+".", arrived.Title+"."
	return []chart{late, arrived}
}

// searchCharts show throughput and delay against the offered load; nothing if there was no search.
func searchCharts(r *results.TrackerRun) []chart {
	done := chart{Title: "Done against offered", YLabel: "announces/s", XLabel: "announces/s offered"}
	late := chart{Title: "First offers: 99 % within", YLabel: "logarithmic", XLabel: "announces/s offered"}
	var doneLines, lateLines []plotter.XYs
	most := 0.0
	for i := range r.Targets {
		var a, b plotter.XYs
		if f := r.Targets[i].FindMax; f != nil && len(f.Steps) > 0 {
			a, b = searchPoints(f)
			most = math.Max(most, a[len(a)-1].X)
			done.Alt += fmt.Sprintf("%s holds %s. ", printable(r.Targets[i].Name), ratePerSecond(f.RatePerSecond))
		}
		doneLines, lateLines = append(doneLines, a), append(lateLines, b)
	}
	if most == 0 {
		return nil
	}
	_, top := ends(doneLines)
	lo, hi := ends(lateLines)
	x := scale{hi: most * 1.05}
	doneY, lateY := upTo([]float64{top, most}), scale{lo / 1.5, hi * 1.5, true}
	done.Curves = []curve{{Style: "faint", Path: linePath(x, doneY, []float64{0, most}, []float64{0, most})}}
	done.Legend = []chartKey{{Name: "all of it", Style: "faint"}}
	for i := range r.Targets {
		if len(doneLines[i]) > 0 {
			name := printable(r.Targets[i].Name)
			done.add(name, i, x, doneY, doneLines[i])
			late.add(name, i, x, lateY, lateLines[i])
		}
	}
	done.X, done.Y = x.ticks(niceTicks{most: 5, whole: true}), doneY.ticks(niceTicks{most: 4, whole: true})
	late.X, late.Y = slices.Clone(done.X), lateY.ticks(decades{})
	done.Alt, late.Alt = done.Title+". "+done.Alt, late.Title+"."
	return []chart{done, late}
}
