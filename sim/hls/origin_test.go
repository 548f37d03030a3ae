package hls

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// serveAt runs an origin on a real server, its clock standing at a time.
func serveAt(t *testing.T, s *Stream, at time.Duration) (*Origin, string) {
	t.Helper()
	o := NewOrigin(s, OriginConfig{Now: func() time.Duration { return at }})
	server := httptest.NewServer(o)
	t.Cleanup(server.Close)
	return o, server.URL
}

type answer struct {
	*http.Response
	body []byte
}

func ask(t *testing.T, method, url string, headers ...string) answer {
	t.Helper()
	r, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response, body}
}

func TestRanges(t *testing.T) {
	s := newStream(t, Config{Variants: []Variant{{Bandwidth: 2_256}}}) // segments of 1128 bytes, 6 packets
	whole, err := s.Bytes(0, 3)
	if err != nil {
		t.Fatal(err)
	}
	_, url := serveAt(t, s, 0)
	etag := ask(t, "HEAD", url+"/v0/3.ts").Header.Get("ETag")
	cases := []struct {
		name       string
		headers    []string
		status     int
		start, end int64 // exclusive
	}{
		{"no range", nil, 200, 0, 1128},
		{"the beginning", []string{"Range", "bytes=0-99"}, 206, 0, 100},
		{"one byte", []string{"Range", "bytes=0-0"}, 206, 0, 1},
		{"open, as a resumed download asks", []string{"Range", "bytes=400-"}, 206, 400, 1128},
		{"all of it, as a range", []string{"Range", "bytes=0-"}, 206, 0, 1128},
		{"the last bytes", []string{"Range", "bytes=-10"}, 206, 1118, 1128},
		{"more last bytes than there are", []string{"Range", "bytes=-5000"}, 206, 0, 1128},
		{"an end beyond the end", []string{"Range", "bytes=900-5000"}, 206, 900, 1128},
		{"an end beyond numbers", []string{"Range", "bytes=900-99999999999999999999999999"}, 206, 900, 1128},
		{"a start at the end", []string{"Range", "bytes=1128-"}, 416, 0, 0},
		{"a start beyond the end", []string{"Range", "bytes=5000-6000"}, 416, 0, 0},
		{"a start beyond numbers", []string{"Range", "bytes=99999999999999999999999999-"}, 416, 0, 0},
		{"the last no bytes", []string{"Range", "bytes=-0"}, 416, 0, 0},
		{"capitals", []string{"Range", "Bytes=5-9"}, 206, 5, 10},
		{"several ranges are ignored", []string{"Range", "bytes=0-1,3-4"}, 200, 0, 1128},
		{"two headers are ignored", []string{"Range", "bytes=0-1", "Range", "bytes=3-4"}, 200, 0, 1128},
		{"another unit is ignored", []string{"Range", "lines=0-1"}, 200, 0, 1128},
		{"backwards is ignored", []string{"Range", "bytes=9-5"}, 200, 0, 1128},
		{"words are ignored", []string{"Range", "bytes=a-b"}, 200, 0, 1128},
		{"a sign is ignored", []string{"Range", "bytes=+1-5"}, 200, 0, 1128},
		{"nothing is ignored", []string{"Range", "bytes=-"}, 200, 0, 1128},
		{"half a megabyte of ranges is ignored", []string{"Range", "bytes=" + strings.Repeat("0-1,", 1<<17)}, 200, 0, 1128},
		{"many digits are only a number", []string{"Range", "bytes=0-" + strings.Repeat("9", 1<<18)}, 206, 0, 1128},
		{"if it is still the same", []string{"Range", "bytes=0-9", "If-Range", etag}, 206, 0, 10},
		{"if it is another", []string{"Range", "bytes=0-9", "If-Range", `"x"`}, 200, 0, 1128},
		{"if it is as old as a date", []string{"Range", "bytes=0-9", "If-Range", "Mon, 02 Jan 2006 15:04:05 GMT"}, 200, 0, 1128},
	}
	for _, c := range cases {
		a := ask(t, "GET", url+"/v0/3.ts", c.headers...)
		head := ask(t, "HEAD", url+"/v0/3.ts", c.headers...)
		wantRange := ""
		switch c.status {
		case 206:
			wantRange = "bytes " + strconv.FormatInt(c.start, 10) + "-" + strconv.FormatInt(c.end-1, 10) + "/1128"
		case 416:
			wantRange = "bytes */1128"
		}
		if a.StatusCode != c.status || head.StatusCode != c.status || a.Header.Get("Content-Range") != wantRange {
			t.Errorf("%s: %d (HEAD %d), Content-Range %q; want %d, %q", c.name, a.StatusCode, head.StatusCode, a.Header.Get("Content-Range"), c.status, wantRange)
		}
		if a.ContentLength != int64(len(a.body)) || len(head.body) != 0 {
			t.Errorf("%s: Content-Length %d for %d bytes, HEAD brings %d", c.name, a.ContentLength, len(a.body), len(head.body))
		}
		if c.status != 416 && (!bytes.Equal(a.body, whole[c.start:c.end]) || head.ContentLength != c.end-c.start) {
			t.Errorf("%s: not bytes %d to %d", c.name, c.start, c.end)
		}
	}
}

