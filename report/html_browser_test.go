package report

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"swarmlab/results"
)

// The page as a browser sees it. Where there is no Chromium these tests are skipped, unless SWARMLAB_REQUIRE_BROWSER=1.

// chromium starts one for a test.
func chromium(t testing.TB) context.Context {
	t.Helper()
	path := os.Getenv("SWARMLAB_CHROMIUM")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil && path == "" {
			path = found
		}
	}
	if path == "" {
		const why = "no Chromium on this machine: install one, or name it in SWARMLAB_CHROMIUM"
		if os.Getenv("SWARMLAB_REQUIRE_BROWSER") == "1" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	// Chromium leaves things in its temporary directory. The name of a test's own may be too long for the socket that it makes there.
	temporary, err := os.MkdirTemp("", "report-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(temporary) })
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.Env("TMPDIR="+temporary),
		chromedp.Flag("no-sandbox", true), // containers forbid what it needs; only our own page is ever loaded
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.NoFirstRun, chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	allocator, endAllocator := chromedp.NewExecAllocator(ctx, options...)
	browser, endBrowser := chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {}))
	t.Cleanup(func() { endBrowser(); endAllocator(); cancel() })
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return browser
}

// tab is a page in a browser, and what it complained of or asked for.
type tab struct {
	t   testing.TB
	ctx context.Context

	mu         sync.Mutex
	complaints []string
}

// show opens a page of that width, in light or dark.
func show(t testing.TB, browser context.Context, page string, width int64, scheme string) *tab {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &tab{t: t}
	ctx, end := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(end)
	p.ctx = ctx
	address := "file://" + path
	listen := func(event any) {
		p.mu.Lock()
		defer p.mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventConsoleAPICalled:
			p.complaints = append(p.complaints, fmt.Sprintf("console %s", e.Type))
		case *runtime.EventExceptionThrown:
			p.complaints = append(p.complaints, "exception: "+e.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			p.complaints = append(p.complaints, "log: "+e.Entry.Text)
		case *network.EventRequestWillBeSent:
			if u := e.Request.URL; u != address && !strings.HasPrefix(u, "data:") {
				p.complaints = append(p.complaints, "asks for "+u)
			}
		}
	}
	if err := chromedp.Do(ctx); err != nil { // opens the tab
		t.Fatal(err)
	}
	p.as(width, scheme)
	if err := errors.Join(chromedp.Listen(ctx, listen), chromedp.Do(ctx, chromedp.Navigate(address))); err != nil {
		t.Fatalf("show the page: %v", err)
	}
	return p
}

// as makes the window that wide, and its theme light or dark.
func (p *tab) as(width int64, scheme string) {
	p.t.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
	if err := errors.Join(err, chromedp.Do(p.ctx, chromedp.EmulateViewport(width, 844))); err != nil {
		p.t.Fatal(err)
	}
}

// ask evaluates JavaScript in the page.
func ask[T any](p *tab, expression string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

func (p *tab) silent(what string) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.complaints {
		p.t.Errorf("%s: %s", what, c)
	}
}

// picture keeps a screenshot for those who want to look.
func (p *tab) picture(name string) {
	p.t.Helper()
	if *look == "" {
		return
	}
	png, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		p.t.Fatal(err)
	}
	keep(p.t, filepath.Join(*look, name+".png"), png)
}

// TestALegendIsDrawnWhenItIsWhole: a busy browser draws a page before it has read all of it, and half a legend would move when the rest comes.
func TestALegendIsDrawnWhenItIsWhole(t *testing.T) {
	browser := chromium(t)
	page := everyPage(t)["trackers: many"]
	begin := strings.Index(page, `class="legend"`)
	half := begin + strings.Index(page[begin:], "</svg>")
	if begin < 0 || half < begin {
		t.Fatal("the page has no legend")
	}
	for cut, want := range map[int]string{half: "hidden", len(page): "visible"} {
		p := show(t, browser, page[:cut], 1280, "light")
		if got := ask[string](p, `getComputedStyle(document.querySelector(".legend")).visibility`); got != want {
			t.Errorf("when %d of %d bytes have been read the first legend is %s, want %s", cut, len(page), got, want)
		}
	}
}

