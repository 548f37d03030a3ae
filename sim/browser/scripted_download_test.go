package browser

import (
	"fmt"
	"testing"

	"swarmlab/sim/p2pml/wire"
)

// calm are options under which a page loads by HTTP only what it is about to play, and holds the picture: so a test knows what the
// page will ask a peer for, however long it takes. The no-bytes timer is long for a machine that is busy; tests that wait for it
// set it themselves.
var calm = []string{
	"play=no",
	"core.highDemandTimeWindow=4", "core.httpDownloadTimeWindow=1", "core.simultaneousP2PDownloads=1",
	"core.p2pNotReceivingBytesTimeoutMs=30000",
}

func calmly(more ...string) []string { return append(append([]string(nil), calm...), more...) }

// meet opens a page and connects a scripted peer to it, which offers.
func (d *deployment) meet(query ...string) (*viewer, *link) {
	d.t.Helper()
	v := d.open(query...)
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

// all is the last segment of the recording: scripted peers announce everything up to it, for the page looks no further than the first
// segment that nobody has.
const all = 29

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
				l = p.connected()
			}
			l.has(0, all)
			asked := make(map[int64]bool)
			for range 5 {
				r := l.command(wire.SegmentRequest)
				if r.Byte != 0 || r.Request < 0 || r.Request > 999 || asked[r.Segment] {
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
			if n := connectedAs(now, role); n != 1 {
				t.Errorf("the page is the %s of %d connections; want 1: %+v", role, n, now.Connections)
			}
		})
	}
}

// loaded counts how often a page has loaded a segment.
func (d *deployment) loaded(events []Event, seq int64) int {
	return count(events, "onSegmentLoaded", func(e Event) bool { _, s, ok := d.segment(e.URL); return ok && s == seq })
}

// connectedAs counts the page's open connections of which it was the offerer, or the answerer.
func connectedAs(s Snapshot, role string) (n int) {
	for _, c := range s.Connections {
		if c.Role == role && c.Channel == "open" && !c.Closed {
			n++
		}
	}
	return n
}

// TestAnAbsentSegment: the page takes the word for it, keeps the connection, and asks again when the segment is announced anew.
func TestAnAbsentSegment(t *testing.T) {
	needBrowser(t)
	d := deploy(t, recording)
	v, l := d.meet(calmly()...)
	l.has(0, all)
	first := l.command(wire.SegmentRequest)
	l.send(wire.Command{ID: wire.SegmentAbsent, Segment: first.Segment, Request: first.Request})
	v.until("the bad news", func(_ Snapshot, events []Event) bool { return errorsOf(events, "peer-segment-absent") == 1 })
	l.has(0, all)
	again := l.command(wire.SegmentRequest)
	if again.Segment != first.Segment || again.Byte != 0 {
		t.Fatalf("the page asks %+v; want segment %d, which is there now", again, first.Segment)
	}
	l.upload(again, d.bytes(0, again.Segment))
	v.until("the segment", func(s Snapshot, _ []Event) bool { return s.Segments.P2P == 1 })
	v.intact()
	if _, events := v.look(); count(events, "onPeerClose", nil) != 0 {
		t.Error("the page has closed a connection to a peer that only lacked something")
	}
}

// half is what scripted peers send before they stop in mid-segment.
const half = 2 * wire.DefaultMaxMessageSize

// TestResumingFromAnotherPeer: a peer stops in mid-segment, and the page asks the next for the rest, from the byte on that it lacks.
func TestResumingFromAnotherPeer(t *testing.T) {
	needBrowser(t)
	d := deploy(t, recording)
	v, l := d.meet(calmly("core.p2pNotReceivingBytesTimeoutMs=4000", "core.simultaneousP2PDownloads=2")...)
	other := d.join().offer()
	other.command(wire.SegmentsAnnouncement)
	l.has(0, all)
	r := l.command(wire.SegmentRequest)
	data := d.bytes(0, r.Segment)
	l.header(r, len(data))
	l.chunks(data[:half])
	// While the page waits for the rest, it begins another segment with the other peer: it knows what that one has. Only then does the
	// first say that it has nothing any more; otherwise, nobody having the segment, the page would give it up at once.
	other.has(0, all)
	asked := other.command(wire.SegmentRequest)
	l.send(wire.Command{ID: wire.SegmentsAnnouncement})
	for ; asked.Segment != r.Segment; asked = other.command(wire.SegmentRequest) {
		other.upload(asked, d.bytes(0, asked.Segment))
	}
	if asked.Byte != half {
		t.Fatalf("the page asks the other peer %+v; want segment %d from byte %d on", asked, r.Segment, half)
	}
	other.upload(asked, data)
	if c := l.command(wire.CancelSegmentRequest); c.Segment != r.Segment || c.Request != r.Request {
		t.Errorf("the page cancels %+v; it asked %+v", c, r)
	}
	v.until("the segment from two peers", func(_ Snapshot, events []Event) bool { return d.loaded(events, r.Segment) == 1 })
	v.intact()
	if _, events := v.look(); errorsOf(events, "bytes-receiving-timeout") != 1 {
		t.Error("the first peer was not given up by the clock")
	}
}