func TestHeaders(t *testing.T) {
	_, url := serveAt(t, newStream(t, Config{Kind: Live}), 0)
	_, vod := serveAt(t, newStream(t, Config{}), 0)
	for _, c := range []struct{ url, contentType, cache string }{
		{url + "/master.m3u8", "application/vnd.apple.mpegurl", "public, max-age=60"},
		{url + "/v0/playlist.m3u8", "application/vnd.apple.mpegurl", "public, max-age=1"},
		{vod + "/v0/playlist.m3u8?x=1", "application/vnd.apple.mpegurl", "public, max-age=60"},
		{url + "/v0/5.ts", "video/mp2t", "public, max-age=31536000, immutable"},
	} {
		a := ask(t, "GET", c.url)
		h := a.Header
		if a.StatusCode != 200 || h.Get("Content-Type") != c.contentType || h.Get("Cache-Control") != c.cache || a.ContentLength != int64(len(a.body)) {
			t.Errorf("%s: %d %v", c.url, a.StatusCode, h)
		}
		if h.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(h.Get("Access-Control-Expose-Headers"), "Content-Range") || h.Get("Accept-Ranges") != "bytes" {
			t.Errorf("%s: %v", c.url, h)
		}
		tag := h.Get("ETag")
		for condition, status := range map[string]int{tag: 304, `"a", ` + tag: 304, "W/" + tag: 304, "*": 304, `"a"`: 200} {
			b := ask(t, "GET", c.url, "If-None-Match", condition)
			if b.StatusCode != status || status == 304 && (len(b.body) != 0 || b.Header.Get("ETag") != tag || b.Header.Get("Cache-Control") != c.cache) {
				t.Errorf("%s, If-None-Match %s: %d %v", c.url, condition, b.StatusCode, b.Header)
			}
		}
	}
}

func TestLivePlaylistsETagChangesWithItsContent(t *testing.T) {
	s := newStream(t, Config{Kind: Live, SegmentDuration: 2 * time.Second})
	var tags []string
	for _, at := range []time.Duration{0, 2*time.Second - 1, 2 * time.Second} {
		_, url := serveAt(t, s, at)
		tags = append(tags, ask(t, "GET", url+"/v0/playlist.m3u8").Header.Get("ETag"))
	}
	if tags[0] != tags[1] || tags[1] == tags[2] {
		t.Errorf("%v", tags)
	}
}

