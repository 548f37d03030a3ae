package p2pml

import (
	"fmt"
	"testing"

	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/webtorrent"
)

// A scheduling pass of a viewer with 50 peers in the middle of a long VOD, where nothing is to be started: the common case, run
// for every announcement of every peer.
func BenchmarkPass(b *testing.B) {
	w := newWorld(b)
	w.origin = func(*fakeEnv, FetchRequest) plan { return plan{silent: true} }
	v := newViewer(w, "v", testConfig(), playlistOf(0, 200, 4))
	v.core.newTracker = func(*Core, *swarm, string, string) trackerClient { return noTracker{} }
	v.env.do(v.request)
	l := v.core.loaders[0]
	var peers []*remote
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
	frame := wire.Frames(wire.Encode(wire.Command{ID: wire.SegmentsAnnouncement, Loaded: ids(0, 99)}), 65535)[0]
	for _, p := range peers {
		v.env.do(func() { p.h.PeerMessage(webtorrent.Text(frame)) })
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		p := peers[i%len(peers)]
		v.env.do(func() { p.h.PeerMessage(webtorrent.Text(frame)) })
	}
}
