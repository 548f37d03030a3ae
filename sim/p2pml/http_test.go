package p2pml

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/webtorrent"
)

// answers makes the origin give these answers, one request after the other, and the last one for ever.
func answers(w *world, plans ...func(FetchRequest) plan) {
	n := 0
	w.origin = func(_ *fakeEnv, r FetchRequest) plan {
		p := plans[min(n, len(plans)-1)]
		n++
		return p(r)
	}
}

func status(code int) func(FetchRequest) plan {
	return func(FetchRequest) plan {
		return plan{headers: FetchHeaders{Status: code, ContentLength: 3}, first: time.Millisecond, body: 3, chunks: 1}
	}
}

// short serves only so much of 1000 bytes.
func short(n int64) func(FetchRequest) plan {
	return func(r FetchRequest) plan {
		p := serve(r, 1000, time.Millisecond)
		p.body = n
		return p
	}
}

func whole(r FetchRequest) plan { return serve(r, 1000, time.Millisecond) }

func with(f func(FetchRequest) plan, change func(*plan)) func(FetchRequest) plan {
	return func(r FetchRequest) plan { p := f(r); change(&p); return p }
}

func rangeOf(b *ByteRange) string {
	if b == nil {
		return "-"
	}
	return fmt.Sprintf("%d-%d", b.Start, b.End)
}

func TestHTTPAnswers(t *testing.T) {
	unknownLength := func(p *plan) { p.headers.ContentLength = -1 }
	cases := []struct {
		name    string
		ranged  bool // the segment is bytes 5000-5999 of its file
		answers []func(FetchRequest) plan
		errors  string // types, in order
		asked   string // ranges, in order
		dropped int64
	}{
		{"a whole body is loaded", false, []func(FetchRequest) plan{whole}, "", "-", 0},
		{"a byte range is asked for", true, []func(FetchRequest) plan{func(r FetchRequest) plan { return serve(r, 9000, time.Millisecond) }}, "", "5000-5999", 0},
		{"a short body is resumed", false, []func(FetchRequest) plan{short(400), whole}, "http-bytes-mismatch", "- 400--1", 0},
		{"a broken body is resumed", false, []func(FetchRequest) plan{with(short(400), func(p *plan) { p.err = errTest }), whole},
			"http-error", "- 400--1", 0},
		{"a resumed answer of 200 starts again", false, []func(FetchRequest) plan{short(400), func(r FetchRequest) plan { r.Range = nil; return whole(r) }},
			"http-bytes-mismatch", "- 400--1", 400},
		{"416 forgets the bytes", false, []func(FetchRequest) plan{short(400), status(416), whole},
			"http-bytes-mismatch http-bytes-mismatch", "- 400--1 -", 400},
		{"404 is tried again", false, []func(FetchRequest) plan{status(404), whole}, "http-error", "- -", 0},
		{"200 to a byte range is refused", true, []func(FetchRequest) plan{status(200), func(r FetchRequest) plan { return serve(r, 9000, time.Millisecond) }},
			"http-unexpected-status-code", "5000-5999 5000-5999", 0},
		{"204 to a byte range is refused", true, []func(FetchRequest) plan{status(204), func(r FetchRequest) plan { return serve(r, 9000, time.Millisecond) }},
			"http-unexpected-status-code", "5000-5999 5000-5999", 0},
		{"a wrong Content-Range is refused", false, []func(FetchRequest) plan{short(400), with(whole, func(p *plan) { p.headers.ContentRange.Start = 300 }), whole},
			"http-bytes-mismatch http-bytes-mismatch", "- 400--1 -", 400},
		{"a wrong Content-Length is refused", false, []func(FetchRequest) plan{short(400), with(whole, func(p *plan) { p.headers.ContentLength = 599 }), whole},
			"http-bytes-mismatch http-bytes-mismatch", "- 400--1 -", 400},
		{"an unknown length takes any body", false, []func(FetchRequest) plan{with(short(400), unknownLength)}, "", "-", 0},
		// Bytes are forgotten with the total, so a readable Content-Range never matches again: the library's own trap.
		{"a byte range never recovers from a mismatch", true, []func(FetchRequest) plan{status(416), func(r FetchRequest) plan { return serve(r, 9000, time.Millisecond) }},
			"http-bytes-mismatch http-bytes-mismatch http-bytes-mismatch", "5000-5999 5000-5999 5000-5999", 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			answers(w, c.answers...)
			segs := playlistOf(0, 1, 4)
			if c.ranged {
				segs[0].ByteRange = &ByteRange{Start: 5000, End: 5999}
			}
			v := newViewer(w, "v", testConfig(), segs)
			v.env.do(v.request)
			w.run(time.Second)
			errs, asked := "", ""
			for _, e := range v.errors {
				errs += " " + string(e.Type)
			}
			for _, f := range v.env.fetched {
				asked += " " + rangeOf(f.Range)
			}
			if errs != pad(c.errors) || asked != pad(c.asked) || v.dropped[HTTP] != c.dropped {
				t.Errorf("errors%s\n asked%s\n dropped %d", errs, asked, v.dropped[HTTP])
			}
			if ok := len(c.errors) < len("http-bytes-mismatch")*3; ok != (v.loads == 1 && len(v.got) == 1) {
				t.Errorf("loaded %d, given to the player %d", v.loads, len(v.got))
			}
			v.conserved(t)
		})
	}
}

