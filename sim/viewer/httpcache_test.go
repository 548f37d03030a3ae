package viewer

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"swarmlab/results"
	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

// scriptEnv takes requests and lets the test answer them.
type scriptEnv struct {
	p2pml.Env
	asked []*scriptFetch
}

type scriptFetch struct {
	p2pml.FetchRequest
	p2pml.FetchHandler
	canceled bool
}

func (f *scriptFetch) Cancel() { f.canceled = true }

func (e *scriptEnv) Fetch(r p2pml.FetchRequest, h p2pml.FetchHandler) p2pml.Fetch {
	f := &scriptFetch{FetchRequest: r, FetchHandler: h}
	e.asked = append(e.asked, f)
	return f
}

// last is the newest request, as "url" or "url from-to".
func (e *scriptEnv) last() (*scriptFetch, string) {
	f := e.asked[len(e.asked)-1]
	if f.IfRange != "" {
		return f, fmt.Sprintf("%s %d-%d if %s", f.URL, f.Range.Start, f.Range.End, f.IfRange)
	}
	if f.Range == nil {
		return f, f.URL
	}
	return f, fmt.Sprintf("%s %d-%d", f.URL, f.Range.Start, f.Range.End)
}

// page notes what it is told.
type page struct {
	heard  []string
	onBody func()
}

func (p *page) FetchHeaders(a p2pml.FetchHeaders) {
	p.heard = append(p.heard, fmt.Sprintf("%d of %d", a.Status, a.ContentLength))
}

func (p *page) FetchBody(m webtorrent.Message) {
	p.heard = append(p.heard, string(m.Bytes))
	if p.onBody != nil {
		p.onBody()
	}
}

func (p *page) FetchDone(err error) { p.heard = append(p.heard, fmt.Sprint("done ", err)) }

// said is an answer to one request: its head and its body.
type said struct {
	p2pml.FetchHeaders
	body string
}

const body = "abcdefghij"

// all is an answer with all of the body; from is one with so much of it from a place on, of so much in all.
var all = said{p2pml.FetchHeaders{Status: http.StatusOK, ContentLength: 10, Validator: `"v"`}, body}

func from(start, n, total int64) said {
	return said{p2pml.FetchHeaders{Status: http.StatusPartialContent, ContentLength: n, Validator: `"v"`,
		ContentRange: &p2pml.ContentRange{Start: start, End: start + n - 1, Total: total}}, body[start : start+n]}
}

func text(s string) webtorrent.Message { return webtorrent.Text([]byte(s)) }

// TestADownloadGoesOnWhereItWas: after four bytes it is given up, or fails, and the same is asked for again.
func TestADownloadGoesOnWhereItWas(t *testing.T) {
	again := []string{"200 of 10", body, "done <nil>"}
	for _, c := range []struct {
		name   string
		first  p2pml.FetchHeaders
		fails  bool // instead of being given up
		ask    *p2pml.ByteRange
		then   []said
		asks   []string // of the origin
		hears  []string
		cached int
	}{
		{name: "the rest is asked for", first: all.FetchHeaders, then: []said{from(4, 1, 10), from(4, 6, 10)}, asks: []string{`u 4-4 if "v"`, `u 4-9 if "v"`},
			hears: []string{"200 of 10", "ab", "cd", "efghij", "done <nil>"}, cached: 4},
		{name: "after an error, too", first: all.FetchHeaders, fails: true, then: []said{from(4, 1, 10), from(4, 6, 10)}, asks: []string{`u 4-4 if "v"`, `u 4-9 if "v"`},
			hears: []string{"200 of 10", "ab", "cd", "efghij", "done <nil>"}, cached: 4},
		{name: "the server sends all", first: all.FetchHeaders, then: []said{all}, asks: []string{`u 4-4 if "v"`}, hears: again},
		{name: "it is longer by now", first: all.FetchHeaders, then: []said{from(4, 1, 12), all}, asks: []string{`u 4-4 if "v"`, "u"}, hears: again},
		{name: "another part comes", first: all.FetchHeaders, then: []said{from(5, 1, 10), all}, asks: []string{`u 4-4 if "v"`, "u"}, hears: again},
		{name: "it changes in between", first: all.FetchHeaders, then: []said{from(4, 1, 10), all}, asks: []string{`u 4-4 if "v"`, `u 4-9 if "v"`},
			hears: []string{"200 of 10", "ab", "cd", "done " + errChanged.Error()}, cached: 4},
		{name: "it is gone", first: all.FetchHeaders, then: []said{{p2pml.FetchHeaders{Status: 404, ContentLength: 4}, "gone"}}, asks: []string{`u 4-4 if "v"`},
			hears: []string{"404 of 4", "gone", "done <nil>"}},
		{name: "it may not be kept", first: p2pml.FetchHeaders{Status: 200, ContentLength: 10}, then: []said{all}, asks: []string{"u"}, hears: again},
		{name: "its length is not known", first: p2pml.FetchHeaders{Status: 200, ContentLength: -1, Validator: `"v"`}, then: []said{all},
			asks: []string{"u"}, hears: again},
		{name: "it is too large", first: p2pml.FetchHeaders{Status: 200, ContentLength: 1 << 40, Validator: `"v"`}, then: []said{all},
			asks: []string{"u"}, hears: again},
		{name: "it was an error", first: p2pml.FetchHeaders{Status: 503, ContentLength: 10, Validator: `"v"`}, then: []said{all}, asks: []string{"u"},
			hears: again},
		{name: "the page asks for a part", first: all.FetchHeaders, ask: &p2pml.ByteRange{Start: 2, End: -1}, then: []said{from(2, 8, 10)},
			asks: []string{"u 2--1"}, hears: []string{"206 of 8", "cdefghij", "done <nil>"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, record := &scriptEnv{}, results.NewViewer(results.ViewerInfo{})
			env := newBrowser(e, record)
			running := env.Fetch(p2pml.FetchRequest{URL: "u"}, &page{})
			f, _ := e.last()
			f.FetchHeaders(c.first)
			f.FetchBody(text("ab"))
			f.FetchBody(text("cd"))
			if c.fails {
				f.FetchDone(errors.New("cut off"))
			} else {
				running.Cancel()
			}
			if f.canceled == c.fails {
				t.Errorf("canceled: %v", f.canceled)
			}
			p := &page{}
			env.Fetch(p2pml.FetchRequest{URL: "u", Range: c.ask}, p)
			var asks []string
			for _, s := range c.then {
				f, asked := e.last()
				asks = append(asks, asked)
				f.FetchHeaders(s.FetchHeaders)
				if !f.canceled {
					f.FetchBody(text(s.body))
					f.FetchDone(nil)
				}
			}
			if !slices.Equal(asks, c.asks) || !slices.Equal(p.heard, c.hears) {
				t.Errorf("the origin is asked for %q, want %q; heard %q, want %q", asks, c.asks, p.heard, c.hears)
			}
			if got := cachedOf(t, record); got != int64(c.cached) {
				t.Errorf("%d bytes out of the cache, want %d", got, c.cached)
			}
			// What is whole, or was of no use, is not there any more.
			env.Fetch(p2pml.FetchRequest{URL: "u"}, p)
			if _, asked := e.last(); asked != "u" {
				t.Errorf("then the origin is asked for %q", asked)
			}
		})
	}
}

