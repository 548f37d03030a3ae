package webtorrent

import (
	"fmt"
	"math"
	"testing"
	"time"

	"swarmlab/sim/trackerbench/profile"
)

// With 1,000 peers and five offers each, the sets of targets overlap as they do with the trackers themselves: among announcers that
// share a target, so many of five are shared.
func TestEmulatedSelections(t *testing.T) {
	for name, overlap := range map[string]float64{profile.BittorrentTracker: 1.01, profile.AquaticWS: 1.63, profile.WTTracker: 2.78, profile.Swarmlab: 1.01} {
		t.Run(name, func(t *testing.T) {
			cfg, err := Emulate(name)
			if err != nil {
				t.Fatal(err)
			}
			tr := newTestTracker(t, cfg)
			const peers = 1000
			for i := range peers {
				tr.HandleMessage(0, ConnID(i), announceMessage(infoName(1), peerName(i), 0))
			}
			var targets [peers]map[ConnID]bool
			announcers := map[ConnID][]int{}
			for i := range peers {
				targets[i] = map[ConnID]bool{}
				for _, m := range tell(t, tr, ConnID(i), string(announceMessage(infoName(1), peerName(i), 5))) {
					if m.Kind == "offer" {
						targets[i][m.To] = true
						announcers[m.To] = append(announcers[m.To], i)
					}
				}
			}
			shared := map[[2]int]int{}
			for _, who := range announcers {
				for i, a := range who {
					for _, b := range who[i+1:] {
						shared[[2]int{a, b}]++
					}
				}
			}
			sum := 0
			for _, n := range shared {
				sum += n
			}
			if got := float64(sum) / float64(len(shared)); math.Abs(got-overlap) > 0.06 {
				t.Errorf("%.3f of 5 targets are shared, want %.2f", got, overlap)
			}
		})
	}
}

func TestConfigureOverridesWhatTheProfileSets(t *testing.T) {
	for _, tt := range []struct {
		o                 Overrides
		interval, timeout time.Duration
		offers, capacity  int
		selection         string
	}{
		{Overrides{}, 2 * time.Minute, 6 * time.Minute, 10, 0, Uniform},
		{Overrides{Interval: time.Minute, MaxOffers: 3, Selection: TwoRuns}, time.Minute, 3 * time.Minute, 3, 0, TwoRuns},
		{Overrides{Emulate: profile.WTTracker}, 20 * time.Second, 40 * time.Second, 20, 0, Consecutive},
		{Overrides{Emulate: profile.WTTracker, Interval: time.Minute, MaxOffers: 7}, time.Minute, 2 * time.Minute, 7, 0, Consecutive},
		{Overrides{Emulate: profile.BittorrentTracker, Selection: Consecutive}, 2 * time.Minute, 20 * time.Minute, 82, 1000, Consecutive},
		{Overrides{Emulate: profile.AquaticWS, Interval: time.Minute}, time.Minute, 3 * time.Minute, 10, 0, TwoRuns},
		{Overrides{Emulate: profile.Swarmlab, Interval: time.Minute}, time.Minute, 3 * time.Minute, 10, 0, Uniform},
	} {
		c, err := Configure(tt.o)
		if err != nil {
			t.Fatal(err)
		}
		c = c.withDefaults()
		if c.Interval != tt.interval || c.PeerTimeout != tt.timeout || c.MaxOffers != tt.offers || c.SwarmCapacity != tt.capacity || c.Selection != tt.selection {
			t.Errorf("%+v gives %+v", tt.o, c)
		}
	}
	if _, err := Configure(Overrides{Emulate: "opentracker"}); err == nil {
		t.Error("an unknown tracker is emulated")
	}
}

// The swarmlab profile says of our tracker what is true of it without any.
func TestOurOwnProfileIsTheDefault(t *testing.T) {
	c, err := Emulate(profile.Swarmlab)
	if err != nil {
		t.Fatal(err)
	}
	if c = c.withDefaults(); c != (TrackerConfig{}).withDefaults() {
		t.Errorf("the profile makes it %+v", c)
	}
}