func TestWhatIsNotThereIsNotServed(t *testing.T) {
	s := newStream(t, Config{Kind: Live, SegmentDuration: 2 * time.Second, Window: 4, FirstSequence: 10})
	_, url := serveAt(t, s, time.Minute) // newest 43, oldest kept 35
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/v0/43.ts", 200}, {"GET", "/v0/44.ts", 404}, {"GET", "/v0/35.ts", 200}, {"GET", "/v0/34.ts", 404}, {"GET", "/v0/9.ts", 404},
		{"HEAD", "/v0/44.ts", 404}, {"GET", "/", 404}, {"GET", "/v0", 404}, {"GET", "/v0/", 404}, {"GET", "/v1/40.ts", 404},
		{"GET", "/v0/040.ts", 404}, {"GET", "/v0/+40.ts", 404}, {"GET", "/v0/40.TS", 404}, {"GET", "/v0/40", 404}, {"GET", "/v0/-1.ts", 404},
		{"GET", "/v0/99999999999999999999999.ts", 404}, {"GET", "/v0/9223372036854775807.ts", 404}, {"GET", "/v0/40.ts/x", 404},
		{"GET", "/../master.m3u8", 404}, {"GET", "/v0/../master.m3u8", 404}, {"GET", "/%2e%2e/%2e%2e/etc/passwd", 404}, {"GET", "/v0/40.ts%00", 404},
		{"GET", "//master.m3u8", 404}, {"GET", "/master.m3u8/", 404}, {"GET", "/" + strings.Repeat("a/", 1<<17), 404},
		{"POST", "/v0/43.ts", 405}, {"PUT", "/x", 405}, {"DELETE", "/master.m3u8", 405}, {"OPTIONS", "/v0/43.ts", 204},
	} {
		a := ask(t, c.method, url+c.path)
		if a.StatusCode != c.status {
			t.Errorf("%s %.60s: %d, want %d", c.method, c.path, a.StatusCode, c.status)
		}
		if c.status != 204 && a.ContentLength < 0 || a.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s %.60s: %v", c.method, c.path, a.Header)
		}
		if c.status == 405 && a.Header.Get("Allow") == "" || c.status == 404 && a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s %.60s: %v", c.method, c.path, a.Header)
		}
	}
}

func TestFoldersAreServed(t *testing.T) {
	for _, opt := range []FolderOptions{{}, {Kind: Live, Window: 3}} {
		for _, name := range []string{"testdata/ts/master.m3u8", "testdata/fmp4/master.m3u8"} {
			s := openFolder(t, name, opt)
			at := time.Hour + time.Second
			o, url := serveAt(t, s, at)
			master, err := ParseMaster(url+"/master.m3u8", ask(t, "GET", url+"/master.m3u8").body)
			if err != nil {
				t.Fatal(err)
			}
			var want, wantInit int64
			for i, v := range master.Variants {
				m, err := ParseMedia(v.URI, ask(t, "GET", v.URI).body)
				if err != nil || len(m.Segments) < 3 {
					t.Fatal(m, err)
				}
				for _, seg := range m.Segments {
					want += checkServed(t, s, i, seg)
				}
				if init := m.Segments[0].Map; init != nil {
					a := ask(t, "GET", init.URI, "Range", rangeHeader(*init.Range))
					wantInit += init.Range.Len()
					if a.StatusCode != 206 || !bytes.Contains(a.body, []byte("moov")) || a.Header.Get("Content-Type") != "video/mp4" {
						t.Errorf("the init section: %d, %q", a.StatusCode, a.body)
					}
				}
			}
			c := o.Counters()
			if c.SegmentBytes != want || c.InitBytes != wantInit || c.OtherBytes != 0 {
				t.Errorf("%s %v: counted %+v, want %d and %d bytes", name, opt.Kind, c, want, wantInit)
			}
			if n := len(o.Segments()); n != 6 {
				t.Errorf("%s %v: %d distinct segments, want 6", name, opt.Kind, n)
			}
		}
	}
}

