package flow

import (
	"fmt"
	"net/http"
	"strconv"

	"swarmlab/sim/hls"
	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

// askPlain has the origin's own handler say what it would answer, without a body: for init sections and for files of several
// segments, which somebody's own stream may have and which only it knows about.
func (o *origin) askPlain(a *answer, res hls.Resource, r p2pml.FetchRequest) {
	request, err := http.NewRequest(http.MethodHead, r.URL, nil)
	if err != nil {
		a.fail(http.StatusBadRequest)
		return
	}
	if r.Range != nil {
		request.Header.Set("Range", rangeHeader(*r.Range))
	}
	said := said{header: http.Header{}, status: http.StatusOK}
	o.plain.ServeHTTP(&said, request)
	if said.status >= http.StatusBadRequest {
		a.fail(said.status)
		return
	}
	size, err := strconv.ParseInt(said.header.Get("Content-Length"), 10, 64)
	if err != nil {
		a.fail(http.StatusInternalServerError)
		return
	}
	a.headers = p2pml.FetchHeaders{Status: said.status, ContentLength: size}
	start := int64(0)
	var end, total int64
	if n, _ := fmt.Sscanf(said.header.Get("Content-Range"), "bytes %d-%d/%d", &start, &end, &total); n == 3 {
		a.headers.ContentRange = &p2pml.ContentRange{Start: start, End: end, Total: total}
	}
	a.body = webtorrent.Message{Size: int(size), Of: &webtorrent.Content{Name: r.URL, Size: size}}
	if res.Kind != hls.KindSegment {
		return
	}
	if info, ok := o.stream.Segment(res.Variant, res.Seq); ok && info.Range != nil {
		a.body.Of, a.body.At = o.content(res.Variant, res.Seq), start-info.Range.Start
	}
}

func rangeHeader(r p2pml.ByteRange) string {
	if r.End < 0 {
		return fmt.Sprintf("bytes=%d-", r.Start)
	}
	return fmt.Sprintf("bytes=%d-%d", r.Start, r.End)
}

// said takes an answer's head.
type said struct {
	header http.Header
	status int
}

func (s *said) Header() http.Header         { return s.header }
func (s *said) WriteHeader(status int)      { s.status = status }
func (s *said) Write(b []byte) (int, error) { return len(b), nil }