func cachedOf(t *testing.T, record *results.ViewerRecord) int64 {
	t.Helper()
	r, err := results.Summarise(results.Input{Viewers: []*results.ViewerRecord{record}, Sampler: &results.Sampler{}})
	if err != nil {
		t.Fatal(err)
	}
	return r.Summary.HTTPCachedBytes
}

// TestADownloadIsGivenUpAgainAndAgain: each time it goes on where the last one was, and who gives up while the kept bytes are told hears no more.
func TestADownloadIsGivenUpAgainAndAgain(t *testing.T) {
	e := &scriptEnv{}
	env := newBrowser(e, results.NewViewer(results.ViewerInfo{}))
	fetch := func(probe string) (*page, p2pml.Fetch, *scriptFetch) {
		t.Helper()
		p := &page{}
		running := env.Fetch(p2pml.FetchRequest{URL: "u"}, p)
		f, asked := e.last()
		if asked != probe {
			t.Fatalf("the origin is asked for %q, want %q", asked, probe)
		}
		return p, running, f
	}
	_, running, f := fetch("u")
	f.FetchHeaders(all.FetchHeaders)
	f.FetchBody(text("ab"))
	running.Cancel()
	running.Cancel()

	_, running, f = fetch(`u 2-2 if "v"`)
	f.FetchHeaders(from(2, 1, 10).FetchHeaders)
	f.FetchBody(text("c"))
	f.FetchDone(nil)
	f, _ = e.last()
	f.FetchHeaders(from(2, 8, 10).FetchHeaders)
	f.FetchBody(text("cd"))
	running.Cancel()

	_, running, _ = fetch(`u 4-4 if "v"`)
	running.Cancel() // before there is an answer

	p, running, f := fetch(`u 4-4 if "v"`)
	p.onBody = func() { running.Cancel() }
	f.FetchHeaders(from(4, 1, 10).FetchHeaders)
	if want := []string{"200 of 10", "ab"}; !slices.Equal(p.heard, want) || !f.canceled {
		t.Errorf("who has given up hears %q, want %q; the request is given up: %v", p.heard, want, f.canceled)
	}

	_, _, f = fetch(`u 4-4 if "v"`)
	f.FetchDone(errors.New("no line"))
	fetch(`u 4-4 if "v"`)
}

// TestACacheHasAnEnd: of more downloads than it keeps the oldest are forgotten.
func TestACacheHasAnEnd(t *testing.T) {
	e := &scriptEnv{}
	env := newBrowser(e, results.NewViewer(results.ViewerInfo{}))
	begin := func(url string) {
		running := env.Fetch(p2pml.FetchRequest{URL: url}, &page{})
		f, _ := e.last()
		if f.Range == nil {
			f.FetchHeaders(all.FetchHeaders)
			f.FetchBody(text("a"))
		}
		running.Cancel()
	}
	for range 10 {
		begin("again and again") // which is no more than one of them
	}
	same := [2]p2pml.Fetch{}
	for i := range same { // at the same time
		same[i] = env.Fetch(p2pml.FetchRequest{URL: "twice"}, &page{})
		f, _ := e.last()
		f.FetchHeaders(all.FetchHeaders)
		f.FetchBody(text("a"))
	}
	for _, running := range same {
		running.Cancel()
	}
	if c := env.cache; len(c.order) != len(c.begun) {
		t.Errorf("%d downloads in an order of %d", len(c.begun), len(c.order))
	}
	for i := range mostBegun {
		begin(fmt.Sprint(i))
	}
	for url, want := range map[string]string{"again and again": "again and again", "0": `0 1-1 if "v"`, "15": `15 1-1 if "v"`} {
		env.Fetch(p2pml.FetchRequest{URL: url}, &page{})
		if _, asked := e.last(); asked != want {
			t.Errorf("of %q the origin is asked for %q, want %q", url, asked, want)
		}
	}
	if c := env.cache; len(c.order) > mostBegun || len(c.begun) > mostBegun {
		t.Errorf("%d downloads in an order of %d", len(c.begun), len(c.order))
	}
}
