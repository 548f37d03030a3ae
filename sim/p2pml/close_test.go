package p2pml

import (
	"testing"
	"time"

	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/webtorrent"
)

// How connections end is the business of simple-peer and streamx under the library. Everything here was found by running the
// released packages in the same world (package oracle).

// closing makes the core close the connection to p, from a turn in which nothing is received.
func (r *rig) closing(p *remote) { r.env.do(func() { r.swarm().byID["p"].peer.close() }) }

func TestACloseTakesEffectOnTheNextTick(t *testing.T) {
	r := newRig(t, onlyP2P)
	p := r.connect("p")
	r.env.alone = false
	r.closing(p)
	r.want(!p.closed && r.closes["p"] == 1 && r.core.Peers() == 0, "closed %v, told %d times", p.closed, r.closes["p"])
	r.w.run(r.w.now)
	r.want(p.closed && r.closes["p"] == 2, "closed %v, told %d times", p.closed, r.closes["p"])
}

func TestACloseAwaitsData(t *testing.T) {
	for _, c := range []struct {
		what string
		then func(p *remote)
		ends bool
	}{
		{"nothing happens", func(*remote) {}, false},
		{"the data has left", func(p *remote) { p.drain() }, true},
		{"a message comes in", func(p *remote) { p.announce(1) }, true},
		{"segment data comes in", func(p *remote) { p.data(5) }, true},
	} {
		r, p := uploading(t)
		r.closing(p)
		r.want(!p.closed && r.closes["p"] == 1, "%s: closed %v at once, told %d times", c.what, p.closed, r.closes["p"])
		c.then(p)
		r.want(p.closed == c.ends && r.closes["p"] == 1+btoi(c.ends), "%s: closed %v, told %d times", c.what, p.closed, r.closes["p"])
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestAWriteJustBeforeHastensTheClose(t *testing.T) {
	r, p := uploading(t)
	r.env.do(func() {
		peer := r.swarm().byID["p"].peer
		peer.send(wire.Command{ID: wire.CancelSegmentRequest})
		peer.close()
	})
	r.want(p.closed && len(p.commands(wire.CancelSegmentRequest)) == 0, "closed %v, %d Cancels sent", p.closed, len(p.commands(wire.CancelSegmentRequest)))
}

// A third time-out closes at once, as its Cancel is written just before; a peer that breaks the protocol has to wait.
func TestWhatCausesACloseDecidesWhenItIs(t *testing.T) {
	r, p := uploading(t)
	p.announce(0)
	r.w.run(6 * time.Second)
	r.want(p.closed, "still open after three time-outs")

	r = newRig(t, onlyP2P)
	p = r.connect("p")
	p.announce(0)
	c := p.header(10)
	p.jam = true
	r.store(3, 300_000)
	p.command(wire.Command{ID: wire.SegmentRequest, Segment: 3, Request: c.Request})
	r.env.alone = false
	p.data(11)
	r.w.run(r.w.now)
	r.want(r.lastError() == ErrorPeerResponseBytesMismatch && !p.closed, "%q, closed %v", r.lastError(), p.closed)
	p.drain()
	r.w.run(r.w.now)
	r.want(p.closed, "still open after its data has left")

	// Here, too, a Cancel is written just before, but while a message is received.
	r = newRig(t, onlyP2P)
	p, q := r.connect("p"), r.connect("q")
	p.announce(0)
	p.header(10)
	p.data(4)
	r.env.do(func() { p.h.PeerClosed(nil) })
	q.announce(0)
	c = q.request()
	q.jam = true
	r.store(3, 300_000)
	q.command(wire.Command{ID: wire.SegmentRequest, Segment: 3, Request: c.Request})
	r.env.alone = false
	q.header(7)
	r.w.run(r.w.now)
	r.want(r.lastError() == ErrorPeerResponseBytesMismatch && !q.closed, "%q, closed %v", r.lastError(), q.closed)
}

func TestAnEndDuringAnUploadGoesUnnoticed(t *testing.T) {
	for _, c := range []struct {
		what    string
		err     error
		noticed bool
		told    bool
	}{
		{"closed", nil, false, false},
		{"closed, with an error of the channel", webtorrent.ErrChannelClosed, true, true},
		{"lost", errTest, false, true},
	} {
		r, p := uploading(t)
		p.announce(0)
		told := 0
		r.core.ev = &errorCounter{Events: r.core.ev, n: &told}
		r.env.do(func() { p.h.PeerClosed(c.err) })
		r.want(told == btoi(c.told), "%s: %d errors of the peer told", c.what, told)
		r.want((r.core.Peers() == 0) == c.noticed && (r.closes["p"] == 1) == c.noticed, "%s: %d peers, told %d times", c.what, r.core.Peers(), r.closes["p"])
		r.want((r.lastError() == ErrorPeerClosed) == c.noticed, "%s: the download ended with %q", c.what, r.lastError())
		sent := len(p.sent)
		r.w.run(6 * time.Second) // three requests time out
		r.want(r.core.Peers() == 0 && r.closes["p"] == 1, "%s: after all requests %d peers, told %d times", c.what, r.core.Peers(), r.closes["p"])
		r.want(len(p.sent) == sent && !p.closed, "%s: something went to a connection that was over", c.what)
	}
}

type errorCounter struct {
	Events
	n *int
}

func (c *errorCounter) OnPeerError(PeerError) { *c.n++ }

func TestAnEndWithoutAnUploadIsNoticed(t *testing.T) {
	r := newRig(t, onlyP2P)
	p := r.connect("p")
	p.announce(0)
	r.env.do(func() { p.h.PeerClosed(errTest) })
	r.want(r.core.Peers() == 0 && r.closes["p"] == 1 && r.lastError() == ErrorPeerClosed, "%d peers, told %d times, %q", r.core.Peers(), r.closes["p"], r.lastError())
	q := r.connect("q")
	r.env.do(func() { q.h.PeerClosed(webtorrent.ErrChannelClosed) })
	r.want(r.closes["q"] == 2, "told %d times of a channel's error", r.closes["q"])
}

func TestAnEndWhileClosingChangesNothing(t *testing.T) {
	r := newRig(t, onlyP2P)
	p := r.connect("p")
	r.env.alone = false
	r.closing(p)
	r.env.do(func() { p.h.PeerClosed(errTest) })
	r.w.run(r.w.now)
	r.want(!p.closed && r.closes["p"] == 2, "closed %v, told %d times", p.closed, r.closes["p"])
}

// The library's second word of a close makes it forget whoever has that peer id by then.
func TestTheSecondWordForgetsANewcomer(t *testing.T) {
	r, p := uploading(t)
	r.closing(p)
	again := r.connect("p")
	r.want(r.core.Peers() == 1, "the newcomer is not there")
	p.drain()
	r.want(r.core.Peers() == 0 && !again.closed, "%d peers, closed %v", r.core.Peers(), again.closed)
	again.command(wire.Command{ID: wire.SegmentRequest, Segment: 3, Request: 8})
	r.want(len(again.commands(wire.SegmentData)) == 1, "it does not upload to somebody it has forgotten")
}

func TestWithoutTheDefectClosesDoNotWait(t *testing.T) {
	r, p := uploading(t)
	r.core.cfg.Defects.CloseAwaitsData = false
	r.closing(p)
	r.want(p.closed, "it waits")
	r, p = uploading(t)
	r.core.cfg.Defects.CloseAwaitsData = false
	r.env.do(func() { p.h.PeerClosed(nil) })
	r.want(r.core.Peers() == 0 && r.closes["p"] == 1, "it is not noticed")
}

// What comes over a connection that is closed but not yet closed is no business of the library's, but it did come.
func TestDataAfterTheCloseIsAccountedFor(t *testing.T) {
	r, p := uploading(t)
	r.closing(p)
	var got []ChunkDownloaded
	r.core.ev = &chunkList{Events: r.core.ev, got: &got}
	p.data(7)
	r.want(len(got) == 1 && got[0].Ignored && got[0].Useless && got[0].Bytes == 7, "%+v", got)
}

type chunkList struct {
	Events
	got *[]ChunkDownloaded
}

func (c *chunkList) OnChunkDownloaded(e ChunkDownloaded) { *c.got = append(*c.got, e) }

func TestDestroyLeavesNoConnectionOpen(t *testing.T) {
	r, p := uploading(t)
	q, late := r.connect("q"), r.candidate("late")
	r.env.alone = false
	r.env.do(r.core.Destroy)
	r.want(p.closed && q.closed && late.closed, "closed %v %v %v", p.closed, q.closed, late.closed)
	r.want(len(r.core.open.byOrder) == 0 && len(r.core.ticks.pending) == 0, "something is left")
}
