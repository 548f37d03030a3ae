package p2pml

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// calmCases are swarms in which a scheduler has much and little to do.
var calmCases = []calmCase{
	{"a video", 4e6, 8, false, nil},
	{"a live stream", 4e6, 12, true, nil},
	{"slow links", 60_000, 6, false, nil},
	{"a slow live stream", 100_000, 6, true, nil},
	{"no windows", 1e6, 6, false, func(c *Config) {
		c.Main.HighDemandTimeWindow, c.Main.HTTPDownloadTimeWindow, c.Main.P2PDownloadTimeWindow = 6*time.Second, 9*time.Second, 14*time.Second
	}},
	{"little storage", 2e6, 6, false, func(c *Config) { c.SegmentMemoryStorageLimitMiB = 4 }},
	{"an initial wait", 1e6, 6, true, func(c *Config) { c.Main.HTTPDownloadInitialTimeout = 3 * time.Second }},
	{"one download at a time", 2e5, 8, false, func(c *Config) { c.Main.SimultaneousP2PDownloads, c.Main.SimultaneousHTTPDownloads = 1, 1 }},
}

type calmCase struct {
	name    string
	rate    float64
	viewers int
	live    bool
	change  func(*Config)
}

// play has them watch, each prepared in some way, and returns all that happened and how many passes there were.
func (c *calmCase) play(t *testing.T, prepare func(*viewer)) (log []string, passes uint64) {
	w := newWorld(t)
	w.rate = c.rate
	cfg := testConfig()
	if c.change != nil {
		c.change(&cfg)
	}
	var all []*viewer
	for i := range c.viewers {
		v := newViewer(w, fmt.Sprint("v", i), cfg, playlistOf(0, 30, 4))
		prepare(v)
		if c.live { // begins within the window as it will be
			v.next = 3 + i
			v.position = v.segments[v.next].Start
		}
		v.join(time.Duration(i) * 1700 * time.Millisecond)
		all = append(all, v)
	}
	if c.live {
		slide(w, all)
	}
	w.run(100 * time.Second)
	for _, v := range all {
		for i, line := range v.log {
			log = append(log, fmt.Sprint(v.env.name, " ", v.at[i], " ", line))
		}
		passes += v.core.loaders[0].passes
	}
	return log, passes
}

func sameLog(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		i := 0
		for i < min(len(want), len(got)) && want[i] == got[i] {
			i++
		}
		t.Fatalf("different from line %d on: %q, want %q", i, got[i:min(i+5, len(got))], want[i:min(i+5, len(want))])
	}
	if len(want) < 100 {
		t.Errorf("only %d lines", len(want))
	}
}

// TestACalmSchedulerMissesNothing plays the same swarms twice, once with every pass that the library would run. All that happens
// must be the same, at the same times, with far fewer passes.
func TestACalmSchedulerMissesNothing(t *testing.T) {
	var ran, wanted uint64
	for _, c := range calmCases {
		t.Run(c.name, func(t *testing.T) {
			all, most := c.play(t, func(v *viewer) { v.core.restless = true })
			calm, fewer := c.play(t, func(*viewer) {})
			sameLog(t, calm, all)
			ran, wanted = ran+fewer, wanted+most
		})
	}
	if ran > wanted*4/5 {
		t.Errorf("%d passes instead of %d", ran, wanted)
	}
}

// slide has everybody's playlist lose its first segment and get another every four seconds.
func slide(w *world, all []*viewer) {
	for i := range int64(24) {
		w.at(time.Duration(4*i+4)*time.Second, func() {
			more := playlistOf(30+i, 1, 4)
			for _, v := range all {
				v.segments = append(v.segments, more...)
				v.env.do(func() {
					v.core.SetIsLive(true)
					v.core.UpdateStream("main", more, []string{v.segments[i].RuntimeID})
				})
			}
		})
	}
}

// TestWhatAPassLeaves: a pass that has left something that could be started, or might be replaced, is not the last one.
func TestWhatAPassLeaves(t *testing.T) {
	for _, c := range []struct {
		name   string
		item   statuses
		happen func(r *rig, s *segment)
		last   bool
	}{
		{"nobody has it", statuses{p2p: true}, func(*rig, *segment) {}, true},
		{"a free peer has it", statuses{p2p: true}, func(r *rig, s *segment) { r.connect("p").announce(s.ExternalID) }, false},
		{"out of the P2P window", statuses{http: true}, func(r *rig, s *segment) { r.connect("p").announce(s.ExternalID) }, true},
		{"the one who has it is busy with us", statuses{p2p: true}, func(r *rig, s *segment) {
			r.connect("p").announce(20, s.ExternalID)
			r.env.do(func() { r.core.loaders[0].startP2P(r.core.renditions[0].segments[20], PrefetchP2P) })
		}, true},
		{"no download more is allowed", statuses{p2p: true}, func(r *rig, s *segment) {
			r.connect("p").announce(s.ExternalID)
			r.core.loaders[0].busyP2P = r.core.cfg.Main.SimultaneousP2PDownloads
		}, true},
		{"it is urgent", statuses{highDemand: true}, func(*rig, *segment) {}, false},
		{"urgent, and on its way from the origin", statuses{highDemand: true}, func(r *rig, s *segment) {
			r.env.do(func() { r.core.loaders[0].startHTTP(s, HighDemandNoPeer) })
		}, true},
		{"urgent, and on its way from a peer", statuses{highDemand: true, p2p: true}, func(r *rig, s *segment) {
			r.connect("p").announce(s.ExternalID)
			r.env.do(func() { r.core.loaders[0].startP2P(s, PrefetchP2P) })
		}, false},
		{"on its way from a peer", statuses{p2p: true}, func(r *rig, s *segment) {
			r.connect("p").announce(s.ExternalID)
			r.connect("q").announce(s.ExternalID)
			r.env.do(func() { r.core.loaders[0].startP2P(s, PrefetchP2P) })
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, func(cfg *Config) { // no pass starts anything by itself
				cfg.Main.P2PDownloadTimeWindow, cfg.Main.HTTPDownloadTimeWindow, cfg.Main.HighDemandTimeWindow = 0, 0, 0
			})
			l := r.core.loaders[0]
			s := r.core.renditions[0].segments[30]
			c.happen(r, s)
			if got := l.settled([]queueItem{{s, c.item}}); got != c.last {
				t.Errorf("nothing is left to do: %v", got)
			}
		})
	}
}
