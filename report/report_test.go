package report

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rivo/uniseg"
	"gonum.org/v1/plot"

	"swarmlab/results"
)

// extremes are the results that a report must survive, beside the worlds.
func extremes() map[string]*results.Result {
	all := map[string]*results.Result{"nothing": {Schema: results.Schema}, "broken": broken()}
	for name, w := range worlds {
		all[name] = synthetic(w)
	}
	second := synthetic(world{name: "a-second", viewers: 1, seconds: 1, segment: 4})
	second.Histograms.StartupMs = results.Histogram{Count: 1, Buckets: []results.Bucket{{UpTo: 0, Count: 1}}}
	all["a-second"] = second
	// One value alone, at the very end of a logarithmic axis: a range of nothing.
	one := synthetic(world{name: "one-value", viewers: 1, seconds: 1, segment: 4})
	one.Histograms = results.Histograms{StartupMs: results.Histogram{Count: 1, Buckets: []results.Bucket{{UpTo: 0.2, Count: 1}}}}
	all["one-value"] = one
	return all
}

func TestSyntheticRunsAreHonest(t *testing.T) {
	for name, w := range worlds {
		for _, c := range synthetic(w).Breaches() {
			t.Errorf("%s: %s: %s", name, c.Name, c.Detail)
		}
	}
}

func TestEveryPlotOfEveryResult(t *testing.T) {
	for name, r := range extremes() {
		for _, p := range Plots(r) {
			var svg, picture bytes.Buffer
			if err := errors.Join(p.SVG(&svg), p.PNG(&picture)); err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if *look != "" {
				keep(t, filepath.Join(*look, name, p.Name+".png"), picture.Bytes())
			}
			if _, err := png.Decode(&picture); err != nil {
				t.Errorf("%s: %s.png: %v", name, p.Name, err)
			}
			wellFormed(t, name+"/"+p.Name, svg.Bytes())
			if strings.Contains(svg.String(), "NaN") || strings.Contains(svg.String(), "Inf") {
				t.Errorf("%s: %s.svg has coordinates that are no numbers", name, p.Name)
			}
			if !strings.Contains(svg.String(), p.Title) || p.Alt == "" {
				t.Errorf("%s: %s has no title or says nothing to the blind", name, p.Name)
			}
		}
	}
}

func keep(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func wellFormed(t *testing.T, what string, data []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(data))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Errorf("%s is not XML: %v", what, err)
			return
		}
	}
}

func TestEmptyPlotsSayWhy(t *testing.T) {
	r := &results.Result{Schema: results.Schema}
	for _, p := range Plots(r) {
		if p.fig.empty == "" || !strings.HasSuffix(p.fig.empty, ".") {
			t.Errorf("%s draws nothing and does not say why: %q", p.Name, p.fig.empty)
		}
	}
	var b bytes.Buffer
	if err := (Plot{Name: "bad", fig: figure{panels: [][]*plot.Plot{{nil}}, title: "bad"}}).SVG(&b); err == nil {
		t.Error("a figure that cannot be drawn is no error")
	}
}

// Printed in grey, colour says nothing: within a panel lines differ in their dashes, and areas in their lightness.
func TestLegibleInGrey(t *testing.T) {
	for name, r := range extremes() {
		for _, p := range Plots(r) {
			seen := map[string]string{}
			for _, k := range p.fig.legend {
				var style string
				switch {
				case k.fill != nil:
					red, green, blue, _ := k.fill.RGBA()
					lightness := (299*red + 587*green + 114*blue) / 1000 / 257
					style = "area of lightness " + strconv.Itoa(int(lightness/50))
				case k.line.Width > 0:
					style = "line " + strings.TrimSpace(strings.Join(strings.Fields(dashText(k)), " "))
				default:
					continue
				}
				if other, twice := seen[style]; twice {
					t.Errorf("%s: %s: %q and %q look the same in grey (%s)", name, p.Name, other, k.name, style)
				}
				seen[style] = k.name
			}
		}
	}
}

