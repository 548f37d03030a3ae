package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"swarmlab/results"
)

// swept is a grid that never was: ratios are a known function of the places.
func swept(seeds int, axes ...results.Axis) *results.Sweep {
	s := &results.Sweep{
		Schema: results.SweepSchema, Name: "live<b>", Tier: "flow", Command: "swarmlab sweep live", Axes: axes,
		Metrics: []string{"p2pRatio", "startupMs.p95", "wastedBytes"},
	}
	for i := range seeds {
		s.Seeds = append(s.Seeds, uint64(i+1))
	}
	cells := 1
	for _, a := range axes {
		cells *= len(a.Values)
	}
	for i := range cells {
		cell := results.SweepCell{Place: s.Place(i)}
		for k, seed := range s.Seeds {
			ratio := 0.8 - 0.05*float64(cell.Place[0]) + 0.001*float64((3*k+i*i)%5)
			if len(axes) > 1 {
				ratio += 0.0002 * float64(cell.Place[1])
			}
			cell.Runs = append(cell.Runs, results.SweepRun{Seed: seed, Values: map[string]float64{
				"p2pRatio": ratio, "startupMs.p95": 900 + 10*float64(i), "wastedBytes": 1e6 * float64(k), "errors.=1+1": 1,
			}})
		}
		s.Cells = append(s.Cells, cell)
	}
	return s
}

var (
	windows  = results.Axis{Path: "p2pml.core.highDemandTimeWindow", Values: []string{"4", "8", "15"}}
	slots    = results.Axis{Path: "p2pml.core.simultaneousP2PDownloads", Values: []string{"1", "3"}}
	links    = results.Axis{Path: "peers.groups[0].link", Values: []string{"=cable", "{down: 5Mbit/s, up: 1Mbit/s}"}}
	unwanted = results.SweepCell{}
)

// grids are all kinds of grid that there are.
func grids() map[string]*results.Sweep {
	holes := swept(3, windows, slots)
	holes.Cells[2].Runs = nil
	holes.Cells[3].Runs = holes.Cells[3].Runs[:1]
	nothing := swept(2, windows)
	for i := range nothing.Cells {
		nothing.Cells[i].Runs = nil
	}
	flat := swept(3, windows, slots)
	for i := range flat.Cells {
		flat.Cells[i].Runs = flat.Cells[0].Runs
	}
	return map[string]*results.Sweep{
		"one": swept(4, windows), "one-seed": swept(1, windows), "words": swept(3, links), "single": swept(3, results.Axis{Path: "peers.count", Values: []string{"5"}}),
		"two": swept(4, windows, slots), "three": swept(2, windows, slots, links), "interrupted": holes, "nothing": nothing, "flat": flat,
	}
}

func TestSweepGoldens(t *testing.T) {
	for _, name := range []string{"one", "one-seed", "two", "interrupted"} {
		s := grids()[name]
		var terminal, markdown bytes.Buffer
		if err := SweepTerminal(&terminal, s, TerminalOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := SweepMarkdown(&markdown, s); err != nil {
			t.Fatal(err)
		}
		golden(t, "sweep-"+name+".txt", []byte(terminal.String()+"\n----\n"+markdown.String()))
	}
}

func TestSweepStandings(t *testing.T) {
	s := swept(4, windows, slots)
	states := standings(s)
	if best := s.Best("p2pRatio"); best > 1 || states[best] != standsBest || states[1-best] != standsEqual {
		t.Errorf("cell %d is the best; %v", best, states)
	}
	for i := 2; i < 6; i++ {
		if states[i] != standsWorse {
			t.Errorf("cell %d is not worse: %v", i, states)
		}
	}
	s.Metrics[0] = "startupMs.p95" // where less is better
	if best := s.Best("startupMs.p95"); best != 0 {
		t.Errorf("cell %d starts soonest", best)
	}
}

// TestSweepFiles: every kind of grid is written and read again, every picture is one, and a table is one that no spreadsheet runs.
func TestSweepFiles(t *testing.T) {
	for name, s := range grids() {
		dir := t.TempDir()
		if err := WriteSweep(dir, s); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, err := results.ReadSweep(dir)
		if err != nil || again.Finished() != s.Finished() {
			t.Errorf("%s: read again: %v", name, err)
			continue
		}
		pictures, err := filepath.Glob(filepath.Join(dir, PlotsDir, "*.png"))
		if want := map[string]int{"three": 2}[name]; err != nil || len(pictures) != want && want > 0 || len(pictures) == 0 {
			t.Errorf("%s: %d pictures, %v", name, len(pictures), err)
		}
		for _, path := range pictures {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := png.Decode(bytes.NewReader(data)); err != nil {
				t.Errorf("%s: %s: %v", name, path, err)
			}
			if *look != "" {
				keep(t, filepath.Join(*look, "sweep-"+name+"-"+filepath.Base(path)), data)
			}
		}
		data, err := os.ReadFile(filepath.Join(dir, "sweep.csv"))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
		if err != nil || len(rows) != s.Finished()+1 {
			t.Errorf("%s: %d rows of %d runs, %v", name, len(rows), s.Finished(), err)
			continue
		}
		for _, row := range rows {
			if strings.HasPrefix(row[0], "=") {
				t.Errorf("%s: a spreadsheet would run %q", name, row[0])
			}
		}
	}
}

// TestReadSweepRefuses files whose cells are no grid.
func TestReadSweepRefuses(t *testing.T) {
	for what, change := range map[string]func(*results.Sweep){
		"a cell too few":      func(s *results.Sweep) { s.Cells = s.Cells[1:] },
		"an axis of nothing":  func(s *results.Sweep) { s.Axes[0].Values = nil },
		"no axis":             func(s *results.Sweep) { s.Axes = nil },
		"no metric":           func(s *results.Sweep) { s.Metrics = nil },
		"no such metric":      func(s *results.Sweep) { s.Metrics = []string{"x"} },
		"a cell out of place": func(s *results.Sweep) { s.Cells[0], s.Cells[1] = s.Cells[1], s.Cells[0] },
		"an empty cell":       func(s *results.Sweep) { s.Cells[0] = unwanted },
		"another schema":      func(s *results.Sweep) { s.Schema = "swarmlab/sweep/v9" },
	} {
		s := swept(2, results.Axis{Path: "a", Values: []string{"1", "2"}}, slots)
		change(s)
		dir := t.TempDir()
		if err := results.WriteSweep(dir, s); err != nil {
			t.Fatal(err)
		}
		if _, err := results.ReadSweep(dir); err == nil {
			t.Errorf("%s is read", what)
		}
	}
}

func TestWhyPlot(t *testing.T) {
	for name, sides := range map[string][]WhySide{
		"nothing": {{Name: "defaults"}},
		"one":     {{Name: "defaults", Shares: map[string]float64{"highDemand": 0.2, "<new>": 0.1}}},
		"two":     {{Name: "defaults", Shares: map[string]float64{"highDemand": 0.2, "noPeers": 0.1}}, {Name: "with them", Shares: map[string]float64{"noPeers": 0.12}}},
	} {
		p := WhyPlot("x", "Why", sides)
		var b bytes.Buffer
		if err := p.SVG(&b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, s := range sides {
			for reason, share := range s.Shares {
				if want := fmt.Sprintf("%s, %s: %s", reasonName(reason), s.Name, percent(share)); !strings.Contains(p.Alt, want) {
					t.Errorf("%s: the picture does not say %q: %s", name, want, p.Alt)
				}
			}
		}
	}
}
