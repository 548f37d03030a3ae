package viewer

import (
	"bytes"
	"encoding/json"

	"swarmlab/results"
	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

// announced is an environment that listens to what its viewer tells the tracker: the ids by which the others will know it. The
// core's events name the others only, and the tracker's word is what those go by.
type announced struct {
	p2pml.Env
	record *results.ViewerRecord
	known  map[string]bool
	cache  *httpCache
}

func listen(env p2pml.Env, r *results.ViewerRecord) p2pml.Env {
	return announced{Env: env, record: r, known: map[string]bool{}, cache: &httpCache{}}
}

// Fetch implements p2pml.Env.
func (a announced) Fetch(r p2pml.FetchRequest, h p2pml.FetchHandler) p2pml.Fetch {
	return a.cache.fetch(a.Env, r, h, a.record.FromCache)
}

// OpenSocket implements p2pml.Env.
func (a announced) OpenSocket(url string, h webtorrent.SocketHandler) webtorrent.Socket {
	return announcing{a.Env.OpenSocket(url, h), a}
}

// Await implements p2pml.Patient, if the environment does.
func (a announced) Await(p p2pml.Patience) {
	if e, ok := a.Env.(p2pml.Patient); ok {
		e.Await(p)
	}
}

type announcing struct {
	webtorrent.Socket
	to announced
}

// Send implements webtorrent.Socket.
func (s announcing) Send(text []byte) {
	if id := ownID(text); id != "" && !s.to.known[id] {
		s.to.known[id] = true
		s.to.record.KnownAs(id)
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
