package browser

import (
	"fmt"
	"testing"

	"swarmlab/sim/p2pml/wire"
)

// calm are options under which a page loads by HTTP only what it is about to play, so that a test knows what it will ask a peer for.
// The no-bytes timer is long for a machine that is busy; tests that wait for it set it themselves.
var calm = []string{
	"core.highDemandTimeWindow=4", "core.httpDownloadTimeWindow=1", "core.simultaneousP2PDownloads=1",
	"core.p2pNotReceivingBytesTimeoutMs=30000",
}

func calmly(more ...string) []string { return append(append([]string(nil), calm...), more...) }

// meet opens a page and connects a scripted peer to it, which offers. The picture is held, so that the page wants the same segments
// however long a test takes.
func (d *deployment) meet(query ...string) (*viewer, *link) {
	d.t.Helper()
	v := d.open(query...)
	v.run(`swarmlab.video.pause()`)
	v.until("the first segment", func(s Snapshot, _ []Event) bool { return s.Segments.HTTP > 0 })
	d.enrolled(1)
	l := d.join().offer()
	l.command(wire.SegmentsAnnouncement) // always the first, even if empty
	return v, l
}

// enrolled waits until the tracker knows so many viewers.
func (d *deployment) enrolled(peers int) {
	d.t.Helper()
	waitFor(d.t, fmt.Sprintf("%d viewers at the tracker", peers), func() bool { return d.Stats().Tracker.Peers >= peers })
}

func errorsOf(events []Event, kind string) int {
	return count(events, "onSegmentError", func(e Event) bool { return e.Type == kind })
}

// TestAPageDownloadsFromAPeer: announced segments are asked for, and the bytes arrive, whoever of the two made the offer.
func TestAPageDownloadsFromAPeer(t *testing.T) {
	needBrowser(t)
	d := deploy(t, recording)
	for _, role := range []string{"answerer", "offerer"} {
		t.Run("the page is the "+role, func(t *testing.T) {
			here := *d
			here.t = t
			var v *viewer
			var l *link
			if role == "answerer" {
				v, l = here.meet(calmly()...)
			} else {
				p := here.join()
				p.announce()
				here.enrolled(1)
				v = here.open(calmly()...)
				v.run(`swarmlab.video.pause()`)
				l = p.connected()
			}
			l.has(10, 29)
			asked := make(map[int64]bool)
			for range 5 {
				r := l.command(wire.SegmentRequest)
				if r.Byte != 0 || r.Segment < 10 || r.Segment > 29 || r.Request < 0 || r.Request > 999 || asked[r.Segment] {
					t.Fatalf("the page asks %+v, after %v", r, asked)
				}
				asked[r.Segment] = true
				l.upload(r, here.bytes(0, r.Segment))
			}
			v.until("five segments from the peer", func(s Snapshot, _ []Event) bool { return s.Segments.P2P == 5 })
			v.intact()
			now, events := v.look()
			if n := errorsOf(events, "peer-closed") + count(events, "onPeerClose", nil); n > 0 {
				t.Errorf("%d complaints about a peer that did everything right", n)
			}
			connected := 0
			for _, c := range now.Connections {
				if c.State == "connected" && c.Role == role {
					connected++
				}
			}
			if connected != 1 {
				t.Errorf("the page is the %s of %d connections; want 1: %+v", role, connected, now.Connections)
			}
		})
	}
}

// TestAnAbsentSegment: the page takes the word for it, keeps the connection, and asks again when the segment is announced anew.
func TestAnAbsentSegment(t *testing.T) {
	needBrowser(t)
	d := deploy(t, recording)
	v, l := d.meet(calmly()...)
	l.has(10, 11)
	first := l.command(wire.SegmentRequest)
	l.send(wire.Command{ID: wire.SegmentAbsent, Segment: first.Segment, Request: first.Request})
	second := l.command(wire.SegmentRequest)
	if second.Segment == first.Segment {
		t.Fatalf("the page asks for segment %d again, which is absent", first.Segment)
	}
	l.upload(second, d.bytes(0, second.Segment))
	v.until("the other segment", func(s Snapshot, _ []Event) bool { return s.Segments.P2P == 1 })
	l.has(10, 11)
	third := l.command(wire.SegmentRequest)
	if third.Segment != first.Segment || third.Byte != 0 {
		t.Fatalf("the page asks %+v; want segment %d, which is there now", third, first.Segment)
	}
	l.upload(third, d.bytes(0, third.Segment))
	v.until("both segments", func(s Snapshot, _ []Event) bool { return s.Segments.P2P == 2 })
	v.intact()
	_, events := v.look()
	if n := errorsOf(events, "peer-segment-absent"); n != 1 {
		t.Errorf("%d segments were absent; want 1", n)
	}
	if n := count(events, "onPeerClose", nil); n != 0 {
		t.Error("the page has closed a connection to a peer that only had nothing")
	}
}

