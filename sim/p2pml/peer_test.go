package p2pml

import (
	"testing"
	"time"

	"swarmlab/sim/p2pml/wire"
)

func ids(from, to int64) []int64 {
	var out []int64
	for i := from; i <= to; i++ {
		out = append(out, i)
	}
	return out
}

// peerCases are the cases that were put to the released library's connection, under the recording's own words.
var peerCases = map[string]func(t *testing.T){
	"announcement with a full 256-id block": func(t *testing.T) {
		r := newRig(t, onlyP2P)
		p := r.connect("p")
		p.announce(5, 6)
		p.announce(ids(0, 255)...)
		got := &r.swarm().peers[0].loaded
		r.want(got.len() == 2 && got.has(5) && got.has(6), "the lists changed: %d ids", got.len())
		p.announce(ids(1, 255)...)
		r.want(got.len() == 255, "one id less is not understood: %d ids", got.len())
	},
	"raw data before SegmentData": func(t *testing.T) {
		r := newRig(t, onlyP2P)
		p := r.connect("p")
		p.announce(0)
		p.data(100)
		r.want(r.held(0) == 0, "%d bytes were kept", r.held(0))
		r.want(r.chunks[P2P] == 100 && r.useless == 100, "counted %d, useless %d", r.chunks[P2P], r.useless)
		r.want(!p.closed && len(r.errors) == 0, "it did harm")
	},
	"SegmentData with wrong i or r": func(t *testing.T) {
		r := newRig(t, onlyP2P)
		p := r.connect("p")
		p.announce(0)
		c := p.request()
		p.command(wire.Command{ID: wire.SegmentData, Segment: 1, Request: c.Request, Size: 10})
		p.command(wire.Command{ID: wire.SegmentData, Segment: 0, Request: c.Request + 1, Size: 10})
		p.data(5)
		r.want(r.held(0) == 0 && !p.closed && len(r.errors) == 0, "it was not ignored")
		p.give(10)
		r.want(r.loads == 1, "the right one is not accepted any more")
	},
	"raw data makes loadedBytes > total": func(t *testing.T) {
		r := newRig(t, onlyP2P)
		p := r.connect("p")
		p.announce(0)
		p.header(10)
		p.data(6)
		p.data(5)
		r.distrusted(p, ErrorPeerResponseBytesMismatch, 6)
	},
	"SegmentDataSendingCompleted with loaded != total": func(t *testing.T) {
		r := newRig(t, onlyP2P)
		p := r.connect("p")
		p.announce(0)
		c := p.header(10)
		p.data(9)
		p.completed(c)
		r.distrusted(p, ErrorPeerResponseBytesMismatch, 9)
	},
	"SegmentDataSendingCompleted with wrong i or r after SegmentData accepted": func(t *testing.T) {
		for _, wrong := range []wire.Command{{Segment: 1}, {Request: 1}} {
			r := newRig(t, onlyP2P)
			p := r.connect("p")
			p.announce(0)
			c := p.header(10)
			p.data(10)
			p.completed(wire.Command{Segment: c.Segment + wrong.Segment, Request: c.Request + wrong.Request})
			r.distrusted(p, ErrorPeerProtocolViolation, 10)
		}
	},
	"SegmentAbsent for current request": func(t *testing.T) {
		r := newRig(t, onlyP2P)
		p := r.connect("p")
		p.announce(0, 20)
		c := p.request()
		p.command(wire.Command{ID: wire.SegmentAbsent, Segment: c.Segment, Request: c.Request + 1})
		p.command(wire.Command{ID: wire.SegmentAbsent, Segment: c.Segment + 1, Request: c.Request})
		r.want(len(r.errors) == 0, "another request's Absent was taken for ours")
		p.command(wire.Command{ID: wire.SegmentAbsent, Segment: c.Segment, Request: c.Request})
		r.want(r.lastError() == ErrorPeerSegmentAbsent, "error %q", r.lastError())
		got := &r.swarm().peers[0].loaded
		r.want(!got.has(0) && got.has(20) && !p.closed, "loaded has(0) = %v, closed %v", got.has(0), p.closed)
		r.want(p.request().Segment == 20, "asked next for %d", p.request().Segment)
	},
	"3 no-bytes timeouts since last success": func(t *testing.T) {
		r := newRig(t, onlyP2P)
		p := r.connect("p")
		p.announce(0)
		for i := 1; i <= 3; i++ {
			r.w.run(time.Duration(i)*2*time.Second - time.Millisecond)
			r.want(len(r.errors) == i-1, "time-out %d came early", i)
			r.w.run(time.Duration(i) * 2 * time.Second)
			r.want(len(r.errors) == i && r.lastError() == ErrorBytesReceivingTimeout, "time-out %d: %v", i, r.errors)
			cancels := len(p.commands(wire.CancelSegmentRequest))
			// The third one dies in the queue of messages with the connection (the vectors' connection had no queue).
			r.want(p.closed == (i == 3) && cancels == min(i, 2), "time-out %d: closed %v, %d cancels", i, p.closed, cancels)
		}
		r.want(r.log[len(r.log)-3] == "close" && r.log[len(r.log)-1] == "close", "order of events %q", r.log)
	},
	"SegmentData s != total-loaded when total already known": func(t *testing.T) {
		r := newRig(t, onlyP2P)
		p, q := r.connect("p"), r.connect("q")
		p.announce(0)
		p.header(10)
		p.data(4)
		r.env.do(func() { p.h.PeerClosed(nil) })
		q.announce(0)
		q.header(7)
		r.want(len(q.commands(wire.CancelSegmentRequest)) == 0, "a Cancel overtook the closing that it was written before")
		r.distrusted(q, ErrorPeerResponseBytesMismatch, 4)
	},
	"partial 4 of 10 then other peer": func(t *testing.T) {
		r := newRig(t, onlyP2P)
		p, q := r.connect("p"), r.connect("q")
		p.announce(0)
		r.want(p.request().Byte == 0, "first request has b=%d", p.request().Byte)
		p.header(10)
		p.data(4)
		r.env.do(func() { p.h.PeerClosed(nil) })
		r.want(r.lastError() == ErrorPeerClosed && r.held(0) == 4, "%q, held %d", r.lastError(), r.held(0))
		q.announce(0)
		r.want(q.request().Byte == 4, "second request has b=%d", q.request().Byte)
		q.give(6)
		r.want(r.loads == 1 && r.loaded[P2P] == 10, "loaded %d of 10 bytes", r.loaded[P2P])
	},
	"cancel with wrong r": func(t *testing.T) {
		r, p := uploading(t)
		p.command(wire.Command{ID: wire.CancelSegmentRequest, Segment: 3, Request: 8})
		p.drainAll()
		_, bytes := p.dataSent()
		r.want(bytes == 300_000 && len(p.commands(wire.SegmentDataSendingCompleted)) == 1, "stopped after %d bytes", bytes)
	},
	"cancel with right r but wrong i": func(t *testing.T) {
		r, p := uploading(t)
		p.command(wire.Command{ID: wire.CancelSegmentRequest, Segment: 4, Request: 7})
		before, _ := p.dataSent()
		p.drainAll()
		after, _ := p.dataSent()
		r.want(after == before, "%d messages, then %d", before, after)
		r.want(len(p.commands(wire.SegmentDataSendingCompleted)) == 0, "Completed was sent")
	},
	"request arriving during an upload": func(t *testing.T) {
		r, p := uploading(t)
		r.store(5, 70_000)
		p.command(wire.Command{ID: wire.SegmentRequest, Segment: 5, Request: 9})
		p.drainAll()
		done := p.commands(wire.SegmentDataSendingCompleted)
		r.want(len(done) == 1 && done[0].Segment == 5 && done[0].Request == 9, "completed: %v", done)
		heads := p.commands(wire.SegmentData)
		r.want(len(heads) == 2 && heads[1].Segment == 5 && heads[1].Size == 70_000, "headers: %v", heads)
		_, bytes := p.dataSent()
		r.want(bytes == 65535+70_000, "%d bytes of data", bytes)
	},
	"zero byte upload": func(t *testing.T) {
		r := newRig(t, onlyP2P)
		p := r.connect("p")
		r.store(3, 1000)
		p.command(wire.Command{ID: wire.SegmentRequest, Segment: 3, Request: 7, Byte: 1000})
		heads, done := p.commands(wire.SegmentData), p.commands(wire.SegmentDataSendingCompleted)
		r.want(len(heads) == 1 && heads[0].Size == 0 && len(done) == 1, "%v %v", heads, done)
	},
	"close event twice": func(t *testing.T) {
		r := newRig(t, onlyP2P)
		p := r.connect("p")
		p.announce(0)
		p.header(10)
		p.data(11)
		r.want(r.closes["p"] == 2, "%d close events on the side that closes", r.closes["p"])
		q := r.connect("q")
		r.env.do(func() { q.h.PeerClosed(nil) })
		r.want(r.closes["q"] == 1, "%d close events on the other side", r.closes["q"])
	},
}

