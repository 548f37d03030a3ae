package webtorrent

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// peerName makes a 20-byte peer id, infoName an info hash.
func peerName(i int) string { return fmt.Sprintf("-PM0203-%012d", i) }
func infoName(i int) string { return fmt.Sprintf("info%016d", i) }

func newTestTracker(t testing.TB, cfg TrackerConfig) *Tracker {
	t.Helper()
	tr, err := NewTracker(cfg, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// said is what a message of the tracker means, for comparison.
type said struct {
	To         ConnID
	Kind       string // response, offer, answer, scrape, failure
	InfoHash   string
	Peer       string
	OfferID    string
	SDP        string
	Complete   int
	Incomplete int
	Files      map[string]map[string]int
}

func meaning(t testing.TB, to ConnID, raw []byte) said {
	t.Helper()
	var m struct {
		Action               string
		InfoHash             string `json:"info_hash"`
		PeerID               string `json:"peer_id"`
		OfferID              string `json:"offer_id"`
		Failure              string `json:"failure reason"`
		Offer, Answer        *struct{ Type, SDP string }
		Interval             *float64
		Complete, Incomplete int
		Files                map[string]map[string]int
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatalf("the tracker said %q: %v", raw, err)
	}
	s := said{To: to, InfoHash: m.InfoHash, Peer: m.PeerID, OfferID: m.OfferID, Complete: m.Complete, Incomplete: m.Incomplete, Files: m.Files}
	switch {
	case m.Failure != "":
		return said{To: to, Kind: "failure"}
	case m.Offer != nil:
		s.Kind, s.SDP = "offer", m.Offer.SDP
	case m.Answer != nil:
		s.Kind, s.SDP = "answer", m.Answer.SDP
	case m.Files != nil:
		s.Kind = "scrape"
	case m.Interval != nil:
		s.Kind = "response"
	default:
		t.Fatalf("the tracker said %q", raw)
	}
	return s
}

// announceMessage is a client's announce as the library sends it.
func announceMessage(info, peer string, offers int) []byte {
	a := announce{infoHash: info, peerID: peer, started: true}
	for i := range offers {
		id, _ := ParseID(fmt.Sprintf("offer%015d", i))
		a.offers = append(a.offers, Offer{ID: id, SDP: fmt.Sprintf("v=0\r\n%s-%d\r\n", peer, i)})
	}
	return a.append(nil)
}

func tell(t testing.TB, tr *Tracker, conn ConnID, raw string) []said {
	t.Helper()
	return tellAt(t, tr, 0, conn, raw)
}

func tellAt(t testing.TB, tr *Tracker, now time.Duration, conn ConnID, raw string) (list []said) {
	t.Helper()
	for _, out := range tr.HandleMessage(now, conn, []byte(raw)) {
		list = append(list, meaning(t, out.To, out.Text))
	}
	checkTracker(t, tr)
	return list
}

// checkTracker checks what must always hold between the tracker's tables.
func checkTracker(t testing.TB, tr *Tracker) {
	t.Helper()
	peers, viaConns, listed := 0, 0, 0
	for i, s := range tr.order {
		if s.index != i || tr.swarms[s.infoHash] != s || len(s.members) == 0 || len(s.members) != len(s.byID) {
			t.Fatalf("swarm %d is not in order", i)
		}
		seeders := 0
		for j, m := range s.members {
			if m.inSwarm != j || m.swarm != s || s.byID[m.peerID] != m || m.conn.members[m.inConn] != m || tr.conns[m.conn.id] != m.conn {
				t.Fatalf("member %d of swarm %d is not in order", j, i)
			}
			if m.seeder {
				seeders++
			}
		}
		if seeders != s.seeders {
			t.Fatalf("swarm %d has %d seeders and says %d", i, seeders, s.seeders)
		}
		peers += len(s.members)
	}
	for _, c := range tr.conns {
		viaConns += len(c.members)
		if len(c.members) == 0 {
			t.Fatal("a connection without members is kept")
		}
	}
	last := time.Duration(math.MinInt64)
	for m := tr.stale.oldest; m != nil; m = m.newer {
		if m.lastSeen < last {
			t.Fatal("members are not listed by age")
		}
		last = m.lastSeen
		listed++
	}
	if peers != tr.peers || viaConns != peers || listed != peers || len(tr.order) != len(tr.swarms) {
		t.Fatalf("%d peers in swarms, %d counted, %d by connections, %d by age", peers, tr.peers, viaConns, listed)
	}
}

func response_(to ConnID, info string, complete, incomplete int) said {
	return said{To: to, Kind: "response", InfoHash: info, Complete: complete, Incomplete: incomplete}
}

func want(t testing.TB, got []said, wanted ...said) {
	t.Helper()
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("the tracker said something else (-want +got):\n%s", diff)
	}
}
