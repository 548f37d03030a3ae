package webtorrent

import (
	"errors"
	"strconv"
	"time"
)

// Offer is one offer of an announce.
type Offer struct {
	ID  ID
	SDP string
}

// announce is what a client sends every interval. Info hash and peer id are strings of bytes, not IDs, because the library
// checks neither's length: a long client prefix makes a long peer id, which it is for the tracker to refuse.
type announce struct {
	infoHash, peerID string
	started          bool
	trackerID        string // raw JSON token; "" if the tracker gave none
	offers           []Offer
}

// append writes the announce with the keys in the order in which bittorrent-tracker 11 emits them.
func (a announce) append(dst []byte) []byte {
	dst = append(dst, `{"numwant":`...)
	dst = strconv.AppendInt(dst, int64(len(a.offers)), 10)
	dst = append(dst, `,"uploaded":0,"downloaded":0`...)
	if a.started {
		dst = append(dst, `,"event":"started"`...)
	}
	dst = append(dst, `,"action":"announce"`...)
	dst = appendIdentity(dst, a.infoHash, a.peerID)
	if a.trackerID != "" {
		dst = append(append(dst, `,"trackerid":`...), a.trackerID...)
	}
	dst = append(dst, `,"offers":[`...)
	for i, o := range a.offers {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"offer":{"type":"offer","sdp":`...)
		dst = appendString(dst, o.SDP)
		dst = append(dst, `},"offer_id":`...)
		dst = append(o.ID.AppendJSON(dst), '}')
	}
	return append(dst, `]}`...)
}

// size is an upper guess, to allocate once.
func (a announce) size() int {
	const fixed, perOffer = 256, 128
	n := fixed + len(a.trackerID)
	for _, o := range a.offers {
		n += perOffer + len(o.SDP) + len(o.SDP)/8 // line ends are escaped
	}
	return n
}

// answer is the reply to an offer. The ids of the other side are raw JSON tokens, sent back as they came.
type answer struct {
	infoHash, peerID   string
	toPeerID, offerID  string
	trackerID, sdpText string
}

func (a answer) append(dst []byte) []byte {
	dst = append(dst, `{"action":"announce"`...)
	dst = appendIdentity(dst, a.infoHash, a.peerID)
	dst = append(append(dst, `,"to_peer_id":`...), a.toPeerID...)
	dst = append(dst, `,"answer":{"type":"answer","sdp":`...)
	dst = appendString(dst, a.sdpText)
	dst = append(dst, '}')
	if a.offerID != "" {
		dst = append(append(dst, `,"offer_id":`...), a.offerID...)
	}
	if a.trackerID != "" {
		dst = append(append(dst, `,"trackerid":`...), a.trackerID...)
	}
	return append(dst, '}')
}

func appendIdentity(dst []byte, infoHash, peerID string) []byte {
	dst = appendBinaryString(append(dst, `,"info_hash":`...), infoHash)
	return appendBinaryString(append(dst, `,"peer_id":`...), peerID)
}

// errNotJSON is the library's words for a message that does not parse.
var errNotJSON = errors.New("invalid tracker response")

// response is what a client makes of one message of a tracker. Fields the tracker did not send are zero; the byte slices are
// raw JSON tokens within the message.
type response struct {
	action, infoHash, peerID, offerID []byte
	offer, answer                     []byte
	failure, warning                  []byte
	interval, minInterval             []byte
	complete, incomplete              []byte
	trackerID                         []byte
}

// parseResponse walks the message once. A document that is not an object has no action, and is treated as such.
func parseResponse(text []byte) (response, error) {
	var r response
	isJSON, _ := parseObject(text, func(key, value []byte) {
		if f := r.field(key); f != nil {
			*f = value
		}
	})
	if !isJSON {
		return response{}, errNotJSON
	}
	return r, nil
}

func (r *response) field(key []byte) *[]byte {
	name, _ := stringBody(key)
	switch string(name) {
	case "action":
		return &r.action
	case "info_hash":
		return &r.infoHash
	case "peer_id":
		return &r.peerID
	case "offer_id":
		return &r.offerID
	case "offer":
		return &r.offer
	case "answer":
		return &r.answer
	case "failure reason":
		return &r.failure
	case "warning message":
		return &r.warning
	case "interval":
		return &r.interval
	case "min interval":
		return &r.minInterval
	case "complete":
		return &r.complete
	case "incomplete":
		return &r.incomplete
	case "tracker id":
		return &r.trackerID
	}
	return nil
}

// Bounds of an interval that a client obeys. The library has none: a tracker that says 0.001 makes it announce a thousand
// times a second, and one that says a year overflows a JavaScript timer into the same.
const (
	minInterval = time.Second
	maxInterval = 24 * time.Hour
)

// announceInterval is the interval the tracker asks for, or 0 if it does not say.
func (r *response) announceInterval() time.Duration {
	seconds, _ := number(r.interval)
	if seconds == 0 {
		seconds, _ = number(r.minInterval)
	}
	if !(seconds > 0) {
		return 0
	}
	if seconds > maxInterval.Seconds() {
		return maxInterval
	}
	return max(time.Duration(seconds*float64(time.Second)), minInterval)
}

// sdpOf is the text of a session description {type, sdp}.
func sdpOf(description []byte) (string, bool) {
	return unquote(descriptionToken(description))
}

// truthy is JavaScript's notion, for the members the library tests that way: null, 0, "" and false count as absent.
func truthy(value []byte) bool {
	switch string(value) {
	case "", "null", "false", `""`, "0":
		return false
	}
	return true
}

// count is a number of peers, 0 if there is none.
func count(value []byte) int {
	n, ok := number(value)
	if !ok || n < 0 || n > 1<<31 {
		return 0
	}
	return int(n)
}

// text is a string member for people, shortened: it ends up in logs.
func text(value []byte) string {
	const enough = 512
	s, ok := unquote(value)
	if !ok {
		s = string(value)
	}
	if len(s) > enough {
		s = s[:enough] + "..."
	}
	return s
}
