package report

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"swarmlab/results"
)

func pageOf(t testing.TB, r *results.Result) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// repeatsOf are small runs with a spread.
func repeatsOf(n int) []*results.Result {
	var runs []*results.Result
	for i := range n {
		w := worlds["two-viewers"]
		w.seconds += 10 * i
		r := synthetic(w)
		r.Run.Seed = uint64(i + 1)
		r.Summary.P2PRatio += 0.01 * float64(i)
		runs = append(runs, r)
	}
	return runs
}

// everyPage is each kind of page of each result that a report must survive.
func everyPage(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	for name, r := range extremes() {
		pages[name] = pageOf(t, r)
	}
	for _, n := range []int{1, 3} {
		var b bytes.Buffer
		runs := repeatsOf(n)
		a, err := results.Aggregate(runs)
		if err != nil {
			t.Fatal(err)
		}
		a.Expect(3)
		if err := HTMLRepeats(&b, a, runs, "swarmlab run two-viewers --repeat 3"); err != nil {
			t.Fatal(err)
		}
		pages[fmt.Sprintf("%d repeats", n)] = b.String()
		if said := strings.Contains(b.String(), "NOT ALL ARE THERE, 1 of 3"); said != (n < 3) {
			t.Errorf("%d of 3 repeats are there: the page says that some are missing: %v", n, said)
		}
	}
	trackers := hardTrackers()
	for _, name := range []string{"three", "dead", "many"} { // the rest are none that a browser could make more of
		var b bytes.Buffer
		if err := TrackerHTML(&b, trackers[name]); err != nil {
			t.Fatal(err)
		}
		pages["trackers: "+name] = b.String()
	}
	return pages
}

// TestGoldenHTML leaves out what has tests of its own, and the curves: the last digits of their coordinates may differ between
// kinds of processors.
func TestGoldenHTML(t *testing.T) {
	pages := everyPage(t)
	for name, page := range map[string]string{"report.html": pageOf(t, small()), "repeats.html": pages["3 repeats"]} {
		for _, part := range []string{`(?s)(<style>).*?(</style>)`, `(?s)(<script[^>]*>).*?(</script>)`, `(<path[^>]* d=")[^"]*(")`} {
			page = regexp.MustCompile(part).ReplaceAllString(page, "$1…$2")
		}
		golden(t, name, []byte(page))
	}
}

func TestHTMLNeedsNoNetwork(t *testing.T) {
	link := regexp.MustCompile(`(?:src|href|url|import)\s*[=(]\s*["']?[^"'\s>)]*`)
	own := regexp.MustCompile(`^href="(#[a-z]+$|data:,$|seed-\d+/report\.html$)`)
	for name, page := range everyPage(t) {
		for _, l := range link.FindAllString(page, -1) {
			if !own.MatchString(l) {
				t.Errorf("%s: the page asks for %s", name, l)
			}
		}
		if !strings.Contains(page, `content="default-src 'none';`) {
			t.Errorf("%s: the browser is not told that nothing is to be loaded", name)
		}
	}
}

// Every anchor that the page points to is there.
func TestSectionsAreThere(t *testing.T) {
	page := pageOf(t, small())
	for _, l := range regexp.MustCompile(`href="#([a-z]+)"`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(page, `id="`+l[1]+`"`) {
			t.Errorf("there is no section %s", l[1])
		}
	}
}

func TestChartsAreWhole(t *testing.T) {
	figure := regexp.MustCompile(`(?s)<figure class="chart".*?</figure>`)
	for name, page := range everyPage(t) {
		if strings.Contains(page, "NaN") || strings.Contains(page, "Inf") || strings.Contains(page, "ZgotmplZ") {
			t.Errorf("%s: there is a figure that is no number, or text that the template refused", name)
		}
		figures := figure.FindAllString(page, -1)
		if len(figures) == 0 {
			t.Errorf("%s: no charts", name)
		}
		for _, f := range figures {
			drawn := strings.Contains(f, "<title>") && !strings.Contains(f, "<title></title>") && strings.Contains(f, `class="xt"`)
			empty := strings.Contains(f, `class="empty"`) && strings.Contains(f, ".</p>")
			if drawn == empty {
				t.Errorf("%s: a chart neither shows something, with words for the blind, nor says why not:\n%s", name, f)
			}
		}
	}
}

// styleRule finds a declaration in the page's style.
func styleRule(t *testing.T, selector, property string) string {
	t.Helper()
	rule := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(selector) + ` \{([^}]*)\}`).FindStringSubmatch(string(pageStyle))
	if rule == nil {
		t.Errorf("the style has no %s", selector)
		return ""
	}
	found := regexp.MustCompile(`(?:^|[ ;])` + property + `: ([^;]*);`).FindStringSubmatch(rule[1])
	if found == nil {
		return ""
	}
	return found[1]
}

