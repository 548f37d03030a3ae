package wire

import "bytes"

// Scan reads one message of a tracker. ok is false if it is not a JSON object.
//
// The quick way takes what trackers write: no white space, no escapes in ids. It jumps from quote to quote and so does not
// check what is between: what it reads rightly of good JSON (FuzzScan holds it against encoding/json) it may also read of bad.
func Scan(text []byte) (m Message, ok bool) {
	m.Complete, m.Incomplete = -1, -1
	if end := m.object(text, 0, top); end == len(text) {
		m.settle()
		if m.Kind != Unknown {
			return m, true
		}
	}
	return decode(text)
}

// level is where in a message an object stands.
type level uint8

const (
	top         level = iota
	description       // of an offer or an answer
	deeper            // of no interest
)

const deepest = 16 // levels; nested deeper is left to encoding/json

// object walks the object at i and returns the position after it, or -1 if it is not plain.
func (m *Message) object(b []byte, i int, l level) int {
	if i+1 >= len(b) || b[i] != '{' || l > deepest {
		return -1
	}
	if b[i+1] == '}' {
		return i + 2
	}
	for i < len(b) && (b[i] == '{' || b[i] == ',') {
		keyEnd := stringEnd(b, i+1)
		if keyEnd < 0 || keyEnd >= len(b) || b[keyEnd] != ':' {
			return -1
		}
		key := b[i+2 : keyEnd-1]
		if bytes.IndexByte(key, '\\') >= 0 {
			return -1
		}
		if i = m.member(b, keyEnd+1, key, l); i < 0 {
			return -1
		}
		if i < len(b) && b[i] == '}' {
			return i + 1
		}
	}
	return -1
}

// member takes the value at i, and returns the position after it or -1.
func (m *Message) member(b []byte, i int, key []byte, l level) int {
	if i >= len(b) {
		return -1
	}
	switch c := b[i]; {
	case c == '"':
		end := stringEnd(b, i)
		if end > 0 && !m.text(key, b[i+1:end-1], l) {
			return -1
		}
		return end
	case c == '{':
		return m.nested(b, i, key, l)
	case c == '-' || c >= '0' && c <= '9':
		return m.number(b, i, key, l)
	}
	return -1 // lists and words: no known tracker sends any
}

// text takes a string member; it reports false if the string must be decoded first.
func (m *Message) text(key, value []byte, l level) bool {
	if l == description {
		if string(key) == "sdp" {
			m.Description = value
		}
		return true
	}
	if l != top {
		return true
	}
	switch string(key) {
	case "info_hash":
		m.InfoHash = value
	case "peer_id":
		m.PeerID = value
	case "offer_id":
		m.OfferID = value
	case "failure reason":
		m.FailureText, m.hasFailure = value, true
		return true
	case "offer", "answer", "files", "interval", "complete", "incomplete":
		return false
	default:
		return true
	}
	return bytes.IndexByte(value, '\\') < 0
}

func (m *Message) nested(b []byte, i int, key []byte, l level) int {
	if l == description && string(key) == "sdp" {
		return -1
	}
	within := max(l+1, deeper)
	if l == top {
		switch string(key) {
		case "offer":
			m.hasOffer, m.Description, within = true, nil, description
		case "answer":
			m.hasAnswer, m.Description, within = true, nil, description
		case "info_hash", "peer_id", "offer_id", "failure reason", "complete", "incomplete", "interval":
			return -1
		}
		if m.hasOffer && m.hasAnswer {
			return -1
		}
	}
	end := m.object(b, i, within)
	if end > 0 && l == top && string(key) == "files" {
		m.Files = b[i:end]
	}
	return end
}

// number takes whole numbers; others are left to encoding/json where they matter.
func (m *Message) number(b []byte, i int, key []byte, l level) int {
	start := i
	var v int64
	for i < len(b) && b[i] >= '0' && b[i] <= '9' && i-start < 15 {
		v = v*10 + int64(b[i]-'0')
		i++
	}
	whole := i > start && (i-start == 1 || b[start] != '0')
	if !whole || i < len(b) && b[i] != ',' && b[i] != '}' {
		return -1
	}
	if l == description && string(key) == "sdp" {
		return -1
	}
	if l == top {
		switch string(key) {
		case "interval":
			m.hasInterval = true
		case "complete":
			m.Complete = v
		case "incomplete":
			m.Incomplete = v
		case "info_hash", "peer_id", "offer_id", "failure reason", "offer", "answer", "files":
			return -1
		}
	}
	return i
}

// stringEnd is the position after the string that begins at i, or -1.
func stringEnd(b []byte, i int) int {
	if i >= len(b) || b[i] != '"' {
		return -1
	}
	for j := i + 1; ; {
		n := bytes.IndexByte(b[j:], '"')
		if n < 0 {
			return -1
		}
		j += n
		slashes := 0
		for b[j-1-slashes] == '\\' { // the opening quote stops it
			slashes++
		}
		j++
		if slashes%2 == 0 {
			return j
		}
	}
}
