package viewer

import (
	"swarmlab/results"
	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

// browser lies between a viewer's page and its tier: it keeps downloads that were given up, and records what the page itself cannot tell.
type browser struct {
	p2pml.Env
	record *results.ViewerRecord
	ids    map[string]bool
	cache  httpCache
}

func newBrowser(env p2pml.Env, r *results.ViewerRecord) *browser {
	return &browser{Env: env, record: r, ids: map[string]bool{}}
}

// Fetch implements p2pml.Env.
func (b *browser) Fetch(r p2pml.FetchRequest, h p2pml.FetchHandler) p2pml.Fetch {
	return b.cache.fetch(b.Env, r, h, b.record.FromCache)
}

// OpenSocket implements p2pml.Env.
func (b *browser) OpenSocket(url string, h webtorrent.SocketHandler) webtorrent.Socket {
	return announcing{b.Env.OpenSocket(url, h), b.record, b.ids}
}

// Await implements p2pml.Patient, if the environment does.
func (b *browser) Await(p p2pml.Patience) {
	if e, ok := b.Env.(p2pml.Patient); ok {
		e.Await(p)
	}
}