// distrusted checks that segment 0's attempt failed with that error, its bytes are gone and the connection is closed.
func (r *rig) distrusted(p *remote, t ErrorType, dropped int64) {
	r.t.Helper()
	r.want(r.lastError() == t, "error %q, want %q", r.lastError(), t)
	r.want(r.held(0) == 0 && r.dropped[P2P] == dropped, "%d bytes held, %d dropped", r.held(0), r.dropped[P2P])
	r.want(p.closed, "the connection was kept")
}

// uploading is a rig in the middle of sending 300,000 bytes as request 7: the channel is full.
func uploading(t *testing.T) (*rig, *remote) {
	r := newRig(t, onlyP2P)
	p := r.connect("p")
	p.jam = true
	r.store(3, 300_000)
	p.command(wire.Command{ID: wire.SegmentRequest, Segment: 3, Request: 7})
	if n, bytes := p.dataSent(); n != 1 || bytes != 65535 {
		t.Fatalf("%d messages, %d bytes before the channel is full", n, bytes)
	}
	return r, p
}

func (p *remote) drainAll() {
	for range 50 {
		p.drain()
	}
}

func TestPeerStateVectors(t *testing.T) {
	v := vector[struct{ Cases [][2]string }](t, "peerStateTests")
	for _, c := range v.Cases {
		run := peerCases[c[0]]
		if run == nil {
			t.Errorf("no test for %q: %s", c[0], c[1])
			continue
		}
		t.Run(c[0], run)
	}
	if len(v.Cases) != len(peerCases) {
		t.Errorf("%d cases recorded, %d here", len(v.Cases), len(peerCases))
	}
}