// TestPagesInABrowser: no errors, no requests, nothing that sticks out, in both themes, on a wall and on a telephone.
func TestPagesInABrowser(t *testing.T) {
	browser := chromium(t)
	for name, page := range everyPage(t) {
		p := show(t, browser, page, 1280, "light")
		if shift := layoutShift(p); shift > unnoticed {
			t.Errorf("%s: the layout shifted by %.3f while the page was read", name, shift)
		}
		for _, scheme := range []string{"light", "dark"} {
			for _, width := range []int64{1280, 390} {
				what := fmt.Sprintf("%s, %s, %d", name, scheme, width)
				p.as(width, scheme)
				if got := ask[int64](p, `document.documentElement.scrollWidth`); got > width {
					t.Errorf("%s: the page is %d wide", what, got)
				}
				if dark := ask[bool](p, `matchMedia("(prefers-color-scheme: dark)").matches`); dark != (scheme == "dark") {
					t.Errorf("%s: the theme is another", what)
				}
				// All three answers within the first screen.
				if low := ask[float64](p, `document.querySelectorAll(".answer .sentence")[2].getBoundingClientRect().bottom`); low > 844 {
					t.Errorf("%s: the third answer ends at %.0f of 844", what, low)
				}
				p.picture(fmt.Sprintf("%s-%s-%d", name, scheme, width))
			}
		}
		p.silent(name)
	}
}

// TestFiguresInABrowser: what the page says is what result.json has.
func TestFiguresInABrowser(t *testing.T) {
	dir := t.TempDir()
	if err := WriteAll(dir, synthetic(worlds["vod"])); err != nil {
		t.Fatal(err)
	}
	r, err := results.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(dir, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	p := show(t, chromium(t), string(page), 1280, "light")
	s := r.Summary
	shown := ask[string](p, `document.body.innerText`)
	for what, want := range map[string]string{
		"the ratio": percent(s.P2PRatio), "its bound": percent(s.P2PRatioBound), "copies": three(s.CopiesPerSegment),
		"waste": bytesText(s.WastedBytes), "stalls": many(s.Stalls, "time", "times"), "startup": msText(s.StartupMs.P50),
		"the latest P2P segment": msText(s.P2PLatencyMs.Max), "pairs": count(r.Overlay.Pairs), "HTTP requests": count(sumValues(s.Requests["http"])),
		"the command": r.Run.Command,
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("%s is %s, which the page does not say", what, want)
		}
	}
	// The stacked bar is as wide as its parts are large.
	widths := ask[[]float64](p, `[...document.querySelectorAll(".stack.tall i")].map(i => i.getBoundingClientRect().width)`)
	var sum float64
	for _, w := range widths {
		sum += w
	}
	for i, part := range htmlReasons(s) {
		if got := widths[i] / sum; got < part.Share-0.01 || got > part.Share+0.01 {
			t.Errorf("%s: %.3f of the bar, want %.3f", part.Name, got, part.Share)
		}
	}
	// The timeline's own figures: seconds times rates are the bytes that arrived.
	var data struct {
		Time timeData `json:"time"`
	}
	if err := json.Unmarshal([]byte(ask[string](p, `document.getElementById("data").textContent`)), &data); err != nil {
		t.Fatal(err)
	}
	var p2p, from float64
	for i, to := range data.Time.To {
		p2p += *data.Time.Charts[0][1].Values[i] * (to - from) * 1e6 / 8
		from = to
	}
	if got := p2p / float64(s.P2PChunkBytes); got < 0.999 || got > 1.001 {
		t.Errorf("the chart of bytes has %.4f of the P2P bytes", got)
	}
	// Read off a moment by the keyboard, as the last sample has it.
	ask[bool](p, `(document.getElementById("moment").focus(), true)`)
	if err := chromedp.Do(p.ctx, chromedp.KeyEvent(kb.End)); err != nil {
		t.Fatal(err)
	}
	last := r.Timeline[len(r.Timeline)-1]
	for selector, want := range map[string]string{
		`#when`: clockText(last.T),
		`#time figure:nth-child(2) .key:nth-child(3) output`: percent(round(last.P2PRatio, 4)),
		`#time figure:nth-child(4) .key output`:              count(int64(last.Viewers)),
		`#time figure:nth-child(5) .key output`:              count(int64(last.Connections)),
	} {
		if got := ask[string](p, fmt.Sprintf(`document.querySelector(%q).textContent`, selector)); got != want {
			t.Errorf("%s at the end is %q, want %q", selector, got, want)
		}
	}
	p.silent("the figures")
}