// Nothing to count still makes an axis that starts at zero, and one value a range around it.
func TestAxesHaveARange(t *testing.T) {
	for name, r := range extremes() {
		for _, p := range Plots(r) {
			for _, row := range p.fig.panels {
				for _, panel := range row {
					for axis, a := range map[string]plot.Axis{"x": panel.X, "y": panel.Y} {
						if !(a.Max > a.Min) {
							t.Errorf("%s: %s: the %s axis goes from %v to %v", name, p.Name, axis, a.Min, a.Max)
						}
					}
				}
			}
		}
	}
}

func dashText(k key) string {
	var b strings.Builder
	for _, d := range k.line.Dashes {
		b.WriteString(strconv.FormatFloat(float64(d), 'g', -1, 64) + " ")
	}
	return b.String()
}

// Labels that touch cannot be read. Time is the axis that grows.
func TestTicksDoNotTouch(t *testing.T) {
	const page, halfPage = 540, 240 // points, of the narrowest panels with a time axis and without
	style := sans(10, false)
	check := func(what string, width, lo, hi float64, ticks []plot.Tick) {
		right := -1e9
		labels := 0
		for _, tick := range ticks {
			if tick.Label == "" {
				continue
			}
			labels++
			x := (tick.Value - lo) / (hi - lo) * width
			half := float64(style.Width(tick.Label)) / 2
			if x-half < right+2 {
				t.Errorf("%s: %q touches the label before it", what, tick.Label)
			}
			right = x + half
		}
		if labels < 2 {
			t.Errorf("%s: %d labels do not make an axis", what, labels)
		}
	}
	for hi := 2.0; hi < 1e6; hi *= 1.37 {
		what := strconv.FormatFloat(hi, 'g', 4, 64)
		check("time to "+what, page, 0, hi, timeTicks{}.Ticks(0, hi))
		check("numbers to "+what, halfPage, 0, hi, niceTicks{most: 5}.Ticks(0, hi))
		check("whole numbers to "+what, halfPage, 0, hi, niceTicks{most: 5, whole: true}.Ticks(0, hi))
		check("fractions to "+what, halfPage, 0, hi/1e6, niceTicks{most: 5}.Ticks(0, hi/1e6))
	}
	for _, tick := range (niceTicks{whole: true}).Ticks(0, 1.08) {
		if strings.Contains(tick.Label, ".") {
			t.Errorf("%s viewers", tick.Label)
		}
	}
}

func TestReportsAreDeterministic(t *testing.T) {
	var first map[string][]byte
	for range 3 {
		r := synthetic(worlds["vod"])
		files := map[string][]byte{}
		write := func(name string, f func(io.Writer) error) {
			var b bytes.Buffer
			if err := f(&b); err != nil {
				t.Fatal(err)
			}
			files[name] = b.Bytes()
		}
		write("html", func(w io.Writer) error { return HTML(w, r) })
		write("md", func(w io.Writer) error { return Markdown(w, r) })
		write("terminal", func(w io.Writer) error { return Terminal(w, r, TerminalOptions{}) })
		for _, p := range Plots(r) {
			write(p.Name+".svg", p.SVG)
			write(p.Name+".png", p.PNG)
		}
		if first == nil {
			first = files
		}
		for name, data := range files {
			if !bytes.Equal(first[name], data) {
				t.Errorf("%s differs from one time to the next", name)
			}
		}
	}
}

