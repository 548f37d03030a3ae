package packet

import (
	"net/http"
	"testing"

	"swarmlab/sim/p2pml"
)

// TestARequestSaysWhatPart is wanted, and of what: an origin whose file has changed then sends all of it.
func TestARequestSaysWhatPart(t *testing.T) {
	for _, c := range []struct {
		request       p2pml.FetchRequest
		part, ifRange string
	}{
		{p2pml.FetchRequest{URL: "http://origin/1.ts"}, "", ""},
		{p2pml.FetchRequest{URL: "http://origin/1.ts", Range: &p2pml.ByteRange{Start: 5, End: -1}}, "bytes=5-", ""},
		{p2pml.FetchRequest{URL: "http://origin/1.ts", Range: &p2pml.ByteRange{Start: 5, End: 9}, IfRange: `"a"`}, "bytes=5-9", `"a"`},
	} {
		req, err := httpRequest(t.Context(), c.request)
		if err != nil {
			t.Fatal(err)
		}
		if part, ifRange := req.Header.Get("Range"), req.Header.Get("If-Range"); part != c.part || ifRange != c.ifRange || req.URL.String() != c.request.URL {
			t.Errorf("%v: %s, Range %q, If-Range %q", c.request, req.URL, part, ifRange)
		}
	}
}

// TestWhatABrowserGoesOnWith is what a real one does (sim/browser, TestChromiumGoesOnWhereADownloadWas), but for dates and playlists.
func TestWhatABrowserGoesOnWith(t *testing.T) {
	for _, c := range []struct{ etag, cacheControl, kind, want string }{
		{`"a"`, "public, max-age=31536000, immutable", "video/mp2t", `"a"`},
		{`"a"`, "", "", `"a"`},
		{`"a"`, "no-cache", "video/mp2t", `"a"`},
		{`"a"`, "no-store", "video/mp2t", ""},
		{`W/"a"`, "", "video/mp2t", ""},
		{"", "public, max-age=60", "video/mp2t", ""},
		{`"a"`, "public, max-age=1", "application/vnd.apple.mpegurl", ""},
		{`"a"`, "", "application/x-mpegURL", ""},
	} {
		h := http.Header{}
		h.Set("ETag", c.etag)
		h.Set("Cache-Control", c.cacheControl)
		h.Set("Content-Type", c.kind)
		if got := validator(h); got != c.want {
			t.Errorf("ETag %s, Cache-Control %q, %s: %q, want %q", c.etag, c.cacheControl, c.kind, got, c.want)
		}
	}
}
