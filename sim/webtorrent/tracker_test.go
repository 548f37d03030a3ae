package webtorrent

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func TestTracker(t *testing.T) {
	info := infoName(1)
	scrape := `{"action":"scrape","info_hash":"` + info + `"}`
	announceOf := func(peer int, more string) string {
		return fmt.Sprintf(`{"action":"announce","info_hash":%q,"peer_id":%q%s}`, info, peerName(peer), more)
	}
	counts := func(to ConnID, c, i int) said {
		return said{To: to, Kind: "scrape", Files: map[string]map[string]int{info: {"complete": c, "incomplete": i, "downloaded": c}}}
	}
	tests := []struct {
		name string
		run  func(t *testing.T, tr *Tracker)
	}{
		{"the response comes first, then offers go to others, never back", func(t *testing.T, tr *Tracker) {
			want(t, tell(t, tr, 1, string(announceMessage(info, peerName(1), 5))), response_(1, info, 0, 1))
			want(t, tell(t, tr, 2, string(announceMessage(info, peerName(2), 5))), response_(2, info, 0, 2),
				said{To: 1, Kind: "offer", InfoHash: info, Peer: peerName(2), OfferID: "offer000000000000000", SDP: "v=0\r\n" + peerName(2) + "-0\r\n"})
		}},
		{"every offer of an announce goes to another peer, up to the cap", func(t *testing.T, tr *Tracker) {
			for i := range 40 {
				tell(t, tr, ConnID(i), announceOf(i, ""))
			}
			got := tell(t, tr, 7, string(announceMessage(info, peerName(7), 25)))
			to := map[ConnID]bool{}
			for _, m := range got[1:] {
				to[m.To] = true
			}
			if len(got) != 1+DefaultMaxOffers || len(to) != DefaultMaxOffers || to[7] {
				t.Errorf("%d messages to %d others, self %v", len(got), len(to), to[7])
			}
		}},
		{"numwant limits, if it is a number", func(t *testing.T, tr *Tracker) {
			for i := range 10 {
				tell(t, tr, ConnID(i), announceOf(i, ""))
			}
			for want, n := range map[int]string{2: `2`, 0: `0`, 5: `"2"`} {
				m := strings.Replace(string(announceMessage(info, peerName(3), 5)), `"numwant":5`, `"numwant":`+n, 1)
				if got := len(tell(t, tr, 3, m)) - 1; got != want {
					t.Errorf("numwant %s: %d offers relayed, want %d", n, got, want)
				}
			}
		}},
		{"an answer goes to who offered, rebuilt, and has no reply", func(t *testing.T, tr *Tracker) {
			tell(t, tr, 1, announceOf(1, ""))
			tell(t, tr, 2, announceOf(2, ""))
			a := announceOf(2, fmt.Sprintf(`,"to_peer_id":%q,"offer_id":"\u00ffffer000000000000005","junk":{"a":[1]},"answer":{"sdp":"\u0041\r","type":"x"}`, peerName(1)))
			want(t, tell(t, tr, 2, a),
				said{To: 1, Kind: "answer", InfoHash: info, Peer: peerName(2), OfferID: "\u00ffffer000000000000005", SDP: "A\r"})
			for _, out := range tr.HandleMessage(0, 2, []byte(a)) {
				if strings.Contains(string(out.Text), "junk") || !strings.Contains(string(out.Text), `"type":"answer"`) {
					t.Errorf("relayed %s", out.Text)
				}
			}
		}},
		{"an answer to somebody who is gone is silence", func(t *testing.T, tr *Tracker) {
			tell(t, tr, 2, announceOf(2, ""))
			want(t, tell(t, tr, 2, announceOf(2, fmt.Sprintf(`,"to_peer_id":%q,"offer_id":"offer000000000000005","answer":{"sdp":"x"}`, peerName(9)))))
		}},
		{"nobody answers for a peer of another connection", func(t *testing.T, tr *Tracker) {
			tell(t, tr, 1, announceOf(1, ""))
			tell(t, tr, 2, announceOf(2, ""))
			want(t, tell(t, tr, 3, announceOf(2, fmt.Sprintf(`,"to_peer_id":%q,"offer_id":"offer000000000000005","answer":{"sdp":"x"}`, peerName(1)))),
				said{To: 3, Kind: "failure"})
		}},
		{"nothing left, or completed, is a seeder, and stays one", func(t *testing.T, tr *Tracker) {
			want(t, tell(t, tr, 1, announceOf(1, `,"left":0`)), response_(1, info, 1, 0))
			want(t, tell(t, tr, 2, announceOf(2, `,"left":null`)), response_(2, info, 1, 1))
			want(t, tell(t, tr, 2, announceOf(2, `,"event":"completed"`)), response_(2, info, 2, 0))
			want(t, tell(t, tr, 2, announceOf(2, ``)), response_(2, info, 2, 0))
			want(t, tell(t, tr, 2, announceOf(2, `,"event":"started","left":5`)), response_(2, info, 1, 1))
			want(t, tell(t, tr, 3, scrape), counts(3, 1, 1))
		}},
		{"who stops is gone, and gets a response", func(t *testing.T, tr *Tracker) {
			tell(t, tr, 1, announceOf(1, ""))
			tell(t, tr, 2, announceOf(2, ""))
			want(t, tell(t, tr, 2, announceOf(1, `,"event":"stopped"`)), response_(2, info, 0, 2)) // not his
			want(t, tell(t, tr, 1, announceOf(1, `,"event":"stopped"`)), response_(1, info, 0, 1))
			want(t, tell(t, tr, 2, announceOf(2, `,"event":"stopped"`)), response_(2, info, 0, 0))
			if c := tr.Counters(); c.Swarms != 0 || c.Peers != 0 {
				t.Errorf("%+v is left", c)
			}
		}},
		{"a closed connection takes all its peers with it, whatever their ids and swarms", func(t *testing.T, tr *Tracker) {
			for i := range 5 {
				tell(t, tr, 1, string(announceMessage(infoName(i), peerName(i), 0)))
				tell(t, tr, 2, string(announceMessage(infoName(i), peerName(10+i), 0)))
			}
			tr.ConnClosed(1)
			checkTracker(t, tr)
			if c := tr.Counters(); c.Peers != 5 {
				t.Errorf("%d peers left, want 5", c.Peers)
			}
			tr.ConnClosed(2)
			tr.ConnClosed(2)
			if c := tr.Counters(); c.Peers != 0 || c.Swarms != 0 || len(tr.conns) != 0 {
				t.Errorf("%+v, %d connections left", c, len(tr.conns))
			}
		}},
		{"a peer id on a second connection moves there", func(t *testing.T, tr *Tracker) {
			tell(t, tr, 1, announceOf(1, ""))
			tell(t, tr, 2, announceOf(1, ""))
			got := tell(t, tr, 3, string(announceMessage(info, peerName(3), 2)))
			if len(got) != 2 || got[1].To != 2 {
				t.Errorf("said %+v, want one offer to connection 2", got)
			}
			tr.ConnClosed(1)
			want(t, tell(t, tr, 3, scrape), counts(3, 0, 2))
			tr.ConnClosed(2)
			want(t, tell(t, tr, 3, scrape), counts(3, 0, 1))
			if tr.Counters().TakenOver != 1 {
				t.Error("not counted")
			}
		}},
		{"who does not announce any more is forgotten after three intervals", func(t *testing.T, tr *Tracker) {
			tellAt(t, tr, 0, 1, announceOf(1, ""))
			tellAt(t, tr, 100*time.Second, 2, announceOf(2, ""))
			tellAt(t, tr, 200*time.Second, 1, announceOf(1, ""))
			want(t, tellAt(t, tr, 459*time.Second, 3, scrape), counts(3, 0, 2))
			want(t, tellAt(t, tr, 460*time.Second, 3, scrape), counts(3, 0, 1))
			if n := tr.Expire(time.Hour); n != 1 || tr.Counters().Expired != 2 {
				t.Errorf("%d expired now, %d in all", n, tr.Counters().Expired)
			}
			checkTracker(t, tr)
		}},
		{"an answer shows that its sender lives", func(t *testing.T, tr *Tracker) {
			tellAt(t, tr, 0, 1, announceOf(1, ""))
			tellAt(t, tr, 300*time.Second, 1, announceOf(1, fmt.Sprintf(`,"to_peer_id":%q,"offer_id":"offer000000000000005","answer":{"sdp":"x"}`, peerName(9))))
			want(t, tellAt(t, tr, 400*time.Second, 3, scrape), counts(3, 0, 1))
		}},
		{"scrapes: one, a list, all", func(t *testing.T, tr *Tracker) {
			tell(t, tr, 1, string(announceMessage(infoName(1), peerName(1), 0)))
			tell(t, tr, 1, string(announceMessage(infoName(2), peerName(1), 0)))
			zero, one := map[string]int{"complete": 0, "incomplete": 0, "downloaded": 0}, map[string]int{"complete": 0, "incomplete": 1, "downloaded": 0}
			files := func(f map[string]map[string]int) said { return said{To: 3, Kind: "scrape", Files: f} }
			want(t, tell(t, tr, 3, `{"action":"scrape","info_hash":"`+infoName(9)+`"}`), files(map[string]map[string]int{infoName(9): zero}))
			want(t, tell(t, tr, 3, fmt.Sprintf(`{"action":"scrape","info_hash":[%q,%q,%q]}`, infoName(2), infoName(2), infoName(9))),
				files(map[string]map[string]int{infoName(2): one, infoName(9): zero}))
			want(t, tell(t, tr, 3, `{"action":"scrape"}`), files(map[string]map[string]int{infoName(1): one, infoName(2): one}))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, newTestTracker(t, TrackerConfig{})) })
	}
}

