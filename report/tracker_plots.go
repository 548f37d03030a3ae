package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"swarmlab/results"
)

// trackerDrawings are the pictures of a benchmark of trackers: all of them in one plot.
var trackerDrawings = []picture[*results.TrackerRun]{
	{"latency", "Announce to its first offer at another viewer (share within a time)", latencyOf(firstOffer, "No offer arrived anywhere.")},
	{"answer", "Announce to an answer back (share within a time)", latencyOf(offerToAnswer, "Nothing was answered: --answers")},
	{"response", "Announce to response (share within a time)", latencyOf(response, "No response arrived.")},
	{"connect", "Connecting (share within a time)", latencyOf(connect, "Nobody connected.")},
	{"cpu", "Processor time of the tracker for each announce (a dot for each round)", drawTrackerCPU},
	{"seconds", "Offers second by second, of the first round (p99, and arrived)", drawTrackerSeconds},
	{"throughput", "What arrived and how late, by offered load (search of the highest rate)", drawTrackerSearch},
}

func response(r *results.TrackerRound) *results.TrackerLatency { return &r.AnnounceToResponseMs }

func connect(r *results.TrackerRound) *results.TrackerLatency { return &r.ConnectMs }

// TrackerPlots draws a benchmark. What has nothing to show says so in the picture.
func TrackerPlots(r *results.TrackerRun) []Plot { return drawAll(trackerDrawings, r) }

// leastMs keeps a latency on a logarithmic axis; a tenth of a millisecond is less than a machine's own noise.
const leastMs = 0.05

// trackerCDF is a distribution as steps, to the right end of the axis.
func trackerCDF(h results.Histogram, right float64) plotter.XYs {
	var out plotter.XYs
	var seen int64
	before := 0.0
	for _, b := range h.Buckets {
		seen += b.Count
		x, y := math.Max(b.UpTo, leastMs), float64(seen)/float64(h.Count)
		out = append(out, plotter.XY{X: x, Y: before}, plotter.XY{X: x, Y: y})
		before = y
	}
	return append(out, plotter.XY{X: right, Y: before})
}

// trackerRange is the axis that all trackers' times fit on; ok is false if there are none.
func trackerRange(r *results.TrackerRun, of func(*results.TrackerRound) *results.TrackerLatency) (lo, hi float64, ok bool) {
	lo = math.Inf(1)
	for i := range r.Targets {
		if h := r.Targets[i].Merged(of); h.Count > 0 && len(h.Buckets) > 0 {
			lo = math.Min(lo, math.Max(leastMs, h.Buckets[0].UpTo))
			hi = math.Max(hi, math.Max(leastMs, h.Buckets[len(h.Buckets)-1].UpTo))
		}
	}
	// Some air, which also makes a range of a single value.
	return lo / 1.5, hi * 1.5, hi > 0
}

func latencyOf(of func(*results.TrackerRound) *results.TrackerLatency, none string) func(*results.TrackerRun) (figure, string) {
	return func(r *results.TrackerRun) (figure, string) {
		lo, hi, ok := trackerRange(r, of)
		if !ok {
			return figure{empty: none}, ""
		}
		p := panel("time, logarithmic", "share of cases")
		p.X.Min, p.X.Max = lo, hi
		p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, decades{}
		p.Y.Min, p.Y.Max, p.Y.Tick.Marker = 0, 1, niceTicks{most: 5, label: percentLabel}
		fig := figure{panels: [][]*plot.Plot{{p}}}
		alt := ""
		for i := range r.Targets {
			t := &r.Targets[i]
			h := t.Merged(of)
			if h.Count == 0 {
				continue
			}
			addLine(p, trackerCDF(h, hi), sideLine(i))
			fig.legend = append(fig.legend, key{name: cut(printable(t.Name), legendWidth(r)), line: sideLine(i)})
			q := t.Quantiles(of)
			alt += fmt.Sprintf("%s: median %s, 99 %% within %s. ", printable(t.Name), msText(q.P50), msText(q.P99))
		}
		return fig, alt
	}
}