func checkServed(t *testing.T, s *Stream, variant int, seg MediaSegment) int64 {
	t.Helper()
	var headers []string
	status := 200
	if seg.Range != nil {
		headers, status = []string{"Range", rangeHeader(*seg.Range)}, 206
	}
	a := ask(t, "GET", seg.URI, headers...)
	if a.StatusCode != status {
		t.Errorf("%s: %d", seg.URI, a.StatusCode)
	}
	if err := s.Verify(variant, seg.Seq, a.body); err != nil {
		t.Errorf("%s: %v", seg.URI, err)
	}
	if r, ok := s.LocateURL(seg.URI, seg.Range); !ok || r.Kind != KindSegment || r.Variant != variant || r.Seq != seg.Seq {
		t.Errorf("%s is located as %v", seg.URI, r)
	}
	return int64(len(a.body))
}

func TestALoopedFileShowsOnlyWhatIsPublished(t *testing.T) {
	s := openFolder(t, "testdata/fmp4/master.m3u8", FolderOptions{Kind: Live, Window: 3})
	_, url := serveAt(t, s, 2*time.Second) // the window was full at 0 with all three; the first of the second time round is out
	first, _ := s.Segment(0, 3)
	second, _ := s.Segment(0, 4)
	for _, c := range []struct {
		name, path, header string
		status             int
	}{
		{"published", first.URI, rangeHeader(*first.Range), 206},
		{"one byte of what is published", first.URI, rangeHeader(ByteRange{first.Range.Start, first.Range.Start}), 206},
		{"not yet published", second.URI, rangeHeader(*second.Range), 404},
		{"half and half", first.URI, rangeHeader(ByteRange{first.Range.Start, second.Range.Start}), 404},
		{"the whole file", first.URI, "", 404},
		{"open-ended", first.URI, rangeHeader(*first.Range)[:len("bytes=1356-")], 404},
		{"the whole file of the time before", strings.Replace(first.URI, "loop1", "loop0", 1), "", 200},
		{"a time to come", strings.Replace(first.URI, "loop1", "loop2", 1), rangeHeader(*first.Range), 404},
		{"another name of a time", strings.Replace(first.URI, "loop1", "loop01", 1), rangeHeader(*first.Range), 404},
		{"the init section has no time", "high/index.m4s", "bytes=0-1355", 206},
		{"but the file is more than that", "high/index.m4s", "", 404},
		{"and so is a longer range", "high/index.m4s", "bytes=0-1356", 404},
	} {
		var headers []string
		if c.header != "" {
			headers = []string{"Range", c.header}
		}
		if a := ask(t, "GET", url+"/"+c.path, headers...); a.StatusCode != c.status {
			t.Errorf("%s: %s %s: %d, want %d", c.name, c.path, c.header, a.StatusCode, c.status)
		}
	}
	// A condition that fails makes it a request for the whole file, of which not all is out.
	if a := ask(t, "GET", url+"/"+first.URI, "Range", rangeHeader(*first.Range), "If-Range", `"x"`); a.StatusCode != 404 {
		t.Errorf("the whole file by If-Range: %d, want 404", a.StatusCode)
	}
}

func TestTheOriginCountsWhatItServed(t *testing.T) {
	s := newStream(t, Config{Variants: []Variant{{Bandwidth: 2_256}, {Bandwidth: 4_512}}})
	o, url := serveAt(t, s, 0)
	var playlists int64
	for _, p := range []string{"/master.m3u8", "/v0/playlist.m3u8", "/v1/playlist.m3u8"} {
		playlists += int64(len(ask(t, "GET", url+p).body))
	}
	ask(t, "GET", url+"/v0/0.ts")
	ask(t, "GET", url+"/v0/0.ts", "Range", "bytes=900-")
	ask(t, "GET", url+"/v1/7.ts")
	ask(t, "HEAD", url+"/v1/8.ts")
	ask(t, "GET", url+"/v1/8.ts", "If-None-Match", "*")
	ask(t, "GET", url+"/v1/8.ts", "Range", "bytes=9999-")
	other := int64(len(ask(t, "GET", url+"/nothing").body))
	c := o.Counters()
	if c.SegmentBytes != 1128+228+2256 || c.PlaylistBytes != playlists || c.InitBytes != 0 || c.OtherBytes < other || c.Bytes() != c.SegmentBytes+playlists+c.OtherBytes {
		t.Errorf("%+v; playlists have %d bytes", c, playlists)
	}
	want := []SegmentCount{{0, 0, 2, 1356}, {1, 7, 1, 2256}}
	if got := o.Segments(); !slices.Equal(got, want) {
		t.Errorf("segments %+v, want %+v", got, want)
	}
	wantRequests := []RequestCount{{KindMaster, 200, 1}, {KindMedia, 200, 2}, {KindOther, 404, 1}, {KindSegment, 200, 3},
		{KindSegment, 206, 1}, {KindSegment, 304, 1}, {KindSegment, 416, 1}}
	if !slices.Equal(c.Requests, wantRequests) || c.Answers(KindSegment, 0) != 6 || c.Answers(KindSegment, 416) != 1 {
		t.Errorf("requests %+v, want %+v", c.Requests, wantRequests)
	}
}

