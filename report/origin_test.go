package report

import (
	"strings"
	"testing"
	"time"

	"swarmlab/results"
)

// TestAFullOriginIsToBlame: what limits a swarm whose origin is full most of the time is that, whatever segments came over HTTP for.
func TestAFullOriginIsToBlame(t *testing.T) {
	r := synthetic(world{name: "crowd", viewers: 8, seconds: 60, segment: 4, share: true, arrivals: 20 * time.Second})
	for i := range r.Timeline {
		r.Timeline[i].OriginBytes = 1_000_000
		if i%4 == 0 {
			r.Timeline[i].OriginBytes = 125_000
		}
	}
	for _, c := range []struct {
		line    int64
		reasons bool
		answer  string
		fact    bool
	}{
		{0, true, "of the HTTP bytes", false},
		{100_000_000, true, "of the HTTP bytes", false},
		{9_000_000, true, "The origin was full: 75.0 % of the time it sent all that its line takes, 9.00 Mbit/s.", true},
		{9_000_000, false, "The origin was full: 75.0 %", true},
		{9_500_000, true, "of the HTTP bytes", false},
	} {
		with := *r
		with.Run.OriginBitsPerSecond = c.line
		if !c.reasons {
			with.Summary.HTTPReasons = nil
		}
		sec := limited(&with)
		has := len(sec.Facts) > 0 && sec.Facts[len(sec.Facts)-1].Label == "the origin was full"
		if !strings.Contains(sec.Answer, c.answer) || has != c.fact {
			t.Errorf("line of %d bit/s: %q, and it is a fact: %v", c.line, sec.Answer, has)
		}
		if (sec.Short == "The origin") != strings.HasPrefix(sec.Answer, "The origin") {
			t.Errorf("line of %d bit/s: %q in short, %q at length", c.line, sec.Short, sec.Answer)
		}
	}
	for i := range r.Timeline {
		if i%10 != 0 {
			r.Timeline[i].OriginBytes = 0
		}
	}
	r.Run.OriginBitsPerSecond = 1_000_000
	if sec := limited(r); !strings.Contains(sec.Answer, "of the HTTP bytes") || sec.Facts[len(sec.Facts)-1].Value != "10.0 %" {
		t.Errorf("full for a tenth of the time: %q, %+v", sec.Answer, sec.Facts)
	}
	for i := range r.Timeline {
		if i >= 30 {
			r.Timeline[i].Viewers = 0
		}
	}
	if full := originFull(r); full != 0.1 {
		t.Errorf("of the time that somebody watched it was full for %v", full)
	}
	for i := range r.Timeline {
		r.Timeline[i].OriginBytes = 0
		if i >= 30 {
			r.Timeline[i].OriginBytes = 1_000_000 // to nobody
		}
	}
	if full := originFull(r); full != 0 {
		t.Errorf("it was full for %v of a time at which nobody watched", full)
	}
	r.Timeline = nil
	if full := originFull(r); full != 0 {
		t.Errorf("of no time it was full for %v", full)
	}
	(&section{}).blameOrigin([]*results.Result{})
}
