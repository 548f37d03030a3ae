package viewer

import (
	"errors"
	"net/http"
	"slices"

	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

// httpCache is what of a browser's HTTP cache a player meets who is on a slow line: a download that was given up is not lost. Chromium
// keeps what came of it, and when the same is asked for again it asks the server for the next byte, which tells whether it is still the
// same, tells the page what there is, and asks for the rest (net/http/http_cache_transaction.cc and partial_data.cc; a test with a real
// browser holds it, sim/browser/httpcache_test.go). The library, which throws the bytes of a request away that leaves its table, asks again
// from the beginning and has most of it at once. Where an origin is too slow for its audience that decides whether anybody ever has a whole
// segment.
//
// Whole answers are not kept: nobody asks for them again, but who seeks back beyond what the library has stored. Nor are parts that the page
// asked for with a Range, of which Chromium would make one whole again in the end.
type httpCache struct {
	begun map[string]*begun // by URL
	order []string          // the same, the oldest first
}

// mostBegun downloads are kept, of bodies of so many bytes at most. The library gives up two or three at a time, and soon asks again; Chromium
// keeps nothing that is larger than an eighth of its cache.
const (
	mostBegun = 16
	mostBytes = 32 << 20
)

// begun is the beginning of a body.
type begun struct {
	blocks      []webtorrent.Message
	size, total int64
	validator   string // by which the server tells whether it is still the same
}

// fetch is env.Fetch, past the cache. reused is told of bytes that the server need not send again.
func (c *httpCache) fetch(env p2pml.Env, r p2pml.FetchRequest, h p2pml.FetchHandler, reused func(bytes int64)) p2pml.Fetch {
	b := c.take(r.URL)
	if r.Range != nil { // what is kept is of no use for a part, and Chromium drops it then
		return env.Fetch(r, h)
	}
	d := &download{FetchHandler: h, env: env, cache: c, url: r.URL, reused: reused}
	if b == nil {
		d.ask(nil)
		return d
	}
	d.begun, d.storing, d.stage = *b, true, probing
	d.ask(&p2pml.ByteRange{Start: b.size, End: b.size})
	return d
}

func (c *httpCache) take(url string) *begun {
	b := c.begun[url]
	if b != nil {
		delete(c.begun, url)
		c.order = slices.DeleteFunc(c.order, func(o string) bool { return o == url })
	}
	return b
}

func (c *httpCache) keep(url string, b begun) {
	c.take(url) // of two that load the same the last one counts
	if c.begun == nil {
		c.begun = map[string]*begun{}
	}
	c.begun[url] = &b
	c.order = append(c.order, url)
	if len(c.order) > mostBegun {
		delete(c.begun, c.order[0])
		c.order = slices.Delete(c.order, 0, 1)
	}
}

// download is one request that may be kept if it is given up.
type download struct {
	p2pml.FetchHandler // the page
	env                p2pml.Env
	inner              p2pml.Fetch
	cache              *httpCache
	url                string
	reused             func(int64)
	begun
	stage   stage
	storing bool // until something else is known, if there was a beginning
	over    bool
}

// stage is what the present request to the server is about.
type stage uint8

const (
	asking   stage = iota // all of it
	probing               // one byte, which tells whether the rest is still of the same
	resuming              // the rest
)

func (d *download) ask(part *p2pml.ByteRange) {
	r := p2pml.FetchRequest{URL: d.url, Range: part}
	if part != nil {
		r.IfRange = d.validator
	}
	d.inner = d.env.Fetch(r, d)
}

// goesOn tells whether an answer is of what there is the beginning of, from there on.
func (d *download) goesOn(a p2pml.FetchHeaders) bool {
	c := a.ContentRange
	return a.Status == http.StatusPartialContent && c != nil && c.Start == d.size && c.Total == d.total
}

// FetchHeaders implements p2pml.FetchHandler.
func (d *download) FetchHeaders(a p2pml.FetchHeaders) {
	switch {
	case d.stage == asking:
		d.store(a)
		d.FetchHandler.FetchHeaders(a)
	case d.stage == resuming:
		if !d.goesOn(a) {
			d.storing = false
			d.Cancel()
			d.FetchHandler.FetchDone(errChanged)
		}
	case d.goesOn(a):
		d.retell()
	case a.Status == http.StatusPartialContent: // of something else
		d.inner.Cancel()
		d.stage, d.storing, d.begun = asking, false, begun{}
		d.ask(nil)
	default:
		d.stage, d.begun = asking, begun{}
		d.store(a)
		d.FetchHandler.FetchHeaders(a)
	}
}

var errChanged = errors.New("the rest of an answer is not of what began")

// retell gives the page what there is.
func (d *download) retell() {
	d.FetchHandler.FetchHeaders(p2pml.FetchHeaders{Status: http.StatusOK, ContentLength: d.total, Validator: d.validator})
	for _, m := range d.blocks {
		if d.over {
			return
		}
		d.reused(int64(m.Size))
		d.FetchHandler.FetchBody(m)
	}
}

// store begins to keep an answer, if it may be kept and gone on with.
func (d *download) store(a p2pml.FetchHeaders) {
	d.storing = a.Validator != "" && a.Status == http.StatusOK && 0 < a.ContentLength && a.ContentLength <= mostBytes
	d.total, d.validator = a.ContentLength, a.Validator
}

// FetchBody implements p2pml.FetchHandler.
func (d *download) FetchBody(m webtorrent.Message) {
	if d.stage == probing {
		return
	}
	if d.storing {
		d.size += int64(m.Size)
		if n := len(d.blocks); n == 0 || !d.blocks[n-1].Extend(m) {
			d.blocks = append(d.blocks, m)
		}
	}
	d.FetchHandler.FetchBody(m)
}

// FetchDone implements p2pml.FetchHandler.
func (d *download) FetchDone(err error) {
	if d.stage == probing && err == nil {
		d.stage = resuming
		d.ask(&p2pml.ByteRange{Start: d.size, End: d.total - 1})
		return
	}
	d.end()
	d.FetchHandler.FetchDone(err)
}

// Cancel implements p2pml.Fetch.
func (d *download) Cancel() {
	d.end()
	d.inner.Cancel()
}

// end keeps what is not whole.
func (d *download) end() {
	if !d.over && d.storing && 0 < d.size && d.size < d.total {
		d.cache.keep(d.url, d.begun)
	}
	d.over = true
}

var _ webtorrent.Warmer = (*download)(nil)

// Warm implements webtorrent.Warmer.
func (d *download) Warm(depth int) int {
	if depth == 0 {
		return len(d.blocks)
	}
	if h, ok := d.FetchHandler.(webtorrent.Warmer); ok {
		return h.Warm(depth - 1)
	}
	return 0
}
