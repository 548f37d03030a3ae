package browser

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"swarmlab/sim/p2pml/wire"
)

// collect reads an upload's data until its end and gives all of it.
func (l *link) collect(r wire.Command) []byte {
	l.t.Helper()
	head := l.command(wire.SegmentData)
	if head.Segment != r.Segment || head.Request != r.Request {
		l.t.Fatalf("the page answers %+v with %+v", r, head)
	}
	var data []byte
	for {
		m := l.next()
		switch {
		case m.command == nil:
			data = append(data, m.data...)
		case m.command.ID == wire.SegmentDataSendingCompleted:
			if m.command.Segment != r.Segment || m.command.Request != r.Request || int64(len(data)) != head.Size {
				l.t.Fatalf("the page completes %+v with %+v, after %d bytes of %d", r, *m.command, len(data), head.Size)
			}
			return data
		case m.command.ID != wire.SegmentsAnnouncement:
			l.t.Fatalf("the page sends %+v in the middle of an upload", *m.command)
		}
	}
}

func request(segment, id, from int64) wire.Command {
	return wire.Command{ID: wire.SegmentRequest, Segment: segment, Request: id, Byte: from}
}

// TestAPageUploadsToAPeer: whole and in part, byte for byte what the origin made; absent what it has not; silent about what it
// never heard of.
func TestAPageUploadsToAPeer(t *testing.T) {
	needBrowser(t)
	d := deploy(t, recording)
	v, l := d.meet(calmly()...)
	stored := l.announced(func(loaded []int64) bool { return len(loaded) >= 2 }).Loaded
	for i, from := range []int64{0, 1, wire.DefaultMaxMessageSize, int64(len(d.bytes(0, stored[0]))) - 1} {
		r := request(stored[0], int64(500+i), from)
		l.send(r)
		if got := l.collect(r); !bytes.Equal(got, d.bytes(0, stored[0])[from:]) {
			t.Errorf("segment %d from byte %d: %d bytes that are not the origin's", stored[0], from, len(got))
		}
	}
	// Beyond the end there is nothing: a head of size 0, and done.
	r := request(stored[1], 7, int64(len(d.bytes(0, stored[1]))))
	l.send(r)
	if got := l.collect(r); len(got) != 0 {
		t.Errorf("%d bytes beyond the segment's end", len(got))
	}
	l.send(request(all, 8, 0))
	if c := l.command(wire.SegmentAbsent); c.Segment != all || c.Request != 8 {
		t.Errorf("the page answers %+v about a segment that it has not", c)
	}
	l.send(request(100_000, 9, 0)) // not in the playlist: no answer; the next thing to come is that to the next request
	r = request(stored[1], 10, 0)
	l.send(r)
	if got := l.collect(r); !bytes.Equal(got, d.bytes(0, stored[1])) {
		t.Error("after a request for nothing: other bytes than the origin's")
	}
	now, events := v.look()
	if now.Bytes.Uploaded == 0 || count(events, "onPeerClose", nil) != 0 {
		t.Errorf("the page has noted %d bytes uploaded, and closed %d connections", now.Bytes.Uploaded, count(events, "onPeerClose", nil))
	}
}

// TestAPageStopsAnUpload that is cancelled: what it had handed over still comes, the rest and the end do not.
func TestAPageStopsAnUpload(t *testing.T) {
	needBrowser(t)
	// Segments of 4 MB, far beyond what a page hands over to a peer that does not read.
	d := deploy(t, `
stream: {segmentDuration: 2s, length: 20s, variants: [{bandwidth: 16000000, resolution: 640x360, codecs: "avc1.42c01e,mp4a.40.2"}]}
`)
	v, l := d.meet(calmly()...)
	segment := l.announced(func(loaded []int64) bool { return len(loaded) >= 2 }).Loaded[0]
	size := len(d.bytes(0, segment))
	l.send(request(segment, 1, 0))
	if head := l.command(wire.SegmentData); head.Size != int64(size) {
		t.Fatalf("the page offers %+v; the segment has %d bytes", head, size)
	}
	v.until("an upload under way", func(s Snapshot, _ []Event) bool { return s.Bytes.Uploaded >= half })
	l.send(wire.Command{ID: wire.CancelSegmentRequest, Segment: segment, Request: 1})
	// A request is answered in turn; by then the upload has ended. The cancel came before it, so nothing of it is lost.
	r := request(segment, 2, int64(size-10))
	l.send(r)
	var late int
	for {
		m := l.next()
		if m.command == nil {
			late += len(m.data)
			continue
		}
		if m.command.ID == wire.SegmentDataSendingCompleted {
			t.Fatalf("the page completes an upload that was cancelled: %+v", *m.command)
		}
		if m.command.ID == wire.SegmentData {
			if m.command.Request != 2 || m.command.Size != 10 {
				t.Fatalf("the page answers %+v with %+v", r, *m.command)
			}
			break
		}
	}
	if late >= size {
		t.Errorf("the page has sent all of %d bytes, though it was told to stop", size)
	}
	if m := l.next(); !bytes.Equal(m.data, d.bytes(0, segment)[size-10:]) {
		t.Errorf("after the cancelled upload: %+v", m)
	}
}

// TestAPagesAnnouncements: what it has stored, in several messages where one is too small.
func TestAPagesAnnouncements(t *testing.T) {
	needBrowser(t)
	// So many segments that a message of 64 bytes, less the marks, cannot name them.
	d := deploy(t, `
stream: {segmentDuration: 500ms, length: 60s, variants: [{bandwidth: 100000, resolution: 320x180, codecs: "avc1.42c01e,mp4a.40.2"}]}
`)
	_, l := d.meet("core.highDemandTimeWindow=40", "core.webRtcMaxMessageSize=64")
	c := l.announced(func(loaded []int64) bool { return len(loaded) >= 70 })
	if l.frames < 2 {
		t.Errorf("an announcement of %d segments came in %d message", len(c.Loaded), l.frames)
	}
	ids := slices.Clone(c.Loaded)
	slices.Sort(ids)
	for i, id := range ids {
		if id != int64(i) {
			t.Fatalf("the page announces %v; it loaded the first segments in order", ids)
		}
	}
	// Uploads are in messages of that size, too.
	r := request(0, 1, 0)
	l.send(r)
	l.command(wire.SegmentData)
	if m := l.next(); len(m.data) != 64 {
		t.Errorf("the page sends %d bytes in a message; its limit is 64", len(m.data))
	}
}

// TestAPageThatDoesNotUpload says nothing of what it has, and refuses.
func TestAPageThatDoesNotUpload(t *testing.T) {
	needBrowser(t)
	d := deploy(t, recording)
	v := d.open(calmly("core.isP2PUploadDisabled=true")...)
	v.until("the first segment", func(s Snapshot, _ []Event) bool { return s.Segments.HTTP > 0 })
	d.enrolled(1)
	l := d.join().offer()
	l.send(request(0, 3, 0))
	m := l.next() // no announcement before it
	if m.command == nil || m.command.ID != wire.SegmentAbsent || m.command.Request != 3 {
		t.Fatalf("the page answers %+v; want a refusal", m)
	}
	if _, err := l.read(time.Second); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the page says something more: %v", err)
	}
}
