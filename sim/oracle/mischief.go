package oracle

import (
	"errors"
	"math/rand/v2"
	"strings"

	"swarmlab/sim/p2pml"
	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/player"
	"swarmlab/sim/webtorrent"
)

// mischief is what goes wrong between an engine and its world, the same way for both kinds of core: by a chance of its own, which
// is drawn for each request or message.
type mischief struct {
	origin  originMischief
	peers   peerMischief
	share   float64 // of requests or messages
	without float64 // share of the viewers whose engine is switched off
}

type originMischief int

const (
	truncate              originMischief = iota + 1 // the body ends early, as if complete
	breakOff                                        // the connection breaks within the body
	fallSilent                                      // nothing more comes
	hideLength                                      // neither Content-Length nor Content-Range can be read
	hideLengthAndTruncate                           // both
	ignoreRange                                     // 200 and the whole, whatever was asked for
	lieAboutRange                                   // Content-Range is of other bytes
)

type peerMischief int

const (
	lose         peerMischief = iota + 1 // a message never arrives
	repeat                               // a message arrives twice
	closeQuietly                         // a connection's end from without comes without an error
)

// Honest reports whether every byte is what it should be: only then do a run's invariants hold.
func (m mischief) Honest() bool {
	return m.peers != lose && m.peers != repeat && m.origin != ignoreRange && m.origin != hideLengthAndTruncate
}

// of has a kind of engine live with the mischief.
func (m mischief) of(make player.NewEngine, seed uint64) player.NewEngine {
	if m == (mischief{}) {
		return make
	}
	viewers := uint64(0)
	return func(env p2pml.Env, cfg p2pml.Config, ev p2pml.Events) player.Engine {
		viewers++
		e := &mischievous{Env: env, mischief: m, chance: rand.New(rand.NewPCG(seed, viewers))}
		if e.chance.Float64() < m.without {
			cfg.Main.IsP2PDisabled, cfg.Secondary.IsP2PDisabled = true, true
		}
		return make(e, cfg, ev)
	}
}

type mischievous struct {
	p2pml.Env
	mischief
	chance *rand.Rand
}

// Fetch implements p2pml.Env.
func (e *mischievous) Fetch(r p2pml.FetchRequest, h p2pml.FetchHandler) p2pml.Fetch {
	if e.origin == 0 || e.chance.Float64() >= e.share {
		return e.Env.Fetch(r, h)
	}
	f := &badFetch{env: e, h: h, left: 1 + int(e.chance.Float64()*200_000)}
	if e.origin == ignoreRange {
		r.Range = nil
	}
	f.Fetch = e.Env.Fetch(r, f)
	return f
}

// badFetch is a response in which something is wrong.
type badFetch struct {
	p2pml.Fetch
	env  *mischievous
	h    p2pml.FetchHandler
	left int // bytes until it happens
	over bool
}

var errBroken = errors.New("the connection broke")

// FetchHeaders implements p2pml.FetchHandler.
func (f *badFetch) FetchHeaders(a p2pml.FetchHeaders) {
	switch f.env.origin {
	case hideLength, hideLengthAndTruncate:
		a.ContentLength, a.ContentRange = -1, nil
	case lieAboutRange:
		if a.ContentRange != nil {
			lie := *a.ContentRange
			lie.Start, lie.End = lie.Start+1, lie.End+1
			a.ContentRange = &lie
		}
	default:
	}
	f.h.FetchHeaders(a)
}

func (f *badFetch) ends() bool {
	switch f.env.origin {
	case truncate, breakOff, fallSilent, hideLengthAndTruncate:
		return true
	default:
		return false
	}
}

// FetchBody implements p2pml.FetchHandler.
func (f *badFetch) FetchBody(m webtorrent.Message) {
	if f.over {
		return
	}
	if !f.ends() || m.Size < f.left {
		f.left -= m.Size
		f.h.FetchBody(m)
		return
	}
	f.h.FetchBody(m.Slice(0, f.left))
	f.over = true
	f.Fetch.Cancel()
	var err error
	switch f.env.origin {
	case fallSilent:
		return
	case breakOff:
		err = errBroken
	default:
	}
	f.env.After(0, func() {
		if f.h != nil {
			f.h.FetchDone(err)
		}
	})
}

// FetchDone implements p2pml.FetchHandler.
func (f *badFetch) FetchDone(err error) {
	if !f.over {
		f.h.FetchDone(err)
	}
}

// Cancel implements p2pml.Fetch.
func (f *badFetch) Cancel() {
	f.h = nil
	if !f.over {
		f.over = true
		f.Fetch.Cancel()
	}
}

// NewPeerConn implements p2pml.Env.
func (e *mischievous) NewPeerConn(offer string, h webtorrent.PeerHandler) webtorrent.PeerConn {
	switch e.peers {
	case lose, repeat:
		return &badConn{e.Env.NewPeerConn(offer, h), e}
	case closeQuietly:
		return &quietConn{e.Env.NewPeerConn(offer, &quiet{h, e}), e}
	default:
		return e.Env.NewPeerConn(offer, h)
	}
}

// quietConn is a connection whose handlers hear of no error.
type quietConn struct {
	webtorrent.PeerConn
	env *mischievous
}

// Handle implements webtorrent.PeerConn.
func (c *quietConn) Handle(h webtorrent.PeerHandler) { c.PeerConn.Handle(&quiet{h, c.env}) }

type quiet struct {
	webtorrent.PeerHandler
	env *mischievous
}

// PeerClosed implements webtorrent.PeerHandler.
func (q *quiet) PeerClosed(err error) {
	if q.env.chance.Float64() < q.env.share {
		err = nil
	}
	q.PeerHandler.PeerClosed(err)
}

// badConn is a data channel that breaks its word.
type badConn struct {
	webtorrent.PeerConn
	env *mischievous
}

// Send implements webtorrent.PeerConn. Announcements are spared: without them nothing else happens.
func (c *badConn) Send(m webtorrent.Message) {
	spared := m.Bytes != nil && strings.HasPrefix(string(m.Bytes), "cstr"+string(rune(wire.SegmentsAnnouncement)))
	if spared || c.env.chance.Float64() >= c.env.share {
		c.PeerConn.Send(m)
		return
	}
	if c.env.peers == repeat {
		c.PeerConn.Send(m)
		c.PeerConn.Send(m)
	}
}
