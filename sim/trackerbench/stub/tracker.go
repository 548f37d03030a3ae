package stub

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Behaviour is what a tracker does. Shares are 0 to 1.
type Behaviour struct {
	// Latency is drawn for every message sent; nil is none.
	Latency func(*rand.Rand) time.Duration
	// A message that comes between StallAt and StallAt+StallFor is looked at only then.
	StallAt, StallFor time.Duration

	DropOffers, DropAnswers, DropResponses float64
	// DoubleOffers are sent twice, StrayOffers to a member of another swarm, as if they were of that swarm.
	DoubleOffers, StrayOffers float64
	// BendOffers have another session description than they came with.
	BendOffers float64
	// GhostFor is how long a peer is still offered to after it has said that it stops.
	GhostFor time.Duration
	// CountsOff is added to the number of peers.
	CountsOff int
	// MaxOffers of an announce are passed on; 0: all.
	MaxOffers int
	// ReplyToAnswer: as aquatic_ws does.
	ReplyToAnswer bool
	// CloseAfter that many messages of a connection it is closed; 0: never.
	CloseAfter int
}

// Out is a message that the tracker sends at a time. An empty text closes the connection.
type Out struct {
	At   time.Duration
	To   int
	Text []byte
}

// Tracker is the logic. It is for one goroutine.
type Tracker struct {
	how    Behaviour
	rng    *rand.Rand
	swarms map[string][]*peer
	order  []string // of the swarms
	heard  map[int]int

	// What was passed on, and what was not.
	Offers, Answers, Responses    int
	Dropped, Doubled, Stray, Bent int
}

type peer struct {
	id   string
	conn int
	gone time.Duration // when it is forgotten; negative: it is there
}

type request struct {
	Action   string  `json:"action"`
	InfoHash string  `json:"info_hash"`
	PeerID   string  `json:"peer_id"`
	Event    string  `json:"event"`
	Offers   []offer `json:"offers"`
	Answer   *struct {
		SDP string `json:"sdp"`
	} `json:"answer"`
	ToPeerID string `json:"to_peer_id"`
	OfferID  string `json:"offer_id"`
}

type offer struct {
	Offer struct {
		SDP string `json:"sdp"`
	} `json:"offer"`
	OfferID string `json:"offer_id"`
}

// NewTracker makes one; the same seed draws the same.
func NewTracker(how Behaviour, seed uint64) *Tracker {
	return &Tracker{how: how, rng: rand.New(rand.NewPCG(seed, 0)), swarms: map[string][]*peer{}, heard: map[int]int{}}
}

// Handle takes a message, and returns what is sent for it.
func (t *Tracker) Handle(now time.Duration, conn int, text []byte) []Out {
	if now >= t.how.StallAt && now < t.how.StallAt+t.how.StallFor {
		now = t.how.StallAt + t.how.StallFor
	}
	t.heard[conn]++
	if t.how.CloseAfter > 0 && t.heard[conn] > t.how.CloseAfter {
		return []Out{{At: now, To: conn}}
	}
	var q request
	if err := json.Unmarshal(text, &q); err != nil {
		return t.send(nil, now, conn, map[string]any{"failure reason": err.Error()})
	}
	switch {
	case q.Action == "scrape":
		return t.send(nil, now, conn, map[string]any{"action": "scrape", "files": map[string]any{q.InfoHash: t.counts(now, q.InfoHash)}})
	case q.Answer != nil:
		return t.answer(now, conn, &q)
	}
	return t.announce(now, conn, &q)
}

// Closed forgets what came over a connection.
func (t *Tracker) Closed(now time.Duration, conn int) {
	delete(t.heard, conn)
	for _, hash := range t.order {
		for _, p := range t.swarms[hash] {
			if p.conn == conn && p.gone < 0 {
				p.gone = now
			}
		}
	}
}

func (t *Tracker) send(outs []Out, now time.Duration, to int, message map[string]any) []Out {
	text, err := json.Marshal(message)
	if err != nil {
		panic(fmt.Sprint("stub: ", err)) // it is made of strings and numbers
	}
	if t.how.Latency != nil {
		now += t.how.Latency(t.rng)
	}
	return append(outs, Out{now, to, text})
}

func (t *Tracker) chance(share float64) bool { return share > 0 && t.rng.Float64() < share }

