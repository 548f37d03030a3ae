package packet

import (
	"errors"
	"testing"
	"testing/synctest"

	"swarmlab/netem"
	"swarmlab/sim/webtorrent"
)

// TestTheOthersCloseIsAnErrorOfTheChannel, as in Chromium on any link with a delay to speak of, whatever was under way. The core
// takes other errors for a failure of ICE, of which it makes something else.
func TestTheOthersCloseIsAnErrorOfTheChannel(t *testing.T) {
	fill := func(e *natEnd) {
		for range 30 {
			e.conn.Send(webtorrent.Text(make([]byte, 65_535)))
		}
	}
	for _, c := range []struct {
		what   string
		before func(closer, hearer *natEnd)
	}{
		{"nothing under way", func(_, _ *natEnd) {}},
		{"a word before it", func(closer, _ *natEnd) { closer.conn.Send(webtorrent.Text([]byte("bye"))) }},
		{"the closer sends", func(closer, _ *natEnd) { fill(closer) }},
		{"the hearer sends", func(_, hearer *natEnd) { hearer.turns.post(func() { fill(hearer) }) }},
		{"both send", func(closer, hearer *natEnd) { fill(closer); hearer.turns.post(func() { fill(hearer) }) }},
	} {
		for _, offererCloses := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				e := newGatherNet(t, netem.NATNone)
				closer, hearer := e.connect(t, e.viewer, e.addViewer(t, "other", netem.NATNone), "")
				l, r := closer, hearer
				if !offererCloses {
					closer, hearer = r, l
				}
				if !<-l.open || !<-r.open {
					t.Fatal("the connection did not open")
				}
				closer.turns.post(func() {
					c.before(closer, hearer)
					closer.conn.Close()
				})
				if err := <-hearer.over; !errors.Is(err, webtorrent.ErrChannelClosed) {
					t.Errorf("%s, the offerer closes: %v: heard %v, want an error of the channel", c.what, offererCloses, err)
				}
				l.leave()
				r.leave()
				select {
				case err := <-closer.over:
					t.Errorf("%s: the side that closes hears of it: %v", c.what, err)
				default:
				}
			})
		}
	}
}
