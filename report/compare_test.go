package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/perf/benchfmt"

	"swarmlab/results"
)

// seedsOf makes repeats of a small swarm whose ratio and stalls are given.
func seedsOf(t *testing.T, label string, firstSeed uint64, ratios []float64, edit func(r *results.Result)) *results.Evidence {
	t.Helper()
	var runs []*results.Result
	for i, ratio := range ratios {
		r := small()
		r.Run.Seed = firstSeed + uint64(i)
		r.Summary.P2PRatio = ratio
		if edit != nil {
			edit(r)
		}
		runs = append(runs, r)
	}
	e, err := results.NewEvidence(label, runs)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// sides are what a comparison has to be able to say: better and worse, other settings, too few seeds, a baseline, evil names.
func sides(t *testing.T) []*results.Evidence {
	t.Helper()
	steady := []float64{0.42, 0.43, 0.41, 0.42, 0.43}
	before := seedsOf(t, "results/runs/before", 1, steady, nil)
	after := seedsOf(t, "results/runs/after", 1, []float64{0.35, 0.365, 0.34, 0.35, 0.36}, func(r *results.Result) {
		r.Scenario = json.RawMessage(strings.Replace(string(r.Scenario), `"vod"`, `"live"`, 1))
		r.Summary.StartupMs.P50 /= 2
	})
	one := seedsOf(t, "evil<script>alert(1)</script>|\x1b[31m*name*", 9, []float64{0.5}, func(r *results.Result) {
		r.Run.Name, r.Run.Tier, r.Run.Version = "evil<script>alert(1)</script>", "flow|*", "<b>v2</b>"
	})
	base, err := results.NewBaseline(before).Evidence("results/baselines/two-viewers.json")
	if err != nil {
		t.Fatal(err)
	}
	return []*results.Evidence{before, after, one, base}
}

func compared(t *testing.T) *results.Comparison {
	t.Helper()
	c, err := results.Compare(sides(t))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCompareGoldens(t *testing.T) {
	c := compared(t)
	for name, write := range map[string]func(io.Writer) error{
		"compare.txt":       func(w io.Writer) error { return CompareTerminal(w, c, TerminalOptions{}) },
		"compare-color.txt": func(w io.Writer) error { return CompareTerminal(w, c, TerminalOptions{Color: true}) },
		"compare.md":        func(w io.Writer) error { return CompareMarkdown(w, c) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.Bytes())
	}
}

func TestCompareHTML(t *testing.T) {
	var b bytes.Buffer
	if err := CompareHTML(&b, compared(t)); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{"P2P ratio", ">worse<", ">better<", "stream.kind: A vod, B live", "prefers-color-scheme: dark", "paired t-test", "One seed on a side"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, evil := range []string{"<script>", "<b>v2", "\x1b", "http://", "https://", "src="} {
		if strings.Contains(strings.ReplaceAll(page, "http://www.w3.org/", ""), evil) {
			t.Errorf("the page has %q in it", evil)
		}
	}
	if n := strings.Count(page, "<svg"); n != len(comparedDrawings) {
		t.Errorf("%d pictures, want %d", n, len(comparedDrawings))
	}
}

// Every picture can be drawn of whatever can be compared, and says what it shows.
func TestComparedPlots(t *testing.T) {
	all := sides(t)
	for what, of := range map[string][]*results.Evidence{
		"all": all, "baselines only": {all[3], all[3]}, "a run and a baseline": {all[2], all[3]}, "ten sides": append(append(all, all...), all[:2]...),
	} {
		c, err := results.Compare(of)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range ComparedPlots(c) {
			var b bytes.Buffer
			if err := p.SVG(&b); err != nil {
				t.Errorf("%s: %v", what, err)
			}
			if len(p.Alt) < len(p.Title)+10 {
				t.Errorf("%s: %s tells nothing to who cannot see it: %q", what, p.Name, p.Alt)
			}
			if *look != "" {
				var png bytes.Buffer
				if err := p.PNG(&png); err != nil {
					t.Error(err)
				}
				keep(t, filepath.Join(*look, "compare", strings.ReplaceAll(what, " ", "-"), p.Name+".png"), png.Bytes())
			}
		}
	}
}

// checkedOf is a check with something crossed of each kind.
func checkedOf(t *testing.T) *results.Checked {
	t.Helper()
	all := sides(t)
	c, err := results.NewChecked(all[1], []results.Condition{
		{Text: "p2pRatio > 0.4", Metric: "p2pRatio", Op: ">", Value: 0.4},
		{Text: "stalls == 0", Metric: "stalls", Op: "==", Value: 0},
		{Text: "p95(httpLatencyMs{group:home}) < 800", Func: "p", Percentile: 95, Metric: "httpLatencyMs", Labels: []results.Label{{Key: "group", Value: "home"}}, Op: "<", Value: 800},
		{Text: "mean(liveLatencyMs) < 9000", Func: "mean", Metric: "liveLatencyMs", Op: "<", Value: 9000},
	}, all[3], nil)
	if err != nil {
		t.Fatal(err)
	}
	c.WallSeconds = 151.2
	return c
}

func TestCheckGoldens(t *testing.T) {
	c := checkedOf(t)
	good, err := results.NewChecked(sides(t)[0], nil, sides(t)[3], nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(io.Writer) error{
		"check.txt":        func(w io.Writer) error { return CheckTerminal(w, c, TerminalOptions{}) },
		"check-good.txt":   func(w io.Writer) error { return CheckTerminal(w, good, TerminalOptions{}) },
		"check.md":         func(w io.Writer) error { return CheckMarkdown(w, c) },
		"check-junit.xml":  func(w io.Writer) error { return JUnit(w, c) },
		"check-bench.txt":  func(w io.Writer) error { return GoBenchmark(w, c.Now) },
		"check-up.json":    func(w io.Writer) error { return ActionBenchmark(w, c.Now, results.Up) },
		"check-github.txt": func(w io.Writer) error { return Annotations(w, c) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.Bytes())
	}
}

// A crossing is one line that says what, by how much, how sure.
func TestCrossingsSayIt(t *testing.T) {
	lines := Crossings(checkedOf(t))
	for _, want := range [][]string{
		{"p2pRatio > 0.4", "0.3530", "0.0470 on the wrong side", "95 % interval", "sure"},
		{"mean(liveLatencyMs)", "nothing was measured"},
		{"P2P ratio is worse than its baseline", "35.3 % instead of 42.2 %", "6.9 points less", "p <0.001"},
	} {
		found := false
		for _, line := range lines {
			all := !strings.ContainsAny(line, "\n\r")
			for _, part := range want {
				all = all && strings.Contains(line, part)
			}
			found = found || all
		}
		if !found {
			t.Errorf("no line has all of %q:\n%s", want, strings.Join(lines, "\n"))
		}
	}
	if len(lines) != 3 {
		t.Errorf("%d lines", len(lines))
	}
}

func TestJUnitReadsBack(t *testing.T) {
	c := checkedOf(t)
	c.Name, c.Thresholds[0].Condition = "a]]>b<c>&\x00", "evil ]]> \"quoted\" <tag>"
	var b bytes.Buffer
	if err := JUnit(&b, c); err != nil {
		t.Fatal(err)
	}
	var back junitSuites
	if err := xml.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatalf("%v in\n%s", err, b.String())
	}
	s := back.Suites[0]
	failed := 0
	for _, k := range s.Cases {
		if k.Failure != nil {
			failed++
		}
		if (k.Failure == nil) == (k.Out == nil) {
			t.Errorf("%s: it has to be either, with figures in its body", k.Name)
		}
	}
	if s.Tests != len(s.Cases) || s.Failures != failed || failed != 3 || back.Failures != failed {
		t.Errorf("tests %d of %d, failures %d of %d", s.Tests, len(s.Cases), s.Failures, failed)
	}
	if k := s.Cases[0]; !strings.Contains(k.Failure.Body, "seed 1: 0.3500") || !strings.Contains(k.Failure.Message, "on the wrong side") || !strings.Contains(k.Name, "]]> \"quoted\" <tag>") {
		t.Errorf("%+v", k)
	}
}

// The Go benchmark format is what golang.org/x/perf reads: every seed a result with a value for each metric, and every unit with its way.
func TestGoBenchmarkIsReadByBenchstat(t *testing.T) {
	e := seedsOf(t, "x", 1, []float64{0.25, 0.5}, func(r *results.Result) { r.Run.Name = "live-200" })
	var b bytes.Buffer
	if err := GoBenchmark(&b, e); err != nil {
		t.Fatal(err)
	}
	in := benchfmt.NewReader(bytes.NewReader(b.Bytes()), "x")
	var ratios []float64
	for in.Scan() {
		switch rec := in.Result().(type) {
		case *benchfmt.SyntaxError:
			t.Errorf("%v", rec)
		case *benchfmt.Result:
			if name := string(rec.Name); name != "Swarm/scenario=live_200" {
				t.Errorf("the name is %s", name)
			}
			if rec.GetConfig("tier") != "packet" {
				t.Errorf("the tier is %q", rec.GetConfig("tier"))
			}
			for _, v := range rec.Values {
				if v.Unit == "p2pRatio" {
					ratios = append(ratios, v.Value)
				}
			}
		}
	}
	if len(ratios) != 2 || ratios[0] != 0.25 || ratios[1] != 0.5 || in.Err() != nil {
		t.Errorf("ratios %v, %v", ratios, in.Err())
	}
	for unit, want := range map[string]int{"p2pRatio": 1, "startupMs.p50": -1} {
		if got := in.Units().GetBetter(unit); got != want {
			t.Errorf("%s: better is %d, want %d", unit, got, want)
		}
	}
}

func TestActionBenchmarkHasOneDirection(t *testing.T) {
	e := seedsOf(t, "x", 1, []float64{0.25, 0.5}, nil)
	seen := map[string]bool{}
	for _, way := range []results.Direction{results.Up, results.Down} {
		var b bytes.Buffer
		if err := ActionBenchmark(&b, e, way); err != nil {
			t.Fatal(err)
		}
		var entries []actionEntry
		if err := json.Unmarshal(b.Bytes(), &entries); err != nil || len(entries) == 0 {
			t.Fatalf("%v, %d entries", err, len(entries))
		}
		for _, entry := range entries {
			if seen[entry.Name] || entry.Unit == "" || math.IsNaN(entry.Value) {
				t.Errorf("%+v", entry)
			}
			seen[entry.Name] = true
		}
	}
	if !seen["two-viewers: P2P ratio"] || !seen["two-viewers: Startup, p50"] {
		t.Errorf("%v", seen)
	}
}

// A step's summary that is too large is not shown at all: so it is cut, at a line, and says so.
func TestStepSummaryFits(t *testing.T) {
	c := checkedOf(t)
	for i := range 20000 {
		c.Gate.Differs = append(c.Gate.Differs, results.Differing{What: strings.Repeat("field", 20), A: "1", B: "2"})
		c.Thresholds = append(c.Thresholds, c.Thresholds[i%2])
	}
	for _, room := range []int{StepSummaryLimit, 5000, 200, 10, 0} {
		var b bytes.Buffer
		if err := StepSummary(&b, c, room); err != nil {
			t.Fatal(err)
		}
		if b.Len() > room {
			t.Errorf("%d bytes in room for %d", b.Len(), room)
		}
		if room >= 5000 && (!strings.Contains(b.String(), "does not fit") || b.Len() < room*9/10) {
			t.Errorf("room %d: %d bytes, %q...", room, b.Len(), b.String()[:100])
		}
	}
	var whole bytes.Buffer
	if err := StepSummary(&whole, checkedOf(t), StepSummaryLimit); err != nil || strings.Contains(whole.String(), "does not fit") {
		t.Errorf("a small one is cut: %v", err)
	}
}

func TestAnnotationsAreOneLineEach(t *testing.T) {
	c := checkedOf(t)
	c.Name = "a:b,c%\n::error::forged"
	var b bytes.Buffer
	if err := Annotations(&b, c); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	for _, line := range lines {
		if !strings.HasPrefix(line, "::error title=swarmlab check a%3Ab%2Cc%25%3A%3Aerror%3A%3Aforged::") || strings.Contains(line, " % ") {
			t.Errorf("%s", line)
		}
	}
	if len(lines) != len(Crossings(c)) {
		t.Errorf("%d lines", len(lines))
	}
}

// TestAComparisonSaysWhatWasInterrupted: figures of half a run are not those of a whole one.
func TestAComparisonSaysWhatWasInterrupted(t *testing.T) {
	runs := repeatsOf(3)
	runs[1].Run.Interrupted = true
	e, err := results.NewEvidence("a", runs)
	if err != nil {
		t.Fatal(err)
	}
	if text := sideText(e); !strings.Contains(text, "3 seeds (1 INTERRUPTED)") {
		t.Errorf("a side of which one run was interrupted: %s", text)
	}
	runs[1].Run.Interrupted = false
	if text := sideText(e); strings.Contains(text, "INTERRUPTED") {
		t.Errorf("a side of which none was: %s", text)
	}
}
