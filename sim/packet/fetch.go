package packet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

// bodyBlock is how much of a body is told to the viewer at once. Chromium hands a page the body of fetch in blocks of up to
// 64 KiB as they arrive.
const bodyBlock = 64 << 10

// fetch is one HTTP GET: a p2pml.Fetch.
type fetch struct {
	v        *viewer
	handler  p2pml.FetchHandler
	canceled bool // only touched on the turn; no event follows
	cancel   context.CancelFunc
}

func startFetch(v *viewer, r p2pml.FetchRequest, h p2pml.FetchHandler) *fetch {
	ctx, cancel := context.WithCancel(v.ctx)
	f := &fetch{v: v, handler: h, cancel: cancel}
	v.group.Go(func() {
		err := f.live(ctx, r)
		cancel()
		f.event(func() { f.canceled = true; f.handler.FetchDone(err) })
	})
	return f
}

// Cancel ends the request; the viewer hears no more of it.
func (f *fetch) Cancel() {
	f.canceled = true
	f.cancel()
}

func (f *fetch) event(e func()) {
	f.v.turns.post(func() {
		if !f.canceled {
			e()
		}
	})
}

func (f *fetch) live(ctx context.Context, r p2pml.FetchRequest) error {
	req, err := httpRequest(ctx, r)
	if err != nil {
		return fmt.Errorf("fetch %s: %w", r.URL, err)
	}
	res, err := f.v.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	headers := p2pml.FetchHeaders{
		Status: res.StatusCode, ContentLength: res.ContentLength, ContentRange: contentRange(res.Header.Get("Content-Range")),
		Validator: validator(res.Header),
	}
	f.event(func() { f.handler.FetchHeaders(headers) })
	return f.body(res.Body)
}

// body posts the body block by block, each a buffer of its own: the viewer keeps them until the segment is whole.
func (f *fetch) body(r io.Reader) error {
	for {
		block := make([]byte, bodyBlock)
		n, err := r.Read(block)
		if n > 0 {
			if n < bodyBlock/4 { // keep no 64 KiB for a few bytes
				block = append([]byte(nil), block[:n]...)
			}
			m := webtorrent.Text(block[:n:n])
			f.event(func() { f.handler.FetchBody(m) })
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			// A body shorter than announced: the browser's fetch fails with a network error.
			return err
		case err != nil:
			return err
		}
	}
}

func httpRequest(ctx context.Context, r p2pml.FetchRequest) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL, nil)
	if err != nil {
		return nil, err
	}
	if r.Range != nil {
		req.Header.Set("Range", rangeHeader(*r.Range))
	}
	if r.IfRange != "" {
		req.Header.Set("If-Range", r.IfRange)
	}
	return req, nil
}

// validator is by what a browser tells that the rest of an answer that broke off is of the same, if it may keep it: a strong ETag (RFC 9110
// section 8.8.1). A date is taken for none, though Chromium trusts an old one; and so is a playlist's, which is over in a moment and another by the next.
func validator(h http.Header) string {
	etag := h.Get("ETag")
	if !strings.HasPrefix(etag, `"`) || strings.Contains(h.Get("Cache-Control"), "no-store") || strings.Contains(strings.ToLower(h.Get("Content-Type")), "mpegurl") {
		return ""
	}
	return etag
}

func rangeHeader(r p2pml.ByteRange) string {
	if r.End < 0 {
		return fmt.Sprintf("bytes=%d-", r.Start)
	}
	return fmt.Sprintf("bytes=%d-%d", r.Start, r.End)
}

// contentRange reads "bytes 0-99/1000" or "bytes 0-99/*" (RFC 9110, 14.4); nil for anything else.
func contentRange(header string) *p2pml.ContentRange {
	spec, ok := strings.CutPrefix(header, "bytes ")
	if !ok {
		return nil
	}
	span, total, ok1 := strings.Cut(spec, "/")
	from, to, ok2 := strings.Cut(span, "-")
	start, err1 := strconv.ParseInt(from, 10, 64)
	end, err2 := strconv.ParseInt(to, 10, 64)
	if !ok1 || !ok2 || err1 != nil || err2 != nil {
		return nil
	}
	size := int64(-1)
	if total != "*" {
		var err error
		if size, err = strconv.ParseInt(total, 10, 64); err != nil {
			return nil
		}
	}
	return &p2pml.ContentRange{Start: start, End: end, Total: size}
}
