package packet

import (
	"net/http"
	"testing"
)

// TestWhatABrowserGoesOnWith is what a real one does (sim/browser, TestChromiumGoesOnWhereADownloadWas), but for dates.
func TestWhatABrowserGoesOnWith(t *testing.T) {
	for _, c := range []struct {
		etag, cacheControl string
		want               bool
	}{
		{`"a"`, "public, max-age=31536000, immutable", true},
		{`"a"`, "", true},
		{`"a"`, "no-cache", true},
		{`"a"`, "no-store", false},
		{`W/"a"`, "", false},
		{"", "public, max-age=60", false},
	} {
		h := http.Header{}
		h.Set("ETag", c.etag)
		h.Set("Cache-Control", c.cacheControl)
		if got := storable(h); got != c.want {
			t.Errorf("ETag %s, Cache-Control %q: %v", c.etag, c.cacheControl, got)
		}
	}
}
