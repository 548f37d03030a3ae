package p2pml

import (
	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/webtorrent"
)

// upload is one segment, or the rest of one, on its way to a peer.
type upload struct {
	seg, id int64
	data    webtorrent.Message
	sent    int
	chunk   int
}

// requested answers a SegmentRequest. Any running upload stops: nothing more of it is queued and no Completed follows, but what
// is queued already still arrives, and the other side drops it.
func (p *peer) requested(c wire.Command) {
	p.upload = nil
	s := p.swarm
	seg := s.rendition.byExternalID(c.Segment)
	if seg == nil {
		return // not in the playlist (any more): the library stays silent, and the other side waits for its timer
	}
	if p.cfg().IsP2PUploadDisabled {
		p.absent(c)
		return
	}
	// The library reads its storage asynchronously. Two requests in one turn therefore race: see begin.
	s.core.micro.put(func() { p.answer(c) })
}

func (p *peer) answer(c wire.Command) {
	if p.closed {
		return
	}
	core := p.swarm.core
	data, ok := core.shelfOf(p.swarm.rendition).get(c.Segment)
	if !ok {
		p.absent(c)
		return
	}
	p.begin(c, rest(data, c.Byte))
}

func (p *peer) absent(c wire.Command) {
	p.send(wire.Command{ID: wire.SegmentAbsent, Segment: c.Segment, Request: c.Request})
}

// begin sends the header and starts with the data; only the header, if another upload began in the same turn, as in the library.
func (p *peer) begin(c wire.Command, data webtorrent.Message) {
	p.send(wire.Command{ID: wire.SegmentData, Segment: c.Segment, Size: int64(data.Size), Request: c.Request})
	if p.upload != nil {
		return
	}
	p.upload = &upload{seg: c.Segment, id: c.Request, data: data, chunk: p.cfg().maxMessageSize()}
	p.continueUpload()
}

// continueUpload queues chunks until the queue says it is full. It runs again when the queue has drained.
func (p *peer) continueUpload() {
	core := p.swarm.core
	for u := p.upload; u != nil; {
		if u.sent == u.data.Size {
			p.upload = nil
			p.send(wire.Command{ID: wire.SegmentDataSendingCompleted, Segment: u.seg, Request: u.id})
			return
		}
		m := u.data.Slice(u.sent, min(u.sent+u.chunk, u.data.Size))
		u.sent += m.Size
		more := p.out.writeData(m)
		core.ev.OnChunkUploaded(ChunkUploaded{At: core.env.Now(), Type: p.swarm.kind, Bytes: m.Size, PeerID: p.shown})
		if !more {
			return
		}
	}
}

// rest is what remains of m from a byte that a peer names: never trusted.
func rest(m webtorrent.Message, from int64) webtorrent.Message {
	if from < 0 { // a negative offset counts from the end in the library's slice
		from = max(0, int64(m.Size)+from)
	}
	return m.Slice(int(min(from, int64(m.Size))), m.Size)
}
