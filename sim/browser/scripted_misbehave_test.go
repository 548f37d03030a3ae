package browser

import (
	"bytes"
	"testing"

	"swarmlab/sim/p2pml/wire"
)

// misdeed is what a peer does with a request, and what the library makes of it (p2pml's peer_receive.go does the same).
type misdeed struct {
	name string
	do   func(l *link, r wire.Command, data []byte)
	// fails is the error with which the page drops the peer.
	fails string
}

var misdeeds = []misdeed{
	{
		name:  "more bytes than it said",
		fails: "peer-response-bytes-length-mismatch",
		do: func(l *link, r wire.Command, data []byte) {
			l.header(r, len(data))
			l.chunks(append(bytes.Clone(data), 'x'))
		},
	},
	{
		name:  "fewer bytes than it said",
		fails: "peer-response-bytes-length-mismatch",
		do: func(l *link, r wire.Command, data []byte) {
			l.header(r, len(data))
			l.chunks(data[:len(data)-1])
			l.completed(r)
		},
	},
	{
		name:  "the end of another request",
		fails: "peer-protocol-violation",
		do: func(l *link, r wire.Command, data []byte) {
			l.header(r, len(data))
			l.chunks(data)
			r.Request = (r.Request + 1) % 1000
			l.completed(r)
		},
	},
	{
		name:  "the end of another segment",
		fails: "peer-protocol-violation",
		do: func(l *link, r wire.Command, data []byte) {
			l.header(r, len(data))
			l.chunks(data)
			r.Segment++
			l.completed(r)
		},
	},
	{
		// The three timeouts are of one connection: the page asks again each time.
		name:  "the head of another request, three times",
		fails: "bytes-receiving-timeout",
		do: func(l *link, r wire.Command, data []byte) {
			for i := range 3 {
				if i > 0 {
					r = l.command(wire.SegmentRequest)
				}
				wrong := r
				wrong.Request = (r.Request + 1) % 1000
				l.header(wrong, len(data))
				l.chunks(data)
				l.completed(wrong)
				if i < 2 {
					l.command(wire.CancelSegmentRequest)
				}
			}
		},
	},
}

// TestAPageDropsPeersThatMisbehave: each as the library does, and the segment then comes whole from the next peer.
func TestAPageDropsPeersThatMisbehave(t *testing.T) {
	needBrowser(t)
	d := deploy(t, recording)
	v, good := d.meet(calmly("core.p2pNotReceivingBytesTimeoutMs=2500")...)
	for _, m := range misdeeds {
		l := d.join().offer()
		l.command(wire.SegmentsAnnouncement)
		_, events := v.look()
		closed, failed := count(events, "onPeerClose", nil), errorsOf(events, m.fails)
		l.has(0, all)
		r := l.command(wire.SegmentRequest)
		m.do(l, r, d.bytes(0, r.Segment))
		l.dropped()
		v.until(m.name+": the end of the connection", func(_ Snapshot, events []Event) bool { return count(events, "onPeerClose", nil) > closed })
		if _, events := v.look(); errorsOf(events, m.fails) == failed {
			t.Errorf("%s: no %s", m.name, m.fails)
		}
		good.has(0, all)
		again := good.command(wire.SegmentRequest)
		if again.Segment != r.Segment || again.Byte != 0 {
			t.Errorf("%s: then the page asks %+v of the next peer; want segment %d from its beginning", m.name, again, r.Segment)
		}
		good.upload(again, d.bytes(0, again.Segment))
		v.until(m.name+": the segment from the next peer", func(_ Snapshot, events []Event) bool { return d.loaded(events, r.Segment) == 1 })
		// One is enough: the next misdeed is somebody else's.
		more := good.command(wire.SegmentRequest)
		good.send(wire.Command{ID: wire.SegmentAbsent, Segment: more.Segment, Request: more.Request})
	}
	v.intact()
}