// TestSwarmInABrowser: one viewer alone, by the list and by a click, with figures as the overlay has them.
func TestSwarmInABrowser(t *testing.T) {
	r := synthetic(world{name: "few", viewers: 20, seconds: 170, segment: 4, share: true, arrivals: 20 * time.Second})
	p := show(t, chromium(t), pageOf(t, r), 1280, "dark")
	var gave int64
	takers := 0
	for _, l := range r.Overlay.Links {
		for _, g := range []struct {
			from  int
			bytes int64
		}{{l.A, l.AToB}, {l.B, l.BToA}} {
			if g.from == 0 && g.bytes > 0 {
				gave += g.bytes
				takers++
			}
		}
	}
	ask[bool](p, `(() => { const e = document.getElementById("pick"); e.value = "0"; return e.dispatchEvent(new Event("change")); })()`)
	if got, want := ask[string](p, `document.getElementById("picked").textContent`), fmt.Sprintf("gave %s to %d", bytesText(gave), takers); !strings.HasPrefix(got, want) || takers == 0 {
		t.Errorf("the page says %q, want %q", got, want)
	}
	if got := ask[int](p, `document.querySelectorAll(".swarm .gave.out").length`); got != takers {
		t.Errorf("%d chords stand out, want %d", got, takers)
	}
	ask[bool](p, `document.querySelector(".swarm [data-n='0']").dispatchEvent(new MouseEvent("click", {bubbles: true}))`)
	if ask[bool](p, `document.querySelector(".swarm").classList.contains("picked")`) {
		t.Error("a second click does not show everybody again")
	}
	p.silent("the swarm")
}

// TestPageWithoutAScript: a page that may run none still says everything.
func TestPageWithoutAScript(t *testing.T) {
	browser := chromium(t)
	page := strings.Replace(pageOf(t, synthetic(worlds["vod"])), "script-src 'unsafe-inline'", "script-src 'none'", 1)
	p := show(t, browser, page, 1280, "light")
	if got := ask[int](p, `document.querySelectorAll("#table tbody tr").length`); got != pageRows {
		t.Errorf("%d rows", got)
	}
	if got := ask[bool](p, `document.getElementById("next").disabled`); !got {
		t.Error("a button that can do nothing can be pressed")
	}
}

// TestPrintsInABrowser: a PDF of more than one page and of fewer than twenty, though the table has a hundred rows.
func TestPrintsInABrowser(t *testing.T) {
	p := show(t, chromium(t), pageOf(t, synthetic(worlds["vod"])), 1280, "dark")
	pdf, err := chromedp.Run(p.ctx, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
	if err != nil {
		t.Fatal(err)
	}
	if pages := strings.Count(string(pdf), "/Type /Page\n"); pages < 3 || pages > 12 {
		t.Errorf("%d pages", pages)
	}
	if *look != "" {
		keep(t, filepath.Join(*look, "print.pdf"), pdf)
	}
	p.silent("printing")
}
