package wire

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
)

func TestOfferTagsComeBack(t *testing.T) {
	for _, tag := range []OfferTag{
		{}, {Due: time.Microsecond}, {Due: 999 * time.Hour, Slot: MostSlots - 1, Index: MostIndex - 1}, {Due: 123456 * time.Microsecond, Slot: 77, Index: 9},
	} {
		id := tag.Append(nil)
		if len(id) != 20 {
			t.Errorf("%q has %d characters; aquatic_ws wants 20", id, len(id))
		}
		if got, ok := ParseOfferTag(id); !ok || got != tag {
			t.Errorf("%+v came back as %+v, %v", tag, got, ok)
		}
	}
	for _, id := range []string{"", "s0000", "x00000000000000000000", "sxxxxxxxxxxxxxxx0000", "sfffffffffffffff0000", "s000000000000000\x000000"} {
		if got, ok := ParseOfferTag([]byte(id)); ok {
			t.Errorf("%q was read as %+v", id, got)
		}
	}
}

func TestPeersComeBack(t *testing.T) {
	n, other := NewNames(1, 0), NewNames(1, 1)
	for _, p := range []Peer{{}, {Slot: 1<<24 - 1, Generation: 1<<18 - 1, Member: 63}, {Slot: 5, Generation: 2, Member: 1}} {
		id := n.AppendPeer(nil, p)
		if got, ok := n.ParsePeer(id); !ok || got != p || len(id) != 20 {
			t.Errorf("%+v came back as %+v, %v", p, got, ok)
		}
		if _, ok := other.ParsePeer(id); ok {
			t.Error("a peer of another round is taken for one of this")
		}
	}
}

func TestInfoHashes(t *testing.T) {
	const many = 5000
	n := NewNames(7, 0)
	hashes, again := n.InfoHashes(many), n.InfoHashes(many)
	firsts := map[byte]int{}
	for i, h := range hashes {
		if swarm, ok := ParseInfoHash(h); !ok || swarm != i || len(h) != 20 {
			t.Fatalf("%q is swarm %d, want %d", h, swarm, i)
		}
		if !bytes.Equal(h, again[i]) {
			t.Fatal("the same round has other hashes when asked again")
		}
		firsts[h[0]]++
	}
	if len(firsts) < 60 { // of 64: aquatic_ws shards by it
		t.Errorf("only %d different first bytes", len(firsts))
	}
	if bytes.Equal(hashes[0], NewNames(7, 1).InfoHashes(1)[0]) {
		t.Error("two rounds share a swarm")
	}
}

// The messages that the trackers send, as captured, each in its own order of keys.
func TestScan(t *testing.T) {
	const ih, pid, oid = "IH010203040506070809", "-PM0400-BBBBBBBBBBBB", "offer000000000000010"
	for _, c := range []struct {
		text string
		want Message
	}{
		{`{"complete":0,"incomplete":2,"action":"announce","interval":120,"info_hash":"IH010203040506070809"}`,
			Message{Kind: Response, InfoHash: []byte(ih), Incomplete: 2}},
		{`{"action":"announce","offer":{"type":"offer","sdp":"v=0\r\n\"\\"},"offer_id":"offer000000000000010","peer_id":"-PM0400-BBBBBBBBBBBB","info_hash":"IH010203040506070809"}`,
			Message{Kind: OfferRelay, InfoHash: []byte(ih), PeerID: []byte(pid), OfferID: []byte(oid), Description: []byte(`v=0\r\n\"\\`), Complete: -1, Incomplete: -1}},
		{`{"action":"announce","info_hash":"IH010203040506070809","offer_id":"offer000000000000010","peer_id":"-PM0400-BBBBBBBBBBBB","offer":{"sdp":"x","type":"offer"}}`,
			Message{Kind: OfferRelay, InfoHash: []byte(ih), PeerID: []byte(pid), OfferID: []byte(oid), Description: []byte(`x`), Complete: -1, Incomplete: -1}},
		{`{"action":"announce","answer":{"type":"answer","sdp":"y"},"offer_id":"offer000000000000010","peer_id":"-PM0400-BBBBBBBBBBBB","info_hash":"IH010203040506070809"}`,
			Message{Kind: AnswerRelay, InfoHash: []byte(ih), PeerID: []byte(pid), OfferID: []byte(oid), Description: []byte(`y`), Complete: -1, Incomplete: -1}},
		{`{"action":"scrape","files":{"IH010203040506070809":{"complete":1,"incomplete":2,"downloaded":1}},"flags":{"min_request_interval":120}}`,
			Message{Kind: ScrapeResponse, Files: []byte(`{"IH010203040506070809":{"complete":1,"incomplete":2,"downloaded":1}}`), Complete: -1, Incomplete: -1}},
		{`{"failure reason":"invalid \"x\"","action":"announce","info_hash":"IH010203040506070809"}`,
			Message{Kind: Failure, InfoHash: []byte(ih), FailureText: []byte(`invalid \"x\"`), Complete: -1, Incomplete: -1}},
		// What is not plain is decoded: white space, escapes in ids, lists, fractions.
		{" {\"action\" : \"announce\", \"info_hash\":\"IH01\\u002f\\u00e9\", \"interval\": 1.5, \"complete\":1, \"incomplete\":2, \"x\":[1,{}]}",
			Message{Kind: Response, InfoHash: []byte("IH01/\xe9"), Complete: 1, Incomplete: 2}},
		{`{"action":"announce"}`, Message{Kind: Unknown, Complete: -1, Incomplete: -1}},
	} {
		got, ok := Scan([]byte(c.text))
		if !ok {
			t.Errorf("%s is not read", c.text)
		}
		same(t, c.text, got, c.want)
	}
	for _, text := range []string{"", "null", "[]", "x", `{"a":1`, `"offer"`} {
		if _, ok := Scan([]byte(text)); ok {
			t.Errorf("%q is taken for a message", text)
		}
	}
}

