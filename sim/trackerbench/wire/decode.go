package wire

import (
	"bytes"
	"encoding/json"
	"math"
)

// decode is the thorough way of Scan.
func decode(text []byte) (m Message, ok bool) {
	m.Complete, m.Incomplete = -1, -1
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil || members == nil {
		return m, false
	}
	m.InfoHash = characters(members["info_hash"])
	m.PeerID = characters(members["peer_id"])
	m.OfferID = characters(members["offer_id"])
	m.Complete, m.Incomplete = count(members["complete"]), count(members["incomplete"])
	m.hasInterval = number(members["interval"])
	if reason, there := members["failure reason"]; there {
		m.hasFailure, m.FailureText = true, body(reason)
	}
	if offer, there := members["offer"]; there && offer[0] == '{' {
		m.hasOffer, m.Description = true, sdp(offer)
	}
	if answer, there := members["answer"]; there && answer[0] == '{' && !m.hasOffer {
		m.hasAnswer, m.Description = true, sdp(answer)
	}
	if files := members["files"]; len(files) > 0 && files[0] == '{' {
		m.Files = files
	}
	m.settle()
	return m, true
}

// characters is a string with one byte for each character; nil if it is none, or has a character above U+00FF.
func characters(token json.RawMessage) []byte {
	var s string
	if len(token) == 0 || json.Unmarshal(token, &s) != nil {
		return nil
	}
	out := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xff {
			return nil
		}
		out = append(out, byte(r))
	}
	return out
}

// body is a string token without its quotes; of anything else, the token.
func body(token json.RawMessage) []byte {
	if len(token) >= 2 && token[0] == '"' {
		return token[1 : len(token)-1]
	}
	return bytes.Clone(token)
}

func sdp(object json.RawMessage) []byte {
	var members map[string]json.RawMessage // a struct would also take "SDP"
	if json.Unmarshal(object, &members) != nil || len(members["sdp"]) == 0 || members["sdp"][0] != '"' {
		return nil
	}
	return body(members["sdp"])
}

func count(token json.RawMessage) int64 {
	var f float64
	if len(token) == 0 || json.Unmarshal(token, &f) != nil || f < 0 || f > 1e15 || f != math.Trunc(f) || string(token) == "null" {
		return -1
	}
	return int64(f)
}

func number(token json.RawMessage) bool {
	var f float64
	return len(token) > 0 && string(token) != "null" && json.Unmarshal(token, &f) == nil
}

// SameDescription tells whether two session descriptions, JSON without quotes, mean the same, however they are escaped.
func SameDescription(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var left, right string
	return json.Unmarshal(quoted(a), &left) == nil && json.Unmarshal(quoted(b), &right) == nil && left == right
}

func quoted(body []byte) []byte {
	return append(append([]byte{'"'}, body...), '"')
}

// ScrapeCounts reads the files of a scrape: complete + incomplete of one swarm; ok is false if it is not there.
func ScrapeCounts(files, infoHash []byte) (members int64, ok bool) {
	var all map[string]struct {
		Complete   *int64 `json:"complete"`
		Incomplete *int64 `json:"incomplete"`
	}
	if json.Unmarshal(files, &all) != nil {
		return 0, false
	}
	f, ok := all[string(infoHash)]
	if !ok || f.Complete == nil || f.Incomplete == nil {
		return 0, false
	}
	return *f.Complete + *f.Incomplete, true
}

// ScrapedSwarm is the only swarm of a scrape's files; ok is false if there is none, or several.
func ScrapedSwarm(files []byte) (infoHash []byte, ok bool) {
	var all map[string]json.RawMessage
	if json.Unmarshal(files, &all) != nil || len(all) != 1 {
		return nil, false
	}
	for hash := range all {
		infoHash = []byte(hash)
	}
	return infoHash, true
}
