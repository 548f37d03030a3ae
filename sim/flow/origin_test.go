package flow

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"swarmlab/sim/hls"
	"swarmlab/sim/p2pml"
)

// TestTheOriginAnswersAsHTTPDoes asks the fluid origin and the real one the same, at several times, and wants the same status, lengths
// and ranges.
func TestTheOriginAnswersAsHTTPDoes(t *testing.T) {
	vod := hls.Config{Kind: hls.VOD, SegmentDuration: 4 * time.Second, Length: 30 * time.Second}
	live := hls.Config{Kind: hls.Live, SegmentDuration: 2 * time.Second, Window: 4}
	requests := []struct {
		url   string
		bytes *p2pml.ByteRange
	}{
		{"http://origin/master.m3u8", nil}, {"http://origin/v0/playlist.m3u8", nil}, {"http://origin/v1/playlist.m3u8", nil},
		{"http://origin/v0/0.ts", nil}, {"http://origin/v0/5.ts", nil}, {"http://origin/v0/7.ts", nil}, {"http://origin/v0/99.ts", nil},
		{"http://origin/v0/5.ts", &p2pml.ByteRange{Start: 100, End: -1}}, {"http://origin/v0/5.ts", &p2pml.ByteRange{Start: 0, End: 99}},
		{"http://origin/v0/5.ts", &p2pml.ByteRange{Start: 10, End: 1 << 40}}, {"http://origin/v0/5.ts", &p2pml.ByteRange{Start: 1 << 40, End: -1}},
		{"http://origin/nothing", nil}, {"http://origin/%zz", nil},
	}
	for _, c := range []hls.Config{vod, live} {
		stream, err := hls.NewSynthetic(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []time.Duration{0, 5 * time.Second, time.Minute} {
			real := hls.NewOrigin(stream, hls.OriginConfig{Now: func() time.Duration { return at }})
			ours := newOrigin(stream, &clock{now: at})
			for _, r := range requests {
				q, err := http.NewRequest(http.MethodGet, r.url, nil)
				if err != nil {
					continue // no browser asks for it
				}
				if r.bytes != nil {
					q.Header.Set("Range", rangeHeader(*r.bytes))
				}
				w := httptest.NewRecorder()
				real.ServeHTTP(w, q)
				a := ours.answerTo(p2pml.FetchRequest{URL: r.url, Range: r.bytes})
				want := fmt.Sprint(w.Code, w.Body.Len(), w.Header().Get("Content-Length"))
				got := fmt.Sprint(a.headers.Status, a.body.Size, strconv.FormatInt(a.headers.ContentLength, 10))
				if w.Code < 300 {
					want += w.Header().Get("Content-Range")
					if cr := a.headers.ContentRange; cr != nil {
						got += fmt.Sprintf("bytes %d-%d/%d", cr.Start, cr.End, cr.Total)
					}
				} else if w.Code == http.StatusRequestedRangeNotSatisfiable { // the words differ, and nobody reads them
					want, got = strconv.Itoa(w.Code), strconv.Itoa(a.headers.Status)
				}
				if got != want {
					t.Errorf("%s %s at %v, %v: answered %s, want %s", c.Kind, r.url, at, r.bytes, got, want)
				}
			}
		}
	}
}
