package faults

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
)

// What a tracker's message is.
type kind int

const (
	isOther kind = iota
	isResponse
	isOffer
	isAnswer
	isScrape
	isFailure
)

// heard is as much of a tracker's message as is looked at.
type heard struct {
	Failure  *string         `json:"failure reason"`
	Interval json.RawMessage `json:"interval"`
	Offer    json.RawMessage `json:"offer"`
	Answer   json.RawMessage `json:"answer"`
	Files    json.RawMessage `json:"files"`
	OfferID  string          `json:"offer_id"`

	Complete   int `json:"complete"`
	Incomplete int `json:"incomplete"`
}

func parse(text []byte) (m heard, k kind) {
	if json.Unmarshal(text, &m) != nil {
		return m, isOther
	}
	switch {
	case m.Failure != nil:
		return m, isFailure
	case m.Offer != nil:
		return m, isOffer
	case m.Answer != nil:
		return m, isAnswer
	case m.Files != nil:
		return m, isScrape
	case m.Interval != nil:
		return m, isResponse
	}
	return m, isOther
}

func kindOf(text []byte) kind {
	_, k := parse(text)
	return k
}

// An object with its members in order, so that a seed gives the same bytes every time.
type member struct {
	name  string
	value any
}

type object []member

// MarshalJSON writes the members in order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// encode writes a document made here, which always can be.
func encode(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic("faults: " + err.Error())
	}
	return text
}

const idLetters = "abcdefghijklmnopqrstuvwxyz0123456789"

// randomID is 20 characters: an info hash, a peer id or an offer id.
func randomID(rng *rand.Rand) string {
	b := make([]byte, 20)
	for i := range b {
		b[i] = idLetters[rng.IntN(len(idLetters))]
	}
	return string(b)
}

// description is about as long as a browser's.
var description = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n" + strings.Repeat("a=candidate:1 1 udp 2122260223 127.0.0.1 9 typ host\r\n", 12)

func session(kind, sdp string) object { return object{{"type", kind}, {"sdp", sdp}} }

func offer(id, sdp string) object { return object{{"offer", session("offer", sdp)}, {"offer_id", id}} }

// announceOf is an announce as P2P Media Loader sends it. Its numwant is the number of offers, which some trackers need.
func announceOf(infoHash, peerID, event string, offers []any) object {
	o := object{{"numwant", len(offers)}, {"uploaded", 0}, {"downloaded", 0}}
	if event != "" {
		o = append(o, member{"event", event})
	}
	if offers == nil {
		offers = []any{}
	}
	return append(o, object{{"action", "announce"}, {"info_hash", infoHash}, {"peer_id", peerID}, {"offers", offers}}...)
}

func announce(infoHash, peerID, event string, offers []any) []byte {
	return encode(announceOf(infoHash, peerID, event, offers))
}

func answerOf(infoHash, peerID, to, offerID string) object {
	return object{
		{"action", "announce"}, {"info_hash", infoHash}, {"peer_id", peerID}, {"to_peer_id", to},
		{"answer", session("answer", description)}, {"offer_id", offerID},
	}
}

func scrapeOf(infoHash string) object { return object{{"action", "scrape"}, {"info_hash", infoHash}} }
