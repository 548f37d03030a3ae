package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"swarmlab/results"
	"swarmlab/sim/sweep"
)

// TestEveryCaseCanRun: every combination of every case is a scenario, and the defaults are one of them.
func TestEveryCaseCanRun(t *testing.T) {
	cases, err := chosen("10000,10,100", "")
	if err != nil || len(cases) != 17 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	if !slices.IsSortedFunc(cases, func(a, b guideCase) int { return a.viewers - b.viewers }) {
		t.Error("the small audiences are not first")
	}
	for _, c := range cases {
		s, err := c.scenario(1)
		if err != nil {
			t.Fatalf("%s: %v", c.id(), err)
		}
		if s.Peers.Count != c.viewers || s.Name != c.id() {
			t.Errorf("%s is %s with %d viewers", c.id(), s.Name, s.Peers.Count)
		}
		if o, err := s.Origin.Link.Resolve(); err != nil || o.Up != 0 || o.Down != 0 || o.Delay == 0 {
			t.Errorf("%s: the origin's link is %+v, %v", c.id(), o, err)
		}
		if mobile := s.Peers.Groups[0].Link.Preset == stumbling; mobile != c.stumbles || mobile != strings.HasSuffix(c.name, "-mobile") {
			t.Errorf("%s has the lines %v", c.id(), s.Peers.Groups[0].Link)
		}
		if _, err := sweep.NewPlan(sweep.Config{Scenario: s, Axes: c.axes, Seeds: 1, Tier: "flow", Metrics: []string{metric}, MostRuns: 1000}); err != nil {
			t.Errorf("%s: %v", c.id(), err)
		}
		if grid := made(c.axes, nil); defaultsOf(grid) < 0 {
			t.Errorf("%s has no combination with the defaults", c.id())
		}
		// The scenario has the library's defaults, or the cell would not be what it is called.
		core := s.P2PML.Core
		if *core.HighDemandTimeWindow != 15 || *core.SimultaneousP2PDownloads != 3 || *core.HTTPDownloadTimeWindow != 3000 || *core.P2PDownloadTimeWindow != 6000 {
			t.Errorf("%s has other defaults", c.id())
		}
	}
}

func TestChosenRefuses(t *testing.T) {
	for _, bad := range []string{"", "x", "1", "1e9", "10,"} {
		if _, err := chosen(bad, ""); err == nil {
			t.Errorf("-audiences %q is taken", bad)
		}
	}
	if _, err := chosen("10", "nothing"); err == nil {
		t.Error("-only nothing is taken")
	}
	if _, err := chosen("10", "mobile"); err == nil {
		t.Error("mobile lines with an audience they are not run with are taken")
	}
}

// TestCourse: grids where they are affordable, packets where they decide, and what the command line says before all that.
func TestCourse(t *testing.T) {
	good, bad := streams[0], streams[0].onMobile("8", "15")
	for _, c := range []struct {
		c          guideCase
		judge      string
		tier       string
		grid, few  bool
		whatItIsOf string
	}{
		{guideCase{good, 10}, auto, "packet", true, false, "few viewers"},
		{guideCase{good, 100}, auto, "flow", true, false, "some"},
		{guideCase{good, 100}, "packet", "packet", true, false, "some, in packets"},
		{guideCase{bad, 100}, auto, "packet", true, true, "lines that stumble"},
		{guideCase{bad, 100}, "flow", "flow", true, true, "lines that stumble, in a hurry"},
		{guideCase{good, 300}, auto, "flow", true, false, "many"},
		{guideCase{good, 1000}, auto, "flow", false, true, "too many for a grid"},
		{guideCase{good, 10_000}, auto, "flow", false, true, "far too many"},
	} {
		got := c.c.course(c.judge)
		if got.tier != c.tier || got.searchSeeds > 0 != c.grid || got.candidates > 0 != c.few || got.candidateSeeds > 0 != c.few || got.seeds < 2 {
			t.Errorf("%s: %+v", c.whatItIsOf, got)
		}
	}
}

