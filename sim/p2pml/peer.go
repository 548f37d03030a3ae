package p2pml

import (
	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/webtorrent"
)

// peer is one connected viewer of the same rendition: what it has, what we are getting from it, what it is getting from us.
//
// P2P Media Loader 2.3 behaviour: state machine of one connection.
type peer struct {
	swarm  *swarm
	id     string
	shown  string // id in chunk events, see Defects.LateCandidateAnonymous
	conn   webtorrent.PeerConn
	out    writeQueue
	joiner wire.Joiner

	loaded, loading idSet // as announced: in its storage, being fetched over HTTP

	download *download // at most one
	upload   *upload   // at most one
	timeouts int       // no-bytes time-outs since the last success

	meter   bandwidthMeter
	speedAt uint64 // meter.modified for which lastSpeed holds
	speed   float64
	closed  bool
}

// download is the one outstanding request to a peer.
type download struct {
	req    *request
	id     int64 // random, on the wire
	header bool  // SegmentData was seen: raw bytes are ours
}

func newPeer(s *swarm, id, shown string, conn webtorrent.PeerConn) *peer {
	p := &peer{swarm: s, id: id, shown: shown, conn: conn}
	p.out.init(&s.core.micro, conn, p.continueUpload)
	return p
}

func (p *peer) cfg() *StreamConfig { return p.swarm.cfg }

// has reports whether the peer announced the segment as loaded.
func (p *peer) has(id int64) bool { return p.loaded.has(id) }

// bandwidth is the rate at which this peer delivered lately, in bit/s.
func (p *peer) bandwidth() float64 {
	if p.speedAt != p.meter.modified {
		p.speed, p.speedAt = p.meter.loadingOnly(15), p.meter.modified
	}
	return p.speed
}

func (p *peer) send(c wire.Command) {
	for _, frame := range wire.Frames(wire.Encode(c), p.cfg().maxMessageSize()) {
		p.out.write(webtorrent.Text(frame))
	}
}

// start begins to get a segment from this peer.
func (p *peer) start(r *request, reason StartReason) {
	core := p.swarm.core
	d := &download{req: r, id: int64(core.env.Rand().Float64() * 1000)}
	all := r.holdsAll()
	p.download = d
	p.meter.startLoading(core.env.Now())
	r.start(P2P, p.id, p, p.silenceTimeout(), reason)
	if all {
		p.succeed()
		return
	}
	p.send(wire.Command{ID: wire.SegmentRequest, Segment: r.seg.ExternalID, Request: d.id, Byte: r.held()})
}

// slowestMessageRate is what the timer assumes where it grants whole messages their time, in bit/s.
const slowestMessageRate = 64_000

// abandoned implements attempt.
func (p *peer) abandoned(why ErrorType) {
	d := p.download
	if d == nil {
		return
	}
	p.send(wire.Command{ID: wire.CancelSegmentRequest, Segment: d.req.seg.ExternalID, Request: d.id})
	p.endDownload()
	if why == ErrorAbort {
		return
	}
	p.meter.clear()
	p.timeouts++
	if p.timeouts >= p.cfg().P2PErrorRetries {
		p.close()
	}
}

func (p *peer) endDownload() {
	p.download = nil
	p.meter.stopLoading(p.swarm.core.env.Now())
}

// fail ends the running download, if any, with an error.
func (p *peer) fail(t ErrorType) {
	d := p.download
	if d == nil {
		return
	}
	p.endDownload()
	p.meter.clear()
	d.req.fail(t, "")
}

// distrust ends download and connection: the peer's idea of the segment is not ours, so its bytes are worthless.
func (p *peer) distrust(t ErrorType) {
	p.download.req.clearBytes(DiscardMismatch)
	p.fail(t)
	p.close()
}

// succeed hands the complete segment over, unless the page's validation refuses it.
func (p *peer) succeed() {
	r := p.download.req
	p.endDownload()
	if !r.complete(p.cfg().ValidateP2PSegment, ErrorP2PValidation) {
		p.meter.clear()
		p.close()
		return
	}
	p.timeouts = 0
}

// close ends the connection from our side.
func (p *peer) close() {
	if p.closed {
		return
	}
	// The library's close takes effect on the next timer tick: a Cancel written just before still leaves.
	p.upload = nil
	p.out.run()
	p.shut()
	p.swarm.peerGone(p)
	p.emitClose(false)
	p.swarm.core.ticks.after(func() {
		p.conn.Close()
		if p.swarm.core.cfg.Defects.PeerCloseTwice {
			p.emitClose(true)
		}
	})
}

// lost is the end of the connection from the other side.
func (p *peer) lost(err error) {
	if p.closed {
		return
	}
	core := p.swarm.core
	if err != nil {
		core.ev.OnPeerError(PeerError{At: core.env.Now(), Type: p.swarm.kind, PeerID: p.id, Err: err})
	}
	p.shut()
	p.swarm.peerGone(p)
	p.emitClose(false)
}

func (p *peer) shut() {
	p.closed = true
	p.fail(ErrorPeerClosed)
	p.upload = nil
	if lost := p.out.close(); lost > 0 {
		core := p.swarm.core
		core.ev.OnUploadLost(UploadLost{At: core.env.Now(), Type: p.swarm.kind, Bytes: lost, PeerID: p.shown})
	}
}

func (p *peer) emitClose(again bool) {
	core := p.swarm.core
	core.ev.OnPeerClose(PeerClose{At: core.env.Now(), Type: p.swarm.kind, PeerID: p.id, Again: again})
}