func pad(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}

func TestThreeHTTPFailuresFailThePlayersRequest(t *testing.T) {
	w := newWorld(t)
	answers(w, status(500))
	v := newViewer(w, "v", testConfig(), playlistOf(0, 1, 4))
	v.env.do(v.request)
	w.run(time.Second)
	if len(v.env.fetched) != 3 || len(v.failed) != 1 || !errors.Is(v.failed[0], ErrFailed) {
		t.Fatalf("%d attempts, player told %v", len(v.env.fetched), v.failed)
	}
	w.run(50 * time.Second)
	if len(v.env.fetched) != 3 {
		t.Fatalf("%d attempts although the limit is 3", len(v.env.fetched))
	}
	v.env.do(v.request) // asking again forgets
	w.run(51 * time.Second)
	if len(v.env.fetched) != 6 || len(v.failed) != 2 {
		t.Errorf("%d attempts, player told %v", len(v.env.fetched), v.failed)
	}
}

func TestFailuresAreForgottenAfterAMinute(t *testing.T) {
	w := newWorld(t)
	answers(w, status(500))
	v := newViewer(w, "v", testConfig(), playlistOf(0, 4, 4))
	v.env.do(v.request)
	w.run(time.Second)
	tried := len(v.env.fetched)
	poke := func(at time.Duration) int {
		w.run(at)
		v.position += 0.001
		v.env.do(func() { v.core.UpdatePlayback(v.position, 1) })
		v.env.do(func() { v.core.AbortSegmentLoading("seg0") })
		v.env.do(func() { v.core.UpdatePlayback(v.position+10, 1); v.core.UpdatePlayback(v.position, 1) })
		return len(v.env.fetched)
	}
	if got := poke(59 * time.Second); got != tried {
		t.Errorf("tried again after 59 s: %d, %d", tried, got)
	}
	if got := poke(63 * time.Second); got == tried {
		t.Error("not tried again after 63 s")
	}
}

func TestSilentOriginTimesOut(t *testing.T) {
	w := newWorld(t)
	answers(w, func(FetchRequest) plan { return plan{silent: true} })
	v := newViewer(w, "v", testConfig(), playlistOf(0, 1, 4))
	v.env.do(v.request)
	w.run(2999 * time.Millisecond)
	if len(v.errors) != 0 {
		t.Fatal("too early")
	}
	w.run(9 * time.Second)
	if len(v.errors) != 3 || v.errors[0].Type != ErrorBytesReceivingTimeout || len(v.failed) != 1 || len(v.env.fetches) != 0 {
		t.Errorf("%v; player told %v; %d fetches left", v.errors, v.failed, len(v.env.fetches))
	}
}

func TestEveryChunkRestartsTheHTTPTimer(t *testing.T) {
	w := newWorld(t)
	answers(w, func(r FetchRequest) plan {
		p := serve(r, 16_000, 16*2900*time.Millisecond) // a chunk each 2.9 s
		p.first = 2900 * time.Millisecond
		return p
	})
	v := newViewer(w, "v", testConfig(), playlistOf(0, 1, 4))
	v.env.do(v.request)
	w.run(60 * time.Second)
	if len(v.errors) != 0 || v.loads != 1 {
		t.Errorf("%v, %d loaded", v.errors, v.loads)
	}
}

func TestValidation(t *testing.T) {
	w := newWorld(t)
	answers(w, whole)
	cfg := testConfig()
	calls := 0
	cfg.Main.ValidateHTTPSegment = func(url string, _ *ByteRange, data webtorrent.Message) bool {
		calls++
		return calls > 1 && url == "seg0" && data.Size == 1000
	}
	v := newViewer(w, "v", cfg, playlistOf(0, 1, 4))
	v.env.do(v.request)
	w.run(time.Second)
	if len(v.errors) != 1 || v.errors[0].Type != ErrorHTTPValidation || v.loads != 1 || v.dropped[HTTP] != 1000 {
		t.Errorf("%v, %d loaded, dropped %v", v.errors, v.loads, v.dropped)
	}
	r := newRig(t, func(c *Config) {
		onlyP2P(c)
		c.Main.ValidateP2PSegment = func(string, *ByteRange, webtorrent.Message) bool { return false }
	})
	p := r.connect("p")
	p.announce(0)
	p.give(10)
	r.distrusted(p, ErrorP2PValidation, 10)
}

// Bytes of a P2P attempt are continued over HTTP, and the other way round.
func TestBytesSurviveAChangeOfSource(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Main.HTTPDownloadInitialTimeout = 3 * time.Second })
	answers(r.w, whole)
	p := r.connect("p")
	p.announce(0)
	p.header(1000)
	p.data(300)
	r.w.run(1500 * time.Millisecond)
	p.data(100) // still talking: no time-out before HTTP may start
	r.w.run(3100 * time.Millisecond)
	if got := rangeOf(r.env.fetched[0].Range); got != "400--1" {
		t.Errorf("HTTP asked for %s", got)
	}
	r.want(r.loaded[P2P] == 400, "%d bytes by P2P", r.loaded[P2P])
	r.want(r.loaded[HTTP] >= 600, "%d bytes by HTTP", r.loaded[HTTP])
	r.want(len(p.commands(wire.CancelSegmentRequest)) > 0, "the peer was not told")
}
