package report

import (
	"slices"
	"testing"
)

// BenchmarkFirstPaint is how long a browser that has just opened the report of 500 viewers shows nothing, in ms from its navigation
// on: the fastest and the median opening, since a page that others disturb is slower. A file under 3 MB and a layout that does
// not shift are tests (TestSizes, TestPagesInABrowser); how fast it is depends on the machine.
//
//	go test ./report -run '^$' -bench FirstPaint -benchtime 10x
func BenchmarkFirstPaint(b *testing.B) {
	page := pageOf(b, synthetic(worlds["big"]))
	browser := chromium(b)
	var times []float64
	for b.Loop() {
		p := show(b, browser, page, 1280, "light")
		times = append(times, ask[float64](p, `new Promise(done => new PerformanceObserver(l => {
			for (const e of l.getEntries()) if (e.name === "first-contentful-paint") done(e.startTime);
		}).observe({type: "paint", buffered: true}))`))
	}
	slices.Sort(times)
	b.ReportMetric(times[0], "ms/fastest")
	b.ReportMetric(times[len(times)/2], "ms/median")
	b.ReportMetric(float64(len(page)), "bytes")
	b.ReportMetric(0, "ns/op")
}