// TestAWrongRest: a page that holds the first half of a segment is offered more than the other half. It drops that peer, and its
// own half with it: somebody has lied.
func TestAWrongRest(t *testing.T) {
	needBrowser(t)
	d := deploy(t, recording)
	v, first := d.meet(calmly()...)
	first.has(0, all)
	r := first.command(wire.SegmentRequest)
	data := d.bytes(0, r.Segment)
	first.header(r, len(data))
	first.chunks(data[:half])
	v.until("half a segment", func(s Snapshot, _ []Event) bool { return s.Bytes.P2P == half })
	first.leave()
	v.until("the loss of the peer", func(_ Snapshot, events []Event) bool { return errorsOf(events, "peer-closed") == 1 })
	liar := d.join().offer()
	liar.has(0, all)
	rest := liar.command(wire.SegmentRequest)
	if rest.Segment != r.Segment || rest.Byte != half {
		t.Fatalf("the page asks %+v; want segment %d from byte %d on", rest, r.Segment, half)
	}
	liar.header(rest, len(data))
	liar.dropped()
	v.until("the complaint", func(_ Snapshot, events []Event) bool {
		return errorsOf(events, "peer-response-bytes-length-mismatch") == 1
	})
	honest := d.join().offer()
	honest.has(0, all)
	again := honest.command(wire.SegmentRequest)
	if again.Segment != r.Segment || again.Byte != 0 {
		t.Fatalf("the page asks %+v; want segment %d from its beginning", again, r.Segment)
	}
	honest.upload(again, data)
	v.until("the segment", func(s Snapshot, _ []Event) bool { return s.Segments.P2P == 1 })
	v.intact()
}

// TestAPageBearsGarbage: what makes no sense is dropped, the connection stays, and a proper upload in the midst of it arrives.
func TestAPageBearsGarbage(t *testing.T) {
	needBrowser(t)
	d := deploy(t, recording)
	v, l := d.meet(calmly()...)
	garbage := [][]byte{
		{}, []byte("x"), []byte("no command at all"), bytes.Repeat([]byte{0xff}, 70_000), // data that nobody asked for
		[]byte("cstrcend"), []byte("cstr\xff\xff\xffcend"), []byte("cstr\x09cend"), []byte("cstr\x00l\x10\x01\x01\xffcend"), // no commands
		[]byte("dstrtail without a headcend"), []byte("dstrmiddledend"),
		[]byte("cstr\x02i\x01dend"), []byte("cstr\x05i\x01\x05r\x01\x05cend"), // a command within another: both are lost
	}
	litter := func() {
		for _, m := range garbage {
			if len(m) > 0 { // Pion cannot send an empty message otherwise than as the library never does
				l.raw(m)
			}
		}
	}
	litter()
	l.has(0, all)
	r := l.command(wire.SegmentRequest)
	data := d.bytes(0, r.Segment)
	litter()
	wrong := r
	wrong.Request = (r.Request + 1) % 1000
	l.send(wire.Command{ID: wire.SegmentAbsent, Segment: wrong.Segment, Request: wrong.Request})
	l.send(wire.Command{ID: wire.CancelSegmentRequest, Segment: wrong.Segment, Request: wrong.Request})
	l.completed(wrong) // before any head: ignored
	l.header(r, len(data))
	l.header(r, len(data)+1) // a second head is ignored
	l.chunks(data)
	l.completed(r)
	v.until("the segment", func(s Snapshot, _ []Event) bool { return s.Segments.P2P == 1 })
	v.intact()
	if _, events := v.look(); count(events, "onSegmentError", nil) != 0 || count(events, "onPeerClose", nil) != 0 {
		t.Error("the page complains of what the library bears")
	}
}

// TestAForgedSegmentShows: the right number of wrong bytes passes the library, which is not told to look closer. The digests show it:
// without this, that they agree elsewhere would prove little.
func TestAForgedSegmentShows(t *testing.T) {
	needBrowser(t)
	d := deploy(t, recording)
	v, l := d.meet(calmly()...)
	l.has(0, all)
	r := l.command(wire.SegmentRequest)
	forged := bytes.Clone(d.bytes(0, r.Segment))
	forged[len(forged)/2] ^= 1
	l.upload(r, forged)
	v.until("the segment", func(_ Snapshot, events []Event) bool {
		return count(events, "digest", func(e Event) bool { return e.Source == "p2p" }) == 1
	})
	_, events := v.look()
	if wrong, _ := d.corrupt(events); len(wrong) != 1 || wrong[0].Source != "p2p" {
		t.Errorf("corrupt segments: %+v; want the forged one", wrong)
	}
}