// TestResumingFromAnotherPeer: a peer stops in mid-segment, and the page asks the next for the rest, from the byte on that it lacks.
func TestResumingFromAnotherPeer(t *testing.T) {
	needBrowser(t)
	d := deploy(t, recording)
	v, l := d.meet(calmly("core.p2pNotReceivingBytesTimeoutMs=1500")...)
	other := d.join().offer()
	other.command(wire.SegmentsAnnouncement)
	const segment = 20
	data := d.bytes(0, segment)
	const held = 2 * wire.DefaultMaxMessageSize
	l.has(segment, segment)
	r := l.command(wire.SegmentRequest)
	l.header(r, len(data))
	l.chunks(data[:held])
	// The page is still waiting for the rest when it learns of the other.
	other.has(segment, segment)
	l.send(wire.Command{ID: wire.SegmentsAnnouncement})
	if c := l.command(wire.CancelSegmentRequest); c.Segment != segment || c.Request != r.Request {
		t.Errorf("the page cancels %+v; it asked %+v", c, r)
	}
	rest := other.command(wire.SegmentRequest)
	if rest.Segment != segment || rest.Byte != held {
		t.Fatalf("the page asks the other peer %+v; want segment %d from byte %d on", rest, segment, held)
	}
	other.upload(rest, data)
	v.until("the segment from two peers", func(s Snapshot, _ []Event) bool { return s.Segments.P2P == 1 })
	v.intact()
	if _, events := v.look(); errorsOf(events, "bytes-receiving-timeout") != 1 {
		t.Error("there was no timeout")
	}
}

// TestResumingByHTTP: a peer leaves in mid-segment, and the origin is asked only for what is missing.
func TestResumingByHTTP(t *testing.T) {
	needBrowser(t)
	d := deploy(t, recording)
	v, l := d.meet(calmly()...)
	const segment = 15
	data := d.bytes(0, segment)
	const held = 2 * wire.DefaultMaxMessageSize
	l.has(segment, segment)
	l.header(l.command(wire.SegmentRequest), len(data))
	l.chunks(data[:held])
	v.until("two chunks", func(s Snapshot, _ []Event) bool { return s.Bytes.P2P == held })
	l.leave()
	v.until("the loss of the peer", func(_ Snapshot, events []Event) bool { return errorsOf(events, "peer-closed") == 1 })
	v.run(fmt.Sprintf(`swarmlab.video.currentTime = %d`, 2*segment-1)) // makes it urgent
	v.until("the segment", func(_ Snapshot, events []Event) bool {
		return count(events, "onSegmentLoaded", func(e Event) bool { _, seq, _ := d.segment(e.URL); return seq == segment }) == 1
	})
	v.intact()
	for _, s := range d.Origin().Segments() {
		if s.Seq == segment && (s.Bytes != int64(len(data)-held) || s.Requests != 1) {
			t.Errorf("the origin has served %d bytes of the segment in %d requests; want the last %d in one", s.Bytes, s.Requests, len(data)-held)
		}
	}
}

// TestCancelling: a page that seeks away takes its request back, drops what still comes, and keeps the connection.
func TestCancelling(t *testing.T) {
	needBrowser(t)
	d := deploy(t, recording)
	v, l := d.meet(calmly()...)
	l.has(12, 12)
	r := l.command(wire.SegmentRequest)
	data := d.bytes(0, r.Segment)
	l.header(r, len(data))
	l.chunks(data[:wire.DefaultMaxMessageSize])
	v.until("a chunk", func(s Snapshot, _ []Event) bool { return s.Bytes.P2P > 0 })
	v.run(`swarmlab.video.currentTime = 45`)
	if c := l.command(wire.CancelSegmentRequest); c.Segment != r.Segment || c.Request != r.Request {
		t.Errorf("the page cancels %+v; it asked %+v", c, r)
	}
	l.chunks(data[wire.DefaultMaxMessageSize:]) // was on its way
	l.completed(r)
	l.has(28, 28)
	next := l.command(wire.SegmentRequest)
	if next.Segment != 28 {
		t.Fatalf("the page asks %+v; want segment 28", next)
	}
	l.upload(next, d.bytes(0, 28))
	v.until("the next segment", func(s Snapshot, _ []Event) bool { return s.Segments.P2P == 1 })
	v.intact()
	_, events := v.look()
	aborted := count(events, "onSegmentAbort", func(e Event) bool { return e.Seq == r.Segment && e.Source == "p2p" })
	if aborted != 1 || count(events, "onPeerClose", nil) != 0 {
		t.Errorf("%d aborts of the cancelled request, %d connections closed; want 1 and 0", aborted, count(events, "onPeerClose", nil))
	}
}

// TestAnAnnouncementOfManyMessages: the page puts a list together that is longer than a message, and finds its last segment in it.
func TestAnAnnouncementOfManyMessages(t *testing.T) {
	needBrowser(t)
	d := deploy(t, recording)
	v, l := d.meet(calmly()...)
	c := wire.Command{ID: wire.SegmentsAnnouncement}
	// Ids of a long video: no block of 256 is whole, since the library could not say that.
	for id := int64(256); len(c.Loaded) < 50_000; id++ {
		if id%256 != 255 {
			c.Loaded = append(c.Loaded, id)
		}
	}
	c.Loading = append([]int64(nil), c.Loaded[:40_000]...)
	c.Loaded = append(c.Loaded, 25)
	frames := wire.Frames(wire.Encode(c), wire.DefaultMaxMessageSize)
	if len(frames) < 2 {
		t.Fatalf("the announcement fits into %d message; this test needs more", len(frames))
	}
	l.send(c)
	r := l.command(wire.SegmentRequest)
	if r.Segment != 25 {
		t.Fatalf("the page asks %+v; want segment 25", r)
	}
	l.upload(r, d.bytes(0, 25))
	v.until("the segment", func(s Snapshot, _ []Event) bool { return s.Segments.P2P == 1 })
	v.intact()
}