func TestNamesDoNotBreakOut(t *testing.T) {
	r := broken()
	var page, md, terminal, table bytes.Buffer
	if err := errors.Join(HTML(&page, r), Markdown(&md, r), Terminal(&terminal, r, TerminalOptions{}), PeersCSV(&table, r)); err != nil {
		t.Fatal(err)
	}
	// A command stands in a block of code, where nothing means anything.
	prose, _, _ := strings.Cut(md.String(), "## Again")
	for what, s := range map[string]string{"HTML": page.String(), "Markdown": prose} {
		if strings.Contains(s, "<script>alert") || strings.Contains(s, "<b>peer") || strings.Contains(s, "<i>new") {
			t.Errorf("a name became HTML in %s", what)
		}
	}
	if strings.Contains(terminal.String(), "\x1b") {
		t.Error("a name wrote an escape sequence to the terminal")
	}
	rows, err := csv.NewReader(&table).ReadAll()
	if err != nil || strings.HasPrefix(rows[1][0], "=") {
		t.Errorf("a name became a formula: %q, %v", rows[1][0], err)
	}
}

func TestRatioNeverStandsAlone(t *testing.T) {
	r := synthetic(worlds["vod"])
	for what, write := range map[string]func(io.Writer) error{
		"terminal": func(w io.Writer) error { return Terminal(w, r, TerminalOptions{}) },
		"markdown": func(w io.Writer) error { return Markdown(w, r) },
		"html":     func(w io.Writer) error { return HTML(w, r) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{percent(r.Summary.P2PRatio), percent(r.Summary.P2PRatioBound), "(N-1)/N", "Copies per segment", three(r.Summary.CopiesPerSegment)} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s does not say %q", what, want)
			}
		}
	}
}

func TestTerminalKeepsToItsWidth(t *testing.T) {
	for name, r := range extremes() {
		for _, width := range []int{80, 100, 140} {
			var b bytes.Buffer
			if err := Terminal(&b, r, TerminalOptions{Width: width}); err != nil {
				t.Fatal(err)
			}
			report, _, _ := strings.Cut(b.String(), "These figures cannot be true") // sentences of any length
			for _, line := range strings.Split(report, "\n") {
				if uniseg.StringWidth(line) > width {
					t.Errorf("%s: %d columns of %d: %s", name, uniseg.StringWidth(line), width, line)
				}
			}
		}
	}
}

func TestWriteAll(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	if err := WriteAll(dir, small()); err != nil {
		t.Fatal(err)
	}
	want := []string{"result.json", "peers.csv", "timeline.csv", "report.html", "summary.md"}
	for _, d := range drawings {
		want = append(want, filepath.Join("plots", d.name+".svg"), filepath.Join("plots", d.name+".png"))
	}
	for _, name := range want {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	files := 0
	_ = filepath.WalkDir(dir, func(_ string, d os.DirEntry, _ error) error {
		if !d.IsDir() {
			files++
		}
		return nil
	})
	if files != len(want) {
		t.Errorf("%d files, want %d: something was left behind", files, len(want))
	}
	// A stored result draws the same again.
	stored, err := results.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := HTML(&again, stored); err != nil {
		t.Fatal(err)
	}
	if page, _ := os.ReadFile(filepath.Join(dir, "report.html")); !bytes.Equal(page, again.Bytes()) {
		t.Error("the stored result draws another report")
	}
}

func TestWriteAllSaysWhereItFailed(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, PlotsDir), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := WriteAll(dir, small()); err == nil || !strings.Contains(err.Error(), PlotsDir) {
		t.Errorf("a file where the folder of plots should be: %v", err)
	}
	if _, err := results.Read(dir); err != nil {
		t.Errorf("the result itself was lost: %v", err)
	}
}

// TestLongTimesDoNotRunIntoOneAnother in the table of repeats: before a full origin a startup takes minutes.
func TestLongTimesDoNotRunIntoOneAnother(t *testing.T) {
	runs := repeatsOf(3)
	for i, r := range runs {
		r.Summary.StartupMs.P50 = float64(725_000 + 60_000*i)
	}
	a, err := results.Aggregate(runs)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := TerminalRepeats(&b, a, TerminalOptions{}); err != nil {
		t.Fatal(err)
	}
	if text := b.String(); !strings.Contains(text, " 12 min 05 s 14 min 05 s") {
		t.Errorf("the least and the most startup are not apart:\n%s", text)
	}
}
