package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"swarmlab/results"
)

// tuned is a tuning that never was: its gains are a known function of the settings, made up by the kind of result.
func tuned(won bool) *results.Tuning {
	rng := rand.New(rand.NewPCG(3, 4))
	seeds := []uint64{1, 2, 3, 4}
	objective := results.Objective{Figure: "p2pRatio", Direction: results.Up, Smallest: 0.01}
	t := &results.Tuning{
		Schema: results.TuningSchema, Name: "live<b>", Version: "v1", Command: "swarmlab tune live --trials 60", Seed: 1,
		Scenario: json.RawMessage(`{"name":"live"}`),
		Space: []results.Dimension{
			{Path: "p2pml.core.highDemandTimeWindow", Kind: results.LogDimension, From: 1, To: 20, Default: "15", Reason: "below a second the next segment is late already; beyond 20 s nothing is shared"},
			{Path: "p2pml.core.simultaneousP2PDownloads", Kind: results.IntDimension, From: 1, To: 10, Default: "3"},
			{Path: "tracker.interval", Kind: results.RangeDimension, From: 10, To: 60, Unit: "s", Default: "120s"},
			{Path: "p2pml.core.isP2PUploadDisabled", Kind: results.ChoiceDimension, Choices: []string{"false", "true"}, Default: "false"},
		},
		Objectives:  []results.Objective{objective},
		Constraints: []results.Constraint{{Text: "stallRatio <= defaults", Figure: "stallRatio", Op: "<=", Value: 1, OfDefaults: true}, {Text: "p95(startupMs) < 1200", Figure: "p95(startupMs)", Op: "<", Value: 1200}},
		Search:      results.TuningSearch{Tier: "flow", Seeds: seeds, Rungs: []int{1, 4}, Batch: 8, Runs: 150, Asked: 60, Ended: "trials"},
		Warnings:    []string{"the two tiers disagree about trials 7 and 9 <script>"},
		Verdict:     results.TuningVerdict{Complete: true, Says: "No setting is better than the defaults."},
		Robustness:  []results.Perturbation{},
	}
	base := []float64{0.60, 0.61, 0.59, 0.60}
	for n := range 61 {
		h, s := rng.Float64(), 1+rng.IntN(10)
		off := rng.IntN(4) == 0
		trial := results.Trial{Number: n, Origin: results.TrialFilling, Rung: 1, State: results.TrialKept, Feasible: n%7 != 3, Settings: []results.Setting{
			{Path: t.Space[0].Path, Value: fmt.Sprintf("%.3g", pow(20, h))}, {Path: t.Space[1].Path, Value: fmt.Sprint(s)},
			{Path: t.Space[2].Path, Value: fmt.Sprintf("%ds", 10+rng.IntN(51))}, {Path: t.Space[3].Path, Value: fmt.Sprint(off)},
		}}
		gain := 0.12*(0.9-h) + 0.004*float64(s)*(0.5-h)
		if off {
			gain -= 0.2
		}
		if n == 0 {
			trial.Origin, trial.Settings, gain, trial.Feasible = results.TrialDefaults, nil, 0, true
		}
		measure(&trial.Measured, seeds, base, gain, 0.003*rng.NormFloat64())
		trial.Gains = []results.Gain{results.PairedGain(objective, base, trial.Values["p2pRatio"])}
		if !trial.Feasible {
			trial.Violated = []string{"p95(startupMs) < 1200"}
		}
		t.Trials = append(t.Trials, trial)
	}
	t.Trials[5].State, t.Trials[5].Error, t.Trials[5].Gains, t.Trials[5].Means = results.TrialFailed, "it broke | =1+1", nil, nil
	best := 1
	for n := range t.Trials {
		if g, ok := gainOf(t.Trials[n], "p2pRatio"); ok && t.Trials[n].Feasible && g.Diff > t.Trials[best].Gains[0].Diff {
			best = n
		}
	}
	t.Front = []int{best}
	if won {
		confirm(t, best, objective)
	}
	return t
}