// legendWidth keeps a legend on one line.
func legendWidth(r *results.TrackerRun) int { return max(6, 84/max(1, len(r.Targets))-8) }

func drawTrackerCPU(r *results.TrackerRun) (figure, string) {
	p := panel("", "µs for each announce")
	p.X.Min, p.X.Max = -0.5, float64(len(r.Targets))-0.5
	ticks := make(plot.ConstantTicks, len(r.Targets))
	most, alt := 0.0, ""
	for i := range r.Targets {
		t := &r.Targets[i]
		ticks[i] = plot.Tick{Value: float64(i), Label: cut(printable(t.Name), 22)}
		s := t.Spread(func(r *results.TrackerRound) *float64 { return r.TrackerCPUUsPerAnnounce })
		if s == nil {
			continue
		}
		most = math.Max(most, s.Max)
		addBox(p, float64(i)-0.3, float64(i)+0.3, 0, s.Median, p2pFill)
		dots := &plotter.Scatter{GlyphStyle: draw.GlyphStyle{Color: ink, Radius: 2.4, Shape: draw.CircleGlyph{}}}
		for j, round := range t.Rounds {
			if us := round.TrackerCPUUsPerAnnounce; us != nil {
				dots.XYs = append(dots.XYs, plotter.XY{X: float64(i) + 0.4*(float64(j+1)/float64(len(t.Rounds)+1)-0.5), Y: *us})
			}
		}
		p.Add(dots)
		alt += fmt.Sprintf("%s: %s. ", printable(t.Name), usText(s.Median))
	}
	if most <= 0 {
		return figure{empty: "No tracker's process could be watched."}, ""
	}
	p.X.Tick.Marker, p.X.Tick.Length = ticks, 0
	p.Y.Min, p.Y.Max, p.Y.Tick.Marker = 0, most*1.1, niceTicks{most: 6}
	return figure{panels: [][]*plot.Plot{{p}}}, alt
}

func drawTrackerSeconds(r *results.TrackerRun) (figure, string) {
	left, right := panel("seconds", "p99, ms"), panel("seconds", "offers arrived in a second")
	fig := figure{panels: [][]*plot.Plot{{left, right}}}
	var late, arrived []plotter.XYs
	end, alt := 0.0, ""
	for i := range r.Targets {
		t := &r.Targets[i]
		if len(t.Rounds) == 0 || len(t.Rounds[0].Series) == 0 {
			continue
		}
		var a, b plotter.XYs
		for _, s := range t.Rounds[0].Series {
			if s.Offers > 0 {
				a = append(a, plotter.XY{X: s.T, Y: math.Max(leastMs, s.OfferP99Ms)})
			}
			b = append(b, plotter.XY{X: s.T, Y: float64(s.Offers)})
			end = math.Max(end, s.T)
		}
		late, arrived = append(late, a), append(arrived, b)
		if len(a) > 0 {
			addLine(left, a, sideLine(i))
		}
		addLine(right, b, sideLine(i))
		fig.legend = append(fig.legend, key{name: cut(printable(t.Name), legendWidth(r)), line: sideLine(i)})
		alt += printable(t.Name) + ", "
	}
	lo, hi := ends(late)
	if end == 0 || hi <= 0 {
		return figure{empty: "No offer arrived anywhere."}, ""
	}
	for _, p := range []*plot.Plot{left, right} {
		p.X.Min, p.X.Max, p.X.Tick.Marker = 0, end, niceTicks{most: 6, whole: true}
	}
	left.Y.Min, left.Y.Max = lo/1.5, hi*1.5
	left.Y.Scale, left.Y.Tick.Marker = plot.LogScale{}, decades{}
	_, most := ends(arrived)
	right.Y.Min, right.Y.Max, right.Y.Tick.Marker = 0, most*1.08, niceTicks{most: 6, whole: true}
	return fig, alt + fmt.Sprintf("over %.0f seconds.", end)
}

