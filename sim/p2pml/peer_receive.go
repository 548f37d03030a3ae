package p2pml

import (
	"time"

	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/webtorrent"
)

var _ webtorrent.PeerHandler = (*peer)(nil)

// PeerSignal implements webtorrent.PeerHandler.
func (p *peer) PeerSignal(string) {}

// PeerConnected implements webtorrent.PeerHandler. It was the candidate who heard it.
func (p *peer) PeerConnected() {}

// PeerMessage implements webtorrent.PeerHandler.
func (p *peer) PeerMessage(m webtorrent.Message) { p.message(m) }

// PeerBufferedAmountLow implements webtorrent.PeerHandler.
func (p *peer) PeerBufferedAmountLow() { p.drained() }

// PeerClosed implements webtorrent.PeerHandler.
func (p *peer) PeerClosed(err error) { p.at.PeerClosed(err) }

// message takes one data-channel message: a command frame, or raw bytes of the segment that the last SegmentData named.
func (p *peer) message(m webtorrent.Message) {
	if p.closed {
		p.ignore(m)
		return
	}
	p.receiving = true
	p.receive(m)
	p.receiving = false
}

var _ Hearer = (*peer)(nil)

// PeerAnnounces implements Hearer.
func (p *peer) PeerAnnounces(a *Announcement) {
	switch {
	case p.closed:
		if p.closing {
			p.end()
		}
	case p.joiner.Joining(): // the frame breaks into another command, and both are lost
		p.joiner = wire.Joiner{}
	default:
		p.receiving = true
		p.swarm.announced(p, a)
		p.receiving = false
	}
}

// ignore takes what comes over a connection that was closed but is not: the library does not look at it.
func (p *peer) ignore(m webtorrent.Message) {
	if p.closing {
		p.end()
	}
	if core := p.swarm.core; m.Bytes == nil || !wire.IsCommand(m.Bytes) {
		core.ev.OnChunkDownloaded(ChunkDownloaded{
			At: core.env.Now(), Type: p.swarm.kind, Bytes: m.Size, Source: P2P, PeerID: p.shown, Useless: true, Ignored: true,
		})
	}
}

func (p *peer) receive(m webtorrent.Message) {
	if m.Bytes == nil || !wire.IsCommand(m.Bytes) {
		p.chunk(m)
		return
	}
	payload, complete, err := p.joiner.Add(m.Bytes)
	if err != nil || !complete {
		return // the library drops what it cannot join, without a sign
	}
	c := &p.swarm.core.command
	if c.Decode(payload) != nil {
		return // nor what it cannot decode: that is how a full 256-block makes a peer invisible
	}
	p.command(*c)
}

func (p *peer) command(c wire.Command) {
	switch c.ID {
	case wire.SegmentsAnnouncement:
		a := &p.swarm.core.heard
		a.set(&c)
		p.swarm.announced(p, a)
	case wire.SegmentRequest:
		p.requested(c)
	case wire.SegmentData:
		p.dataBegins(c)
	case wire.SegmentDataSendingCompleted:
		p.dataEnds(c)
	case wire.SegmentAbsent:
		if d := p.download; d != nil && d.is(c) {
			p.fail(ErrorPeerSegmentAbsent)
			p.loaded.remove(c.Segment)
			p.swarm.availabilityChanged()
		}
	case wire.CancelSegmentRequest:
		if p.upload != nil && p.upload.id == c.Request { // the segment's id is not compared
			p.upload = nil
		}
	}
}

func (d *download) is(c wire.Command) bool {
	return d.req.seg.ExternalID == c.Segment && d.id == c.Request
}

func (p *peer) dataBegins(c wire.Command) {
	d := p.download
	if d == nil || d.header || !d.is(c) {
		return
	}
	r := d.req
	switch {
	case r.total < 0:
		r.total = c.Size
		if !p.swarm.core.cfg.Defects.ResumeOfUnknownLength {
			r.total += r.held()
		}
	case r.total-r.held() != c.Size:
		p.send(wire.Command{ID: wire.CancelSegmentRequest, Segment: c.Segment, Request: c.Request})
		p.distrust(ErrorPeerResponseBytesMismatch)
		return
	}
	d.header = true
	p.answered(question{c.Segment, c.Request})
	r.silence.touch()
}

// chunk takes raw bytes. What belongs to no accepted header is discarded, but still counted as downloaded, as in the library.
func (p *peer) chunk(m webtorrent.Message) {
	core := p.swarm.core
	d := p.download
	useful := d != nil && d.header
	switch {
	case !useful:
	case d.req.held()+int64(m.Size) > d.req.total:
		useful = false
		p.distrust(ErrorPeerResponseBytesMismatch)
	case m.Size == 0:
		d.req.silence.touch()
	default:
		p.meter.addBytes(m.Size, core.env.Now())
		d.req.addBlock(m)
	}
	core.ev.OnChunkDownloaded(ChunkDownloaded{
		At: core.env.Now(), Type: p.swarm.kind, Bytes: m.Size, Source: P2P, PeerID: p.shown, Useless: !useful,
	})
}

func (p *peer) dataEnds(c wire.Command) {
	d := p.download
	switch {
	case d == nil || !d.header:
	case !d.is(c):
		p.distrust(ErrorPeerProtocolViolation)
	case d.req.held() != d.req.total:
		p.distrust(ErrorPeerResponseBytesMismatch)
	default:
		p.succeed()
	}
}

// silenceTimeout is the no-bytes timer's. Off the defect, a message is granted the time it takes on a slow link.
func (p *peer) silenceTimeout() time.Duration {
	timeout := p.cfg().P2PNotReceivingBytesTimeout
	if p.swarm.core.cfg.Defects.MessageCountingTimeout {
		return timeout
	}
	bits := time.Duration(p.cfg().maxMessageSize()) * 8
	return max(timeout, bits*time.Second/slowestMessageRate)
}
