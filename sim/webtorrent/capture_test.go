package webtorrent

import (
	"bufio"
	"encoding/json"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

type captured struct{ Tracker, Scenario, Client, Page, Dir, Raw string }

func readCaptures(t *testing.T, path string) (list []captured) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c captured
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		list = append(list, c)
	}
	if len(list) == 0 {
		t.Fatalf("%s is empty", path)
	}
	return list
}

// latin1 turns a string of characters up to U+00FF, as encoding/json gives it, into bytes.
func latin1(t *testing.T, s string) string {
	t.Helper()
	var b []byte
	for _, r := range s {
		if r > 0xff {
			t.Fatalf("%q is no binary string", s)
		}
		b = append(b, byte(r))
	}
	return string(b)
}

// What the browsers sent is, byte for byte, what we would send with the same ids and descriptions. They are read with
// encoding/json here, so that our own reader cannot hide a mistake of our writer.
func TestMessagesAreTheBrowsersBytes(t *testing.T) {
	announces, answers := 0, 0
	for _, c := range readCaptures(t, "testdata/browser_signalling.jsonl") {
		if c.Dir != "out" {
			continue
		}
		var m struct {
			InfoHash string `json:"info_hash"`
			PeerID   string `json:"peer_id"`
			ToPeerID string `json:"to_peer_id"`
			OfferID  string `json:"offer_id"`
			Event    string
			Answer   *struct{ SDP string }
			Offers   []struct {
				Offer   struct{ SDP string }
				OfferID string `json:"offer_id"`
			}
		}
		if err := json.Unmarshal([]byte(c.Raw), &m); err != nil {
			t.Fatal(err)
		}
		var got []byte
		if m.Answer != nil {
			answers++
			a := answer{infoHash: latin1(t, m.InfoHash), peerID: latin1(t, m.PeerID), sdpText: m.Answer.SDP,
				toPeerID: string(appendBinaryString(nil, latin1(t, m.ToPeerID))), offerID: string(appendBinaryString(nil, latin1(t, m.OfferID)))}
			got = a.append(nil)
		} else {
			announces++
			a := announce{infoHash: latin1(t, m.InfoHash), peerID: latin1(t, m.PeerID), started: m.Event == "started"}
			for _, o := range m.Offers {
				id, err := ParseID(latin1(t, o.OfferID))
				if err != nil {
					t.Fatal(err)
				}
				a.offers = append(a.offers, Offer{ID: id, SDP: o.Offer.SDP})
			}
			got = a.append(make([]byte, 0, a.size()))
			if cap(got) != a.size() {
				t.Errorf("an announce of %d bytes did not fit its guess of %d", len(got), a.size())
			}
		}
		if string(got) != c.Raw {
			t.Errorf("ours:\n%s\nthe browser's:\n%s", got, c.Raw)
		}
	}
	if announces < 2 || answers < 1 {
		t.Errorf("%d announces and %d answers captured", announces, answers)
	}
}

// The browsers' conversation with our tracker in the middle: the same offer and answer arrive.
func TestBrowsersMeetThroughOurTracker(t *testing.T) {
	tr := newTestTracker(t, TrackerConfig{})
	pages := map[string]ConnID{"p0": 0, "p1": 1}
	var heard []said
	for _, c := range readCaptures(t, "testdata/browser_signalling.jsonl") {
		if c.Dir == "out" {
			heard = append(heard, tell(t, tr, pages[c.Page], c.Raw)...)
		}
	}
	var kinds []string
	for _, s := range heard {
		kinds = append(kinds, s.Kind)
	}
	if diff := cmp.Diff([]string{"response", "response", "offer", "answer"}, kinds); diff != "" {
		t.Fatal(diff)
	}
	if offer := heard[2]; offer.To != 0 || !strings.Contains(offer.SDP, "\r\na=setup:actpass\r\n") {
		t.Errorf("%+v", offer)
	}
	// The captured answer is for whichever offer the other tracker happened to pass on, and goes back to p1 all the same.
	if answer := heard[3]; answer.To != 1 || !strings.Contains(answer.SDP, "\r\na=setup:active\r\n") {
		t.Errorf("%+v", answer)
	}
}

