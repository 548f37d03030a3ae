package report

import (
	"fmt"
	"html/template"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"swarmlab/results"
)

// repeatsPage is what the template of repeats shows.
type repeatsPage struct {
	Title, Subtitle string
	A               *results.Repeats
	Few             string // set if there are too few seeds to say much
	Sections        []section
	Because         string
	Reasons         []barPart
	HTTPBytes       int64
	Ratio           chart
	Rows            []spreadRow
	Seeds           []seedRow
	Command         string
	Scenario        string
}

// spreadRow is one metric over the seeds, with a strip on which each seed is a dot.
type spreadRow struct {
	Title, Mean, Interval, Min, Max string
	Missing                         string
	Dots                            []float64 // places from 0 to 1
	At, Low, Wide                   float64   // of the mean, and of the interval; Wide is negative if there is none
	Alt                             string
}

// seedRow is one run.
type seedRow struct {
	Seed    uint64
	Report  template.URL
	R       *results.Result
	Top     string // what limited it
	Broken  int
	Trouble bool
}

// fewSeeds is how many seeds leave an interval too wide to decide by.
const fewSeeds = 5

// HTMLRepeats writes the report of runs of one scenario with different seeds: what they have in common, which results.Aggregate made of them,
// and how they spread.
// command repeats them all when typed into a shell; "" if nobody knows.
func HTMLRepeats(w io.Writer, a *results.Repeats, runs []*results.Result, command string) (err error) {
	if len(runs) == 0 {
		return results.ErrNoRepeats
	}
	p := repeatsPage{
		A: a, Title: repeatsTitle(a), Command: command, Ratio: seedsChart(runs), Rows: spreadRows(a, runs), Seeds: seedRows(runs),
		Subtitle: repeatsSubtitle(a),
	}
	if len(runs) < fewSeeds {
		p.Few = fmt.Sprintf("Only %s: the intervals are wide. Five or more seeds say more.", many(int64(len(runs)), "seed", "seeds"))
	}
	all := together(runs)
	p.Reasons, p.HTTPBytes = htmlReasons(all), all.HTTPBytes
	switch {
	case originFull(runs...) >= most:
		p.Because = fullHelp
	case len(p.Reasons) > 0:
		p.Because = strings.TrimSpace(p.Reasons[0].What + " " + p.Reasons[0].Do)
	}
	limited := limitedInRepeats(p.Reasons, runs)
	limited.blameOrigin(runs)
	saved := savedInRepeats(a)
	saved.Facts = append(saved.Facts, doubts(runs[0])...) // which are the scenario's, whatever the seed
	p.Sections = []section{saved, hurtInRepeats(a, runs), limited}
	if p.Scenario, err = indented(runs[0].Scenario); err != nil {
		return err
	}
	return writePage(w, "repeats.html.tmpl", p)
}

// WriteRepeats writes repeats.json, and report.html of runs that are kept in the folders of their seeds within dir.
func WriteRepeats(dir string, a *results.Repeats, runs []*results.Result, command string) error {
	if err := results.WriteAggregate(dir, a); err != nil {
		return err
	}
	return WriteRepeatsReport(dir, a, runs, command)
}

// WriteRepeatsReport draws repeats that are kept already.
func WriteRepeatsReport(dir string, a *results.Repeats, runs []*results.Result, command string) error {
	return results.WriteFile(filepath.Join(dir, "report.html"), func(w io.Writer) error { return HTMLRepeats(w, a, runs, command) })
}

func repeatsTitle(a *results.Repeats) string {
	name := printable(a.Name)
	if name == "" {
		name = "run"
	}
	return name + ": " + many(int64(len(a.Seeds)), "repeat", "repeats")
}

func savedInRepeats(a *results.Repeats) section {
	ratio, _ := a.Get("p2pRatio")
	bound, _ := a.Get("p2pRatioBound")
	sec := section{Question: "How much was saved?", Short: percent(ratio.Mean), Rest: "of the video came from other viewers, mean of " + many(int64(ratio.N), "run", "runs") + "."}
	sec.Facts = []fact{{Label: "P2P ratio", Value: percent(ratio.Mean), Note: "at most " + percent(bound.Mean) + ": (N-1)/N", Bar: ratio.Mean, Mark: bound.Mean}}
	if ratio.Interval != nil {
		sec.Facts = append(sec.Facts, plain("95 % interval of the mean", intervalText(ratio), "by Student's t"))
	}
	sec.Facts = append(sec.Facts, plain("Runs", percent(ratio.Min)+" to "+percent(ratio.Max), "the lowest and the highest"))
	for _, name := range []string{"copiesPerSegment", "offload", "wastedBytes"} {
		if s, ok := a.Get(name); ok {
			sec.Facts = append(sec.Facts, plain(valueTitle(name), valueText(name, s.Mean), valueText(name, s.Min)+" to "+valueText(name, s.Max)))
		}
	}
	return sec
}

// anybodyHurt is whether anything went wrong for a viewer of the run.
func anybodyHurt(s results.Summary) bool {
	return s.NeverStarted > 0 || s.Stalls > 0 || s.CorruptSegments > 0
}

