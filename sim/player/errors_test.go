package player

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"swarmlab/sim/hls"
	"swarmlab/sim/p2pml"
)

// times are when a URL was asked for, from its first request.
func (w *world) times(match func(url string) bool) (at []float64) {
	var first time.Duration
	for _, q := range w.requests {
		if match(q.url) {
			if at == nil {
				first = q.at
			}
			at = append(at, (q.at - first).Seconds())
		}
	}
	return at
}

func has(part string) func(string) bool {
	return func(u string) bool { return strings.Contains(u, part) }
}

func schedule(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: requests at %v, want %v", what, got, want)
	}
	for i := range want {
		if slack := got[i] - want[i]; slack < -1e-9 || slack > 0.1*float64(i)+1e-9 { // a segment's retry waits for the next tick
			t.Errorf("%s: request %d at %.3f s, want %.3f", what, i, got[i], want[i])
		}
	}
}

func TestRetrySchedules(t *testing.T) {
	hang := func(f *transfer) bool { return true }
	reset := func(f *transfer) bool { return f.fail(errReset) }
	status := func(code int) func(*transfer) bool { return func(f *transfer) bool { return f.status(code) } }
	stuck := func(f *transfer) bool { // headers, and nothing after them
		f.h.FetchHeaders(p2pml.FetchHeaders{Status: 200, ContentLength: 1000})
		return true
	}
	for _, c := range []struct {
		name   string
		kind   hls.Kind
		match  string
		answer func(*transfer) bool
		want   []float64
		fatal  bool
	}{
		{"master 500: once more after 1 s", hls.VOD, "master", status(500), []float64{0, 1}, true},
		{"master 404: never", hls.VOD, "master", status(404), []float64{0}, true},
		{"master without an answer: never", hls.VOD, "master", reset, []float64{0}, true},
		{"master hangs: twice more after 20 s each", hls.VOD, "master", hang, []float64{0, 20, 40}, true},
		{"playlist 500: after 1 and 2 s", hls.VOD, "playlist", status(500), []float64{0, 1, 3}, true},
		{"playlist 404, no other level: likewise", hls.VOD, "playlist", status(404), []float64{0, 1, 3}, true},
		{"playlist hangs: at once, after 10 s to the first byte", hls.VOD, "playlist", hang, []float64{0, 10, 20}, true},
		{"playlist stuck in the body: after 20 s", hls.VOD, "playlist", stuck, []float64{0, 20, 40}, true},
		{"segment 500: 1, 2, 4, 8, 8, 8 s", hls.VOD, ".seg", status(500), []float64{0, 1, 3, 7, 15, 23, 31}, true},
		{"segment 404 of VOD, no other level: likewise", hls.VOD, ".seg", status(404), []float64{0, 1, 3, 7, 15, 23, 31}, true},
		{"segment hangs: 4 times, after 10 s each", hls.VOD, ".seg", hang, []float64{0, 10, 20, 30, 40}, true},
		{"segment stuck in the body: after 120 s each", hls.VOD, ".seg", stuck, []float64{0, 120, 240, 360, 480}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, hls.Config{Kind: c.kind})
			match := has(c.match)
			if c.match == ".seg" {
				match = func(u string) bool { return !strings.Contains(u, "m3u8") }
			}
			w.answer = func(_ time.Duration, url string, f *transfer) bool { return match(url) && c.answer(f) }
			p, d := w.viewer()
			w.do(p.Start)
			w.run(700 * time.Second)
			schedule(t, c.name, w.times(match), addRTT(c.want, strings.Contains(c.name, "hangs") || strings.Contains(c.name, "stuck")))
			if (len(d.fatal) == 1) != c.fatal || len(d.errors) != len(c.want) {
				t.Errorf("fatal: %v, %d errors reported for %d requests", d.fatal, len(d.errors), len(c.want))
			}
			if last := d.errors[len(d.errors)-1]; last.Action != ActionFatal {
				t.Errorf("last action %q", last.Action)
			}
			if w.pending() != 0 || w.open != 0 {
				t.Errorf("after the fatal error %d timers and %d requests are left", w.pending(), w.open)
			}
			if s := p.Snapshot(); s.State != "failed" {
				t.Errorf("state %s", s.State)
			}
		})
	}
}