// TestResumingByHTTP: a peer leaves in mid-segment, and the origin is asked only for what is missing.
func TestResumingByHTTP(t *testing.T) {
	needBrowser(t)
	d := deploy(t, recording)
	v, l := d.meet(calmly()...)
	l.has(0, all)
	r := l.command(wire.SegmentRequest)
	data := d.bytes(0, r.Segment)
	l.header(r, len(data))
	l.chunks(data[:half])
	v.until("two chunks", func(s Snapshot, _ []Event) bool { return s.Bytes.P2P == half })
	l.leave()
	v.until("the loss of the peer", func(_ Snapshot, events []Event) bool { return errorsOf(events, "peer-closed") == 1 })
	v.run(fmt.Sprintf(`swarmlab.video.currentTime = %d`, 2*r.Segment-1)) // makes it urgent
	v.until("the segment", func(_ Snapshot, events []Event) bool { return d.loaded(events, r.Segment) == 1 })
	v.intact()
	for _, s := range d.Origin().Segments() {
		if s.Seq == r.Segment && (s.Bytes != int64(len(data)-half) || s.Requests != 1) {
			t.Errorf("the origin has served %d bytes of the segment in %d requests; want the last %d in one", s.Bytes, s.Requests, len(data)-half)
		}
	}
}

// TestCancelling: a page that seeks away takes its request back, drops what still comes, and keeps the connection.
func TestCancelling(t *testing.T) {
	needBrowser(t)
	d := deploy(t, recording)
	v, l := d.meet(calmly()...)
	l.has(0, all)
	r := l.command(wire.SegmentRequest)
	data := d.bytes(0, r.Segment)
	l.header(r, len(data))
	l.chunks(data[:wire.DefaultMaxMessageSize])
	v.until("a chunk", func(s Snapshot, _ []Event) bool { return s.Bytes.P2P > 0 })
	v.run(`swarmlab.video.currentTime = 41`)
	if c := l.command(wire.CancelSegmentRequest); c.Segment != r.Segment || c.Request != r.Request {
		t.Errorf("the page cancels %+v; it asked %+v", c, r)
	}
	l.chunks(data[wire.DefaultMaxMessageSize:]) // was on its way
	l.completed(r)
	l.oblige(d, func() bool { now, _ := v.look(); return now.Segments.P2P > 2 })
	v.intact()
	_, events := v.look()
	aborted := count(events, "onSegmentAbort", func(e Event) bool { return e.Seq == r.Segment && e.Source == "p2p" })
	if closed := count(events, "onPeerClose", nil); aborted != 1 || closed != 0 {
		t.Errorf("%d aborts of the cancelled request, %d connections closed; want 1 and 0", aborted, closed)
	}
}

// TestAnAnnouncementOfManyMessages: the page puts a list together that is longer than a message, and finds its segments at the end.
func TestAnAnnouncementOfManyMessages(t *testing.T) {
	needBrowser(t)
	d := deploy(t, recording)
	v, l := d.meet(calmly()...)
	c := wire.Command{ID: wire.SegmentsAnnouncement}
	// Ids of a long video: no block of 256 is whole, since the library could not say that.
	for id := int64(256); len(c.Loaded) < 60_000; id++ {
		if id%256 != 255 {
			c.Loaded = append(c.Loaded, id)
		}
	}
	c.Loading = append([]int64(nil), c.Loaded[:50_000]...)
	for id := range int64(all) {
		c.Loading = append(c.Loading, id)
		c.Loaded = append(c.Loaded, id)
	}
	if frames := wire.Frames(wire.Encode(c), wire.DefaultMaxMessageSize); len(frames) < 2 {
		t.Fatalf("the announcement fits into %d message; this test needs more", len(frames))
	}
	l.send(c)
	r := l.command(wire.SegmentRequest)
	l.upload(r, d.bytes(0, r.Segment))
	v.until("the segment", func(s Snapshot, _ []Event) bool { return s.Segments.P2P == 1 })
	v.intact()
}
