package p2pml

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/webtorrent"
)

// mayWait asks as a tier does.
func (r *rig) mayWait(loaded ...int64) bool {
	var a Announcement
	var scratch wire.Command
	frames := wire.Frames(wire.Encode(wire.Command{ID: wire.SegmentsAnnouncement, Loaded: loaded}), 65535)
	return a.Read(frames[0], &scratch) && r.env.patience.Permits(&a)
}

// TestWhatMayWait: what nobody waits for may, as long as nothing else could come of an announcement.
func TestWhatMayWait(t *testing.T) {
	for _, c := range []struct {
		name   string
		happen func(r *rig, p *remote)
		wanted int64 // may not wait; below 0: nothing may
	}{
		{"nothing", func(*rig, *remote) {}, 1},
		{"the peer has something that is wanted", func(_ *rig, p *remote) { p.announce(1) }, -1},
		{"a stream of another kind is loaded too", func(r *rig, _ *remote) {
			r.addStream(Stream{RuntimeID: "audio", Type: Secondary, Index: "a"})
			r.env.do(func() { r.core.LoadSegment("audio-seg0", r) })
		}, -1},
		{"and the first has a pass", func(r *rig, _ *remote) {
			r.addStream(Stream{RuntimeID: "audio", Type: Secondary, Index: "a"})
			r.env.do(func() { r.core.LoadSegment("audio-seg0", r) })
			r.env.do(r.core.loaders[0].wake)
		}, -1},
		{"a connection is closed but not yet", func(r *rig, p *remote) {
			p.jam = true
			r.env.do(func() {
				peer := r.swarm().peers[0]
				peer.out.writeData(webtorrent.Message{Size: 1 << 20})
			})
			r.env.do(r.swarm().peers[0].close)
			r.env.do(r.core.loaders[0].wake)
			if r.core.wary != 1 {
				t.Error("no connection waits to be closed")
			}
		}, -1},
		{"it is closed", func(r *rig, p *remote) {
			p.jam = true
			r.env.do(func() { r.swarm().peers[0].out.writeData(webtorrent.Message{Size: 1 << 20}) })
			r.env.do(r.swarm().peers[0].close)
			p.drain()
			r.env.do(r.core.loaders[0].wake)
		}, 1},
		{"the picture reaches a window's end, too soon for a pass", func(r *rig, _ *remote) {
			r.env.do(func() { r.core.UpdatePlayback(r.core.loaders[0].calm.to, 1) })
		}, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, func(cfg *Config) {
				cfg.Main.SimultaneousP2PDownloads, cfg.Main.HTTPDownloadTimeWindow, cfg.Main.HighDemandTimeWindow = 0, 0, 0
			})
			p := r.connect("p")
			p.announce()
			c.happen(r, p)
			if r.mayWait(1000) != (c.wanted >= 0) || c.wanted >= 0 && r.mayWait(c.wanted) {
				t.Errorf("%+v", r.env.patience)
			}
			if closing := r.core.wary > 0; r.env.patience.Parts() == closing {
				t.Errorf("a connection awaits its next message: %v; parts of segments may wait: %v", closing, r.env.patience.Parts())
			}
		})
	}
}

// TestAReadAnnouncementIsAMessage: whatever state a connection is in, PeerAnnounces does what PeerMessage of the frame would.
func TestAReadAnnouncementIsAMessage(t *testing.T) {
	frame := wire.Frames(wire.Encode(wire.Command{ID: wire.SegmentsAnnouncement, Loaded: []int64{7, 8}, Loading: []int64{9}}), 65535)[0]
	parts := wire.Frames(wire.Encode(wire.Command{ID: wire.SegmentsAnnouncement, Loaded: ids(20, 30)}), 12)
	for _, c := range []struct {
		name string
		rig  func(t *testing.T) (*rig, *remote)
		then func(p *remote)
		has  bool
	}{
		{name: "open", has: true},
		{name: "in the middle of another command", then: func(p *remote) { p.message(webtorrent.Text(parts[0])) }},
		{name: "closed", then: func(p *remote) { p.rig.env.do(p.rig.swarm().peers[0].close) }},
		{name: "closing", rig: uploading, then: func(p *remote) { p.rig.closing(p) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			after := func(tell func(p *remote)) string {
				if c.rig == nil {
					c.rig = func(t *testing.T) (*rig, *remote) {
						r := newRig(t, onlyP2P)
						return r, r.connect("p")
					}
				}
				r, p := c.rig(t)
				peer, s := r.swarm().peers[0], r.swarm()
				if c.then != nil {
					c.then(p)
				}
				tell(p)
				if peer.has(7) != c.has {
					t.Errorf("the peer has what it announced: %v", peer.has(7))
				}
				_, nine := s.available(9)
				then := fmt.Sprint(peer.loaded, peer.loading, nine, peer.joiner.Joining(), peer.closed, peer.closing, r.core.wary, p.closed)
				p.message(webtorrent.Text(parts[len(parts)-1])) // which would end the other command
				return fmt.Sprint(then, peer.loaded, r.closes, r.chunks, r.core.loaders[0].passes, r.log)
			}
			message := after(func(p *remote) { p.message(webtorrent.Text(frame)) })
			read := after(func(p *remote) {
				var a Announcement
				var scratch wire.Command
				if !a.Read(frame, &scratch) {
					t.Fatal("the frame is no announcement")
				}
				p.rig.env.do(func() { p.h.(Hearer).PeerAnnounces(&a) })
			})
			if read != message {
				t.Errorf("read before: %s\nas a message: %s", read, message)
			}
		})
	}
}

// TestTalliesFollowThePeers: peers come in any order, announce, lose and go, and what is available is what one of those there has.
func TestTalliesFollowThePeers(t *testing.T) {
	r := newRig(t, nil)
	rng := rand.New(rand.NewPCG(3, 4))
	there := map[string]*remote{}
	for step := range 2000 {
		id := string(rune('a' + rng.IntN(12)))
		p := there[id]
		switch {
		case p == nil:
			there[id] = r.connect(id)
		case rng.IntN(4) == 0:
			r.env.do(func() { p.h.PeerClosed(webtorrent.ErrChannelClosed) })
			delete(there, id)
		default:
			p.announce(int64(rng.IntN(40)), int64(rng.IntN(40)))
		}
		seg := int64(rng.IntN(40))
		want := false
		for _, o := range r.swarm().peers {
			want = want || o.has(seg)
		}
		if got, _ := r.swarm().available(seg); got != want || len(r.swarm().peers) != len(there) {
			t.Fatalf("step %d: segment %d is available: %v, want %v; %d peers of %d", step, seg, got, want, len(r.swarm().peers), len(there))
		}
	}
}

// TestWhoIsForgottenCountsNoMore: the library forgets whoever has the id of a peer that it closed, and that one may go on announcing.
func TestWhoIsForgottenCountsNoMore(t *testing.T) {
	r := newRig(t, nil)
	p, other := r.connect("p"), r.connect("other")
	p.announce(7)
	other.announce(8)
	has := func(id int64) bool {
		loaded, _ := r.swarm().available(id)
		return loaded
	}
	if !has(7) || !has(8) {
		t.Fatal("what was announced is not available")
	}
	r.env.do(func() { r.swarm().forget("p") })
	p.announce(7, 9)
	if has(7) || has(9) || !has(8) {
		t.Errorf("7, 8 and 9 are available: %v, %v, %v", has(7), has(8), has(9))
	}
}