// addRTT adds the round trip that every refused attempt costs; timeouts count from the request.
func addRTT(want []float64, timeout bool) []float64 {
	out := slices.Clone(want)
	for i := range out {
		if !timeout {
			out[i] += 0.02 * float64(i)
		}
	}
	return out
}

func TestTransientSegmentErrorIsRepaired(t *testing.T) {
	w := newWorld(t, hls.Config{})
	n := 0
	w.answer = func(_ time.Duration, url string, f *transfer) bool {
		if strings.Contains(url, "m3u8") {
			return false
		}
		n++
		return n%4 == 0 && f.status(503)
	}
	p, d := w.viewer()
	w.do(p.Start)
	w.run(170 * time.Second)
	if len(d.ended) != 1 || len(d.played) != 40 || len(d.stalls) != 0 || len(d.errors) < 10 {
		t.Errorf("ended %v, played %d, stalls %v, errors %d", d.ended, len(d.played), d.stalls, len(d.errors))
	}
}

func TestShortBodyIsAnError(t *testing.T) {
	w := newWorld(t, hls.Config{})
	n := 0
	w.answer = func(_ time.Duration, url string, f *transfer) bool {
		if strings.Contains(url, "m3u8") {
			return false
		}
		if n++; n > 1 {
			return false
		}
		f.h.FetchHeaders(p2pml.FetchHeaders{Status: 200, ContentLength: 400_000})
		return f.fail(nil)
	}
	p, d := w.viewer()
	w.do(p.Start)
	w.run(5 * time.Second)
	if len(d.errors) != 1 || len(d.startup) != 1 || d.startup[0].Delay < time.Second {
		t.Errorf("errors %v, startup %v", d.errors, d.startup)
	}
}

func TestLiveSkipsWhatIsGone(t *testing.T) {
	w := newWorld(t, liveStream(2*time.Second, 8))
	w.now = 300 * time.Millisecond
	p, d := w.viewer()
	bad := int64(1000 + 8 + 6)
	w.answer = func(_ time.Duration, url string, f *transfer) bool {
		res, ok := w.origin.Locate(strings.TrimPrefix(url, w.base))
		return ok && !strings.Contains(url, "m3u8") && res.Seq == bad && f.status(404)
	}
	w.do(p.Start)
	w.run(60 * time.Second)
	if len(d.errors) != 1 || d.errors[0].Action != ActionGap {
		t.Fatalf("errors %+v, want one that is skipped", d.errors)
	}
	var jump []Seek
	for _, s := range d.seeks {
		if s.Reason == SeekGap {
			jump = append(jump, s)
		}
	}
	if len(jump) != 1 || len(d.stalls) != 1 || len(d.resumes) != 1 {
		t.Fatalf("seeks %v, stalls %v, resumes %v", d.seeks, d.stalls, d.resumes)
	}
	near(t, "jump", jump[0].To-jump[0].From, 2.05, 1e-6)
	for _, s := range d.played {
		if s.Sequence == bad {
			t.Error("the missing segment was played")
		}
	}
	near(t, "latency shrank by the gap", p.Snapshot().LiveLatency, 4, 2.2)
}

func TestErrorSwitchesLevel(t *testing.T) {
	for _, c := range []struct{ name, match string }{{"segments", ""}, {"playlist", "playlist"}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, hls.Config{Variants: ladder(1000, 400)})
			w.answer = func(_ time.Duration, url string, f *transfer) bool {
				return strings.Contains(url, "k1000/"+c.match) && (c.match != "" || !strings.Contains(url, "m3u8")) && f.status(404)
			}
			p, d := w.viewer()
			w.do(p.Start)
			w.run(170 * time.Second)
			if len(d.ended) != 1 || slices.Max(d.shownLevels()) != 0 || d.errors[0].Action != ActionSwitch {
				t.Errorf("ended %v, levels %v, errors %v, fatal %v", d.ended, d.shownLevels(), d.errors, d.fatal)
			}
		})
	}
}

