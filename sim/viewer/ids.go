package viewer

import (
	"bytes"
	"encoding/json"

	"swarmlab/results"
	"swarmlab/sim/webtorrent"
)

// announcing is a socket to a tracker that listens to what its viewer says: the ids by which the others will know it. The core's events
// name the others only, and the tracker's word is what those go by.
type announcing struct {
	webtorrent.Socket
	record *results.ViewerRecord
	known  map[string]bool // of all the viewer's sockets
}

// Send implements webtorrent.Socket.
func (s announcing) Send(text []byte) {
	if id := ownID(text); id != "" && !s.known[id] {
		s.known[id] = true
		s.record.KnownAs(id)
	}
	s.Socket.Send(text)
}

// ownID is the sender's id in a message to a tracker, or nothing. An announcement with its offers has tens of kilobytes and is
// not parsed for it: within JSON a quote that is not escaped cannot be part of a text, so the key is found as it stands.
func ownID(text []byte) string {
	_, rest, found := bytes.Cut(text, []byte(`"peer_id":"`))
	end := bytes.IndexByte(rest, '"')
	if !found || end < 0 {
		return ""
	}
	var id string
	if json.Unmarshal(text[len(text)-len(rest)-1:len(text)-len(rest)+end+1], &id) != nil {
		return "" // it has an escaped quote in it, which no client of ours makes
	}
	return id
}
