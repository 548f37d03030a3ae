package p2pml

import (
	"fmt"

	"swarmlab/sim/webtorrent"
)

// httpLoad is one HTTP attempt at a request.
//
// P2P Media Loader 2.3 behaviour: HTTP executor and resume, with 2.3.1's check of the body's length.
type httpLoad struct {
	req      *request
	cfg      *StreamConfig
	fetch    Fetch
	asked    *ByteRange // the Range header sent; nil: none
	expected int64      // bytes that the answer must have; -1: unknown
	answered bool
}

func startHTTP(r *request, cfg *StreamConfig, reason StartReason) {
	h := &httpLoad{req: r, cfg: cfg}
	all := r.holdsAll()
	r.start(HTTP, "", h, cfg.HTTPNotReceivingBytesTimeout, reason)
	if all {
		r.complete(cfg.ValidateHTTPSegment, ErrorHTTPValidation)
		return
	}
	h.asked, h.expected = h.rangeHeader(), -1
	if r.total >= 0 {
		h.expected = r.total - r.held()
	}
	// The library first asks the page for a request of its own, so that an attempt that is given up in the same turn asks nobody.
	core := r.loader.core
	core.micro.put(func() {
		if h.running() {
			h.fetch = core.env.Fetch(FetchRequest{URL: r.seg.URL, Range: h.asked}, h)
		}
	})
}

// rangeHeader asks for the rest: within the segment's own byte range, or open-ended.
func (h *httpLoad) rangeHeader() *ByteRange {
	held := h.req.held()
	switch br := h.req.seg.ByteRange; {
	case br != nil:
		return &ByteRange{Start: br.Start + held, End: br.End}
	case held > 0:
		return &ByteRange{Start: held, End: -1}
	}
	return nil
}

// abandoned implements attempt.
func (h *httpLoad) abandoned(ErrorType) { h.cancel() }

func (h *httpLoad) cancel() {
	if h.fetch != nil {
		h.fetch.Cancel()
		h.fetch = nil
	}
}

func (h *httpLoad) running() bool { return h.req.run == attempt(h) }

// fail leaves the rest of an answer that is refused to come in vain, as the library does: it does not abort the fetch.
func (h *httpLoad) fail(t ErrorType, format string, args ...any) {
	h.req.fail(t, fmt.Sprintf(format, args...))
}

// FetchHeaders implements FetchHandler.
func (h *httpLoad) FetchHeaders(a FetchHeaders) {
	if !h.running() || h.answered {
		return
	}
	h.answered = true
	r := h.req
	switch {
	case a.Status == 406 || a.Status == 416:
		r.clearBytes(DiscardMismatch)
		h.fail(ErrorHTTPBytesMismatch, "status %d", a.Status)
		return
	case a.Status < 200 || a.Status > 299:
		h.fail(ErrorHTTP, "status %d", a.Status)
		return
	}
	if h.asked != nil && !h.acceptRanged(a) {
		return
	}
	r.silence.touch()
	if a.Status == 200 && r.total < 0 && a.ContentLength >= 0 {
		r.total = a.ContentLength
	}
}

// acceptRanged judges the answer to a request with a Range header.
func (h *httpLoad) acceptRanged(a FetchHeaders) bool {
	r := h.req
	switch {
	case a.Status == 200 && r.seg.ByteRange == nil:
		r.clearBytes(DiscardRestarted) // a server without ranges sends everything again
		return true
	case a.Status != 206:
		h.fail(ErrorHTTPUnexpectedStatusCode, "status %d to a range request", a.Status)
		return false
	case !h.matches(a):
		r.clearBytes(DiscardMismatch)
		h.fail(ErrorHTTPBytesMismatch, "the partial answer is not the range asked for")
		return false
	}
	return true
}

func (h *httpLoad) matches(a FetchHeaders) bool {
	if a.ContentLength >= 0 && h.expected >= 0 && a.ContentLength != h.expected {
		return false
	}
	c := a.ContentRange
	if c == nil {
		return true
	}
	// With an unknown length a readable Content-Range never matches: the library compares it with undefined.
	if c.Start != h.asked.Start || c.End-c.Start+1 != h.expected {
		return false
	}
	return h.asked.End < 0 || c.End == h.asked.End
}

// FetchBody implements FetchHandler.
func (h *httpLoad) FetchBody(m webtorrent.Message) {
	if !h.running() || m.Size <= 0 {
		return
	}
	core := h.req.loader.core
	h.req.addBlock(m)
	core.ev.OnChunkDownloaded(ChunkDownloaded{
		At: core.env.Now(), Type: h.req.seg.rendition.Type, Bytes: m.Size, Source: HTTP,
	})
}

// FetchDone implements FetchHandler.
func (h *httpLoad) FetchDone(err error) {
	h.fetch = nil
	r := h.req
	switch {
	case !h.running():
	case err != nil:
		h.fail(ErrorHTTP, "%v", err)
	case !h.answered:
		h.fail(ErrorHTTP, "no answer")
	case r.total >= 0 && r.held() != r.total:
		h.fail(ErrorHTTPBytesMismatch, "%d of %d bytes", r.held(), r.total) // bytes stay, the next attempt continues
	default:
		r.complete(h.cfg.ValidateHTTPSegment, ErrorHTTPValidation)
	}
}