func TestGarbageIsFatalAndNeverPanics(t *testing.T) {
	bodies := []string{"", "<html>", "#EXTM3U", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n", "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-ENDLIST\n",
		"#EXTM3U\n#EXT-X-TARGETDURATION:x\n", "\x00\xff\xfe", strings.Repeat("#EXTM3U\n", 1000), "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:-1,\na.ts\n"}
	for _, where := range []string{"master", "playlist"} {
		for i, body := range bodies {
			t.Run(fmt.Sprintf("%s %d", where, i), func(t *testing.T) {
				w := newWorld(t, hls.Config{})
				w.answer = func(_ time.Duration, url string, f *transfer) bool {
					return strings.Contains(url, where) && f.text(body)
				}
				p, d := w.viewer()
				w.do(p.Start)
				w.run(100 * time.Second)
				if len(d.fatal) != 1 || p.Snapshot().State != "failed" {
					t.Errorf("fatal %v, errors %v, state %s", d.fatal, d.errors, p.Snapshot().State)
				}
			})
		}
	}
}

func FuzzPlaylists(f *testing.F) {
	f.Add("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na\n", "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\na.ts\n", "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:9\n#EXTINF:4,\nb.ts\n", true)
	f.Add("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\na.ts\n", "", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MAP:URI=\"i\"\n#EXTINF:0.001,\na.ts\n#EXT-X-ENDLIST\n", false)
	f.Add("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:0\n0", "", "0", false)
	f.Fuzz(func(t *testing.T, master, first, second string, engine bool) {
		w := newWorld(t, hls.Config{})
		n := 0
		w.answer = func(_ time.Duration, url string, f *transfer) bool {
			if url == w.base+"master.m3u8" {
				return f.text(master)
			}
			if n++; n%3 == 0 {
				return f.text(second)
			}
			return f.text(first)
		}
		p, _ := w.viewer()
		if engine {
			p, _, _ = w.engineViewer()
		}
		w.do(p.Start)
		for range 3000 { // a broken stream may make the player busy, but never for ever within a moment
			if len(w.heap) == 0 {
				break
			}
			w.run(w.heap[0].at)
		}
		s := p.Snapshot()
		if s.BufferedAhead < 0 || s.Position < 0 {
			t.Errorf("%+v", s)
		}
		w.do(p.Leave)
		if w.pending() != 0 || w.open != 0 {
			t.Errorf("%d timers and %d requests are left", w.pending(), w.open)
		}
	})
}

func TestLeaveLeavesNothing(t *testing.T) {
	trouble := []struct {
		name   string
		stream hls.Config
		rate   float64
		answer func(w *world) func(time.Duration, string, *transfer) bool
	}{
		{"vod", hls.Config{Length: 30 * time.Second}, 2e6, nil},
		{"slow vod, a ladder", hls.Config{Length: 60 * time.Second, Variants: ladder(3000, 500, 1000)}, 0.9e6, nil},
		{"live", liveStream(2*time.Second, 6), 2e6, nil},
		{"live, some of it broken", liveStream(2*time.Second, 6), 2e6, func(w *world) func(time.Duration, string, *transfer) bool {
			r := rand.New(rand.NewPCG(5, 5))
			return func(_ time.Duration, _ string, f *transfer) bool { return r.IntN(4) == 0 && f.status(500) }
		}},
		{"dead origin", hls.Config{}, 2e6, func(w *world) func(time.Duration, string, *transfer) bool {
			return func(_ time.Duration, url string, f *transfer) bool { return !strings.Contains(url, "master") }
		}},
	}
	for _, c := range trouble {
		for _, engine := range []bool{false, true} {
			for at := time.Duration(0); at < 40*time.Second; at += 370 * time.Millisecond {
				w := newWorld(t, c.stream)
				w.rate = constant(c.rate)
				if c.answer != nil {
					w.answer = c.answer(w)
				}
				p, _ := w.viewer()
				var s *script
				if engine {
					p, _, s = w.engineViewer()
					s.delay = 600 * time.Millisecond
				}
				w.do(p.Start)
				w.run(at)
				before := p.Snapshot()
				w.late = true
				w.do(p.Leave)
				if w.pending() != 0 || w.open != 0 || len(w.micro) != 0 || (engine && !s.destroyed) {
					t.Fatalf("%s, engine %v, left at %v: %d timers, %d requests", c.name, engine, at, w.pending(), w.open)
				}
				w.run(at + time.Minute)
				after := p.Snapshot()
				if after.Watched != before.Watched || after.Stalled != before.Stalled || after.Position != before.Position || after.State != "left" {
					t.Fatalf("%s: time goes on after leaving: %+v, then %+v", c.name, before, after)
				}
				w.do(func() { p.Leave(); p.Seek(3); p.Pause(); p.Resume(); p.Start() })
			}
		}
	}
}