// Printed in grey, colour says nothing: lines in one chart differ in their dashes, reasons in their patterns.
func TestPageIsLegibleInGrey(t *testing.T) {
	for name, r := range extremes() {
		charts, _ := timePage(r)
		charts = append(charts, latencyChart(latencies(r)), uploadChart(r))
		for _, c := range charts {
			seen := map[string]string{}
			for _, k := range c.Legend {
				var look string
				if k.Area {
					look = "an area " + styleRule(t, ".area."+k.Style, "fill")
				} else {
					look = "a line " + styleRule(t, ".line."+k.Style, "stroke-dasharray") + styleRule(t, ".line."+k.Style, "stroke-width")
				}
				if seen[look] != "" {
					t.Errorf("%s: %s: %q and %q look the same in grey", name, c.Title, seen[look], k.Name)
				}
				seen[look] = k.Name
			}
		}
	}
	patterns := map[string]string{}
	colour := regexp.MustCompile(`var\(--[a-z0-9-]*\)`)
	for reason := range reasonText {
		pattern := styleRule(t, ".r-"+reason, "background")
		if plain := colour.FindString(pattern); plain != pattern { // two that are plain differ in lightness, which the next test holds
			pattern = colour.ReplaceAllString(pattern, "")
		}
		if patterns[pattern] != "" {
			t.Errorf("%s and %s look the same in grey", patterns[pattern], reason)
		}
		patterns[pattern] = reason
	}
}

// themes are the page's colours: in light, in dark, on paper.
func themes(t *testing.T) map[string]map[string]float64 {
	t.Helper()
	blocks := strings.Split(string(pageStyle), ":root {")[1:]
	if len(blocks) != 3 {
		t.Fatalf("the style sets its colours %d times, want for light, dark and paper", len(blocks))
	}
	out := map[string]map[string]float64{}
	for i, name := range []string{"light", "dark", "paper"} {
		body, _, _ := strings.Cut(blocks[i], "}")
		out[name] = map[string]float64{}
		for _, m := range regexp.MustCompile(`--([a-z0-9-]+): #([0-9a-f]{6});`).FindAllStringSubmatch(body, -1) {
			out[name][m[1]] = luminance(t, m[2])
		}
		if name == "paper" { // what it does not set stays as in light
			for c, l := range out["light"] {
				if _, set := out[name][c]; !set {
					out[name][c] = l
				}
			}
		}
	}
	return out
}

// TestContrast holds text to WCAG 2.1, 1.4.3 (4.5 : 1), and what carries a meaning to 1.4.11 (3 : 1).
func TestContrast(t *testing.T) {
	for theme, colours := range themes(t) {
		contrast := func(a, b string) float64 {
			x, okA := colours[a]
			y, okB := colours[b]
			if !okA || !okB {
				t.Fatalf("%s has no %s or no %s", theme, a, b)
			}
			return (max(x, y) + 0.05) / (min(x, y) + 0.05)
		}
		for _, text := range []string{"ink", "faint", "bad", "good", "focus"} {
			for _, ground := range []string{"paper", "back"} {
				if c := contrast(text, ground); c < 4.5 {
					t.Errorf("%s: %s on %s has a contrast of %.1f", theme, text, ground, c)
				}
			}
		}
		for _, shape := range []string{"p2p", "http", "http-fill", "third", "fourth", "faint"} {
			if c := contrast(shape, "paper"); c < 3 {
				t.Errorf("%s: %s on paper has a contrast of %.1f", theme, shape, c)
			}
		}
		if c := contrast("p2p-fill", "http-fill"); c < 1.7 {
			t.Errorf("%s: the areas of P2P and HTTP differ by %.2f only", theme, c)
		}
		if c := contrast("ink", "p2p-fill"); c < 4.5 {
			t.Errorf("%s: text on the matrix' darkest cell has a contrast of %.1f", theme, c)
		}
	}
}

