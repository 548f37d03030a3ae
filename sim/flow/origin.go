package flow

import (
	"net/http"
	"net/url"
	"time"

	"swarmlab/netem"
	"swarmlab/results"
	"swarmlab/sim/hls"
	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

// origin is the HTTP server that has the whole stream, without HTTP: hls.Origin's rules on hls.Stream.
type origin struct {
	stream    *hls.Stream
	clock     *clock
	place     place
	link      netem.Link
	up        side
	think     time.Duration
	errorRate float64
	cacheable bool
	plain     *hls.Origin // for what this one does not know itself
	counted   results.OriginCounters

	known    map[string]resource // by URL
	contents map[contentKey]*webtorrent.Content
}

func newOrigin(stream *hls.Stream, c *clock) origin {
	return origin{
		stream: stream, clock: c, known: map[string]resource{}, contents: map[contentKey]*webtorrent.Content{},
		plain: hls.NewOrigin(stream, hls.OriginConfig{Now: func() time.Duration { return c.now }}),
	}
}

type resource struct {
	hls.Resource
	found bool
}

type contentKey struct {
	variant int
	seq     int64
}

// answer is what the origin says to a request.
type answer struct {
	kind    hls.ResourceKind
	headers p2pml.FetchHeaders
	body    webtorrent.Message
}

// locate tells what a URL, or a part of it, names.
func (o *origin) locate(address string, r *p2pml.ByteRange) (hls.Resource, bool) {
	known, ok := o.known[address]
	if !ok {
		if u, err := url.Parse(address); err == nil {
			known.Resource, known.found = o.stream.Locate(u.Path)
		}
		o.known[address] = known
	}
	if known.found && known.Kind == hls.KindFile && r != nil {
		if u, err := url.Parse(address); err == nil {
			return o.stream.LocateRange(u.Path, hls.ByteRange{Start: r.Start, End: r.End})
		}
	}
	return known.Resource, known.found
}

// content is the one thing that stands for a segment's bytes.
func (o *origin) content(variant int, seq int64) *webtorrent.Content {
	key := contentKey{variant, seq}
	c := o.contents[key]
	if c == nil {
		info, ok := o.stream.Segment(variant, seq)
		if !ok {
			return nil
		}
		c = &webtorrent.Content{Name: info.URI, Size: info.Size}
		o.contents[key] = c
	}
	return c
}

// answerTo answers a request as of now.
func (o *origin) answerTo(r p2pml.FetchRequest) answer {
	res, found := o.locate(r.URL, r.Range)
	a := answer{kind: hls.KindOther}
	if found {
		a.kind = res.Kind
	}
	if found {
		o.serve(&a, res, r)
	} else {
		a.fail(http.StatusNotFound)
	}
	o.count(a.kind, a.headers.Status)
	return a
}

// errorTo answers a request with the error that is drawn for some.
func (o *origin) errorTo(r p2pml.FetchRequest) answer {
	res, found := o.locate(r.URL, r.Range)
	a := answer{kind: hls.KindOther}
	if found {
		a.kind = res.Kind
	}
	a.fail(http.StatusServiceUnavailable)
	o.count(a.kind, a.headers.Status)
	return a
}

func (o *origin) serve(a *answer, res hls.Resource, r p2pml.FetchRequest) {
	var whole webtorrent.Message
	switch res.Kind {
	case hls.KindMaster:
		whole = webtorrent.Text(o.stream.MasterPlaylist())
	case hls.KindMedia:
		whole = webtorrent.Text(o.stream.MediaPlaylist(res.Variant, o.clock.now))
	case hls.KindSegment:
		c := o.content(res.Variant, res.Seq)
		if c == nil || !o.stream.Available(res.Variant, res.Seq, o.clock.now) {
			a.fail(http.StatusNotFound)
			return
		}
		if info, _ := o.stream.Segment(res.Variant, res.Seq); info.Range != nil {
			o.askPlain(a, res, r)
			return
		}
		whole = webtorrent.Message{Size: int(c.Size), Of: c}
	default:
		o.askPlain(a, res, r)
		return
	}
	a.send(whole, r.Range)
	if o.cacheable && res.Kind == hls.KindSegment {
		a.headers.Validator = neverChanges
	}
}

// neverChanges is the ETag of every segment here: whoever asks for the rest of one gets that of the same, so nobody compares.
const neverChanges = `"fluid"`

// send answers with all of a body, or with a range of it.
func (a *answer) send(whole webtorrent.Message, r *p2pml.ByteRange) {
	size := int64(whole.Size)
	if r == nil {
		a.headers = p2pml.FetchHeaders{Status: http.StatusOK, ContentLength: size}
		a.body = whole
		return
	}
	end := r.End
	if end < 0 || end >= size {
		end = size - 1
	}
	if r.Start >= size {
		a.fail(http.StatusRequestedRangeNotSatisfiable)
		return
	}
	a.headers = p2pml.FetchHeaders{
		Status: http.StatusPartialContent, ContentLength: end - r.Start + 1,
		ContentRange: &p2pml.ContentRange{Start: r.Start, End: end, Total: size},
	}
	a.body = whole.Slice(int(r.Start), int(end)+1)
}

func (a *answer) fail(status int) {
	a.body = webtorrent.Text([]byte(http.StatusText(status) + "\n"))
	a.headers = p2pml.FetchHeaders{Status: status, ContentLength: int64(a.body.Size)}
}

// served counts bytes of a body that have left.
func (o *origin) served(a *answer, bytes int64) {
	if a.headers.Status >= http.StatusBadRequest {
		return
	}
	switch a.kind {
	case hls.KindMaster, hls.KindMedia:
		o.counted.PlaylistBytes += bytes
	case hls.KindSegment:
		o.counted.SegmentBytes += bytes
	case hls.KindInit, hls.KindFile, hls.KindOther: // a swarm does not save them
	}
}

// abandoned counts a request whose viewer left before it was answered.
func (o *origin) abandoned(r p2pml.FetchRequest) {
	res, _ := o.locate(r.URL, r.Range)
	o.count(res.Kind, hls.StatusGone)
}

func (o *origin) count(kind hls.ResourceKind, status int) {
	switch kind {
	case hls.KindMaster, hls.KindMedia:
		o.counted.PlaylistRequests++
	case hls.KindSegment, hls.KindFile:
		o.counted.SegmentRequests++
	case hls.KindInit, hls.KindOther:
	}
	if status >= http.StatusBadRequest {
		o.counted.Errors++
	}
}
