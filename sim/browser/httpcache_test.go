package browser

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// halfway is a server whose first answer stops in the middle and waits to be given up; the next one is whole, or the rest.
type halfway struct {
	header map[string]string
	mu     sync.Mutex
	asked  []http.Header
}

const bodyBytes, firstBytes = 300_000, 100_000

func (h *halfway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/segment" {
		return // the page itself
	}
	for k, v := range h.header {
		w.Header().Set(k, v)
	}
	h.mu.Lock()
	h.asked = append(h.asked, r.Header.Clone())
	first := len(h.asked) == 1
	h.mu.Unlock()
	body := bytes.Repeat([]byte("swarmlab"), bodyBytes/8)
	w.Header().Set("Content-Type", "video/mp2t")
	if !first {
		modified, _ := http.ParseTime(h.header["Last-Modified"])
		http.ServeContent(w, r, "", modified, bytes.NewReader(body))
		return
	}
	w.Header().Set("Accept-Ranges", "bytes")
	w.Header().Set("Content-Length", strconv.Itoa(bodyBytes))
	_, _ = w.Write(body[:firstBytes])
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

// TestChromiumGoesOnWhereADownloadWas: what virtual viewers take for granted of a browser (sim/viewer, httpcache.go): of an answer that
// was given up it asks for the rest by If-Range, if it may keep it and it has a strong validator,
// and the page gets all of it.
func TestChromiumGoesOnWhereADownloadWas(t *testing.T) {
	b := needBrowser(t)
	for _, c := range []struct {
		name   string
		header map[string]string
		goesOn bool
	}{
		{"as our origin answers", map[string]string{"ETag": `"a"`, "Cache-Control": "public, max-age=31536000, immutable"}, true},
		{"nothing about caches", map[string]string{"ETag": `"a"`}, true},
		{"no-cache", map[string]string{"ETag": `"a"`, "Cache-Control": "no-cache"}, true},
		{"no-store", map[string]string{"ETag": `"a"`, "Cache-Control": "no-store"}, false},
		{"a weak ETag", map[string]string{"ETag": `W/"a"`}, false},
		{"an old date", map[string]string{"Last-Modified": "Mon, 02 Jan 2023 15:04:05 GMT"}, true},
		{"nothing to compare", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := &halfway{header: c.header}
			at := httptest.NewServer(server)
			defer at.Close()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			tab, err := b.OpenTab()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tab.Close() }()
			if err := tab.Navigate(ctx, at.URL); err != nil {
				t.Fatal(err)
			}
			got, err := Evaluate[int](ctx, tab, fmt.Sprintf(`(async () => {
				const giveUp = new AbortController();
				const reader = (await fetch("/segment", {signal: giveUp.signal})).body.getReader();
				for (let n = 0; n < %d;) n += (await reader.read()).value.length;
				giveUp.abort();
				await new Promise(done => setTimeout(done, 300));
				const answer = await fetch("/segment");
				return answer.status === 200 ? (await answer.arrayBuffer()).byteLength : -answer.status;
			})()`, firstBytes))
			if err != nil {
				t.Fatal(err)
			}
			server.mu.Lock()
			defer server.mu.Unlock()
			var asked []string
			for _, header := range server.asked {
				asked = append(asked, header.Get("Range"))
				if got, want := header.Get("If-Range"), c.header["ETag"]+c.header["Last-Modified"]; header.Get("Range") != "" && got != want {
					t.Errorf("a part is asked for if it is still %q, want %q", got, want)
				}
			}
			want := []string{"", ""}
			if c.goesOn { // one byte tells whether it is still the same
				want = []string{"", fmt.Sprintf("bytes=%d-%[1]d", firstBytes), fmt.Sprintf("bytes=%d-%d", firstBytes, bodyBytes-1)}
			}
			if got != bodyBytes || !slices.Equal(asked, want) {
				t.Errorf("the page has %d bytes, and has asked for the ranges %q, want %q", got, asked, want)
			}
		})
	}
}
