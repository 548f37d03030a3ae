package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"swarmlab/results"
)

// TestComparisonInABrowser: no errors, no requests, nothing that shifts or sticks out, in both themes, on a wall and on a telephone;
// and it says what the comparison has.
func TestComparisonInABrowser(t *testing.T) {
	browser := chromium(t)
	all := compared(t)
	two, err := results.Compare(sides(t)[:2])
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*results.Comparison{"four sides": all, "two sides": two} {
		var page bytes.Buffer
		if err := CompareHTML(&page, c); err != nil {
			t.Fatal(err)
		}
		p := show(t, browser, page.String(), 1280, "light")
		if shift := layoutShift(p); shift > unnoticed {
			t.Errorf("%s: the layout shifted by %.3f", name, shift)
		}
		for _, scheme := range []string{"light", "dark"} {
			for _, width := range []int64{1280, 390} {
				what := fmt.Sprintf("%s, %s, %d", name, scheme, width)
				p.as(width, scheme)
				if got := ask[int64](p, `document.documentElement.scrollWidth`); got > width {
					t.Errorf("%s: the page is %d wide", what, got)
				}
				if paper, ink := brightness(p, "--paper"), brightness(p, "--ink"); (paper < ink) != (scheme == "dark") {
					t.Errorf("%s: paper of brightness %.2f, ink of %.2f", what, paper, ink)
				}
				p.picture(strings.ReplaceAll("compare "+what, ", ", "-"))
			}
		}
		shown := ask[string](p, `document.body.innerText`)
		for _, pair := range c.Pairs {
			if want := sideName(pair.B) + " against " + sideName(pair.A) + ": " + summaryText(pair); !strings.Contains(shown, want) {
				t.Errorf("%s: the page does not say %q", name, want)
			}
		}
		if got := ask[int](p, `document.querySelectorAll(".plots svg").length`); got != len(comparedDrawings) {
			t.Errorf("%s: %d pictures, want %d", name, got, len(comparedDrawings))
		}
		forestsAreInPlace(t, p, c)
		p.silent(name)
	}
}

// forestsAreInPlace: a difference's dot stands on the side of nothing on which the difference is.
func forestsAreInPlace(t *testing.T, p *tab, c *results.Comparison) {
	t.Helper()
	at := ask[[]float64](p, `[...document.querySelectorAll(".forest b")].map(b => { const f = b.parentElement.getBoundingClientRect(),
		r = b.getBoundingClientRect(); return (r.left + r.width / 2 - f.left) / f.width - 0.5; })`)
	var rows []results.Row
	for _, pair := range c.Pairs {
		for _, r := range pair.Judged() {
			if forest(r) != nil {
				rows = append(rows, r)
			}
		}
	}
	if len(at) != len(rows) || len(rows) == 0 {
		t.Fatalf("%d dots for %d differences with an interval", len(at), len(rows))
	}
	for i, r := range rows {
		if r.Diff*at[i] < 0 {
			t.Errorf("%s differs by %v, and its dot is at %+.2f", r.Metric, r.Diff, at[i])
		}
	}
}

// unnoticed is a layout shift that nobody sees: a tenth of what Web Vitals calls good (web.dev/cls). A busy machine's browser draws a page
// before it has read all of it, and a table's columns move by a hair when its last rows come.
const unnoticed = 0.01

// layoutShift is how much what was already drawn has moved since the page was opened.
func layoutShift(p *tab) float64 {
	p.t.Helper()
	return ask[float64](p, `new Promise(done => { setTimeout(() => done(0), 50); new PerformanceObserver(l =>
		done(l.getEntries().reduce((s, e) => s + e.value, 0))).observe({type: "layout-shift", buffered: true}); })`)
}

// brightness of one of the page's colours, which are all written in six digits.
func brightness(p *tab, name string) float64 {
	p.t.Helper()
	return ask[float64](p, fmt.Sprintf(`(() => { const n = parseInt(getComputedStyle(document.documentElement).getPropertyValue(%q).trim().slice(1), 16);
		return ((n >> 16) + (n >> 8 & 255) + (n & 255)) / 765; })()`, name))
}