// members are the peers that there are, after those that are gone have been forgotten.
func (t *Tracker) members(now time.Duration, hash string) []*peer {
	t.swarms[hash] = slices.DeleteFunc(t.swarms[hash], func(p *peer) bool { return p.gone >= 0 && p.gone <= now })
	return t.swarms[hash]
}

func (t *Tracker) counts(now time.Duration, hash string) map[string]any {
	return map[string]any{"complete": 0, "incomplete": len(t.members(now, hash)) + t.how.CountsOff, "downloaded": 0}
}

func (t *Tracker) announce(now time.Duration, conn int, q *request) []Out {
	members := t.members(now, q.InfoHash)
	at := slices.IndexFunc(members, func(p *peer) bool { return p.id == q.PeerID })
	switch {
	case q.Event == "stopped" && at >= 0:
		members[at].gone = now + t.how.GhostFor
		members = t.members(now, q.InfoHash)
	case q.Event == "stopped":
	case at < 0:
		if t.swarms[q.InfoHash] == nil {
			t.order = append(t.order, q.InfoHash)
		}
		members = append(members, &peer{q.PeerID, conn, -1})
		t.swarms[q.InfoHash] = members
	default:
		members[at].conn, members[at].gone = conn, -1
	}
	var outs []Out
	if t.chance(t.how.DropResponses) {
		t.Dropped++
	} else {
		t.Responses++
		reply := t.counts(now, q.InfoHash)
		reply["action"], reply["info_hash"], reply["interval"] = "announce", q.InfoHash, 120
		outs = t.send(outs, now, conn, reply)
	}
	if q.Event != "stopped" {
		outs = t.pass(outs, now, q, members)
	}
	return outs
}

// pass passes offers on, each to another one of the others.
func (t *Tracker) pass(outs []Out, now time.Duration, q *request, members []*peer) []Out {
	offers := q.Offers
	if t.how.MaxOffers > 0 {
		offers = offers[:min(len(offers), t.how.MaxOffers)]
	}
	order := t.rng.Perm(len(members))
	for _, o := range offers {
		for len(order) > 0 && members[order[0]].id == q.PeerID {
			order = order[1:]
		}
		if len(order) == 0 {
			break
		}
		to := members[order[0]]
		order = order[1:]
		outs = t.passOne(outs, now, q, o, to)
	}
	return outs
}

func (t *Tracker) passOne(outs []Out, now time.Duration, q *request, o offer, to *peer) []Out {
	if t.chance(t.how.DropOffers) {
		t.Dropped++
		return outs
	}
	hash, sdp, copies := q.InfoHash, o.Offer.SDP, 1
	if t.chance(t.how.StrayOffers) {
		if other := t.order[t.rng.IntN(len(t.order))]; other != hash && len(t.swarms[other]) > 0 {
			t.Stray++
			to = t.swarms[other][0]
		}
	}
	if t.chance(t.how.BendOffers) {
		t.Bent++
		sdp += "a=bent\r\n"
	}
	if t.chance(t.how.DoubleOffers) {
		t.Doubled++
		copies = 2
	}
	t.Offers++
	for range copies {
		outs = t.send(outs, now, to.conn, map[string]any{
			"action": "announce", "info_hash": hash, "peer_id": q.PeerID, "offer_id": o.OfferID,
			"offer": map[string]any{"type": "offer", "sdp": sdp},
		})
	}
	return outs
}

func (t *Tracker) answer(now time.Duration, conn int, q *request) []Out {
	var outs []Out
	if t.how.ReplyToAnswer {
		reply := t.counts(now, q.InfoHash)
		reply["action"], reply["info_hash"], reply["interval"] = "announce", q.InfoHash, 120
		outs = t.send(outs, now, conn, reply)
	}
	members := t.members(now, q.InfoHash)
	at := slices.IndexFunc(members, func(p *peer) bool { return p.id == q.ToPeerID })
	if at < 0 {
		return outs
	}
	if t.chance(t.how.DropAnswers) {
		t.Dropped++
		return outs
	}
	t.Answers++
	return t.send(outs, now, members[at].conn, map[string]any{
		"action": "announce", "info_hash": q.InfoHash, "peer_id": q.PeerID, "offer_id": q.OfferID,
		"answer": map[string]any{"type": "answer", "sdp": q.Answer.SDP},
	})
}