func pow(a, b float64) float64 {
	y := 1.0
	for range int(b * 8) {
		y *= a
	}
	return max(1, min(a, 1+b*(a-1))*min(1, y))
}

// measure makes up a trial's figures: the defaults', the gain, and a different bit of chance for each seed.
func measure(m *results.Measured, seeds []uint64, base []float64, gain, noise float64) {
	values := map[string][]float64{"p2pRatio": nil, "stallRatio": nil, "p95(startupMs)": nil}
	for i := range seeds {
		values["p2pRatio"] = append(values["p2pRatio"], base[i]+gain+noise*float64(i%2))
		values["stallRatio"] = append(values["stallRatio"], 0.001*float64(i))
		values["p95(startupMs)"] = append(values["p95(startupMs)"], 900+2000*gain)
	}
	*m = results.NewMeasured(seeds, values)
}

func confirm(t *results.Tuning, best int, objective results.Objective) {
	fresh := []uint64{1001, 1002, 1003, 1004}
	base := []float64{0.58, 0.60, 0.57, 0.61}
	c := &results.Confirmation{Tier: "packet", Peers: 100, Seeds: fresh}
	measure(&c.Defaults, fresh, base, 0, 0)
	measure(&c.DefaultsFlow, fresh, base, 0, 0)
	for k, number := range []int{best, 2} {
		gain := []float64{0.055, 0.002}[k]
		one := results.Confirmed{Trial: number, Settings: t.Trials[number].Settings, Verdict: results.Better}
		measure(&one.Packet, fresh, base, gain, 0.006)
		measure(&one.Flow, fresh, base, gain+0.01, 0.002)
		g := results.ConfirmGain(objective, base, one.Packet.Values["p2pRatio"], 2)
		g.Flow = results.PairedGain(objective, base, one.Flow.Values["p2pRatio"])
		one.Gains = []results.ConfirmedGain{g}
		one.Held = []results.ConstraintHeld{{Text: "stallRatio <= defaults", Mean: 0.0015, Limit: 0.0015, Held: true}, {Text: "p95(startupMs) < 1200", Mean: 1010, Limit: 1200, Held: k == 0}}
		c.Confirmed = append(c.Confirmed, one)
		t.Trials[number].State = results.TrialConfirmed
	}
	results.JudgeGains(t.Objectives, c.Confirmed)
	t.Confirmation, t.Verdict.Winner = c, &best
	t.Verdict.Says = fmt.Sprintf("Trial %d is better than the defaults.", best)
	for i, name := range []string{"half the audience", "double the audience", "worse links"} {
		gain := results.Gain{Figure: "p2pRatio", Diff: 0.04 - 0.03*float64(i), Better: 0.04 - 0.03*float64(i), Interval: &results.Interval{Low: 0.032 - 0.03*float64(i), High: 0.05 - 0.03*float64(i)}}
		t.Robustness = append(t.Robustness, results.Perturbation{
			Name: name, Tier: "flow", Seeds: fresh, Settings: []results.Setting{{Path: "peers.count", Value: fmt.Sprint(50 * (1 + i))}},
			Gains: []results.Gain{gain}, Held: true, Wins: gain.Interval.Low > 0, Says: "as the figures say",
		})
	}
}

func tuningPages(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	empty := &results.Tuning{Schema: results.TuningSchema, Name: "empty", Verdict: results.TuningVerdict{Says: "Not finished."}}
	two := tuned(true)
	two.Objectives = append(two.Objectives, results.Objective{Figure: "p95(startupMs)", Direction: results.Down})
	two.Front = append(two.Front, 1, 4, 6)
	for name, tuning := range map[string]*results.Tuning{"tune-won": tuned(true), "tune-lost": tuned(false), "tune-empty": empty, "tune-two": two} {
		var b bytes.Buffer
		if err := TuningHTML(&b, tuning, configurations["one"]); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		pages[name] = b.String()
	}
	return pages
}