// ends are the least and the largest y.
func ends(lines []plotter.XYs) (lo, hi float64) {
	lo = math.Inf(1)
	for _, l := range lines {
		for _, p := range l {
			lo, hi = math.Min(lo, p.Y), math.Max(hi, p.Y)
		}
	}
	return lo, hi
}

func drawTrackerSearch(r *results.TrackerRun) (figure, string) {
	left, right := panel("offered, announces/s", "done, announces/s"), panel("offered, announces/s", "p99 to the first offer, ms")
	fig := figure{panels: [][]*plot.Plot{{left, right}}}
	var done, late []plotter.XYs
	most, alt := 0.0, ""
	for i := range r.Targets {
		t := &r.Targets[i]
		if t.FindMax == nil || len(t.FindMax.Steps) == 0 {
			continue
		}
		a, b := searchPoints(t.FindMax)
		done, late = append(done, a), append(late, b)
		most = math.Max(most, a[len(a)-1].X)
		for p, points := range map[*plot.Plot]plotter.XYs{left: a, right: b} { // each its own
			addLine(p, points, sideLine(i))
			p.Add(&plotter.Scatter{XYs: points, GlyphStyle: draw.GlyphStyle{Color: sideLine(i).Color, Radius: 2.6, Shape: draw.CircleGlyph{}}})
		}
		fig.legend = append(fig.legend, key{name: cut(printable(t.Name), legendWidth(r)), line: sideLine(i)})
		alt += fmt.Sprintf("%s holds %s. ", printable(t.Name), ratePerSecond(t.FindMax.RatePerSecond))
	}
	if most == 0 {
		return figure{empty: "No search of the highest rate was asked for: --find-max"}, ""
	}
	ideal := line(faint, 1, dashed)
	addLine(left, plotter.XYs{{X: 0, Y: 0}, {X: most, Y: most}}, ideal)
	fig.legend = append(fig.legend, key{name: "all", line: ideal})
	_, top := ends(done)
	lo, hi := ends(late)
	for _, p := range []*plot.Plot{left, right} {
		p.X.Min, p.X.Max, p.X.Tick.Marker = 0, most*1.05, niceTicks{most: 5, whole: true}
	}
	left.Y.Min, left.Y.Max, left.Y.Tick.Marker = 0, math.Max(top, most)*1.05, niceTicks{most: 6, whole: true}
	right.Y.Min, right.Y.Max = lo/1.5, hi*1.5
	right.Y.Scale, right.Y.Tick.Marker = plot.LogScale{}, decades{}
	return fig, alt
}

// decades are logTicks with labels for the powers of ten alone, unless there are only two or so: charts are narrow.
type decades struct{}

func (decades) Ticks(lo, hi float64) []plot.Tick {
	ticks := logTicks{}.Ticks(lo, hi)
	if hi/lo < 60 {
		return ticks
	}
	for i, t := range ticks {
		if power := math.Log10(t.Value); math.Abs(power-math.Round(power)) > 1e-6 {
			ticks[i].Label = ""
		}
	}
	return ticks
}

// searchPoints are a search's steps by rate: announces done, and the first offers' p99. Where a rate was tried again because the
// generator was late, the second try counts.
func searchPoints(f *results.TrackerFindMax) (done, late plotter.XYs) {
	for i, s := range f.Steps {
		if slices.ContainsFunc(f.Steps[i+1:], func(later results.TrackerStep) bool { return later.RatePerSecond == s.RatePerSecond }) {
			continue
		}
		done = append(done, plotter.XY{X: s.RatePerSecond, Y: s.AchievedPerSecond})
		late = append(late, plotter.XY{X: s.RatePerSecond, Y: math.Max(leastMs, s.FirstOfferMs.P99)})
	}
	byRate := func(a, b plotter.XY) int { return cmp.Compare(a.X, b.X) }
	slices.SortStableFunc(done, byRate)
	slices.SortStableFunc(late, byRate)
	return done, late
}
