package main

import (
	"bytes"
	"strings"
	"testing"

	"swarmlab/results"
	"swarmlab/sim/sweep"
)

// TestEveryCaseCanRun: every combination of every case is a scenario, and the defaults are one of them.
func TestEveryCaseCanRun(t *testing.T) {
	cases, err := chosen("10,10000", "")
	if err != nil || len(cases) != 10 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for _, c := range cases {
		s, err := c.scenario(1)
		if err != nil {
			t.Fatalf("%s: %v", c.id(), err)
		}
		if s.Peers.Count != c.viewers || s.Name != c.id() {
			t.Errorf("%s is %s with %d viewers", c.id(), s.Name, s.Peers.Count)
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
	for _, bad := range []string{"", "x", "1", "1e9", "10,"} {
		if _, err := chosen(bad, ""); err == nil {
			t.Errorf("-audiences %q is taken", bad)
		}
	}
	if _, err := chosen("10", "nothing"); err == nil {
		t.Error("-only nothing is taken")
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
	got := grid.Settings(grid.Cells[pick(grid, defaultsOf(grid))])
	if strings.Join(got, " ") != "2 3 3000 6000" {
		t.Errorf("picked %v", got)
	}
	flat := made(liveAxes, func([]string) map[string]float64 { return map[string]float64{metric: 0.5} })
	if pick(flat, defaultsOf(flat)) != defaultsOf(flat) {
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
		"a gain that stalls":      {cell(0.01, 0.61, 0.63, 0.62), hurting},
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
		Case: "vod-10", Title: streams[4].title, Viewers: 10, Tier: "packet", Seeds: 5, Picked: []results.Setting{{Path: core + "highDemandTimeWindow", Value: "5"}},
		Defaults: side{Ratio: 0.6, Why: why}, Winner: side{Ratio: 0.7, Why: map[string]float64{"highDemand": 0.2, "noPeers": 0.1}},
		Gain: 0.1, Interval: &results.Interval{Low: 0.08, High: 0.12}, Verdict: better,
	}
	lost := outcome{Case: "live-4x2s-100", Title: streams[0].title, Viewers: 100, Combinations: 40, Tier: "flow", Seeds: 5, Defaults: side{Ratio: 0.4, Why: why}, Verdict: nothingBetter}
	for _, o := range []outcome{won, lost, won} {
		b.put(o)
	}
	if err := b.write(dir); err != nil {
		t.Fatal(err)
	}
	again, err := readBook(dir)
	if err != nil || len(again.Outcomes) != 2 || again.Outcomes[0].Case != lost.Case {
		t.Fatalf("%+v, %v", again, err)
	}
	var page bytes.Buffer
	if err := again.page(&page); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"+10.0 (+8.0 to +12.0)", "highDemandTimeWindow 5", "no setting is better than the defaults", "needed too soon", "10.0 % of all bytes less",
		"Not run yet: Live, 4 segments of 2 s with 10, 1000, 10000 viewers", "settings-guide/vod-10.svg",
	} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the guide does not say %q", want)
		}
	}
}
