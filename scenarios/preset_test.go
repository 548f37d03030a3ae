package scenarios

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"swarmlab/netem"
)

func TestThePresetsUsersExpectAreThere(t *testing.T) {
	for _, name := range []string{"vod", "live", "live-low-latency", "flash-crowd", "churn", "mixed-nat", "one-viewer", "two-viewers"} {
		if !slices.Contains(Names(), name) {
			t.Errorf("no preset %s", name)
		}
	}
	if !slices.IsSorted(Names()) {
		t.Errorf("not sorted: %v", Names())
	}
	if _, ok := Preset("../go"); ok {
		t.Error("a path is no preset's name")
	}
}

// watched is how much media the audience can watch, in bytes: what a run has to move.
func watched(s *Scenario) (bytes int64) {
	top := slices.MaxFunc(s.Stream.Variants, func(a, b Variant) int { return int(a.Bandwidth - b.Bandwidth) })
	for _, v := range Audience(s, 1) {
		end := v.LeaveAt
		if end == 0 {
			end = s.Run.Duration.Std()
		}
		stay := end - v.JoinAt
		if s.Stream.Kind == VOD {
			stay = min(stay, s.Stream.Length.Std())
		}
		bytes += int64(float64(top.Bandwidth) / 8 * stay.Seconds())
	}
	return bytes
}

func TestEveryPresetIsValidExplainedAndAffordable(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			s := load(t, name)
			text, _ := Preset(name)
			if s.Name != name || s.Description == "" {
				t.Errorf("is named %q and described as %q", s.Name, s.Description)
			}
			if s.Run.Seed != 1 {
				t.Error("presets leave the seed alone")
			}
			comments := regexp.MustCompile(`(?m)#.*$`).FindAll(text, -1)
			if len(comments) < 5 {
				t.Error("says too little about its numbers")
			}
			const affordable = 2e9 // bytes: at 50 ms of CPU per data-channel MB, a hundred seconds on one core
			cost := float64(watched(s))
			if cost > affordable {
				t.Errorf("moves up to %.1f GB", cost/1e9)
			}
			said := regexp.MustCompile(`(?m)^# Cost: ([0-9.]+) (GB|MB)`).FindSubmatch(text)
			if said == nil {
				t.Fatal("does not say what it costs")
			}
			bytes, _ := strconv.ParseFloat(string(said[1]), 64)
			bytes *= map[string]float64{"GB": 1e9, "MB": 1e6}[string(said[2])]
			if math.Abs(bytes/cost-1) > 0.1 {
				t.Errorf("says that it costs %s %s, but it is %.3g GB", said[1], said[2], cost/1e9)
			}
			if s.Stream.Kind == VOD {
				last := s.Peers.Arrival.last(s.Peers.Count)
				if s.Run.Duration.Std() < last+s.Stream.Length.Std()+10*time.Second {
					t.Error("the last to come cannot watch it all")
				}
			}
		})
	}
}

// What the presets promise in their comments and names.
func TestPresetsKeepTheirWord(t *testing.T) {
	vod := load(t, "vod")
	if n := vod.Stream.Length / vod.Stream.SegmentDuration; n != 40 || vod.Peers.Count != 100 || vod.Run.Duration.Std() != 210*time.Second {
		t.Errorf("vod: %d segments, %d viewers, %v", n, vod.Peers.Count, vod.Run.Duration)
	}
	if b := vod.Stream.Variants[0].Bandwidth * 4 / 8; b != 204_000 {
		t.Errorf("vod: %d bytes a segment", b)
	}
	live := load(t, "live")
	if live.Stream.SegmentDuration.Std() != 6*time.Second || live.Stream.Window != 6 || live.Stream.Variants[0].Bandwidth != 800_000 {
		t.Errorf("live: %+v", live.Stream)
	}
	low := load(t, "live-low-latency")
	window := low.Stream.SegmentDuration.Std().Seconds() * float64(low.Stream.Window)
	if high := *low.P2PML.Core.Main().HighDemandTimeWindow; window != 16 || window > high+low.Stream.SegmentDuration.Std().Seconds() {
		t.Errorf("live-low-latency: a window of %v s is not inside the high-demand window of %v s", window, high)
	}
	one, two := load(t, "one-viewer"), load(t, "two-viewers")
	if one.Peers.Count != 1 || two.Peers.Count != 2 || len(one.Thresholds) == 0 {
		t.Error("one and two viewers are one and two")
	}
	churn := Audience(load(t, "churn"), 1)
	leave, vanish := 0, 0
	for _, v := range churn {
		if v.LeaveAt > 0 {
			leave++
			if !v.Clean {
				vanish++
			}
		}
	}
	if leave < len(churn)/3 || vanish < leave/2 {
		t.Errorf("churn: of %d viewers %d leave and %d vanish", len(churn), leave, vanish)
	}
}

// The NATs of mixed-nat let as many pairs connect as was measured: 70 % +- 7 by hole punching, 78 to 85 % in WebRTC services.
func TestMixedNATsConnectAsMeasured(t *testing.T) {
	s := load(t, "mixed-nat")
	if !*s.ICE.STUN || s.ICE.TURN {
		t.Error("it is about STUN alone")
	}
	connects := func(a, b string) bool {
		hard := func(n string) bool { return n == "symmetric" || n == "port-restricted" }
		switch {
		case a == "blocked" || b == "blocked":
			return false
		case a == "symmetric" && hard(b), b == "symmetric" && hard(a):
			return false
		}
		return true
	}
	ratio := 0.0
	for _, a := range s.Peers.Groups {
		for _, b := range s.Peers.Groups {
			if connects(a.NAT, b.NAT) {
				ratio += a.Share * b.Share
			}
		}
	}
	if ratio < 0.70 || ratio > 0.77 {
		t.Errorf("%.3f of the pairs connect", ratio)
	}
	for _, nat := range netem.NATNames() {
		if !slices.ContainsFunc(s.Peers.Groups, func(g Group) bool { return g.NAT == nat }) {
			t.Errorf("nobody is behind %s", nat)
		}
	}
}

func TestPresetsStandAlone(t *testing.T) {
	for _, name := range Names() {
		text, _ := Preset(name)
		for _, word := range []string{"/work", "shared/", "TODO"} {
			if strings.Contains(string(text), word) {
				t.Errorf("%s mentions %s", name, word)
			}
		}
	}
}