// Each habit, and what happens without it.
func TestHabits(t *testing.T) {
	info := infoName(1)
	plain := func(peer int, more string) string {
		return fmt.Sprintf(`{"action":"announce","info_hash":%q,"peer_id":%q%s}`, info, peerName(peer), more)
	}
	offer := `"offers":[{"offer_id":"offer000000000000000","offer":{"type":"offer","sdp":"x"}}]`
	answer := func(to int) string {
		return fmt.Sprintf(`,"to_peer_id":%q,"offer_id":"offer000000000000000","answer":{"type":"answer","sdp":"x"}`, peerName(to))
	}
	type step struct {
		conn  ConnID
		say   string // "": the connection closes
		after time.Duration
		with  string // kinds of what it has sent, and to whom
		sans  string // without the habit
	}
	for name, tt := range map[string]struct {
		habits Habits
		steps  []step
	}{
		"numwant is needed": {Habits{NeedsNumWant: true}, []step{
			{conn: 1, say: plain(1, ""), with: "response:1", sans: "response:1"},
			{conn: 2, say: plain(2, ","+offer), with: "response:2", sans: "response:2 offer:1"},
			{conn: 2, say: plain(2, `,"numwant":1,`+offer), with: "response:2 offer:1", sans: "response:2 offer:1"},
		}},
		"offers first": {Habits{OffersFirst: true}, []step{
			{conn: 1, say: plain(1, ""), with: "response:1", sans: "response:1"},
			{conn: 2, say: plain(2, ","+offer), with: "offer:1 response:2", sans: "response:2 offer:1"},
		}},
		"answers are answered": {Habits{ReplyToAnswer: true}, []step{
			{conn: 1, say: plain(1, ""), with: "response:1", sans: "response:1"},
			{conn: 2, say: plain(2, answer(1)), with: "answer:1 response:2", sans: "answer:1"},
		}},
		"a stop is not answered": {Habits{SilentStop: true}, []step{
			{conn: 1, say: plain(1, ""), with: "response:1", sans: "response:1"},
			{conn: 1, say: plain(1, `,"event":"stopped"`), with: "", sans: "response:1"},
		}},
		"an error closes": {Habits{CloseOnError: true}, []step{
			{conn: 1, say: "nonsense", with: "close:1", sans: "failure:1"},
		}},
		"an answer to who has left closes": {Habits{CloseOnError: true, CloseOnGoneTarget: true}, []step{
			{conn: 1, say: plain(1, ""), with: "response:1", sans: "response:1"},
			{conn: 1, say: plain(1, answer(2)), with: "close:1", sans: ""},
		}},
		"a full swarm pushes out the one silent for longest": {Habits{SwarmCapacity: 2}, []step{
			{conn: 1, say: plain(1, ""), with: "response:1", sans: "response:1"},
			{conn: 2, say: plain(2, ""), after: time.Second, with: "response:2", sans: "response:2"},
			{conn: 1, say: plain(1, ""), after: 2 * time.Second, with: "response:1", sans: "response:1"},
			{conn: 3, say: plain(3, ""), after: 3 * time.Second, with: "response:3", sans: "response:3"},
			{conn: 1, say: plain(1, answer(2)), after: 3 * time.Second, with: "", sans: "answer:2"},
			{conn: 3, say: plain(3, answer(1)), after: 3 * time.Second, with: "answer:1", sans: "answer:1"},
		}},
		"who reconnects stays behind, even after the old connection has gone": {Habits{Reconnect: StaysBehind, ForgetsFirstOnly: true}, []step{
			{conn: 1, say: plain(4, ""), with: "response:1", sans: "response:1"}, // what it forgets when it closes
			{conn: 1, say: plain(1, ""), with: "response:1", sans: "response:1"},
			{conn: 2, say: plain(1, ""), with: "response:2", sans: "response:2"},
			{conn: 3, say: plain(3, answer(1)), with: "answer:1", sans: "answer:2"},
			{conn: 1},
			{conn: 2, say: plain(1, ""), with: "response:2", sans: "response:2"},
			{conn: 3, say: plain(3, answer(1)), with: "answer:1", sans: "answer:2"},
			{conn: 3, say: plain(3, answer(4)), with: "", sans: ""},
		}},
		"who reconnects is ignored until the old connection has gone": {Habits{Reconnect: IsIgnored}, []step{
			{conn: 1, say: plain(1, ""), with: "response:1", sans: "response:1"},
			{conn: 2, say: plain(1, ""), with: "", sans: "response:2"},
			{conn: 1},
			{conn: 2, say: plain(1, ""), with: "response:2", sans: "response:2"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			with, sans := newTestTracker(t, TrackerConfig{Habits: tt.habits}), newTestTracker(t, TrackerConfig{})
			for i, s := range tt.steps {
				if s.say == "" {
					with.ConnClosed(s.conn)
					sans.ConnClosed(s.conn)
					continue
				}
				if got := kinds(t, with.HandleMessage(s.after, s.conn, []byte(s.say))); got != s.with {
					t.Errorf("step %d: %q, want %q", i, got, s.with)
				}
				if got := kinds(t, sans.HandleMessage(s.after, s.conn, []byte(s.say))); got != s.sans {
					t.Errorf("step %d without the habit: %q, want %q", i, got, s.sans)
				}
			}
		})
	}
}

// kinds is what a tracker sends, in a few letters.
func kinds(t *testing.T, outs []Out) string {
	text := ""
	for i, out := range outs {
		if i > 0 {
			text += " "
		}
		kind := "close"
		if !out.Close {
			kind = meaning(t, out.To, out.Text).Kind
		}
		text += fmt.Sprint(kind, ":", out.To)
	}
	return text
}

// A tracker that closes on errors does so to connections of either kind.
func TestHandlerClosesOnErrorsIfItsTrackerDoes(t *testing.T) {
	bothWays(t, func(t *testing.T, loop bool) {
		s := loopback(t, TrackerConfig{Habits: Habits{CloseOnError: true}}, HandlerConfig{EventLoop: loop})
		c := s.connect()
		defer c.bye()
		c.say("nonsense")
		if heard, err := c.hear(); err == nil {
			t.Errorf("heard %+v", heard)
		}
		waitFor(t, func() bool { return s.h.Counters().Connections == 0 })
	})
}
