package browser

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"swarmlab/scenarios"
	"swarmlab/sim"
	"swarmlab/sim/browser/page"
	"swarmlab/sim/hls"
	"swarmlab/sim/serve"
)

// require, in the environment, makes a test fail that would be skipped for want of a browser: where it is set, one is expected.
const require = "SWARMLAB_REQUIRE_BROWSER"

// assets is the npm packages' folder, seen from this one.
const assets = "node_modules"

// patience is how long a test waits for what it expects: long, for a machine that is busy. Nothing is judged by how long it took.
const patience = 60 * time.Second

// chromium is shared by all tests; each has pages of its own in it.
var chromium struct {
	once sync.Once
	*Browser
	err error
}

func TestMain(m *testing.M) {
	before := runtime.NumGoroutine()
	code := m.Run()
	var err error
	if b := chromium.Browser; b != nil {
		err = b.Close()
	}
	if err = errors.Join(err, leak(before)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// leak reports goroutines that are left. Connections that Pion closes take a moment to be gone.
func leak(before int) error {
	for deadline := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > before; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			return fmt.Errorf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
	return nil
}

// needBrowser skips a test on a machine without Chromium or the npm packages, and says how to have it run.
func needBrowser(t *testing.T) *Browser {
	t.Helper()
	if testing.Short() {
		t.Skip("drives a real browser; -short leaves that out")
	}
	_, err := Find()
	if err = errors.Join(err, page.Missing(assets)); err != nil {
		if os.Getenv(require) != "" {
			t.Fatalf("%s is set, and there is no browser to test with: %v", require, err)
		}
		t.Skipf("no browser to test with (make interop installs one): %v", err)
	}
	chromium.once.Do(func() {
		chromium.Browser, chromium.err = Launch(context.Background(), Options{TrustAny: true})
	})
	if chromium.err != nil {
		t.Fatal(chromium.err)
	}
	return chromium.Browser
}

// deployment is a scenario that is being served to a test.
type deployment struct {
	*serve.Server
	t        *testing.T
	scenario *scenarios.Scenario
	stream   *hls.Stream
	urls     serve.URLs
	tracker  string // the one that everybody here announces to
}

func deploy(t *testing.T, yaml string) *deployment {
	t.Helper()
	s, err := scenarios.Parse("interop.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	stream, err := sim.OpenStream(s)
	if err != nil {
		t.Fatal(err)
	}
	srv, err := serve.Start(s, stream, serve.Options{Listen: "127.0.0.1:0", ListenTLS: "127.0.0.1:0", Assets: assets})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(srv.Close(), stream.Close()); err != nil {
			t.Errorf("end the deployment: %v", err)
		}
	})
	urls, _ := srv.URLs()
	return &deployment{Server: srv, t: t, scenario: s, stream: stream, urls: urls, tracker: urls.Tracker}
}

// viewer is a page in a test: what goes wrong fails the test.
type viewer struct {
	*Page
	t *testing.T
	d *deployment
}

// open opens the page with every digest noted. Query is what else its address says: core.highDemandTimeWindow=4.
func (d *deployment) open(query ...string) *viewer {
	d.t.Helper()
	return d.openAt(d.urls.Page, append(query, "tracker="+url.QueryEscape(d.tracker))...)
}

func (d *deployment) openAt(address string, query ...string) *viewer {
	d.t.Helper()
	b := needBrowser(d.t)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	p, err := b.Open(ctx, address+"?"+strings.Join(append(query, "verify=yes"), "&"))
	if err != nil {
		d.t.Fatal(err)
	}
	v := &viewer{Page: p, t: d.t, d: d}
	d.t.Cleanup(func() {
		if d.t.Failed() {
			v.dump()
		}
		if lines := p.Console(); len(lines) > 0 {
			d.t.Errorf("the page's console: %q", lines)
		}
		if err := p.Close(); err != nil {
			d.t.Errorf("close the page: %v", err)
		}
	})
	return v
}

// dump shows what the page has seen, but for the many chunks.
func (v *viewer) dump() {
	now, events := v.look()
	v.t.Logf("the page now: %+v", now)
	for _, e := range events {
		if !strings.HasPrefix(e.Kind, "onChunk") {
			v.t.Logf("%+v", e)
		}
	}
}

// look is the page's state and all its events.
func (v *viewer) look() (Snapshot, []Event) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	now, err := v.Snapshot(ctx)
	if err != nil {
		v.t.Errorf("ask the page: %v", err)
	}
	events, err := v.Events(ctx)
	if err != nil {
		v.t.Errorf("ask the page: %v", err)
	}
	return now, events
}

// until waits for something to come true; what says it in words.
func (v *viewer) until(what string, done func(Snapshot, []Event) bool) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := v.Wait(ctx, done); err != nil {
		v.t.Fatalf("waiting for this: %s: %v", what, err)
	}
}

// run runs JavaScript in the page.
func (v *viewer) run(script string) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := v.Run(ctx, script); err != nil {
		v.t.Fatalf("%s: %v", script, err)
	}
}

// segment looks a URL up in the stream.
func (d *deployment) segment(address string) (variant int, seq int64, ok bool) {
	u, err := url.Parse(address)
	if err != nil {
		return 0, 0, false
	}
	r, ok := d.stream.Locate(strings.TrimPrefix(u.Path, "/stream"))
	return r.Variant, r.Seq, ok && r.Kind == hls.KindSegment
}

func (d *deployment) bytes(variant int, seq int64) []byte {
	d.t.Helper()
	data, err := d.stream.Bytes(variant, seq)
	if err != nil {
		d.t.Fatal(err)
	}
	return data
}

// corrupt lists the digests in which a segment is not what the origin made, and counts those that are right, by source.
func (d *deployment) corrupt(events []Event) (wrong []Event, right map[string]int) {
	d.t.Helper()
	right = make(map[string]int)
	for _, e := range events {
		if e.Kind != "digest" {
			continue
		}
		variant, seq, ok := d.segment(e.URL)
		if !ok {
			d.t.Errorf("the page has loaded %s, which is no segment", e.URL)
			continue
		}
		sum := sha256.Sum256(d.bytes(variant, seq))
		if hex.EncodeToString(sum[:]) == e.SHA256 {
			right[e.Source]++
		} else {
			wrong = append(wrong, e)
		}
	}
	return wrong, right
}

// intact checks every byte that the page has loaded, and that there is a digest for every segment.
func (v *viewer) intact() {
	v.t.Helper()
	v.until("a digest for every segment loaded", func(_ Snapshot, events []Event) bool {
		return count(events, "digest", nil) >= count(events, "onSegmentLoaded", nil)
	})
	_, events := v.look()
	if wrong, _ := v.d.corrupt(events); len(wrong) > 0 {
		v.t.Errorf("%d segments are not what the origin made: %+v", len(wrong), wrong)
	}
}

// count counts events of a kind; which, if given, must agree.
func count(events []Event, kind string, which func(Event) bool) (n int) {
	for _, e := range events {
		if e.Kind == kind && (which == nil || which(e)) {
			n++
		}
	}
	return n
}