// brokenPipe takes some bytes and fails, as a connection does whose other end went away.
type brokenPipe struct {
	*httptest.ResponseRecorder
	left int
}

func (b *brokenPipe) Write(p []byte) (int, error) {
	n := min(len(p), b.left)
	b.left -= n
	if n < len(p) {
		return n, errors.New("broken pipe")
	}
	return n, nil
}

func TestOnlyBytesThatLeftAreCounted(t *testing.T) {
	o := NewOrigin(newStream(t, Config{}), OriginConfig{})
	w := &brokenPipe{httptest.NewRecorder(), 123_456}
	o.ServeHTTP(w, httptest.NewRequest("GET", "/v0/0.ts", nil))
	if c := o.Counters(); c.SegmentBytes != 123_456 || o.Segments()[0].Bytes != 123_456 {
		t.Errorf("%+v %+v, but 123456 bytes left", c, o.Segments())
	}
}

func TestDelayAndErrors(t *testing.T) {
	s := newStream(t, Config{Kind: Live, SegmentDuration: 2 * time.Second, Window: 4})
	now := 2*time.Second - 30*time.Millisecond
	var slept []time.Duration
	o := NewOrigin(s, OriginConfig{ResponseDelay: 40 * time.Millisecond, ErrorRate: 0.25, Seed: 3,
		Now:   func() time.Duration { return now },
		Sleep: func(_ context.Context, d time.Duration) error { slept, now = append(slept, d), now+d; return nil }})
	get := func(path string) int {
		w := httptest.NewRecorder()
		o.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w.Code
	}
	// Published 30 ms after the request, 10 ms before the answer.
	for get("/v0/4.ts") == 503 {
	}
	if c := o.Counters(); c.Answers(KindSegment, 200) != 1 || slept[0] != 40*time.Millisecond {
		t.Errorf("%+v, slept %v", c, slept)
	}
	failed := 0
	for range 2000 {
		if get("/master.m3u8") == 503 {
			failed++
		}
	}
	if failed < 430 || failed > 570 { // 500, and 3.6 standard deviations of 19
		t.Errorf("%d of 2000 requests failed, want about 500", failed)
	}
	gone := NewOrigin(s, OriginConfig{ResponseDelay: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	gone.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/v0/1.ts", nil))
	if c := gone.Counters(); c.Answers(KindSegment, StatusGone) != 1 || c.Bytes() != 0 {
		t.Errorf("a viewer who left: %+v", c)
	}
}

func TestABrokenFileIsAServerError(t *testing.T) {
	dir := writeFiles(t, map[string]string{"m.m3u8": media("#EXTINF:4,\na.ts"), "a.ts": "100"})
	s := openFolder(t, dir+"/m.m3u8", FolderOptions{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	o, url := serveAt(t, s, 0)
	if a := ask(t, "GET", url+"/a.ts"); a.StatusCode != 500 || o.Counters().SegmentBytes != 0 {
		t.Errorf("%d %q", a.StatusCode, a.body)
	}
}
