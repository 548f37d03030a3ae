package p2pml

import (
	"math/rand/v2"
	"testing"
	"time"

	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/webtorrent"
)

// FuzzPeerMessages feeds a core what a hostile peer might send: each input is a list of messages, the first byte of each its
// kind.
func FuzzPeerMessages(f *testing.F) {
	f.Add([]byte{0, 5, 1, 0, 105, 1, 2})
	for _, c := range []wire.Command{
		{ID: wire.SegmentsAnnouncement, Loaded: []int64{0, 1, 5, 1 << 40}, Loading: []int64{2}},
		{ID: wire.SegmentRequest, Segment: 3, Request: 7, Byte: 4},
		{ID: wire.SegmentRequest, Segment: 3, Request: 7, Byte: -4},
		{ID: wire.SegmentData, Segment: 0, Request: 500, Size: 1 << 50},
		{ID: wire.SegmentData, Segment: 0, Request: 500, Size: -1},
		{ID: wire.SegmentAbsent, Segment: 0, Request: 500},
		{ID: wire.SegmentDataSendingCompleted, Segment: 0, Request: 500},
		{ID: wire.CancelSegmentRequest, Segment: 3, Request: 7},
	} {
		frame := wire.Encode(c)
		f.Add(append([]byte{byte(len(frame))}, frame...))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		r := newRig(t, onlyP2P)
		r.env.rng = rand.New(&scripted{values: []float64{0.5}}) // request ids are 500: to be guessed by the fuzzer
		r.store(3, 200_000)
		p, q := r.connect("p"), r.connect("q")
		p.announce(0, 1)
		for i := 0; len(in) > 0 && i < 100; i++ {
			n := min(int(in[0]&0x7f)+1, len(in))
			body, kind := in[1:n], in[0]>>7
			in = in[n:]
			to := []*remote{p, q}[i%2]
			if to.closed {
				break
			}
			switch {
			case kind == 1 && len(body) > 0:
				to.data(int(body[0]))
			case kind == 1:
				r.w.run(r.w.now + time.Second)
			default:
				frame := append(append([]byte("cstr"), body...), "cend"...)
				to.message(webtorrent.Text(frame))
				to.message(webtorrent.Text(body))
			}
			r.conserved(t)
			if n := r.core.StorageBytes(); n > 1<<22 {
				t.Fatalf("%d bytes stored", n)
			}
		}
		r.env.do(r.core.Destroy)
		r.nothingLeft(t)
		r.conserved(t)
	})
}
