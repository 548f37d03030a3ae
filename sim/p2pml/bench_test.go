package p2pml

import (
	"fmt"
	"testing"

	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/webtorrent"
)

// amongPeers is a viewer with 50 peers in the middle of a long VOD, where nothing is to be started.
func amongPeers(tb testing.TB) (v *viewer, peers []*remote) {
	w := newWorld(tb)
	w.origin = func(*fakeEnv, FetchRequest) plan { return plan{silent: true} }
	v = newViewer(w, "v", testConfig(), playlistOf(0, 200, 4))
	v.core.newTracker = func(*Core, *swarm, string, string) trackerClient { return noTracker{} }
	v.env.do(v.request)
	l := v.core.loaders[0]
	for i := range 50 {
		p := &remote{}
		v.env.do(func() { l.swarms.current.ClientPeer(fmt.Sprint("p", i), p); p.h.PeerConnected() })
		peers = append(peers, p)
	}
	for id := range int64(100) {
		v.env.do(func() {
			v.core.storage.store(v.core.renditions[0].swarmID, v.core.renditions[0].byExternalID(id), webtorrent.Message{Size: 1000})
		})
	}
	for _, p := range peers {
		v.env.do(func() { p.h.PeerMessage(announcing(99)) })
	}
	return v, peers
}

// announcing is the announcement of all segments up to one.
func announcing(last int64) webtorrent.Message {
	c := wire.Command{ID: wire.SegmentsAnnouncement, Loaded: ids(0, last)}
	return webtorrent.Text(wire.Frames(wire.Encode(c), 65535)[0])
}

// BenchmarkPass is the arrival of an announcement: what a viewer in a large swarm does most.
func BenchmarkPass(b *testing.B) {
	v, peers := amongPeers(b)
	hear := []webtorrent.Message{announcing(99), announcing(98)}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		v.env.do(func() { peers[i%len(peers)].h.PeerMessage(hear[i/len(peers)%2]) })
	}
}

// TestAnAnnouncementTakesNoMemory: nor a scheduling pass, if it says nothing that the scheduler wants to know.
func TestAnAnnouncementTakesNoMemory(t *testing.T) {
	v, peers := amongPeers(t)
	hear := []webtorrent.Message{announcing(98), announcing(99)}
	l := v.core.loaders[0]
	before, n := l.passes, 0
	allocations := testing.AllocsPerRun(1000, func() {
		v.env.do(func() { peers[0].h.PeerMessage(hear[n%2]) })
		n++
	})
	if allocations > 0 {
		t.Errorf("%v allocations", allocations)
	}
	if l.passes > before+1 {
		t.Errorf("%d passes for %d announcements of what others have too", l.passes-before, n)
	}
	if p := l.swarms.current.peers[0]; p.has(99) != (n%2 == 0) || !p.has(98) {
		t.Error("they were not heard")
	}
	// Of what nobody else has they would be passes.
	before = l.passes
	v.env.do(func() { peers[0].h.PeerMessage(announcing(150)) })
	if l.passes != before+1 {
		t.Errorf("%d passes for an announcement of something new, want 1", l.passes-before)
	}
}