// The scripted clients of the recordings, with our tracker in the place of bittorrent-tracker: every client hears the same.
func TestRecordedScenariosHaveTheSameOutcome(t *testing.T) {
	scenarios := map[string][]captured{}
	var names []string
	for _, c := range readCaptures(t, "testdata/tracker_traces.jsonl") {
		if c.Tracker != "bittorrent-tracker" {
			continue
		}
		if scenarios[c.Scenario] == nil {
			names = append(names, c.Scenario)
		}
		scenarios[c.Scenario] = append(scenarios[c.Scenario], c)
	}
	if len(names) < 10 {
		t.Fatalf("only %v recorded", names)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			tr, err := NewTracker(TrackerConfig{MaxOffers: 82}, rand.New(rand.NewPCG(1, 2)))
			if err != nil {
				t.Fatal(err)
			}
			theirs, ours := replay(t, tr, scenarios[name])
			change, differs := knownDifferences[name]
			if differs {
				change(theirs)
			}
			sort := cmpopts.SortSlices(func(a, b said) bool { return encode(t, a) < encode(t, b) })
			if diff := cmp.Diff(theirs, ours, sort, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("-recorded +ours:\n%s", diff)
			}
		})
	}
}

// replay feeds what clients sent, and returns by client what was recorded and what our tracker says.
func replay(t *testing.T, tr *Tracker, lines []captured) (theirs, ours map[string][]said) {
	t.Helper()
	var clients []string
	theirs, ours = map[string][]said{}, map[string][]said{}
	for _, c := range lines {
		conn := slices.Index(clients, c.Client)
		if conn < 0 {
			conn = len(clients)
			clients = append(clients, c.Client)
		}
		switch c.Dir {
		case "in":
			s := meaning(t, 0, []byte(c.Raw))
			theirs[c.Client] = append(theirs[c.Client], s)
		case "out":
			for _, s := range tell(t, tr, ConnID(conn), c.Raw) {
				to := clients[s.To]
				s.To = 0
				ours[to] = append(ours[to], s)
			}
		case "close":
			tr.ConnClosed(ConnID(conn))
			checkTracker(t, tr)
		}
	}
	return theirs, ours
}

// knownDifferences is where we behave otherwise on purpose: the recording is corrected to what is right.
var knownDifferences = map[string]func(recorded map[string][]said){
	// The old connection, which kept the peer there, is the one that closes: the offer belongs to the new one (B), and only
	// after B closed is the peer gone.
	"same_peer_id_two_conns": func(r map[string][]said) {
		i := slices.IndexFunc(r["A"], func(s said) bool { return s.Kind == "offer" })
		r["B"] = append(r["B"], r["A"][i])
		r["A"] = slices.Delete(r["A"], i, i+1)
		first := slices.IndexFunc(r["C"], func(s said) bool { return s.Kind == "scrape" })
		for _, counts := range r["C"][first].Files {
			counts["incomplete"] = 2
		}
	},
	// One socket, two swarms, two peer ids: all go with the socket, not only the first.
	"one_conn_two_swarms_two_peer_ids": func(r map[string][]said) {
		for _, s := range r["B"] {
			for _, counts := range s.Files {
				counts["incomplete"] = 0
			}
		}
	},
}

// Our client understands both trackers' messages, whatever the order of their keys.
func TestClientReadsTheTrackersOfTheField(t *testing.T) {
	kinds := map[string]int{}
	for _, c := range readCaptures(t, "testdata/tracker_traces.jsonl") {
		if c.Dir != "in" || c.Scenario != "basic" {
			continue
		}
		r, err := parseResponse([]byte(c.Raw))
		if err != nil {
			t.Fatalf("%s: %v", c.Raw, err)
		}
		want := meaning(t, 0, []byte(c.Raw))
		kinds[c.Tracker+" "+want.Kind]++
		switch want.Kind {
		case "response":
			if r.announceInterval() <= 0 || count(r.complete) != want.Complete || count(r.incomplete) != want.Incomplete {
				t.Errorf("%s: %v", c.Raw, r.announceInterval())
			}
		case "offer", "answer":
			description := r.offer
			if want.Kind == "answer" {
				description = r.answer
			}
			sdp, ok := sdpOf(description)
			if !ok || sdp != want.SDP || !isBinaryString(r.peerID, latin1(t, want.Peer)) || !isBinaryString(r.infoHash, latin1(t, want.InfoHash)) {
				t.Errorf("%s: read as %q from %s", c.Raw, sdp, r.peerID)
			}
		}
	}
	for _, tracker := range []string{"bittorrent-tracker", "wt-tracker"} {
		for _, kind := range []string{"response", "offer", "answer", "scrape"} {
			if kinds[tracker+" "+kind] == 0 {
				t.Errorf("no %s of %s in the recordings", kind, tracker)
			}
		}
	}
}