func TestUnknownSegmentIsAnsweredWithSilence(t *testing.T) {
	r := newRig(t, onlyP2P)
	p := r.connect("p")
	before := len(p.sent)
	p.command(wire.Command{ID: wire.SegmentRequest, Segment: 4000, Request: 7})
	r.want(len(p.sent) == before, "an answer was sent")
	p.command(wire.Command{ID: wire.SegmentRequest, Segment: 3, Request: 7})
	got := p.commands(wire.SegmentAbsent)
	r.want(len(got) == 1 && got[0].Segment == 3 && got[0].Request == 7, "a segment not stored: %v", got)
}

func TestDisabledUploadAnswersAbsentAndAnnouncesNothing(t *testing.T) {
	r := newRig(t, func(c *Config) { onlyP2P(c); c.Main.IsP2PUploadDisabled = true })
	p := r.connect("p")
	r.store(3, 10)
	r.want(len(p.sent) == 0, "%d messages on connect", len(p.sent))
	p.command(wire.Command{ID: wire.SegmentRequest, Segment: 3, Request: 7})
	r.want(len(p.sent) == 1 && len(p.commands(wire.SegmentAbsent)) == 1, "sent %v", p.sent)
}

func TestChangingUploadAtRunTimeTellsThePeers(t *testing.T) {
	r := newRig(t, onlyP2P)
	p := r.connect("p")
	r.store(3, 10)
	set := func(off bool) wire.Command {
		r.env.do(func() { r.core.ApplyDynamicConfig(func(c *Config) { c.Main.IsP2PUploadDisabled = off }) })
		all := p.commands(wire.SegmentsAnnouncement)
		return all[len(all)-1]
	}
	r.want(len(p.commands(wire.SegmentsAnnouncement)) == 2, "announced %d times", len(p.commands(wire.SegmentsAnnouncement)))
	off := set(true)
	r.want(len(off.Loaded) == 0 && len(p.commands(wire.SegmentsAnnouncement)) == 3, "turned off: %v", off)
	on := set(false)
	r.want(len(on.Loaded) == 1 && len(p.commands(wire.SegmentsAnnouncement)) == 4, "turned on: %v", on)
}