func TestTuningGoldens(t *testing.T) {
	for name, won := range map[string]bool{"tune-won": true, "tune-lost": false} {
		c := configurations["one"]
		var terminal, markdown bytes.Buffer
		if err := TuningTerminal(&terminal, tuned(won), c, TerminalOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := TuningMarkdown(&markdown, tuned(won), c); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".txt", terminal.Bytes())
		golden(t, name+".md", markdown.Bytes())
	}
}

// TestTuningPageSays holds the page to the figures, and to what it may not contain.
func TestTuningPageSays(t *testing.T) {
	tuning := tuned(true)
	pages := tuningPages(t)
	won := pages["tune-won"]
	g := tuning.Confirmation.Confirmed[0].Gains[0]
	for what, want := range map[string]string{
		"the gain": diffText("p2pRatio", g.Diff), "its interval": rangeText("p2pRatio", g.Together), "the configuration": "highDemandTimeWindow: 7.5",
		"Shaka": "new ShakaP2PEngine", "the reach": "2 of 3", "where not": "Not on: worse links", "the command": tuning.Command, "the reason": tuning.Space[0].Reason,
		"the warning": "the two tiers disagree",
	} {
		if !strings.Contains(won, strings.ReplaceAll(want, "+", "&#43;")) && !strings.Contains(won, want) {
			t.Errorf("%s: the page does not say %q", what, want)
		}
	}
	if strings.Contains(won, "<script>\"") || strings.Contains(won, "live<b>") || strings.Contains(won, "9 <script>") {
		t.Error("a name breaks out")
	}
	for _, bad := range []string{"To paste", "Confirmed in", "ShakaP2PEngine"} {
		if strings.Contains(pages["tune-lost"], bad) {
			t.Errorf("without a winner the page has %q", bad)
		}
	}
	if n := strings.Count(won, `class="pline `); n < 55 {
		t.Errorf("%d lines in the parallel coordinates", n)
	}
	if body, _, _ := strings.Cut(won, "<script"); strings.Contains(body, "NaN") { // the script asks isNaN
		t.Error("NaN in the page")
	}
}

