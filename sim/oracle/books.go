package oracle

import (
	"time"

	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

// books tell what became of every byte. The core over there sees sizes only; each run of bytes has a number on both sides.
type books struct {
	runs     map[uint32]run
	nextRun  uint32
	unseen   []uint32                      // came in this turn, and the core has not counted them yet
	held     map[string][]uint32           // runs in unfinished requests, by segment
	complete map[uint32]webtorrent.Message // segments' data, by number

	connected map[string]bool
	stored    int64
	started   map[string]attempt // by segment
}

type run struct {
	from p2pml.Source
	data webtorrent.Message
}

// attempt is when a segment's request first began, and its present attempt.
type attempt struct{ first, present time.Duration }

func newBooks() books {
	return books{
		runs: make(map[uint32]run), held: make(map[string][]uint32), complete: make(map[uint32]webtorrent.Message),
		connected: make(map[string]bool), started: make(map[string]attempt),
	}
}

// run numbers bytes that come in.
func (b *books) run(from p2pml.Source, m webtorrent.Message) uint32 {
	b.nextRun++
	b.runs[b.nextRun] = run{from, m}
	b.unseen = append(b.unseen, b.nextRun)
	return b.nextRun
}

// dropUnseen forgets what the core did not even look at: it came over a connection, or for a request, that had ended.
func (c *Core) dropUnseen() {
	for _, n := range c.unseen {
		if r := c.runs[n]; r.from == p2pml.P2P {
			c.ev.OnChunkDownloaded(p2pml.ChunkDownloaded{
				At: c.env.Now(), Type: p2pml.Main, Bytes: r.data.Size, Source: p2pml.P2P, Useless: true, Ignored: true,
			})
		}
		delete(c.runs, n)
	}
	c.unseen = c.unseen[:0]
}

func (b *books) seen(n uint32) {
	for i, u := range b.unseen {
		if u == n {
			b.unseen = append(b.unseen[:i], b.unseen[i+1:]...)
			return
		}
	}
}

// release forgets a segment's runs and returns how many bytes came from where.
func (b *books) release(segment string) (http, p2p int64) {
	for _, n := range b.held[segment] {
		r, ok := b.runs[n]
		switch {
		case !ok:
		case r.from == p2pml.HTTP:
			http += int64(r.data.Size)
		default:
			p2p += int64(r.data.Size)
		}
		delete(b.runs, n)
	}
	delete(b.held, segment)
	return http, p2p
}

// report passes on what the core tells, with what the library does not tell and the books know.
func (c *Core) report(k kind, r *reader) {
	now := c.env.Now()
	switch k {
	case outSegmentStart, outSegmentLoaded, outSegmentError, outSegmentAbort:
		c.reportSegment(k, r)
	case outChunkDownloaded:
		c.chunkDownloaded(r)
	case outChunkUploaded:
		c.ev.OnChunkUploaded(p2pml.ChunkUploaded{At: now, Type: p2pml.Main, Bytes: r.size(), PeerID: r.str()})
	case outPeerConnect, outPeerClose:
		c.reportPeer(k, p2pml.StreamType(r.str()), r.str())
	case outPeerError:
		c.ev.OnPeerError(p2pml.PeerError{At: now, Type: p2pml.StreamType(r.str()), PeerID: r.str(), Err: libraryError(r.str())})
	case outTrackerError:
		c.ev.OnTrackerError(p2pml.TrackerError{At: now, Type: p2pml.StreamType(r.str()), Err: libraryError(r.str())})
	case outTrackerWarning:
		c.ev.OnTrackerWarning(p2pml.TrackerWarning{At: now, Type: p2pml.StreamType(r.str()), Err: libraryError(r.str())})
	case outDiscarded:
		s, cause := c.segments[r.str()], p2pml.DiscardCause(r.str())
		if s == nil {
			return
		}
		if http, p2p := c.release(s.RuntimeID); http+p2p > 0 {
			c.ev.OnBytesDiscarded(p2pml.BytesDiscarded{At: now, Segment: s, BytesHTTP: http, BytesP2P: p2p, Cause: cause})
		}
	case outUploadLost:
		c.ev.OnUploadLost(p2pml.UploadLost{At: now, Type: p2pml.Main, Bytes: int64(r.u32()), PeerID: r.str()})
	case outStorage:
		c.stored = int64(r.f64())
	default:
		c.process.fail("an action of kind %d", k)
	}
}

type libraryError string

func (e libraryError) Error() string { return string(e) }

func (c *Core) reportPeer(k kind, t p2pml.StreamType, peerID string) {
	now, key := c.env.Now(), string(t)+" "+peerID
	if k == outPeerConnect {
		c.connected[key] = true
		c.ev.OnPeerConnect(p2pml.PeerConnect{At: now, Type: t, PeerID: peerID})
		return
	}
	again := !c.connected[key]
	delete(c.connected, key)
	c.ev.OnPeerClose(p2pml.PeerClose{At: now, Type: t, PeerID: peerID, Again: again})
}

func (c *Core) chunkDownloaded(r *reader) {
	size, from, peerID, number, segment := r.size(), p2pml.Source(r.str()), r.str(), r.u32(), r.str()
	c.seen(number)
	e := p2pml.ChunkDownloaded{At: c.env.Now(), Type: p2pml.Main, Bytes: size, Source: from, PeerID: peerID, Useless: segment == ""}
	if e.Useless {
		delete(c.runs, number)
	} else {
		c.held[segment] = append(c.held[segment], number)
	}
	c.ev.OnChunkDownloaded(e)
}

func (c *Core) reportSegment(k kind, r *reader) {
	now := c.env.Now()
	id, from, peerID := r.str(), p2pml.Source(r.str()), r.str()
	s := c.segments[id]
	if s == nil {
		c.process.fail("the segment %q was never added", id)
		return
	}
	switch k {
	case outSegmentStart:
		held := int64(r.f64())
		if c.gone {
			return // see outFetch
		}
		a := c.started[id]
		if a.present = now; a.first == 0 || held == 0 && c.held[id] == nil {
			a.first = now
		}
		c.started[id] = a
		c.ev.OnSegmentStart(p2pml.SegmentStart{At: now, Segment: s, Source: from, PeerID: peerID, Held: held})
	case outSegmentLoaded:
		c.segmentLoaded(s, from, peerID, r)
	case outSegmentError:
		c.ev.OnSegmentError(p2pml.SegmentError{At: now, Segment: s, Source: from, PeerID: peerID, Type: p2pml.ErrorType(r.str())})
	default:
		c.ev.OnSegmentAbort(p2pml.SegmentAbort{At: now, Segment: s, Source: from, PeerID: peerID, Held: int64(r.f64())})
	}
}

func (c *Core) segmentLoaded(s *p2pml.Segment, from p2pml.Source, peerID string, r *reader) {
	now := c.env.Now()
	size, number := int64(r.f64()), r.u32()
	blocks := make([]webtorrent.Message, 0, 32)
	for range r.u32() {
		blocks = append(blocks, c.runs[r.u32()].data)
	}
	c.complete[number] = c.env.Assemble(s, blocks)
	http, p2p := c.release(s.RuntimeID)
	a := c.started[s.RuntimeID]
	delete(c.started, s.RuntimeID)
	c.ev.OnSegmentLoaded(p2pml.SegmentLoaded{
		At: now, Segment: s, Source: from, PeerID: peerID, Bytes: size, BytesHTTP: http, BytesP2P: p2p,
		Latency: now - a.present, SinceFirstStart: now - a.first,
	})
}
