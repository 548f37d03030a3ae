package p2pml

import (
	"math/rand/v2"
	"time"

	"swarmlab/sim/webtorrent"
)

// prefetcher brings segments from the origin into the swarm before anybody needs them.
type prefetcher interface {
	stop()
}

// randomPrefetch is the 2.3 way: every second or so, less often the more peers there are, fetch on the average as many segments as
// make the whole swarm's share fair. Nothing but the announcements keeps two viewers from fetching the same one.
//
// P2P Media Loader 2.3 behaviour: random HTTP prefetch.
type randomPrefetch struct {
	loader     *hybridLoader
	timer      webtorrent.Timer
	fire       func()
	queue      []queueItem
	candidates []*segment
}

// prefetchPeriod is the shortest delay, and what each connected peer adds to it at most.
const prefetchPeriod = 1000 // ms

func newRandomPrefetch(l *hybridLoader) prefetcher {
	p := &randomPrefetch{loader: l}
	p.fire = p.onTimer
	p.arm()
	return p
}

func (p *randomPrefetch) arm() {
	env := p.loader.core.env
	peers := float64(len(p.loader.swarms.current.peers))
	delay := float64(env.Rand().Float64()*prefetchPeriod*peers) + prefetchPeriod
	// A browser's timer counts whole milliseconds.
	wait := time.Duration(delay) * time.Millisecond
	if again, ok := p.timer.(webtorrent.Resetter); ok {
		again.Reset(wait)
	} else {
		p.timer = env.After(wait, p.fire)
	}
}

func (p *randomPrefetch) stop() {
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
}

func (p *randomPrefetch) onTimer() {
	if p.timer == nil {
		return
	}
	p.run()
	p.arm()
}

func (p *randomPrefetch) run() {
	l := p.loader
	l.core.catchUp()
	peers, limit := len(l.swarms.current.peers), l.cfg.SimultaneousHTTPDownloads
	if peers == 0 || l.busyHTTP >= limit || l.initialWait() || l.core.storage.freePercent() <= scarcePercent {
		return
	}
	p.collect()
	drawPrefetch(p.candidates, peers, limit, &l.busyHTTP, l.core.env.Rand(), func(s *segment) {
		l.startHTTP(s, RandomPrefetch)
	})
}

// collect lists what is worth a prefetch: in the HTTP window, and out of every peer's reach.
func (p *randomPrefetch) collect() {
	l := p.loader
	w := l.windows()
	shelf := l.core.shelfOf(l.last.rendition)
	p.queue = appendQueue(p.queue[:0], l.last.rendition.from(l.last), &w, l.anyoneHas)
	p.candidates = p.candidates[:0]
	for _, it := range p.queue {
		if !it.http || it.p2p || shelf.has(it.seg.ExternalID) {
			continue
		}
		if r := it.seg.request; r != nil &&
			(r.status == loading || r.status == succeeded || r.httpFailures >= l.cfg.HTTPErrorRetries) {
			continue
		}
		p.candidates = append(p.candidates, it.seg)
	}
}

// drawPrefetch draws among the first candidates so that a swarm of peers+1 viewers together starts about limit of them at a time.
// busy counts the running HTTP downloads and changes with every start.
func drawPrefetch(candidates []*segment, peers, limit int, busy *int, r *rand.Rand, start func(*segment)) {
	viewers := peers + 1
	n := min(len(candidates), limit*viewers)
	first := candidates[:n]
	for i := n - 1; i > 0; i-- { // Fisher-Yates, in the library's order of draws
		j := int(r.Float64() * float64(i+1))
		first[i], first[j] = first[j], first[i]
	}
	p := float64(n) / float64(viewers)
	for _, s := range first {
		if *busy >= limit || p <= 0 {
			return
		}
		if p >= 1 || r.Float64() <= p {
			start(s)
		}
		p--
	}
}
