package p2pml

import (
	"slices"
	"testing"
	"time"

	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/webtorrent"
)

// rig is one Core whose peers are played by the test, message by message.
type rig struct {
	*viewer
	t *testing.T
	w *world
}

type noTracker struct{}

func (noTracker) Start()   {}
func (noTracker) Destroy() {}

// newRig makes a viewer that asked for segment 0 of 40. HTTP stays silent for ever unless the test says otherwise.
func newRig(t *testing.T, change func(*Config)) *rig {
	w := newWorld(t)
	w.origin = func(*fakeEnv, FetchRequest) plan { return plan{silent: true} }
	cfg := testConfig()
	cfg.Main.HTTPNotReceivingBytesTimeout = time.Hour
	if change != nil {
		change(&cfg)
	}
	r := &rig{viewer: newViewer(w, "me", cfg, playlistOf(0, 40, 4)), t: t, w: w}
	r.env.alone = true
	r.core.newTracker = func(*Core, *swarm, string, string) trackerClient { return noTracker{} }
	r.env.do(r.request)
	return r
}

// onlyP2P keeps HTTP out of the way.
func onlyP2P(c *Config) { c.Main.HTTPDownloadInitialTimeout = time.Hour }

func (r *rig) swarm() *swarm { return r.core.loaders[0].swarms.current }

// addStream adds another rendition of ten segments; their ids are those of playlistOf behind the stream's own.
func (r *rig) addStream(s Stream) {
	r.core.AddStream(s)
	segs := playlistOf(0, 10, 4)
	for i := range segs {
		segs[i].RuntimeID = s.RuntimeID + "-" + segs[i].RuntimeID
	}
	r.core.UpdateStream(s.RuntimeID, segs, nil)
}

// remote is a peer played by the test.
type remote struct {
	rig      *rig
	h        webtorrent.PeerHandler
	sent     []webtorrent.Message
	buffered int // what the core is told
	jam      bool
	closed   bool
}

func (p *remote) Handle(h webtorrent.PeerHandler) { p.h = h }
func (p *remote) SetAnswer(string)                {}
func (p *remote) BufferedAmount() int             { return p.buffered }
func (p *remote) Close()                          { p.closed = true }
func (p *remote) Send(m webtorrent.Message) {
	p.sent = append(p.sent, m)
	if p.jam {
		p.buffered += m.Size
	}
}

func (r *rig) candidate(id string) *remote {
	p := &remote{rig: r}
	r.env.do(func() { r.swarm().ClientPeer(id, p) })
	return p
}

func (r *rig) connect(id string) *remote {
	p := r.candidate(id)
	r.env.do(p.h.PeerConnected)
	return p
}

func (p *remote) message(m webtorrent.Message) { p.rig.env.do(func() { p.h.PeerMessage(m) }) }
func (p *remote) data(n int)                   { p.message(webtorrent.Message{Size: n}) }

func (p *remote) command(c wire.Command) {
	p.rig.env.do(func() {
		for _, f := range wire.Frames(wire.Encode(c), 65535) {
			p.h.PeerMessage(webtorrent.Text(f))
		}
	})
}

func (p *remote) announce(loaded ...int64) {
	p.command(wire.Command{ID: wire.SegmentsAnnouncement, Loaded: loaded})
}

// drain lets everything buffered leave.
func (p *remote) drain() {
	was := p.buffered
	p.buffered = 0
	if was > webtorrent.BufferedAmountLowThreshold {
		p.rig.env.do(p.h.PeerBufferedAmountLow)
	}
}

// commands are what the core sent, of these kinds.
func (p *remote) commands(ids ...wire.ID) []wire.Command {
	var out []wire.Command
	for _, m := range p.sent {
		if m.Bytes == nil || !wire.IsCommand(m.Bytes) {
			continue
		}
		c, err := wire.Decode(m.Bytes[4 : len(m.Bytes)-4])
		if err != nil {
			p.rig.t.Fatalf("the core sent %x: %v", m.Bytes, err)
		}
		if slices.Contains(ids, c.ID) {
			out = append(out, c)
		}
	}
	return out
}

func (p *remote) dataSent() (messages, bytes int) {
	for _, m := range p.sent {
		if m.Bytes == nil {
			messages++
			bytes += m.Size
		}
	}
	return
}

// request is the last SegmentRequest the core sent to this peer.
func (p *remote) request() wire.Command {
	p.rig.t.Helper()
	all := p.commands(wire.SegmentRequest)
	if len(all) == 0 {
		p.rig.t.Fatal("no segment was requested")
	}
	return all[len(all)-1]
}

// header answers the last request with SegmentData.
func (p *remote) header(size int64) wire.Command {
	c := p.request()
	p.command(wire.Command{ID: wire.SegmentData, Segment: c.Segment, Request: c.Request, Size: size})
	return c
}

func (p *remote) completed(c wire.Command) {
	p.command(wire.Command{ID: wire.SegmentDataSendingCompleted, Segment: c.Segment, Request: c.Request})
}

// give delivers the last requested segment whole.
func (p *remote) give(size int) {
	c := p.header(int64(size))
	p.data(size)
	p.completed(c)
}

// store puts a segment into the core's storage.
func (r *rig) store(id int64, size int) {
	r.env.do(func() {
		s := r.core.renditions[0].byExternalID(id)
		r.core.storage.store(r.core.renditions[0].swarmID, s, webtorrent.Message{Size: size})
	})
}

func (r *rig) lastError() ErrorType {
	if len(r.errors) == 0 {
		return ""
	}
	return r.errors[len(r.errors)-1].Type
}

func (r *rig) held(id int64) int64 {
	s := r.core.renditions[0].byExternalID(id)
	if s.request == nil {
		return 0
	}
	return s.request.held()
}

func (r *rig) want(ok bool, format string, args ...any) {
	r.t.Helper()
	if !ok {
		r.t.Errorf(format, args...)
	}
}

func message(b []byte) webtorrent.Message { return webtorrent.Text(b) }