func hurtInRepeats(a *results.Repeats, runs []*results.Result) section {
	sec := section{Question: "Was anybody hurt?", Short: "No", Rest: "In every run every picture started, and none stood still."}
	n := 0
	for _, r := range runs {
		if anybodyHurt(r.Summary) {
			n++
		}
	}
	if n > 0 {
		sec.Short = "Yes"
		sec.Rest = fmt.Sprintf("In %d of %s.", n, many(int64(len(runs)), "run", "runs"))
	}
	for _, name := range []string{"stalls", "stalledViewers", "stallRatio", "neverStarted", "corruptSegments", "startupMs.p50", "startupMs.p95"} {
		if s, ok := a.Get(name); ok {
			sec.Facts = append(sec.Facts, plain(valueTitle(name), valueText(name, s.Mean), valueText(name, s.Min)+" to "+valueText(name, s.Max)))
		}
	}
	return sec
}

func limitedInRepeats(parts []barPart, runs []*results.Result) section {
	sec := section{Question: "What limited it?", Short: "–", Rest: "Why segments came over HTTP was not recorded, or none did."}
	if len(parts) == 0 {
		return sec
	}
	top := parts[0]
	lowest, highest := 1.0, 0.0
	for _, r := range runs {
		var of int64
		for _, t := range r.Summary.HTTPReasons {
			of += t.Bytes
		}
		share := 0.0
		for key, t := range r.Summary.HTTPReasons {
			if reasonName(key) == top.Name {
				share += part(float64(t.Bytes), float64(of))
			}
		}
		lowest, highest = min(lowest, share), max(highest, share)
	}
	sec.Short = capital(top.Name)
	sec.Rest = fmt.Sprintf("%s of the bytes that came over HTTP (%s to %s).", percent(top.Share), percent(lowest), percent(highest))
	return sec
}

// together is what the runs' reasons for HTTP add up to.
func together(runs []*results.Result) results.Summary {
	all := results.Summary{HTTPReasons: map[string]results.ReasonTotals{}}
	for _, r := range runs {
		all.HTTPBytes += r.Summary.HTTPBytes
		for key, t := range r.Summary.HTTPReasons { // sums do not depend on the order
			sum := all.HTTPReasons[key]
			sum.Requests += t.Requests
			sum.Bytes += t.Bytes
			all.HTTPReasons[key] = sum
		}
	}
	return all
}

// seedsChart has one line for each run.
func seedsChart(runs []*results.Result) chart {
	c := chart{Name: "ratio", Title: "P2P ratio so far, one line for each seed", XLabel: "time since the run began"}
	x, y := scale{0, 1, false}, scale{hi: 1}
	for _, r := range runs {
		if n := len(r.Timeline); n > 0 {
			x.hi = max(x.hi, r.Timeline[n-1].T)
		}
	}
	for _, r := range runs {
		if m := momentsOf(r); len(m.to) > 0 {
			c.Curves = append(c.Curves, curve{Style: "seed", Path: linePath(x, y, m.to, m.ratio)})
		}
	}
	if len(c.Curves) == 0 {
		c.Empty = noTimeline
		return c
	}
	c.Alt = c.Title + "."
	c.X, c.Y = x.ticks(timeTicks{}), y.ticks(niceTicks{most: 5, label: percentLabel})
	return c
}

func spreadRows(a *results.Repeats, runs []*results.Result) []spreadRow {
	values := map[string][]float64{}
	for _, r := range runs {
		for _, v := range r.Summary.Values() {
			values[v.Name] = append(values[v.Name], v.Value)
		}
	}
	var out []spreadRow
	for _, name := range repeatRows {
		s, ok := a.Get(name)
		if !ok {
			continue
		}
		low, high := s.Min, s.Max
		if s.Interval != nil {
			low, high = min(low, s.Interval.Low), max(high, s.Interval.High)
		}
		air := (high - low) * 0.06
		if air == 0 {
			air = 1
		}
		at := scale{low - air, high + air, false}
		row := spreadRow{
			Title: valueTitle(name), Mean: valueText(name, s.Mean), Interval: intervalText(s), At: at.at(s.Mean), Wide: -1,
			Min: valueText(name, s.Min), Max: valueText(name, s.Max), Missing: missing(s, len(runs)),
		}
		if s.Interval != nil {
			row.Low = at.at(s.Interval.Low)
			row.Wide = at.at(s.Interval.High) - row.Low
		}
		row.Alt = "Of each seed:"
		for _, v := range values[name] {
			row.Dots = append(row.Dots, at.at(v))
			row.Alt += " " + valueText(name, v)
		}
		out = append(out, row)
	}
	return out
}

func seedRows(runs []*results.Result) []seedRow {
	out := make([]seedRow, len(runs))
	for i, r := range runs {
		link := url.PathEscape(filepath.Base(results.RepeatDir("", r.Run.Seed))) + "/report.html"
		out[i] = seedRow{
			Seed: r.Run.Seed, Report: template.URL(link), // made here, of a number
			R: r, Top: limited(r).Short, Broken: len(r.Breaches()), Trouble: anybodyHurt(r.Summary),
		}
	}
	return out
}