// luminance is WCAG's relative luminance.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	var r, g, b int
	if _, err := fmt.Sscanf(hex, "%02x%02x%02x", &r, &g, &b); err != nil {
		t.Fatal(err)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

// linear is a channel of sRGB as light.
func linear(channel int) float64 {
	c := float64(channel) / 255
	if c <= 0.03928 {
		return c / 12.92
	}
	return math.Pow((c+0.055)/1.055, 2.4)
}

// The pictures of pages that show gonum's take the page's colours.
func TestInlinePicturesFollowTheTheme(t *testing.T) {
	for _, p := range Plots(synthetic(worlds["vod"])) {
		svg, err := inlineSVG(p)
		if err != nil {
			t.Fatal(err)
		}
		if left := regexp.MustCompile(`(?:fill|stroke):#`).FindString(string(svg)); left != "" {
			t.Errorf("%s has a colour that does not follow the theme", p.Name)
		}
	}
	for theme, colours := range themes(t) {
		for _, c := range themeColors {
			if _, set := colours[c.name]; !set {
				t.Errorf("%s has no colour %s", theme, c.name)
			}
		}
	}
}

// anHour is a run of 500 viewers and an hour, as large as such a run's result gets: every second another sample, and an overlay with
// as many links as are kept.
func anHour() *results.Result {
	r := synthetic(worlds["big"])
	rng := rand.New(rand.NewPCG(1, 1))
	sample := r.Timeline[len(r.Timeline)-1]
	for i := range 3600 {
		sample.T = float64(i + 1)
		sample.P2PBytes, sample.HTTPBytes, sample.OriginBytes = rng.Int64N(1e8), rng.Int64N(1e8), rng.Int64N(1e8)
		sample.P2PChunkBytes, sample.HTTPChunkBytes, sample.UploadedBytes = rng.Int64N(1e8), rng.Int64N(1e8), rng.Int64N(1e8)
		sample.MeanBufferSeconds = float64(rng.Int64N(20_000)) / 1000
		if i < len(r.Timeline) {
			r.Timeline[i] = sample
		} else {
			r.Timeline = append(r.Timeline, sample)
		}
	}
	r.Run.SimulatedSeconds = 3600
	r.Overlay.Links = nil
	for a := range 500 {
		for b := a + 1; b < min(500, a+61); b++ {
			r.Overlay.Links = append(r.Overlay.Links, results.OverlayLink{A: a, B: b, AToB: rng.Int64N(1e9), BToA: rng.Int64N(1e9)})
		}
	}
	return r
}

func TestSizes(t *testing.T) {
	if page := pageOf(t, synthetic(worlds["big"])); len(page) > 3_000_000 {
		t.Errorf("the page of 500 viewers has %d bytes", len(page))
	}
	dir := t.TempDir()
	if err := WriteAll(dir, anHour()); err != nil {
		t.Fatal(err)
	}
	var all int64
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, _ error) error {
		if info, err := os.Stat(path); err == nil && !d.IsDir() {
			all += info.Size()
			t.Logf("%9d %s", info.Size(), d.Name())
		}
		return nil
	})
	if all > 20_000_000 {
		t.Errorf("500 viewers and an hour take %d bytes on disk", all)
	}
	if page := pageOf(t, multitude(100_000)); len(page) > 4_000_000 {
		t.Errorf("the page of 100,000 viewers has %d bytes", len(page))
	}
}

// multitude is a swarm of so many viewers, copies of a few.
func multitude(n int) *results.Result {
	r := synthetic(worlds["vod"])
	peers := r.Peers
	r.Peers = make([]results.PeerRow, n)
	for i := range r.Peers {
		r.Peers[i] = peers[i%len(peers)]
		r.Peers[i].Name = fmt.Sprintf("home-%06d", i)
	}
	r.Summary.Peers = n
	return r
}

// A page cannot have all viewers of a large audience. Those who fared worst are the ones to look at.
func TestTheWorstAreKept(t *testing.T) {
	r := multitude(mostRows + 500)
	r.Peers[10_100].StartupMs = nil
	r.Peers[10_200].StalledSeconds = 99
	for i := range r.Peers[:600] {
		r.Peers[i].P2PRatio, r.Peers[i].StalledSeconds = 1, 0
	}
	rows := keptRows(r.Peers)
	if len(rows) != mostRows || rows[0].Name != "home-010100" || rows[1].Name != "home-010200" {
		t.Errorf("%d rows, the first %s and %s", len(rows), rows[0].Name, rows[1].Name)
	}
	if last := rows[mostRows-1]; last.P2PRatio < 0.9 {
		t.Errorf("the last viewer kept has a ratio of %v", last.P2PRatio)
	}
	page := pageOf(t, r)
	if !strings.Contains(page, "the 10,000 who fared worst") || strings.Count(page, `<th scope="row">home-`) != pageRows {
		t.Error("the page does not say which viewers it has")
	}
	if small := keptRows(r.Peers[:3]); !slices.Equal(small, []*results.PeerRow{&r.Peers[0], &r.Peers[1], &r.Peers[2]}) {
		t.Error("rows that fit do not stay in their order")
	}
}

func TestRepeatsPageOfNothing(t *testing.T) {
	if err := HTMLRepeats(io.Discard, &results.Repeats{}, nil, ""); err == nil {
		t.Error("a report of no runs at all")
	}
}
