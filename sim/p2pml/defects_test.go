package p2pml

import (
	"testing"

	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/webtorrent"
)

func TestDefectSwitches(t *testing.T) {
	off := func(change func(*Defects)) func(*Config) {
		return func(c *Config) { onlyP2P(c); change(&c.Defects) }
	}
	t.Run("FullBlock256", func(t *testing.T) {
		for on, want := range map[bool]int{true: 0, false: 255} {
			r := newRig(t, off(func(d *Defects) { d.FullBlock256 = on }))
			r.env.do(func() { r.core.UpdateStream("main", playlistOf(40, 300, 4), nil) })
			for i := range int64(256) {
				r.store(i, 1)
			}
			raw := r.candidate("p")
			r.env.do(raw.h.PeerConnected)
			c, err := wire.Decode(raw.sent[0].Bytes[4 : len(raw.sent[0].Bytes)-4])
			if got := len(c.Loaded); got != want || (err != nil) != on {
				t.Errorf("on %v: %d ids can be read (%v)", on, got, err)
			}
		}
	})
	t.Run("PeerCloseTwice", func(t *testing.T) {
		r := newRig(t, off(func(d *Defects) { d.PeerCloseTwice = false }))
		p := r.connect("p")
		p.announce(0)
		p.header(1)
		p.data(2)
		r.want(r.closes["p"] == 1, "%d close events", r.closes["p"])
	})
	t.Run("LateCandidateAnonymous", func(t *testing.T) {
		for on, want := range map[bool]string{true: "", false: "p"} {
			r := newRig(t, off(func(d *Defects) { d.LateCandidateAnonymous = on }))
			r.candidate("p")
			r.connect("p")
			if got := r.swarm().peers[0].shown; got != want {
				t.Errorf("on %v: shown as %q", on, got)
			}
		}
	})
	t.Run("FailedHTTPAnnounced", func(t *testing.T) {
		for on, want := range map[bool]int{true: 2, false: 0} {
			r := newRig(t, func(c *Config) { c.Defects.FailedHTTPAnnounced = on })
			for _, q := range r.core.loaders[0].requests {
				r.env.do(q.abort)
			}
			if got := len(r.core.loaders[0].appendLoadingHTTP(nil, r.core.renditions[0])); got != want {
				t.Errorf("on %v: %d announced as loading", on, got)
			}
		}
	})
	t.Run("StorageCountsTwice", func(t *testing.T) {
		for on, want := range map[bool]int64{true: 20, false: 10} {
			r := newRig(t, off(func(d *Defects) { d.StorageCountsTwice = on }))
			r.store(3, 10)
			r.store(3, 10)
			if r.core.storage.usage != want || r.core.StorageBytes() != 10 {
				t.Errorf("on %v: usage %d, holds %d", on, r.core.storage.usage, r.core.StorageBytes())
			}
		}
	})
	t.Run("ResumeOfUnknownLength", func(t *testing.T) {
		for on, closed := range map[bool]bool{true: true, false: false} {
			r := newRig(t, off(func(d *Defects) { d.ResumeOfUnknownLength = on }))
			p := r.connect("p")
			r.env.do(func() {
				l := r.core.loaders[0]
				q := l.requestOf(l.last)
				startHTTP(q, l.cfg, RandomPrefetch)
				q.addBlock(webtorrent.Message{Size: 4})
				q.run.(*httpLoad).fail(ErrorHTTP, "broken")
			})
			p.announce(0)
			c := p.header(6)
			p.data(6)
			p.completed(c)
			if p.closed != closed || (r.loads == 1) == closed {
				t.Errorf("on %v: closed %v, loaded %d", on, p.closed, r.loads)
			}
		}
	})
}
