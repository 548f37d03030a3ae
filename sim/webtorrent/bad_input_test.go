package webtorrent

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// object is a message under construction. Bad messages are made as the test runs and not kept as text: some classes of them end
// the process of trackers that people run today.
type object map[string]any

func (o object) with(more object) object {
	all := object{}
	for k, v := range o {
		all[k] = v
	}
	for k, v := range more {
		if v == absent {
			delete(all, k)
			continue
		}
		all[k] = v
	}
	return all
}

var absent any = new(int)

func encode(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// badInputs are the classes of bad input that are known to upset one tracker or another, by what is wrong. Every value of a
// class is sent; none may do more than get a failure reason.
func badInputs(t testing.TB) map[string][]string {
	announce := object{"action": "announce", "info_hash": infoName(1), "peer_id": peerName(9)}
	offer := object{"offer": object{"type": "offer", "sdp": "x"}, "offer_id": "offer000000000000001"}
	answer := announce.with(object{"to_peer_id": peerName(1), "offer_id": "offer000000000000001", "answer": object{"sdp": "x"}})
	ids := []any{absent, nil, 7, true, "", "short", strings.Repeat("x", 19), strings.Repeat("x", 21), "\u0142" + infoName(1)[1:], object{}, []any{}}
	all := map[string][]string{}
	add := func(class string, values ...any) {
		for _, v := range values {
			all[class] = append(all[class], encode(t, v))
		}
	}
	scalars := []any{nil, true, 0, -1.5, "", "announce", []any{}, []any{announce}}
	add("a document that is not an object", scalars...)
	all["not JSON"] = []string{"", " ", "{", "}", `{"action":`, `{"action":"announce",}`, "{'action':1}", "\x00", "announce",
		encode(t, announce) + "x", strings.Repeat("[", 1<<15), strings.Repeat(`{"a":`, 1<<13), `{"a":01}`, "{\"a\":\"\n\"}", `{"a":"\x"}`, `{"a":"\u12"}`}
	all["not UTF-8"] = []string{"{\"action\":\"announce\",\"x\":\"\xff\"}", "\xc3\x28", "{\"\xed\xa0\x80\":1}"}
	for _, v := range []any{absent, nil, 7, "", "hello", "Announce", object{}, []any{"announce"}} {
		add("unknown action", announce.with(object{"action": v}))
	}
	for _, v := range ids {
		add("bad info hash", announce.with(object{"info_hash": v}))
		add("bad peer id", announce.with(object{"peer_id": v}))
		add("bad receiver of an answer", answer.with(object{"to_peer_id": v}))
		add("bad offer id of an answer", answer.with(object{"offer_id": v}))
		add("bad offer id of an offer", announce.with(object{"offers": []any{offer.with(object{"offer_id": v})}}))
		if v != absent {
			add("bad element in a scrape", object{"action": "scrape", "info_hash": []any{infoName(1), v}})
		}
	}
	for _, v := range []any{nil, 7, 1e300, false, "short", object{"a": 1}} {
		add("bad hash in a scrape", object{"action": "scrape", "info_hash": v})
	}
	for _, v := range []any{"bogus", "STARTED", 7, true, object{}, []any{}} {
		add("unknown event", announce.with(object{"event": v}))
	}
	for _, v := range []any{7, "x", true, object{}, object{"0": offer}} {
		add("offers that are no list", announce.with(object{"offers": v}))
	}
	for _, v := range []any{nil, 7, "x", []any{}, object{}, offer.with(object{"offer": nil}), offer.with(object{"offer": "x"}),
		offer.with(object{"offer": object{}}), offer.with(object{"offer": object{"sdp": 7}}), offer.with(object{"offer": []any{}})} {
		add("bad element among offers", announce.with(object{"offers": []any{offer, v}}), announce.with(object{"offers": []any{v}}))
	}
	for _, v := range []any{7, "x", true, []any{}, object{}, object{"sdp": nil}, object{"sdp": object{}}} {
		add("bad answer", answer.with(object{"answer": v}))
	}
	return all
}

func TestBadInputGetsAFailureReasonAndNothingElse(t *testing.T) {
	for class, inputs := range badInputs(t) {
		t.Run(class, func(t *testing.T) {
			tr := newTestTracker(t, TrackerConfig{})
			for i := range 3 { // others are present: some trackers stumble only then
				tell(t, tr, ConnID(i), string(announceMessage(infoName(1), peerName(i), 1)))
			}
			before := tr.Counters()
			for _, in := range inputs {
				got := tell(t, tr, 99, in)
				if len(got) != 1 || got[0].To != 99 || got[0].Kind != "failure" {
					t.Errorf("%.200s: said %+v", in, got)
				}
			}
			after := tr.Counters()
			if after.Errors-before.Errors != int64(len(inputs)) || after.Peers != before.Peers || after.OffersRelayed != before.OffersRelayed {
				t.Errorf("counters went from %+v to %+v", before, after)
			}
			// The connection is as good as before.
			if got := tell(t, tr, 99, string(announceMessage(infoName(1), peerName(9), 2))); len(got) != 3 {
				t.Errorf("afterwards it says %+v", got)
			}
		})
	}
}

// A client must survive our failure reasons: without an action it would drop the socket.
func TestClientsStayAfterAFailureReason(t *testing.T) {
	for class, inputs := range badInputs(t) {
		v := newViewer(t, ClientConfig{InfoHash: infoName(1), PeerID: peerName(9)})
		s := v.up()
		tr := newTestTracker(t, TrackerConfig{})
		for _, in := range inputs {
			for _, out := range tr.HandleMessage(0, 1, []byte(in)) {
				s.message(string(out.Text))
			}
		}
		if s.done {
			t.Errorf("%s: the client left", class)
		}
	}
}

func TestWhatIsOddButGoodIsTaken(t *testing.T) {
	announce := object{"action": "announce", "info_hash": infoName(1), "peer_id": peerName(9)}
	for name, more := range map[string]object{
		"extra members":            {"compact": 1, "uploaded": "x", "nested": object{"a": []any{1, object{}}}},
		"no offers":                {"offers": nil},
		"an empty list":            {"offers": []any{}},
		"a null event":             {"event": nil},
		"an empty event":           {"event": ""},
		"a null answer":            {"answer": nil},
		"fractions left":           {"left": 1.5},
		"nonsense left":            {"left": object{}},
		"nonsense wanted":          {"numwant": []any{}},
		"a negative number wanted": {"numwant": -3},
	} {
		tr := newTestTracker(t, TrackerConfig{})
		want(t, tell(t, tr, 1, encode(t, announce.with(more))), response_(1, infoName(1), 0, 1))
		if t.Failed() {
			t.Fatal(name)
		}
	}
	tr := newTestTracker(t, TrackerConfig{})
	spaced := " {\n\t\"action\" : \"announ\\u0063e\" , \"info_hash\":\"" + infoName(1) + "\",\"peer_id\":\"x\",\"peer_id\":\"" + peerName(1) + "\" } \r\n"
	want(t, tell(t, tr, 1, spaced), response_(1, infoName(1), 0, 1))
}

// FuzzTrackerMessage: whatever two connections say, the tracker's tables agree with each other, what it says is JSON with a
// known action for somebody who has spoken, and closing the connections leaves nothing.
func FuzzTrackerMessage(f *testing.F) {
	f.Add(announceMessage(infoName(1), peerName(1), 5), []byte(`{"action":"scrape"}`))
	f.Add(announceMessage(infoName(1), peerName(1), 1), announceMessage(infoName(1), peerName(2), 2))
	f.Add(announceMessage(infoName(1), peerName(1), 1), announceMessage(infoName(1), peerName(1), 2))
	f.Add([]byte(fmt.Sprintf(`{"action":"announce","info_hash":%q,"peer_id":%q,"to_peer_id":%q,"offer_id":"offer000000000000001","answer":{"sdp":"\ud83d\ude00"}}`,
		infoName(1), peerName(1), peerName(0))), []byte(`{"action":"scrape","info_hash":["`+infoName(1)+`"]}`))
	f.Add([]byte(`{"action":"announce","left":0,"event":"stopped","numwant":1e3}`), []byte("{\"a\":[1,-2.5e+3,true,false,\"\\\"\"]}"))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		tr, err := NewTracker(TrackerConfig{MaxSwarms: 4, MaxPeers: 8, MaxScrape: 3}, rand.New(rand.NewPCG(1, 1)))
		if err != nil {
			t.Fatal(err)
		}
		tell(t, tr, 1, string(announceMessage(infoName(1), peerName(0), 1)))
		for i, m := range [][]byte{first, second, first} {
			conn := ConnID(2 + i%2)
			outs := tr.HandleMessage(time.Duration(i)*time.Minute, conn, m)
			if len(outs) > 1+DefaultMaxOffers {
				t.Fatalf("%d messages for one", len(outs))
			}
			for _, out := range outs {
				if out.To < 1 || out.To > 3 {
					t.Fatalf("a message for connection %d", out.To)
				}
				r, err := parseResponse(out.Text)
				if err != nil || !json.Valid(out.Text) || !isString(r.action, "announce") && !isString(r.action, "scrape") {
					t.Fatalf("said %q", out.Text)
				}
			}
			checkTracker(t, tr)
		}
		for conn := range ConnID(4) {
			tr.ConnClosed(conn)
		}
		checkTracker(t, tr)
		if c := tr.Counters(); c.Peers != 0 || c.Swarms != 0 || len(tr.conns) != 0 {
			t.Fatalf("%+v is left", c)
		}
	})
}
