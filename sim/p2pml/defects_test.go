package p2pml

import (
	"slices"
	"testing"
	"time"

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

// TestARepeatedRequestIDMixesAnswersUp: a request times out, the segment is asked of the same peer again, and the first answer comes.
func TestARepeatedRequestIDMixesAnswersUp(t *testing.T) {
	for _, c := range []struct {
		defect         bool
		second         int64
		told, received int
	}{
		{true, 500, 1, 4},
		{false, 501, 0, 0},
	} {
		r := newRig(t, func(cfg *Config) { onlyP2P(cfg); cfg.Defects.RequestIDRepeats = c.defect })
		r.env.rng, _ = scriptedRand(0.5)
		told := 0
		r.core.ev = &repeatCounter{Events: r.core.ev, n: &told}
		p := r.connect("p")
		p.announce(0)
		first := p.request()
		r.w.run(3 * time.Second)
		second := p.request()
		asked := len(p.commands(wire.SegmentRequest))
		r.want(asked == 2 && first.Request == 500 && second.Request == c.second, "asked %d times, for %+v and %+v", asked, first, second)
		p.command(wire.Command{ID: wire.SegmentData, Segment: first.Segment, Request: first.Request, Size: 10})
		p.data(4)
		r.want(r.env.patience.Parts() == !c.defect, "defect %v: parts may wait: %v", c.defect, r.env.patience.Parts())
		r.want(told == c.told && r.held(0) == int64(c.received), "defect %v: told %d times, %d bytes taken", c.defect, told, r.held(0))
		r.env.do(func() { r.swarm().peers[0].close() })
		r.want(r.env.patience.Parts(), "defect %v: parts may not wait any more", c.defect)
	}
}

type repeatCounter struct {
	Events
	n *int
}

func (c *repeatCounter) OnRequestIDRepeated(RequestIDRepeated) { *c.n++ }

// TestAnAnswerEndsTheDoubt: a peer answers in order, so what it was asked before is answered, or never will be.
func TestAnAnswerEndsTheDoubt(t *testing.T) {
	r := newRig(t, onlyP2P)
	told := 0
	r.core.ev = &repeatCounter{Events: r.core.ev, n: &told}
	p := r.connect("p")
	r.env.rng, _ = scriptedRand(0.5)
	p.announce(0)
	r.env.rng, _ = scriptedRand(0.25)
	r.w.run(r.w.now + 3*time.Second)
	p.header(10)
	r.env.rng, _ = scriptedRand(0.5)
	r.w.run(r.w.now + 3*time.Second)
	ids := []int64{}
	for _, c := range p.commands(wire.SegmentRequest) {
		ids = append(ids, c.Request)
	}
	r.want(slices.Equal(ids, []int64{500, 250, 500}) && told == 0, "asked under %v, told %d times", ids, told)
}
