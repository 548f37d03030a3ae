package player

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"swarmlab/sim/hls"
)

// trace is a link whose rate changes at random, down to nothing.
func trace(r *rand.Rand) func(time.Duration) float64 {
	rates := make([]float64, 100)
	level := 1e6 * float64(1+r.IntN(6))
	for i := range rates {
		rates[i] = level * r.ExpFloat64()
		if r.IntN(8) == 0 {
			rates[i] = 0
		}
	}
	step := time.Duration(500+r.IntN(8000)) * time.Millisecond
	return func(at time.Duration) float64 { return rates[int(at/step)%len(rates)] }
}

// Whatever the network does: the viewer's time adds up, the picture never runs ahead of the clock or of the buffer, every second
// watched was delivered, and bytes are neither lost nor invented.
func TestTimeAndBytesAreConserved(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			cfg := hls.Config{SegmentDuration: time.Duration(1+r.IntN(6)) * time.Second, Window: 6 + r.IntN(6), Length: 90 * time.Second, Variants: ladder(900, 300, 2500)}
			if r.IntN(2) == 0 {
				cfg.Kind = hls.Live
			}
			if r.IntN(3) == 0 {
				cfg.Variants = cfg.Variants[:1]
			}
			w := newWorld(t, cfg)
			w.rate = trace(r)
			errors := r.IntN(3) == 0
			w.answer = func(_ time.Duration, _ string, f *transfer) bool {
				return errors && r.IntN(15) == 0 && f.status(500)
			}
			p, d := w.viewer()
			var s *script
			if r.IntN(3) == 0 {
				p, d, s = w.engineViewer()
			}
			w.now = time.Duration(r.IntN(5000)) * time.Millisecond
			began := w.now
			w.do(p.Start)
			last := p.Snapshot()
			for w.now < began+4*time.Minute {
				w.run(w.now + time.Duration(1+r.IntN(900))*time.Millisecond)
				switch r.IntN(200) {
				case 0:
					w.do(func() { p.Seek(r.Float64() * 90) })
				case 1:
					w.do(p.Pause)
				case 2, 3, 4, 5:
					w.do(p.Resume)
				}
				if s != nil {
					s.delay = time.Duration(r.IntN(3000)) * time.Millisecond
				}
				last = check(t, w, p, d, began, last)
			}
			check(t, w, p, d, began, last)
			checkBytes(t, w, p, d, s)
		})
	}
}

func check(t *testing.T, w *world, p *Player, d *diary, began time.Duration, last Snapshot) Snapshot {
	t.Helper()
	s := p.Snapshot()
	if sum := s.Startup + s.Watched + s.Stalled + s.Paused + s.Ended; sum != w.now-began {
		t.Fatalf("at %v: %v + %v + %v + %v + %v is not %v", w.now, s.Startup, s.Watched, s.Stalled, s.Paused, s.Ended, w.now-began)
	}
	if s.BufferedAhead < 0 || s.Position < 0 || s.Watched < last.Watched || s.Stalled < last.Stalled {
		t.Fatalf("at %v: %+v after %+v", w.now, s, last)
	}
	if s.State == "playing" && s.BufferedAhead == 0 {
		t.Fatalf("at %v: plays without a buffer", w.now)
	}
	if s.State == "stalled" && s.BufferedAhead > 0 {
		t.Fatalf("at %v: stands with %.3f s in the buffer", w.now, s.BufferedAhead)
	}
	if open := len(d.stalls) - len(d.resumes); open < 0 || open > 1 {
		t.Fatalf("at %v: %d stalls begun, %d ended", w.now, len(d.stalls), len(d.resumes))
	}
	if s.Started && s.StartupDelay != s.Startup {
		t.Fatalf("startup delay %v, startup time %v", s.StartupDelay, s.Startup)
	}
	return s
}

func checkBytes(t *testing.T, w *world, p *Player, d *diary, s *script) {
	t.Helper()
	var appended, direct, lost int64
	for _, e := range d.appended {
		appended += e.Bytes
		if e.End <= e.Start {
			t.Errorf("appended %+v", e)
		}
	}
	for _, e := range d.direct {
		direct += e.BytesHTTP
	}
	for _, e := range d.lost {
		lost += e.BytesHTTP
	}
	if s == nil {
		if p.frag != nil && p.frag.http != nil {
			lost += p.frag.http.loaded
		}
		if appended != direct || direct+lost != w.bytes {
			t.Errorf("appended %d, loaded %d, given up or under way %d, sent %d", appended, direct, lost, w.bytes)
		}
	}
	for i := 1; i < len(d.played); i++ {
		if d.played[i].At < d.played[i-1].At {
			t.Errorf("played out of order: %+v", d.played[i])
		}
	}
}

// The same seed gives the same viewer, to the event.
func TestRepeatable(t *testing.T) {
	run := func() string {
		w := newWorld(t, hls.Config{Length: 90 * time.Second, Variants: ladder(900, 300, 2500)})
		w.rate = trace(rand.New(rand.NewPCG(3, 3)))
		p, d := w.viewer()
		w.do(p.Start)
		w.run(4 * time.Minute)
		return fmt.Sprint(w.requests, d.stalls, d.resumes, d.switches, d.played, p.Snapshot())
	}
	if a, b := run(), run(); a != b {
		t.Errorf("two runs differ:\n%s\n%s", a, b)
	}
}
