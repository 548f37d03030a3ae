package webtorrent

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func respond(interval int) string {
	return fmt.Sprintf(`{"action":"announce","info_hash":%q,"interval":%d,"complete":0,"incomplete":2}`, testHash, interval)
}

func offerFrom(peer, sdp, offerID string) string {
	return fmt.Sprintf(`{"action":"announce","info_hash":%q,"peer_id":%q,"offer_id":%s,"offer":{"type":"offer","sdp":%q}}`,
		testHash, peer, appendString(nil, offerID), sdp)
}

// answerTo answers the n-th offer of an announce.
func answerTo(t *testing.T, announced string, n int, peer string) string {
	t.Helper()
	req, failure := parseRequest([]byte(announced), nil)
	if failure != "" {
		t.Fatalf("%s: %s", failure, announced)
	}
	return fmt.Sprintf(`{"action":"announce","info_hash":%q,"peer_id":%q,"offer_id":%s,"answer":{"type":"answer","sdp":"s"}}`,
		testHash, peer, req.offers[n].id.AppendJSON(nil))
}

// The library's behaviour, one sentence a row.
func TestClient(t *testing.T) {
	tests := []struct {
		name string
		run  func(v *viewer)
	}{
		{"the first announce carries the event, the others none", func(v *viewer) {
			s := v.up()
			v.w.run(30 * time.Second)
			v.wantSent(s, 2, "after the first interval")
			const head = `{"numwant":5,"uploaded":0,"downloaded":0,`
			for i, want := range []string{
				head + `"event":"started","action":"announce","info_hash":"` + testHash + `","peer_id":"` + testPeer + `","offers":[{"offer":{"type":"offer","sdp":"v-0\r\n"},"offer_id":"`,
				head + `"action":"announce","info_hash":"` + testHash + `","peer_id":"` + testPeer + `","offers":[{"offer":{"type":"offer","sdp":"v-5\r\n"},"offer_id":"`,
			} {
				if !strings.HasPrefix(s.sent[i], want) {
					v.Errorf("announce %d is %s, want %s...", i, s.sent[i], want)
				}
				if got := strings.Count(s.sent[i], "offer_id"); got != 5 {
					v.Errorf("announce %d has %d offers, want 5", i, got)
				}
			}
		}},
		{"offers have different random ids", func(v *viewer) {
			s := v.up()
			req, _ := parseRequest([]byte(s.sent[0]), nil)
			seen := map[ID]bool{}
			for _, o := range req.offers {
				seen[o.id] = true
			}
			if len(seen) != 5 {
				v.Errorf("%d different offer ids", len(seen))
			}
		}},
		{"an announce waits for its last offer, and lists them as they were gathered", func(v *viewer) {
			v.env.gather = -1
			v.c.Start()
			s := v.env.last()
			s.open()
			for _, i := range []int{3, 1, 4, 0} {
				v.env.conns[i].signal()
			}
			v.wantSent(s, 0, "with four of five")
			v.env.conns[2].signal()
			v.wantSent(s, 1, "with all five")
			order := []string{"v-3", "v-1", "v-4", "v-0", "v-2"}
			for i := 1; i < len(order); i++ {
				if strings.Index(s.sent[0], order[i-1]) > strings.Index(s.sent[0], order[i]) {
					v.Errorf("offers not in order %v", order)
				}
			}
		}},
		{"an announce of which an offer died is never sent, the next one is", func(v *viewer) {
			v.env.gather = -1
			v.c.Start()
			s := v.env.last()
			s.open()
			v.env.conns[2].fail(errLost)
			for _, i := range []int{0, 1, 3, 4} {
				v.env.conns[i].signal()
			}
			v.wantSent(s, 0, "without the dead one")
			v.wantWarnings(1)
			v.env.gather = 0
			v.w.run(31 * time.Second)
			v.wantSent(s, 1, "after the interval")
			if strings.Contains(s.sent[0], "event") {
				v.Error("the event came with the second announce")
			}
		}},
		{"without a response it announces every 30 s", func(v *viewer) {
			s := v.up()
			v.w.run(2 * time.Minute)
			v.wantSent(s, 5, "after two minutes")
		}},
		{"a response sets the interval, and each restarts it", func(v *viewer) {
			s := v.up()
			s.message(respond(40))
			v.w.run(39 * time.Second)
			v.wantSent(s, 1, "before the interval")
			s.message(respond(40))
			v.w.run(39 * time.Second)
			v.wantSent(s, 1, "39 s after another response")
			v.w.run(2 * time.Second)
			v.wantSent(s, 2, "40 s after it")
			if diff := cmp.Diff([]time.Duration{40 * time.Second, 40 * time.Second}, v.ev.announced); diff != "" {
				v.Error(diff)
			}
		}},
		{"the minimum interval does if there is no other", func(v *viewer) {
			s := v.up()
			s.message(strings.Replace(respond(7), "interval", "min interval", 1))
			v.w.run(8 * time.Second)
			v.wantSent(s, 2, "after 7 s")
		}},
		{"a silly interval does not make it a storm", func(v *viewer) {
			s := v.up()
			s.message(strings.Replace(respond(7), ":7,", ":0.000001,", 1))
			v.w.run(10*time.Second + 200*time.Millisecond)
			v.wantSent(s, 10+1, "in ten seconds")
			s.message(strings.Replace(respond(7), ":7,", ":1e300,", 1))
			v.w.run(time.Minute)
			v.wantSent(s, 11, "in another minute")
		}},
		{"offers are closed after 50 s, answered ones not", func(v *viewer) {
			s := v.up()
			s.message(respond(3600))
			s.message(answerTo(v.T, s.sent[0], 2, otherPeer))
			v.w.run(49 * time.Second)
			for i, c := range v.env.initiators() {
				if c.closed {
					v.Errorf("offer %d closed before its time", i)
				}
			}
			v.w.run(2 * time.Second)
			for i, c := range v.env.initiators() {
				if c.closed == (c.answer != "") {
					v.Errorf("offer %d: answered %q, closed %v", i, c.answer, c.closed)
				}
			}
			s.message(answerTo(v.T, s.sent[0], 0, otherPeer))
			if len(v.ev.peers) != 1 {
				v.Error("a late answer made a peer")
			}
		}},
		{"an answer is matched by its offer id, once", func(v *viewer) {
			s := v.up()
			s.message(answerTo(v.T, s.sent[0], 3, otherPeer))
			s.message(answerTo(v.T, s.sent[0], 3, otherPeer))
			s.message(fmt.Sprintf(`{"action":"announce","info_hash":%q,"peer_id":%q,"offer_id":"nobody's offer 00000","answer":{"sdp":"x"}}`, testHash, otherPeer))
			if diff := cmp.Diff([]string{otherPeer}, v.ev.peers); diff != "" {
				v.Fatal(diff)
			}
			req, _ := parseRequest([]byte(s.sent[0]), nil)
			sdp, _ := unquote(req.offers[3].sdp)
			if v.w.conns[sdp].answer != "s" {
				v.Error("the answer went to another offer")
			}
			v.wantWarnings(0)
		}},
		{"an answer to a dead offer does nothing", func(v *viewer) {
			s := v.up()
			v.env.conns[1].fail(nil)
			s.message(answerTo(v.T, s.sent[0], 1, otherPeer))
			if len(v.ev.peers) != 0 {
				v.Error("a dead offer made a peer")
			}
		}},
		{"an offer is answered once, with the other's ids", func(v *viewer) {
			s := v.up()
			const id = "offer\u00ff\u0001\"\\0000000000\u0080"
			s.message(offerFrom(otherPeer, "their offer", id))
			v.w.run(time.Second)
			v.wantSent(s, 2, "after the offer")
			want := `{"action":"announce","info_hash":"` + testHash + `","peer_id":"` + testPeer + `","to_peer_id":"` + otherPeer +
				`","answer":{"type":"answer","sdp":"v-5\r\n"},"offer_id":`
			if !strings.HasPrefix(s.sent[1], want) {
				v.Errorf("answer is %s, want %s", s.sent[1], want)
			}
			req, failure := parseRequest([]byte(s.sent[1]), nil)
			if failure != "" || req.offerID.String() != "offer\xff\x01\"\\0000000000\x80" {
				v.Errorf("offer id comes back as %q (%s)", req.offerID, failure)
			}
			if c := v.env.conns[5]; c.offer != "their offer" {
				v.Errorf("answered %q", c.offer)
			}
			v.env.conns[5].h.PeerSignal("again")
			v.wantSent(s, 2, "after a second description")
			if v.ev.signals != 0 {
				v.Error("the consumer got the description")
			}
		}},
		{"no answer goes out if the consumer closes the connection", func(v *viewer) {
			s := v.up()
			v.ev.refuse = true
			s.message(offerFrom(otherPeer, "o", "offer000000000000001"))
			s.message(answerTo(v.T, s.sent[0], 0, otherPeer))
			v.w.run(time.Second)
			v.env.answerers()[0].h.PeerSignal("gathered a moment before it was closed")
			v.wantSent(s, 1, "after refusing both")
			if v.env.conns[0].answer != "" || !v.env.conns[0].closed {
				v.Error("the refused connection got its answer")
			}
		}},
		{"what comes from itself, or for another stream, is ignored", func(v *viewer) {
			s := v.up()
			s.message(offerFrom(testPeer, "o", "offer000000000000001"))
			s.message(strings.Replace(offerFrom(otherPeer, "o", "offer000000000000001"), testHash, otherHash, 1))
			s.message(strings.Replace(respond(1), testHash, otherHash, 1))
			v.w.run(20 * time.Second)
			if len(v.ev.peers) != 0 || len(v.ev.announced) != 0 {
				v.Errorf("peers %v, responses %v", v.ev.peers, v.ev.announced)
			}
			v.wantSent(s, 1, "in 20 s")
		}},
		{"a failure reason is a warning and nothing else", func(v *viewer) {
			s := v.up()
			s.message(strings.Replace(respond(5), "{", `{"failure reason":"no room",`, 1))
			v.wantWarnings(1)
			v.w.run(20 * time.Second)
			v.wantSent(s, 1, "the interval beside it is not obeyed")
			if len(v.ev.announced) != 0 || !strings.Contains(v.ev.warnings[0].Error(), "no room") {
				v.Errorf("%v %v", v.ev.announced, v.ev.warnings)
			}
		}},
		{"a warning message is a warning, and the message counts", func(v *viewer) {
			s := v.up()
			s.message(strings.Replace(respond(5), "{", `{"warning message":"soon",`, 1))
			v.wantWarnings(1)
			v.w.run(6 * time.Second)
			v.wantSent(s, 2, "after 5 s")
		}},
		{"what is not JSON is a warning, and the socket stays", func(v *viewer) {
			s := v.up()
			for _, bad := range []string{"", "{", `{"action":"announce"`, "{]", "\xff"} {
				s.message(bad)
			}
			v.wantWarnings(5)
			if s.done {
				v.Error("socket closed")
			}
		}},
		{"a scrape response is ignored", func(v *viewer) {
			s := v.up()
			s.message(`{"action":"scrape","files":{}}`)
			v.wantWarnings(0)
			if s.done {
				v.Error("socket closed")
			}
		}},
		{"the tracker id is sent back with every announce and answer", func(v *viewer) {
			s := v.up()
			s.message(strings.Replace(respond(5), "{", `{"tracker id":"t1",`, 1))
			s.message(respond(5))
			v.w.run(6 * time.Second)
			s.message(offerFrom(otherPeer, "o", "offer000000000000001"))
			v.w.run(time.Second)
			for _, m := range s.sent[1:] {
				if !strings.Contains(m, `"trackerid":"t1"`) {
					v.Errorf("no tracker id in %s", m)
				}
			}
		}},
		{"announces pile up while the socket opens, each with its own offers", func(v *viewer) {
			v.c.Start()
			v.w.run(65 * time.Second)
			s := v.env.last()
			if len(v.env.conns) != 0 {
				v.Error("offers were made for a socket that is not open")
			}
			s.open()
			v.w.run(time.Second)
			v.wantSent(s, 3, "after the socket opened at 65 s")
		}},
		{"an offer without a description is a warning", func(v *viewer) {
			s := v.up()
			s.message(strings.Replace(offerFrom(otherPeer, "o", "offer000000000000001"), `"sdp":"o"`, `"sdp":7`, 1))
			s.message(strings.Replace(answerTo(v.T, s.sent[0], 0, otherPeer), `"sdp"`, `"spd"`, 1))
			v.wantWarnings(2)
			if len(v.ev.peers) != 0 || !v.env.conns[0].closed {
				v.Errorf("peers %v", v.ev.peers)
			}
		}},
		{"a connection that fails before it opens is a warning, one that is closed later not", func(v *viewer) {
			s := v.up()
			s.message(offerFrom(otherPeer, "o", "offer000000000000001"))
			s.message(answerTo(v.T, s.sent[0], 0, otherPeer))
			v.env.conns[5].h.PeerClosed(errLost)
			v.wantWarnings(1)
			c := v.env.conns[0]
			c.h.PeerConnected()
			c.h.PeerMessage(Text([]byte("hi")))
			c.h.PeerClosed(errLost)
			v.wantWarnings(1)
			if v.ev.closed != 2 || len(v.ev.connected) != 1 || len(v.ev.messages) != 1 {
				v.Errorf("consumer heard %+v", v.ev)
			}
			if _, direct := c.h.(*peerEvents); !direct {
				v.Error("the candidate did not step aside")
			}
		}},
		{"trackers are tidied, and only WebSocket ones used", func(v *viewer) {
			ev := &events{}
			c := v.client(ClientConfig{Trackers: []string{"ws://b/", "ws://b", "udp://c:1", "wss://d/path/"}}, ev)
			c.Start()
			var urls []string
			for _, s := range v.env.sockets {
				urls = append(urls, s.url)
			}
			if diff := cmp.Diff([]string{"ws://b", "wss://d/path"}, urls); diff != "" {
				v.Error(diff)
			}
			if len(ev.warnings) != 1 || !errors.Is(ev.warnings[0], ErrTrackerURL) {
				v.Errorf("warnings %v", ev.warnings)
			}
		}},
		{"leaving closes the socket at once, and all offers that wait", func(v *viewer) {
			s := v.up()
			s.message(answerTo(v.T, s.sent[0], 0, otherPeer))
			v.c.Destroy()
			v.c.Destroy()
			if !s.closedByUser || v.pool.Len() != 0 {
				v.Error("the socket stays")
			}
			for i, c := range v.env.initiators() {
				if c.closed != (i != 0) {
					v.Errorf("offer %d closed: %v", i, c.closed)
				}
			}
			if len(v.w.events) != 0 {
				v.Errorf("%d timers left", len(v.w.events))
			}
			for i := range v.env.conns {
				if v.env.conns[i].closed {
					continue
				}
				v.env.conns[i].h.PeerClosed(errLost)
			}
			v.wantWarnings(0)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.run(newViewer(t, ClientConfig{})) })
	}
}