// TestSearched: candidates come from the largest audience below that has a grid of its own.
func TestSearched(t *testing.T) {
	c := guideCase{streams[0], 10_000}
	known := []outcome{
		{Title: c.title, Viewers: 100, SearchViewers: 100}, {Title: c.title, Viewers: 1000, SearchViewers: 1000}, {Title: c.title, Viewers: 10, SearchViewers: 10},
		{Title: c.title, Viewers: 5000, SearchViewers: 1000}, {Title: c.title, Viewers: 20_000, SearchViewers: 20_000}, {Title: "another", Viewers: 2000, SearchViewers: 2000},
	}
	from, err := c.searched(c.course(auto), known)
	if err != nil || from.viewers != 1000 || from.name != c.name {
		t.Errorf("%s, %v", from.id(), err)
	}
	if _, err := c.searched(c.course(auto), known[4:]); err == nil || !strings.Contains(err.Error(), "-audiences 100 -only "+c.name) {
		t.Errorf("without a smaller audience: %v", err)
	}
	small := guideCase{streams[0], 100}
	if from, err := small.searched(small.course(auto), known); err != nil || from.viewers != 100 {
		t.Errorf("a small audience is searched with %d viewers, %v", from.viewers, err)
	}
}

// made is a grid with figures made up by the settings; nil: none.
func made(axes []results.Axis, figures func(settings []string) map[string]float64) *results.Sweep {
	grid := &results.Sweep{Axes: axes, Seeds: []uint64{1, 2}, Metrics: []string{metric}}
	cells := 1
	for _, a := range axes {
		cells *= len(a.Values)
	}
	for i := range cells {
		cell := results.SweepCell{Place: grid.Place(i)}
		if figures != nil {
			for _, seed := range grid.Seeds {
				cell.Runs = append(cell.Runs, results.SweepRun{Seed: seed, Values: figures(grid.Settings(cell))})
			}
		}
		grid.Cells = append(grid.Cells, cell)
	}
	return grid
}

func TestPick(t *testing.T) {
	// The smaller the window the better, but the smallest stalls; more downloads gain next to nothing.
	figures := func(settings []string) map[string]float64 {
		out := map[string]float64{metric: 0.5, "stallRatio": 0, "startupMs.p95": 900, "neverStarted": 0}
		switch settings[0] {
		case "1":
			out[metric], out["stallRatio"] = 0.9, 0.02
		case "2":
			out[metric] = 0.8
		case "4":
			out[metric], out["startupMs.p95"] = 0.7, 950
		}
		if settings[1] == "6" {
			out[metric] += 0.001
		}
		return out
	}
	grid := made(liveAxes, figures)
	settings := func(i int) string { return strings.Join(grid.Settings(grid.Cells[i]), " ") }
	if got := settings(pick(grid, defaultsOf(grid), every(grid))); got != "2 3 3000 6000" {
		t.Errorf("picked %v", got)
	}
	// Of the windows, 1 stalls, and 8 and 15 are no better than the defaults.
	few := shortlist(grid, defaultsOf(grid), 5)
	if len(few) != 2 || settings(few[0]) != "2 3 3000 6000" || settings(few[1]) != "4 3 3000 6000" {
		t.Errorf("the candidates are %v", few)
	}
	if one := shortlist(grid, defaultsOf(grid), 1); len(one) != 1 || one[0] != few[0] {
		t.Errorf("the first candidate is %v of %v", one, few)
	}
	if n := hurting(grid, defaultsOf(grid)); n != 8 {
		t.Errorf("%d combinations hurt", n)
	}
	flat := made(liveAxes, func([]string) map[string]float64 { return map[string]float64{metric: 0.5} })
	if pick(flat, defaultsOf(flat), every(flat)) != defaultsOf(flat) || len(shortlist(flat, defaultsOf(flat), 3)) > 0 {
		t.Error("something is picked where nothing matters")
	}
}

