package report

import (
	"fmt"
	"strings"

	"swarmlab/results"
)

// The table of a benchmark: a row for each figure, a column for each tracker.

type trackerGroup struct {
	Title, Note string
	Rows        []trackerRow
}

type trackerRow struct {
	Label, Note string
	Cells       []trackerCell
	Main        bool // shown where there is room for little
}

// trackerCell is a figure: the median of the rounds, and the range in which they lie if there are several.
type trackerCell struct {
	Value, Range string
	// Best: lower than all others in every round; with a single round nobody is.
	Best, Bad bool
}

func (c trackerCell) text() string {
	if c.Range == "" {
		return c.Value
	}
	return c.Value + " (" + c.Range + ")"
}

// trackerTable is made of the trackers that were measured.
func trackerTable(r *results.TrackerRun) (names []string, groups []trackerGroup) {
	t := &tableMaker{}
	for i := range r.Targets {
		if len(r.Targets[i].Rounds) > 0 {
			t.targets = append(t.targets, &r.Targets[i])
			names = append(names, printable(r.Targets[i].Name))
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	t.delivery()
	t.latency(r.Load)
	t.cost()
	t.overlay()
	t.search()
	t.faults()
	t.generator()
	return names, t.groups
}

type tableMaker struct {
	targets []*results.TrackerTarget
	groups  []trackerGroup
}

func (t *tableMaker) group(title, note string) {
	t.groups = append(t.groups, trackerGroup{Title: title, Note: note})
}

func (t *tableMaker) add(row trackerRow) {
	g := &t.groups[len(t.groups)-1]
	g.Rows = append(g.Rows, row)
}

// finish takes a group without rows away again.
func (t *tableMaker) finish() {
	if n := len(t.groups); len(t.groups[n-1].Rows) == 0 {
		t.groups = t.groups[:n-1]
	}
}

// figure adds a row of spreads, unless no tracker has the figure. Only where less is better there is a best.
func (t *tableMaker) figure(label, note string, main, lessIsBetter bool, text func(float64) string, of func(*results.TrackerRound) *float64) {
	row := trackerRow{Label: label, Note: note, Main: main}
	spreads := make([]*results.TrackerSpread, len(t.targets))
	some := false
	for i, target := range t.targets {
		spreads[i] = target.Spread(of)
		some = some || spreads[i] != nil
	}
	if !some {
		return
	}
	for i, s := range spreads {
		cell := trackerCell{Value: "–"}
		if s != nil {
			cell.Value = text(s.Median)
			if low, high := text(s.Min), text(s.Max); s.N > 1 && low != high {
				cell.Range = rangeOf(low, high, cell.Value)
			}
			cell.Best = lessIsBetter && bestTracker(spreads, i)
		}
		row.Cells = append(row.Cells, cell)
	}
	t.add(row)
}

// rangeOf leaves out the units that all three have in common.
func rangeOf(low, high, value string) string {
	_, unit, _ := strings.Cut(value, " ")
	a, shortA := strings.CutSuffix(low, " "+unit)
	b, shortB := strings.CutSuffix(high, " "+unit)
	if shortA && shortB {
		return a + "–" + b
	}
	return low + "–" + high
}

// bestTracker: in its worst round it is better than every other in its best one.
func bestTracker(spreads []*results.TrackerSpread, i int) bool {
	others := 0
	for j, s := range spreads {
		if j == i || s == nil {
			continue
		}
		others++
		if s.N < 2 || s.Min <= spreads[i].Max {
			return false
		}
	}
	return others > 0 && spreads[i].N > 1
}

// counted adds a row of sums over rounds. Where all are zero there is a row only if always.
func (t *tableMaker) counted(label, note string, always, bad bool, of func(results.TrackerTargetSummary) int64) {
	row := trackerRow{Label: label, Note: note, Main: always}
	some := always
	for _, target := range t.targets {
		n := of(target.Summary())
		some = some || n != 0
		row.Cells = append(row.Cells, trackerCell{Value: count(n), Bad: bad && n != 0})
	}
	if some {
		t.add(row)
	}
}

func (t *tableMaker) delivery() {
	t.group("Delivery", "Sums of all rounds. Owed is what the ground truth and the tracker's profile say; what came to nobody is lost.")
	row := trackerRow{Label: "Offers and answers delivered", Main: true}
	for _, target := range t.targets {
		share := target.Summary().DeliveryShare
		row.Cells = append(row.Cells, trackerCell{Value: percent(share), Bad: share < 1})
	}
	t.add(row)
	type s = results.TrackerTargetSummary
	t.counted("Offers owed", "", false, false, func(s s) int64 { return s.Delivery.Offers.Expected })
	t.counted("Offers lost", "", true, true, func(s s) int64 { return s.Delivery.Offers.Lost })
	t.counted("Answers owed", "", false, false, func(s s) int64 { return s.Delivery.Answers.Expected })
	t.counted("Answers lost", "", true, true, func(s s) int64 { return s.Delivery.Answers.Lost })
	t.counted("Responses lost", "to announces", true, true, func(s s) int64 { return s.Delivery.ResponsesLost })
	t.counted("Responses not owed", "", false, false, func(s s) int64 { return s.Delivery.ResponsesUnowed })
	t.counted("Offers duplicated", "", false, true, func(s s) int64 { return s.Delivery.Offers.Duplicated })
	t.counted("Misdirected", "offers and answers to the wrong viewer or swarm", false, true, func(s s) int64 {
		return s.Delivery.Offers.Misdirected + s.Delivery.Answers.Misdirected
	})
	t.counted("Altered", "offers and answers with another description", false, true, func(s s) int64 { return s.Delivery.Offers.Altered + s.Delivery.Answers.Altered })
	t.counted("Offers to ghosts", "to viewers that had left before the announce", false, true, func(s s) int64 { return s.Delivery.Offers.Ghosts })
	t.counted("Failure reasons", "", false, true, func(s s) int64 { return s.Delivery.Failures })
	t.counted("Unexpected closes", "of connections, by the tracker", true, true, func(s s) int64 { return s.UnexpectedCloses })
	t.figure("Counts wrong", "share of responses whose numbers of peers were not so", false, true, percent, func(r *results.TrackerRound) *float64 {
		if r.Counts.Compared == 0 {
			return nil
		}
		wrong := float64(r.Counts.TooHigh+r.Counts.TooLow) / float64(r.Counts.Compared)
		return &wrong
	})
}

func (t *tableMaker) latency(l results.TrackerLoad) {
	t.group("Latency", "From the moment something was due. Medians of the rounds; quantiles beyond the count of cases are the maximum.")
	type latency struct {
		label, note string
		main        bool
		of          func(*results.TrackerRound) *results.TrackerLatency
	}
	for _, k := range []latency{
		{"Announce to first offer", "at another viewer", true, firstOffer},
		{"Announce to last offer", "of those announces all of whose offers arrived", false, lastOffer},
		{"Announce to response", "", true, func(r *results.TrackerRound) *results.TrackerLatency { return &r.AnnounceToResponseMs }},
		{"Announce to answer", answerNote(l), true, offerToAnswer},
		{"Answer relayed", "", false, func(r *results.TrackerRound) *results.TrackerLatency { return &r.AnswerRelayMs }},
		{"Connect", "to the end of the handshake", false, func(r *results.TrackerRound) *results.TrackerLatency { return &r.ConnectMs }},
		{"Scrape", "", false, func(r *results.TrackerRound) *results.TrackerLatency { return &r.ScrapeMs }},
		{"Staleness", "how long after leaving a viewer was still offered to", false, func(r *results.TrackerRound) *results.TrackerLatency { return &r.StalenessMs }},
	} {
		for _, q := range []struct {
			name string
			main bool
			of   func(*results.TrackerLatency) float64
		}{
			{"p50", true, func(l *results.TrackerLatency) float64 { return l.P50 }},
			{"p99", true, func(l *results.TrackerLatency) float64 { return l.P99 }},
			{"p99.9", false, func(l *results.TrackerLatency) float64 { return l.P999 }},
			{"p99.99", false, func(l *results.TrackerLatency) float64 { return l.P9999 }},
			{"max", false, func(l *results.TrackerLatency) float64 { return l.Max }},
		} {
			t.figure(k.label+", "+q.name, k.note, k.main && q.main, true, exactMs, func(r *results.TrackerRound) *float64 {
				l := k.of(r)
				if l.Count == 0 {
					return nil
				}
				x := q.of(l)
				return &x
			})
			k.note = "" // said once
		}
	}
	t.finish()
}

func answerNote(l results.TrackerLoad) string {
	if l.ThinkMs == 0 {
		return "back at the announcer"
	}
	return fmt.Sprintf("back at the announcer, thinking (%s) included", msText(l.ThinkMs))
}

func firstOffer(r *results.TrackerRound) *results.TrackerLatency { return &r.AnnounceToFirstOfferMs }

func lastOffer(r *results.TrackerRound) *results.TrackerLatency { return &r.AnnounceToLastOfferMs }

func offerToAnswer(r *results.TrackerRound) *results.TrackerLatency { return &r.OfferToAnswerMs }

func (t *tableMaker) cost() {
	t.group("Cost to the tracker's machine", "Processor time is of the process with its threads and children, in the window; it survives a busy machine better than latency.")
	of := func(f func(*results.TrackerProcess) float64) func(*results.TrackerRound) *float64 {
		return func(r *results.TrackerRound) *float64 {
			if r.Process == nil || r.Process.ExitedDuringTheRound {
				return nil
			}
			x := f(r.Process)
			return &x
		}
	}
	size := func(x float64) string { return bytesText(int64(x)) }
	whole := func(x float64) string { return count(int64(x + 0.5)) }
	type p = results.TrackerProcess
	t.figure("Processor time per announce", "with all that follows from it", true, true, usText, of(func(p *p) float64 { return p.CPUUsPerAnnounce }))
	t.figure("Processor time per relayed message", "offers and answers", true, true, usText, of(func(p *p) float64 { return p.CPUUsPerRelayed }))
	t.figure("Share of a core", "", true, false, percent, of(func(p *p) float64 { return p.CPUShare }))
	t.figure("Memory (RSS)", "with all connections open", true, true, size, of(func(p *p) float64 { return float64(p.RSSBytes) }))
	t.figure("Memory (RSS) after the window", "", false, true, size, of(func(p *p) float64 { return float64(p.RSSBytesAfter) }))
	t.figure("Memory per connection", "grown since before the first one, in the first round: a later one finds memory that it left", true, false, size,
		func(r *results.TrackerRound) *float64 {
			if r.Round != 1 {
				return nil
			}
			return of(func(p *p) float64 { return p.RSSPerConnection })(r)
		})
	t.figure("Context switches, waiting", "in the window", false, true, whole, of(func(p *p) float64 { return float64(p.VoluntarySwitches) }))
	t.figure("Context switches, interrupted", "", false, true, whole, of(func(p *p) float64 { return float64(p.InvoluntarySwitches) }))
	t.figure("Threads", "", false, false, whole, of(func(p *p) float64 { return float64(p.Threads) }))
	t.figure("Descriptors", "", false, false, whole, of(func(p *p) float64 { return float64(p.Descriptors) }))
	t.finish()
}

func (t *tableMaker) overlay() {
	t.group("The swarm that its choice makes", "Of the largest swarm: an edge is an offer that arrived. Overlap is how many targets two announces share that share any: "+
		"near the reference if all peers are as likely, above it if neighbours are picked together.")
	of := func(f func(*results.TrackerOverlay) float64) func(*results.TrackerRound) *float64 {
		return func(r *results.TrackerRound) *float64 {
			if r.Overlay == nil {
				return nil
			}
			x := f(r.Overlay)
			return &x
		}
	}
	whole := func(x float64) string { return count(int64(x + 0.5)) }
	type o = results.TrackerOverlay
	t.figure("Members", "", false, false, whole, of(func(o *o) float64 { return float64(o.Members) }))
	t.figure("Partners, p50", "distinct, either way", false, false, whole, of(func(o *o) float64 { return o.Degree.P50 }))
	t.figure("Partners, p95", "", false, false, whole, of(func(o *o) float64 { return o.Degree.P95 }))
	t.figure("Partners, most", "", false, false, whole, of(func(o *o) float64 { return o.Degree.Max }))
	t.figure("Offers received, Gini", "0: all alike, 1: one gets all", true, true, twoDigits, of(func(o *o) float64 { return o.InGini }))
	t.figure("In the largest part", "share of members", true, false, percent, of(func(o *o) float64 { return o.LargestShare }))
	t.figure("Parts", "", false, false, whole, of(func(o *o) float64 { return float64(o.Components) }))
	t.figure("Longest path, sampled", "", false, false, whole, of(func(o *o) float64 { return float64(o.DiameterSampled) }))
	t.figure("Mean path", "", false, false, three, of(func(o *o) float64 { return o.MeanPathLength }))
	t.figure("Clustering", "", false, false, twoDigits, of(func(o *o) float64 { return o.Clustering }))
	t.figure("Overlap of targets", "", true, true, three, of(func(o *o) float64 { return o.TargetOverlap }))
	t.figure("Overlap if uniform", "the reference", true, false, three, of(func(o *o) float64 { return o.TargetOverlapUniform }))
	t.figure("Ages of neighbours, correlation", "", false, false, twoDigits, of(func(o *o) float64 { return o.JoinAgeCorrelation }))
	t.figure("Age and offers received, correlation", "-1: the first to come get the most", false, false, twoDigits, of(func(o *o) float64 { return o.JoinAgeBias }))
	for i, departed := range []string{"10 %", "30 %", "50 %"} {
		t.figure("Largest part after "+departed+" left", "", false, false, percent, of(func(o *o) float64 {
			if i >= len(o.RobustnessDepartures) {
				return 0
			}
			return o.RobustnessDepartures[i].LargestShare
		}))
	}
	t.finish()
}

func twoDigits(x float64) string { return fmt.Sprintf("%.2f", x) }

func (t *tableMaker) search() {
	t.group("Highest rate", "")
	row := trackerRow{Label: "Highest rate that held", Main: true}
	for _, target := range t.targets {
		cell := trackerCell{Value: "–"}
		if f := target.FindMax; f != nil {
			cell.Value = ratePerSecond(f.RatePerSecond)
			t.groups[len(t.groups)-1].Note = fmt.Sprintf("99 %% of first offers within %s, and %s delivered.", msText(f.LimitP99Ms), percent(f.LimitDelivery))
		}
		row.Cells = append(row.Cells, cell)
	}
	if t.groups[len(t.groups)-1].Note != "" {
		t.add(row)
	}
	t.finish()
}

func (t *tableMaker) generator() {
	t.group("The load itself", "A round in which the generator was the bottleneck is not valid.")
	row := trackerRow{Label: "Valid rounds", Main: true}
	for _, target := range t.targets {
		valid := 0
		for _, r := range target.Rounds {
			if r.Generator.Valid {
				valid++
			}
		}
		row.Cells = append(row.Cells, trackerCell{Value: fmt.Sprintf("%d of %d", valid, len(target.Rounds)), Bad: valid < len(target.Rounds)})
	}
	t.add(row)
	of := func(f func(*results.TrackerRound) float64) func(*results.TrackerRound) *float64 {
		return func(r *results.TrackerRound) *float64 { x := f(r); return &x }
	}
	t.figure("Processor time per announce", "of the generator", false, false, usText, of(func(r *results.TrackerRound) float64 { return r.Generator.CPUUsPerAnnounce }))
	t.figure("Share of its core", "", false, false, percent, of(func(r *results.TrackerRound) float64 { return r.Generator.CPUShare }))
	t.figure("Lateness, p99", "later than due", false, false, exactMs, func(r *results.TrackerRound) *float64 {
		if r.LatenessMs.Count == 0 {
			return nil
		}
		return &r.LatenessMs.P99
	})
}
