package flow

import (
	"slices"
	"testing"
	"time"

	"swarmlab/scenarios"
	"swarmlab/sim/p2pml"
	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/player"
	viewing "swarmlab/sim/viewer"
	"swarmlab/sim/webtorrent"
)

// ears note the commands' segments, and the parts' sizes, in the order in which they are heard.
type ears struct {
	webtorrent.PeerHandler
	heard []int64
}

func (l *ears) PeerMessage(m webtorrent.Message) {
	if m.Bytes == nil {
		l.heard = append(l.heard, int64(m.Size))
		return
	}
	c, err := wire.Decode(m.Bytes[4 : len(m.Bytes)-4])
	if err != nil {
		panic(err)
	}
	l.heard = append(l.heard, append(c.Loaded, c.Segment)[0])
}

// audience is a world whose viewers will come.
func audience(t *testing.T, s *scenarios.Scenario) *world {
	t.Helper()
	w, err := newWorld(s, streamOf(t, s))
	if err != nil {
		t.Fatal(err)
	}
	plans := scenarios.Audience(s, s.Run.Seed)
	w.viewers = make([]*viewer, len(plans))
	for i := range plans {
		w.clock.after(plans[i].JoinAt, call(func() { w.join(i, plans[i]) }))
	}
	return w
}

// patientViewer is somebody of a swarm that has played for a while, who is in no hurry for announcements, and an open connection.
func patientViewer(t *testing.T) (*world, *viewer, *peerConn) {
	t.Helper()
	w := audience(t, preset(t, "live", "peers.count=8"))
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

// Kinds of messages, of which a command alone cannot wait.
const (
	command = iota
	announcement
	part
	kinds
)

// about is a message about a segment of long ago.
func about(segment int64, kind int) webtorrent.Message {
	c := wire.Command{ID: wire.CancelSegmentRequest, Segment: segment}
	switch kind {
	case part:
		return webtorrent.Message{Size: int(segment)}
	case announcement:
		c = wire.Command{ID: wire.SegmentsAnnouncement, Loaded: []int64{segment}}
	}
	return webtorrent.Text(wire.Frames(wire.Encode(c), 0)[0])
}

// TestWhatWaitsKeepsItsPlace: what comes over one connection keeps its order, whether it waits in the mailbox or has an event, also where the
// line would have it all arrive at once, and if patience ends meanwhile.
func TestWhatWaitsKeepsItsPlace(t *testing.T) {
	for order := range kinds * kinds * kinds {
		for _, ends := range []*p2pml.Patience{nil, &p2pml.PartsAlone, {}} {
			of := [...]int{order % kinds, order / kinds % kinds, order / kinds / kinds}
			w, v, to := patientViewer(t)
			e := &ears{PeerHandler: to.handler}
			to.handler = e
			lane := &to.remote.lane
			lane.deliver(about(10, command), w.clock.now, time.Second) // the others are held up behind it
			wait := 0
			for i, kind := range of {
				lane.deliver(about(int64(11+i), kind), w.clock.now, 0)
				wait += min(kind, 1)
			}
			if len(v.mail.letters) != wait {
				t.Fatalf("%v: %d letters", of, len(v.mail.letters))
			}
			if ends != nil {
				v.Await(*ends)
				for _, l := range v.mail.letters {
					if l.notice != nil || !ends.Parts() {
						t.Errorf("%v: something waits that may not", of)
					}
				}
			}
			if err := w.advance(t.Context(), lane.arrives); err != nil {
				t.Fatal(err)
			}
			v.read()
			if v.mail.parcels != 0 {
				t.Errorf("%v: %d parts are left", of, v.mail.parcels)
			}
			if len(e.heard) < 4 || !slices.IsSorted(e.heard) {
				t.Errorf("%v, patience then: %+v: heard %v", of, ends, e.heard)
			}
		}
	}
}

// hasty loses patience when it hears something.
type hasty struct {
	ears
	v *viewer
}

func (h *hasty) PeerMessage(m webtorrent.Message) {
	h.ears.PeerMessage(m)
	h.v.Await(p2pml.Patience{})
}

// TestPatienceEndsWhileLettersAreRead: then what is still on its way gets its event, and so does what comes later.
func TestPatienceEndsWhileLettersAreRead(t *testing.T) {
	w, v, to := patientViewer(t)
	h := &hasty{ears{PeerHandler: to.handler}, v}
	to.handler = h
	lane := &to.remote.lane
	lane.deliver(about(1, part), w.clock.now, 0)
	first := lane.arrives
	lane.deliver(about(2, part), w.clock.now, time.Second)
	lane.deliver(about(3, announcement), w.clock.now, time.Second)
	if len(v.mail.letters) != 3 {
		t.Fatalf("%d letters", len(v.mail.letters))
	}
	if err := w.advance(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	v.read()
	if !slices.Equal(h.heard, []int64{1}) || len(v.mail.letters) != 0 {
		t.Errorf("heard %v, %d letters are left", h.heard, len(v.mail.letters))
	}
	v.Await(p2pml.Patience{}) // a turn in between might have changed it
	lane.deliver(about(4, part), w.clock.now, time.Second)
	if len(v.mail.letters) != 0 {
		t.Error("something waits")
	}
	for len(h.heard) < 4 {
		ev := w.clock.next(lane.arrives)
		if ev == nil {
			break
		}
		if d, ok := ev.doing.(*delivery); ok && d.to == to {
			d.hand() // which reads no letters
		}
	}
	if !slices.Equal(h.heard, []int64{1, 2, 3, 4}) {
		t.Errorf("heard %v", h.heard)
	}
}

// TestAnEngineThatSaysNothingHearsAllAtOnce: only the core knows what may wait, and another engine (the released library, say) has not said so.
func TestAnEngineThatSaysNothingHearsAllAtOnce(t *testing.T) {
	s := preset(t, "live", "peers.count=12", "run.duration=40s")
	w, err := newWorld(s, streamOf(t, s))
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.run(t.Context(), viewing.Options{NewEngine: func(env p2pml.Env, cfg p2pml.Config, ev p2pml.Events) player.Engine {
		return p2pml.New(struct{ p2pml.Env }{env}, cfg, ev)
	}})
	if err != nil {
		t.Fatal(err)
	}
	if w.received == 0 || w.kept > 0 || w.parts > 0 {
		t.Errorf("of %d bytes from peers %d parts were kept back, and %d announcements", w.received, w.parts, w.kept)
	}
}