func TestJudge(t *testing.T) {
	cell := func(stall float64, ratios ...float64) (c results.SweepCell) {
		for i, r := range ratios {
			c.Runs = append(c.Runs, results.SweepRun{Seed: uint64(i + 1), Values: map[string]float64{metric: r, "stallRatio": stall, "startupMs.p95": 900, "neverStarted": 0}})
		}
		return c
	}
	for what, c := range map[string]struct {
		after results.SweepCell
		want  string
	}{
		"every seed gains":        {cell(0, 0.61, 0.63, 0.62), better},
		"some gain, some lose":    {cell(0, 0.70, 0.40, 0.60), noEvidence},
		"every seed loses":        {cell(0, 0.41, 0.43, 0.42), noEvidence},
		"a gain that stalls":      {cell(0.01, 0.61, 0.63, 0.62), doesHurt},
		"one seed says nothing":   {cell(0, 0.61), noEvidence},
		"next to nothing, surely": {cell(0, 0.5011, 0.5112, 0.5211), better},
	} {
		before := cell(0, 0.50, 0.51, 0.52)
		before.Runs = before.Runs[:len(c.after.Runs)]
		var o outcome
		o.judge(before, c.after)
		if o.Verdict != c.want {
			t.Errorf("%s: %s (%s)", what, o.Verdict, o.gainText())
		}
	}
}

// TestBook: what is written is read again, cases are replaced and stand in their order, and the page says what there is not.
func TestBook(t *testing.T) {
	dir := t.TempDir()
	b, err := readBook(dir)
	if err != nil {
		t.Fatal(err)
	}
	why := map[string]float64{"highDemand": 0.3, "noPeers": 0.1}
	won := outcome{
		Case: "vod-10", Title: streams[4].title, Viewers: 10, SearchViewers: 10, Tier: "packet", Seeds: 5, Picked: []results.Setting{{Path: core + "highDemandTimeWindow", Value: "5"}},
		Defaults: side{Ratio: 0.6, Why: why}, Winner: side{Ratio: 0.7, Why: map[string]float64{"highDemand": 0.2, "noPeers": 0.1}},
		Gain: 0.1, Interval: &results.Interval{Low: 0.08, High: 0.12}, Verdict: better,
	}
	lost := outcome{Case: "live-4x2s-100", Title: streams[0].title, Viewers: 100, SearchViewers: 100, Combinations: 40, Tier: "flow", Seeds: 5, Defaults: side{Ratio: 0.4, Why: why}, Verdict: nothingBetter}
	large := won
	large.Case, large.Viewers, large.SearchViewers, large.Tier, large.Seeds, large.CandidateSeeds = "vod-10000", 10_000, 1000, "flow", 2, 1
	large.Combinations, large.Hurting = 48, 7
	large.Tried = []candidate{{won.Picked, 0.7, nil}, {[]results.Setting{{Path: core + "highDemandTimeWindow", Value: "2"}}, 0.8, []string{"stallRatio"}}}
	for _, o := range []outcome{won, lost, won, large} {
		b.put(o)
	}
	if err := b.write(dir); err != nil {
		t.Fatal(err)
	}
	again, err := readBook(dir)
	if err != nil || len(again.Outcomes) != 3 || again.Outcomes[0].Case != lost.Case {
		t.Fatalf("%+v, %v", again, err)
	}
	var page bytes.Buffer
	if err := again.page(&page); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"+10.0 (+8.0 to +12.0)", "highDemandTimeWindow 5", "no setting is better than the defaults", "needed too soon", "10.0 % of all bytes less",
		"Not run yet: Live, 4 segments of 2 s with 10, 1000, 10000 viewers", "settings-guide/vod-10.svg",
		"congested mobile lines with 100 viewers", "| packet tier, 5 seeds |", "| flow tier, 2 seeds; candidates from the grid with 1000 viewers |", "No grid was run with 10000 viewers",
		"7 of the 48 combinations of the grid were left out", "with 1 other seed, P2P ratio: highDemandTimeWindow 5 70.0 %; highDemandTimeWindow 2 80.0 %, which hurts stallRatio.",
	} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the guide does not say %q", want)
		}
	}
	for _, line := range strings.Split(page.String(), "\n") {
		if strings.HasPrefix(line, "|") && strings.Count(line, "|") != 11 {
			t.Errorf("a line of the table has other columns: %s", line)
		}
	}
}
