package p2pml

import (
	"errors"

	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/webtorrent"
)

// peer is one connected viewer of the same rendition: what it has, what we are getting from it, what it is getting from us.
//
// P2P Media Loader 2.3 behaviour: state machine of one connection.
//
// What the arrival of an announcement needs comes first, and then what sending one does, each side by side in memory.
type peer struct {
	swarm     *swarm
	joiner    wire.Joiner
	closed    bool
	closing   bool // closed, but data still waits to leave
	receiving bool // a message
	tallied   bool // the swarm's tallies have the two below

	loaded, loading idSet // as announced: in its storage, being fetched over HTTP

	out writeQueue

	download *download // at most one
	upload   *upload   // at most one
	givenUp  []question
	timeouts int // no-bytes time-outs since the last success

	meter   bandwidthMeter
	speedAt uint64 // meter.modified for which lastSpeed holds
	speed   float64

	id    string
	shown string // id in chunk events, see Defects.LateCandidateAnonymous
	at    *candidate
}

// download is the one outstanding request to a peer.
type download struct {
	req    *request
	id     int64 // random, on the wire
	mixed  bool  // an earlier one had the same, so that its answer may be taken for this one's
	header bool  // SegmentData was seen: raw bytes are ours
}

// peersAtOnce are made at a time, so that they lie side by side: whoever announces something looks at all of them, one after the
// other. Nine take the 4 KiB that the runtime gives for eight.
const peersAtOnce = 9

func newPeer(s *swarm, id, shown string, at *candidate) *peer {
	if len(s.blank) == 0 {
		s.blank = make([]peer, peersAtOnce)
	}
	p := &s.blank[0]
	s.blank = s.blank[1:]
	*p = peer{swarm: s, id: id, shown: shown, at: at, meter: bandwidthMeter{asked: askedOfPeer}}
	p.out.init(&s.core.micro, at.conn, p.continueUpload)
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
	if r.holdsAll() { // nobody is asked, so nothing is known of this peer afterwards
		r.start(P2P, p.id, p, p.silenceTimeout(), reason)
		r.complete(p.cfg().ValidateP2PSegment, ErrorP2PValidation)
		return
	}
	d := &download{req: r}
	d.id, d.mixed = p.requestID(r)
	p.download = d
	if d.mixed {
		core.beware(1)
	}
	p.meter.startLoading(core.env.Now())
	r.start(P2P, p.id, p, p.silenceTimeout(), reason)
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
	p.giveUp(question{d.req.seg.ExternalID, d.id})
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
	if p.download.mixed {
		p.swarm.core.beware(-1)
	}
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

// close ends the connection from our side: on the next tick of a timer, or later, see awaitsData.
func (p *peer) close() {
	if p.closed {
		return
	}
	awaits := p.awaitsData() && (p.receiving || !p.out.ticking)
	p.shut()
	p.emitClose(false)
	switch {
	case p.at.ended:
	case awaits:
		p.closing = true
		p.swarm.core.beware(1)
	default:
		p.end()
	}
}

// awaitsData reports whether the stream over the channel (streamx) is in the middle of a write, as more data than the threshold waits
// to leave. Then it ends only when that data has left, or when another message comes in; but at once if something was written
// just before, unless a message that is being received is the cause. All this is how its two halves happen to wait for one another.
func (p *peer) awaitsData() bool { return p.out.waiting && p.swarm.core.cfg.Defects.CloseAwaitsData }

// end closes the channel on the next tick, and tells once more that it has.
func (p *peer) end() {
	p.closesNoMore()
	p.swarm.core.ticks.after(func() {
		p.at.close()
		p.closedAgain()
	})
}

func (p *peer) closesNoMore() {
	if p.closing {
		p.closing = false
		p.swarm.core.beware(-1)
	}
}

// drained: the data that the channel had too much of has left it.
func (p *peer) drained() {
	if p.closing {
		p.end()
		return
	}
	p.out.bufferedAmountLow()
}

// lost is the end of the connection from without.
func (p *peer) lost(err error) {
	switch {
	case p.closed && !p.closing: // it ends on the next tick anyway
		return
	case p.closing || p.awaitsData():
		// The stream over the channel ends when its data is written, which it never will be. Only an error is still told, and
		// only one of the channel makes the core close the connection. Otherwise it stays, deaf and dumb, until requests time out.
		p.closesNoMore()
		p.loseQueue()
	default:
		p.shut()
		p.emitClose(false)
	}
	if err == nil {
		return
	}
	core := p.swarm.core
	core.ticks.after(func() {
		core.ev.OnPeerError(PeerError{At: core.env.Now(), Type: p.swarm.kind, PeerID: p.id, Err: err})
		if !errors.Is(err, webtorrent.ErrChannelClosed) {
			return
		}
		if p.closed {
			p.closedAgain()
		} else {
			p.close()
		}
	})
}

func (p *peer) shut() {
	p.closed = true
	p.fail(ErrorPeerClosed)
	p.upload = nil
	p.loseQueue()
	p.swarm.forget(p.id)
	p.meter, p.givenUp = bandwidthMeter{}, nil // those beside it keep it in memory
}

func (p *peer) loseQueue() {
	if lost := p.out.close(); lost > 0 {
		core := p.swarm.core
		core.ev.OnUploadLost(UploadLost{At: core.env.Now(), Type: p.swarm.kind, Bytes: lost, PeerID: p.shown})
	}
}

// closedAgain is the library's second word of a connection that it closed. It forgets whoever has that peer id by then, too.
func (p *peer) closedAgain() {
	if p.swarm.core.cfg.Defects.PeerCloseTwice {
		p.swarm.forget(p.id)
		p.emitClose(true)
	}
}

func (p *peer) emitClose(again bool) {
	core := p.swarm.core
	core.ev.OnPeerClose(PeerClose{At: core.env.Now(), Type: p.swarm.kind, PeerID: p.id, Again: again})
}