func TestTuningFiles(t *testing.T) {
	dir := t.TempDir()
	tuning := tuned(true)
	if err := WriteTuning(dir, tuning, configurations["one"]); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "trials.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil || len(rows) != len(tuning.Trials)+1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	column := slices.Index(rows[0], "gain p2pRatio")
	if got, want := rows[2][column], fmt.Sprintf("%.8g", tuning.Trials[1].Gains[0].Diff); got != want {
		t.Errorf("trial 1 gains %s in the table, want %s", got, want)
	}
	lines, err := os.ReadFile(filepath.Join(dir, "trials.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range bytes.Split(bytes.TrimSpace(lines), []byte("\n")) {
		var trial results.Trial
		if err := json.Unmarshal(line, &trial); err != nil || trial.Number != i {
			t.Errorf("line %d is trial %d, %v", i, trial.Number, err)
		}
	}
	configuration := []string{"config-hlsjs.mjs", "config-shaka.mjs", "config.json"}
	for _, name := range append([]string{"report.html", "summary.md"}, configuration...) {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	// More trials, and it was no winner after all: what it would have had pasted is gone, and all else is there.
	if err := WriteTuning(dir, tuned(false), results.Configuration{}); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) != 4 {
		t.Errorf("without a winner there are %v, %v", left, err)
	}
	for _, name := range configuration {
		if slices.Contains(left, filepath.Join(dir, name)) {
			t.Errorf("%s of an earlier winner is left", name)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, configuration[0], "in the way"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := WriteTuning(dir, tuned(false), results.Configuration{}); err == nil {
		t.Error("what cannot be removed is no error")
	}
}

// TestPoorFit: where the model of the effects knows less than half, every form says so in words, and shows nothing that it guesses.
func TestPoorFit(t *testing.T) {
	known, guessed := tuned(true), tuned(true)
	rng := rand.New(rand.NewPCG(5, 6))
	for i := range guessed.Trials {
		for k := range guessed.Trials[i].Gains {
			guessed.Trials[i].Gains[k].Diff += 0.11 * rng.NormFloat64() // chance about as large as what settings do: R² is 0.4
		}
	}
	for _, c := range []struct {
		tuning *results.Tuning
		guess  bool
	}{{known, false}, {guessed, true}} {
		e := c.tuning.EffectsOf(c.tuning.Objectives[0])
		if e == nil || e.Fit < 0.5 != c.guess || e.Fit < 0.3 {
			t.Fatalf("guess %v: %+v", c.guess, e)
		}
		page := effectsOf(c.tuning)
		for _, chart := range page.Charts {
			curves := 0
			for _, line := range chart.Curves {
				if line.Style == "p2p" {
					curves++
				}
			}
			if curves != map[bool]int{false: 1, true: 0}[c.guess] || strings.Contains(chart.YLabel, "%") == c.guess || strings.Contains(chart.Alt, "at one end") == c.guess {
				t.Errorf("guess %v: the chart of %s has %d curves, the label %q and the words %q", c.guess, chart.Name, curves, chart.YLabel, chart.Alt)
			}
		}
		if c.guess && len(page.Interactions) > 0 {
			t.Errorf("%d interactions are guessed", len(page.Interactions))
		}
		var terminal, html bytes.Buffer
		if err := errors.Join(TuningTerminal(&terminal, c.tuning, configurations["one"], TerminalOptions{}), TuningHTML(&html, c.tuning, configurations["one"])); err != nil {
			t.Fatal(err)
		}
		for what, text := range map[string]string{"the terminal": terminal.String(), "the page": html.String()} {
			plain := strings.Join(strings.Fields(text), " ")
			if strings.Contains(plain, "trials predicts less than half of what trials differ by") != c.guess || strings.Contains(plain, "Shares of what settings change") == c.guess {
				t.Errorf("guess %v: %s does not say so: %s", c.guess, what, plain[:min(len(plain), 2000)])
			}
		}
	}
}

// TestTuningInABrowser: nothing sticks out in either theme, wide or narrow; the table sorts; nothing is asked for.
func TestTuningInABrowser(t *testing.T) {
	browser := chromium(t)
	for name, page := range tuningPages(t) {
		p := show(t, browser, page, 1280, "light")
		for _, scheme := range []string{"light", "dark"} {
			for _, width := range []int64{1280, 390} {
				what := fmt.Sprintf("%s, %s, %d", name, scheme, width)
				p.as(width, scheme)
				if got := ask[int64](p, `document.documentElement.scrollWidth`); got > width {
					t.Errorf("%s: the page is %d wide", what, got)
				}
				if low := ask[float64](p, `document.querySelectorAll(".answer .sentence")[2].getBoundingClientRect().bottom`); low > 844 {
					t.Errorf("%s: the third answer ends at %.0f of 844", what, low)
				}
				p.picture(fmt.Sprintf("%s-%s-%d", name, scheme, width))
			}
		}
		if name == "tune-won" {
			sorts(t, p)
		}
		p.silent(name)
	}
}

// sorts clicks on the gain's column: the largest comes first, then the smallest, and what there is not last both times.
func sorts(t *testing.T, p *tab) {
	t.Helper()
	const column = `[...document.querySelectorAll(".sortable tbody tr")].map(r => r.cells[2].dataset.v)`
	for _, down := range []bool{true, false} {
		ask[bool](p, `(document.querySelectorAll(".sortable thead button")[2].click(), true)`)
		values := ask[[]string](p, column)
		if values[len(values)-1] != "" {
			t.Error("a trial without a gain is not last")
		}
		sorted := slices.IsSortedFunc(values[:len(values)-1], func(a, b string) int {
			var x, y float64
			_, _ = fmt.Sscan(a, &x)
			_, _ = fmt.Sscan(b, &y)
			if down {
				x, y = y, x
			}
			return map[bool]int{true: 1, false: -1}[x > y]
		})
		if !sorted {
			t.Errorf("down %v: %v", down, values)
		}
	}
}