func TestTwoRequestsInOneTurnRace(t *testing.T) {
	r := newRig(t, onlyP2P)
	p := r.connect("p")
	r.store(3, 100_000)
	r.store(4, 100_000)
	p.jam = true
	r.env.do(func() {
		for _, seg := range []int64{3, 4} {
			f := wire.Frames(wire.Encode(wire.Command{ID: wire.SegmentRequest, Segment: seg, Request: seg}), 65535)
			p.h.PeerMessage(message(f[0]))
		}
	})
	p.drainAll()
	_, bytes := p.dataSent()
	r.want(len(p.commands(wire.SegmentData)) == 2 && bytes == 100_000, "%d headers, %d bytes", len(p.commands(wire.SegmentData)), bytes)
}

func TestUploadPacing(t *testing.T) {
	r, p := uploading(t)
	r.store(4, 10) // its announcement waits behind what is queued
	n := len(p.sent)
	p.buffered = 70_000
	r.env.do(func() {})
	r.want(len(p.sent) == n, "something was sent into a full channel")
	p.drain()
	last := p.sent[n:]
	r.want(len(last) >= 2 && last[0].Bytes != nil && last[1].Size == 65535, "after the drain: %v", last)
}

// The announcement that fills the channel is the last that leaves, however little it is, until there is room again.
func TestAnnouncementsWaitForTheChannel(t *testing.T) {
	r := newRig(t, onlyP2P)
	p, q := r.connect("p"), r.connect("q")
	p.jam, p.buffered = true, 65536
	n := p.announcements()
	for id := range int64(3) {
		r.store(id, 10)
	}
	r.want(p.announcements() == n+1 && q.announcements() == n+3, "%d and %d announcements", p.announcements()-n, q.announcements()-n)
	p.drain()
	last := p.commands(wire.SegmentsAnnouncement)[n:]
	r.want(len(last) == 3 && len(last[0].Loaded) == 1 && len(last[2].Loaded) == 3, "after the drain: %v", last)
}

func TestSmallChunksAreQueuedUpToTheHighWaterMark(t *testing.T) {
	r := newRig(t, func(c *Config) { onlyP2P(c); c.Main.WebRTCMaxMessageSize = 4096 })
	p := r.connect("p")
	r.store(3, 40_000)
	p.jam = true
	p.buffered = 1 << 20
	p.command(wire.Command{ID: wire.SegmentRequest, Segment: 3, Request: 7})
	// The header leaves and jams; four chunks of 4096 stand in the queue before it says full.
	r.want(r.uploaded == 4*4096, "%d bytes queued", r.uploaded)
}
