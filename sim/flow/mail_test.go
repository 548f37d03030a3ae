package flow

import (
	"slices"
	"testing"
	"time"

	"swarmlab/scenarios"
	"swarmlab/sim/p2pml"
	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/webtorrent"
)

// ears note the commands' segments in the order in which they are heard.
type ears struct {
	webtorrent.PeerHandler
	heard []int64
}

func (l *ears) PeerMessage(m webtorrent.Message) {
	c, err := wire.Decode(m.Bytes[4 : len(m.Bytes)-4])
	if err != nil {
		panic(err)
	}
	l.heard = append(l.heard, append(c.Loaded, c.Segment)[0])
}

// patientViewer is somebody of a swarm that has played for a while, who is in no hurry for announcements, and an open connection.
func patientViewer(t *testing.T) (*world, *viewer, *peerConn) {
	t.Helper()
	s := preset(t, "live", "peers.count=8")
	w, err := newWorld(s, streamOf(t, s))
	if err != nil {
		t.Fatal(err)
	}
	plans := scenarios.Audience(s, s.Run.Seed)
	w.viewers = make([]*viewer, len(plans))
	for i := range plans {
		w.clock.after(plans[i].JoinAt, call(func() { w.join(i, plans[i]) }))
	}
	for at := 60 * time.Second; at < 90*time.Second; at += 100 * time.Millisecond {
		if err := w.advance(t.Context(), at); err != nil {
			t.Fatal(err)
		}
		for _, v := range w.viewers {
			for _, c := range w.byID(v.conns) {
				if c.connected && v.mail.patience.Any() && len(v.mail.letters) == 0 {
					return w, v, c
				}
			}
		}
	}
	t.Fatal("nobody is patient")
	return nil, nil, nil
}

// about is a command about a segment of long ago: an announcement, which nobody waits for, or one that cannot wait.
func about(segment int64, patient bool) webtorrent.Message {
	c := wire.Command{ID: wire.CancelSegmentRequest, Segment: segment}
	if patient {
		c = wire.Command{ID: wire.SegmentsAnnouncement, Loaded: []int64{segment}}
	}
	return webtorrent.Text(wire.Frames(wire.Encode(c), 0)[0])
}

// TestWhatWaitsKeepsItsPlace: what comes over one connection keeps its order, whether it waits in the mailbox or has an event, also where the
// line would have it all arrive at once, and if patience ends meanwhile.
func TestWhatWaitsKeepsItsPlace(t *testing.T) {
	for order := range 1 << 3 {
		for _, ends := range []bool{false, true} {
			w, v, to := patientViewer(t)
			e := &ears{PeerHandler: to.handler}
			to.handler = e
			lane := &to.remote.lane
			lane.deliver(about(10, false), w.clock.now, time.Second) // the others are held up behind it
			for i := range int64(3) {
				lane.deliver(about(11+i, order>>i&1 == 1), w.clock.now, 0)
			}
			if order == 7 && len(v.mail.letters) != 3 {
				t.Fatalf("%d letters", len(v.mail.letters))
			}
			if ends {
				v.Await(p2pml.Patience{})
			}
			if err := w.advance(t.Context(), lane.arrives); err != nil {
				t.Fatal(err)
			}
			v.read()
			if len(e.heard) < 4 || !slices.IsSorted(e.heard) {
				t.Errorf("waiting: %03b, patience ends: %v: heard %v", order, ends, e.heard)
			}
		}
	}
}
