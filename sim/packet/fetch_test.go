package packet

import (
	"net/http"
	"testing"
)

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
