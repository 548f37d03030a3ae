package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"swarmlab/results"
)

// TestTableInABrowser: sorting, filtering and turning pages, by mouse and by keyboard, and figures as Go writes them.
func TestTableInABrowser(t *testing.T) {
	r := synthetic(worlds["big"])
	p := show(t, chromium(t), pageOf(t, r), 1280, "light")
	const rows = `[...document.querySelectorAll("#table tbody tr")].map(tr => [...tr.cells].map(c => c.textContent))`
	press := func(key string) {
		t.Helper()
		ask[bool](p, fmt.Sprintf(`(document.querySelector('#table [data-key=%q]').focus(), true)`, key))
		if err := chromedp.Do(p.ctx, chromedp.KeyEvent("\r")); err != nil {
			t.Fatal(err)
		}
	}
	columns := usefulColumns(viewerColumns(true), r.Peers)
	place := func(key string) int {
		return slices.IndexFunc(columns, func(c viewerColumn) bool { return c.Key == key })
	}

	before := ask[[][]string](p, rows)
	if len(before) != pageRows {
		t.Fatalf("%d rows, want %d", len(before), pageRows)
	}
	// By the keyboard: names in order are the order in which they came here, home and mobile apart.
	press("name")
	sorted := slices.Clone(r.Peers)
	slices.SortStableFunc(sorted, func(a, b results.PeerRow) int { return strings.Compare(a.Name, b.Name) })
	for i, row := range ask[[][]string](p, rows) {
		for j, c := range columns {
			if want := viewerText(c.Kind, c.of(&sorted[i])); row[j] != want {
				t.Errorf("the script writes %s of %s as %q, Go as %q", c.Key, sorted[i].Name, row[j], want)
			}
		}
	}
	if state := ask[string](p, `document.querySelector('#table [data-key=name]').parentElement.getAttribute("aria-sort")`); state != "ascending" {
		t.Errorf("aria-sort is %q", state)
	}
	// By the mouse: the busiest first, a second time the laziest.
	for _, c := range []struct {
		order string
		less  func(a, b results.PeerRow) bool
	}{
		{"descending", func(a, b results.PeerRow) bool { return a.UploadedBytes > b.UploadedBytes }},
		{"ascending", func(a, b results.PeerRow) bool { return a.UploadedBytes < b.UploadedBytes }},
	} {
		if err := chromedp.Do(p.ctx, chromedp.Click(`#table [data-key=uploadedBytes]`)); err != nil {
			t.Fatal(err)
		}
		best := r.Peers[0]
		for _, peer := range r.Peers {
			if c.less(peer, best) {
				best = peer
			}
		}
		if got := ask[[][]string](p, rows)[0][place("uploadedBytes")]; got != bytesText(best.UploadedBytes) {
			t.Errorf("%s: the first uploaded %s, want %s", c.order, got, bytesText(best.UploadedBytes))
		}
	}
	choose := func(name, value string) {
		t.Helper()
		ask[bool](p, fmt.Sprintf(`(() => { const e = document.querySelector('#filters [name=%q]'); e.value = %q;
			return e.dispatchEvent(new Event("input", {bubbles: true})); })()`, name, value))
	}
	choose("group", "mobile")
	mobile, stalled := 0, 0
	for _, peer := range r.Peers {
		if peer.Group == "mobile" {
			mobile++
			if peer.Stalls > 0 {
				stalled++
			}
		}
	}
	for _, row := range ask[[][]string](p, rows) {
		if row[place("group")] != "mobile" {
			t.Errorf("%s is of group %s", row[0], row[place("group")])
		}
	}
	if shown := ask[string](p, `document.getElementById("shown").textContent`); shown != fmt.Sprintf("1 to %d of %d (of 500)", min(pageRows, mobile), mobile) {
		t.Errorf("mobile: %q, and there are %d", shown, mobile)
	}
	choose("which", "stalled")
	if got := len(ask[[][]string](p, rows)); got != stalled || stalled == 0 {
		t.Errorf("%d rows of mobile viewers who stalled, want %d", got, stalled)
	}
	choose("name", "nobody of that name")
	if got := len(ask[[][]string](p, rows)); got != 0 {
		t.Errorf("%d rows of nobody", got)
	}
	for _, name := range []string{"name", "which", "group"} {
		choose(name, "")
	}
	seen := map[string]bool{}
	for {
		for _, row := range ask[[][]string](p, rows) {
			seen[row[0]] = true
		}
		if ask[bool](p, `document.getElementById("next").disabled`) {
			break
		}
		if err := chromedp.Do(p.ctx, chromedp.Click(`#next`)); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 500 {
		t.Errorf("turning the pages shows %d of 500 viewers", len(seen))
	}
	p.silent("the table")
}

// TestTheScriptWritesAsGoDoes where it is easy to err: at the ends of units, and where Go rounds to the even digit.
func TestTheScriptWritesAsGoDoes(t *testing.T) {
	byteCounts := []int64{0, 1, 999, 1000, 9994, 9995, 9996, 99_949, 99_950, 99_951, 999_499, 999_500, 999_600, 1_125_000, 12_250_000, 12_350_000, 1 << 50}
	times := []float64{0, 0.125, 0.25, 0.9994, 0.9996, 1.5, 2.5, 12.5, 13.5, 999.4, 999.5, 1125, 1135, 9995, 12_250, 59_949, 59_950, 61_000, 3_599_999, 3.6e6, 1e9}
	ratios := []float64{0, 0.0001, 0.0005, 0.00125, 0.0025, 0.125, 0.5, 0.6185, 0.99949, 0.9995, 0.9999, 1}
	r := trio()
	r.Peers = nil
	for i := range max(len(byteCounts), len(times), len(ratios)) {
		ms := times[i%len(times)]
		r.Peers = append(r.Peers, results.PeerRow{
			Name: fmt.Sprintf("v%02d", i), P2PBytes: byteCounts[i%len(byteCounts)], StartupMs: &ms, P2PRatio: ratios[i%len(ratios)],
			StalledSeconds: ms / 1000, WatchedSeconds: ms / 1000, Stalls: byteCounts[i%len(byteCounts)],
		})
	}
	r.Overlay = nil
	p := show(t, chromium(t), pageOf(t, r), 1280, "light")
	const cells = `[...document.querySelectorAll("#table tbody tr")].map(tr => [...tr.cells].map(c => c.textContent))`
	inGo := ask[[][]string](p, cells)
	if err := chromedp.Do(p.ctx, chromedp.Click(`#table [data-key=name]`)); err != nil { // the same order, written by the script
		t.Fatal(err)
	}
	inScript := ask[[][]string](p, cells)
	for i, row := range inGo {
		if !slices.Equal(row, inScript[i]) {
			t.Errorf("Go writes\n%q\nthe script\n%q", row, inScript[i])
		}
	}
	p.silent("the script")
}