func same(t *testing.T, text string, got, want Message) {
	t.Helper()
	if got.Kind != want.Kind || got.Complete != want.Complete || got.Incomplete != want.Incomplete ||
		!bytes.Equal(got.InfoHash, want.InfoHash) || !bytes.Equal(got.PeerID, want.PeerID) || !bytes.Equal(got.OfferID, want.OfferID) ||
		!bytes.Equal(got.Description, want.Description) || !bytes.Equal(got.Files, want.Files) || !bytes.Equal(got.FailureText, want.FailureText) {
		t.Errorf("%s\n got %+v\nwant %+v", text, got, want)
	}
}

// Of good JSON the quick way reads what encoding/json does.
func FuzzScan(f *testing.F) {
	for _, s := range []string{
		`{"action":"announce","offer":{"type":"offer","sdp":"v=0"},"offer_id":"o","peer_id":"p","info_hash":"h"}`,
		`{"complete":0,"incomplete":2,"interval":120,"info_hash":"h\\"}`, `{"files":{"a":{"complete":1}}}`, `{"failure reason":"x"}`,
		`{"answer":{"sdp":1},"answer":{"sdp":"y"}}`, `{"offer":{},"answer":{}}`, `{"complete":-0}`, `{"info_hash":"\u00ff"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		quick, ok := Scan(text)
		if !json.Valid(text) {
			return
		}
		slow, slowOK := decode(text)
		if ok != slowOK {
			t.Fatalf("quick %v, thorough %v", ok, slowOK)
		}
		if ok && bytes.IndexFunc(text, func(r rune) bool { return r > 0x7f }) < 0 {
			same(t, string(text), quick, slow)
		}
		SameDescription(quick.Description, slow.Description)
		if hash, ok := ScrapedSwarm(quick.Files); ok {
			ScrapeCounts(quick.Files, hash)
		}
	})
}

func TestBuiltMessagesAreJSON(t *testing.T) {
	n := NewNames(1, 0)
	hash, peer := n.InfoHashes(1)[0], n.AppendPeer(nil, Peer{Slot: 3})
	tag := OfferTag{Due: time.Second}.Append(nil)
	offers := func(count int) []byte {
		b := AppendAnnounceHead(nil, EventStarted, hash, peer, count)
		for i := range count {
			b = AppendOfferTail(append(AppendOfferHead(b, i), `v=0\r\n`...), tag)
		}
		return AppendAnnounceTail(b)
	}
	for _, text := range [][]byte{
		offers(0), offers(1), offers(3), AppendScrape(nil, hash),
		AppendAnswerTail(append(AppendAnswerHead(nil, hash, peer, peer), `v=0\r\n`...), tag),
	} {
		var m struct {
			Action   string `json:"action"`
			InfoHash string `json:"info_hash"`
			Offers   []struct {
				Offer struct{ SDP string }
			} `json:"offers"`
			Numwant int `json:"numwant"`
		}
		if err := json.Unmarshal(text, &m); err != nil || m.InfoHash != string(hash) || m.Numwant != len(m.Offers) {
			t.Errorf("%s: %v", text, err)
		}
		for _, o := range m.Offers {
			if o.Offer.SDP != "v=0\r\n" {
				t.Errorf("%s: the offer is %q", text, o.Offer.SDP)
			}
		}
	}
}

func BenchmarkScanOffer(b *testing.B) {
	text := []byte(`{"action":"announce","offer":{"type":"offer","sdp":"` + string(bytes.Repeat([]byte(`a=candidate:1 1 udp 2122260223\r\n`), 25)) +
		`"},"offer_id":"offer000000000000010","peer_id":"-PM0400-BBBBBBBBBBBB","info_hash":"IH010203040506070809"}`)
	b.ReportAllocs()
	for b.Loop() {
		if m, ok := Scan(text); !ok || m.Kind != OfferRelay {
			b.Fatal("not an offer")
		}
	}
}