func TestTrackerIsBounded(t *testing.T) {
	tr := newTestTracker(t, TrackerConfig{MaxSwarmsPerConn: 3, MaxSwarms: 5, MaxPeers: 7, MaxScrape: 2})
	fails := func(conn ConnID, m string) bool {
		got := tell(t, tr, conn, m)
		return len(got) == 1 && got[0].Kind == "failure"
	}
	join := func(conn ConnID, info, peer int) bool {
		return !fails(conn, string(announceMessage(infoName(info), peerName(peer), 0)))
	}
	for i := range 3 {
		if !join(1, i, 1) {
			t.Fatal("refused too early")
		}
	}
	if join(1, 3, 1) || join(1, 0, 2) {
		t.Error("a fourth membership on one connection")
	}
	if !join(1, 2, 1) {
		t.Error("a full connection may not announce again")
	}
	if !join(2, 3, 2) || !join(2, 4, 2) || join(2, 5, 2) {
		t.Error("five swarms, not a sixth")
	}
	if !join(3, 0, 3) || !join(3, 1, 3) || join(3, 2, 3) {
		t.Error("seven peers, not an eighth")
	}
	if !fails(4, `{"action":"scrape"}`) || !fails(4, fmt.Sprintf(`{"action":"scrape","info_hash":[%q,%q,%q]}`, infoName(1), infoName(2), infoName(3))) {
		t.Error("a scrape of more than two")
	}
	if join(4, 0, 1) != true { // 1 moves from the full connection 1 to 4
		t.Error("a peer may not move although nothing is added")
	}
	tr.ConnClosed(2)
	if !join(5, 6, 6) {
		t.Error("room is not given back")
	}
}

func TestTrackerIsDeterministic(t *testing.T) {
	play := func() string {
		tr := newTestTracker(t, TrackerConfig{})
		rng := rand.New(rand.NewPCG(5, 6))
		var log strings.Builder
		for i := range 3000 {
			conn := ConnID(rng.IntN(60))
			switch rng.IntN(12) {
			case 0:
				tr.ConnClosed(conn)
			case 1:
				for _, o := range tr.HandleMessage(time.Duration(i)*time.Second, conn, []byte(`{"action":"scrape"}`)) {
					fmt.Fprintln(&log, o.To, string(o.Text))
				}
			default:
				m := announceMessage(infoName(rng.IntN(4)), peerName(rng.IntN(80)), rng.IntN(6))
				for _, o := range tr.HandleMessage(time.Duration(i)*time.Second, conn, m) {
					fmt.Fprintln(&log, o.To, string(o.Text))
				}
			}
			checkTracker(t, tr)
		}
		return log.String()
	}
	if first, again := play(), play(); first != again {
		t.Error("the same calls gave different answers")
	}
}
