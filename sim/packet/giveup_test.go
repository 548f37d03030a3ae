package packet

import (
	"testing"
	"time"

	"swarmlab/netem"
	"swarmlab/sim/webtorrent"
)

// waiter is one end of a connection that may never be: it notes when what happens to it.
type waiter struct {
	v        *viewer
	other    *waiter
	deaf     bool // passes on no description
	conn     webtorrent.PeerConn
	start    time.Time
	signaled time.Duration
	opened   chan struct{}
	closed   chan time.Duration
}

func (e *waiter) PeerSignal(sdp string) {
	e.signaled = time.Since(e.start)
	if e.deaf {
		return
	}
	o := e.other
	o.v.turns.post(func() {
		if o.conn == nil {
			o.conn = o.v.NewPeerConn(sdp, o)
			return
		}
		o.conn.SetAnswer(sdp)
	})
}
func (e *waiter) PeerConnected()                 { close(e.opened) }
func (e *waiter) PeerMessage(webtorrent.Message) {}
func (e *waiter) PeerBufferedAmountLow()         {}
func (e *waiter) PeerClosed(error)               { e.closed <- time.Since(e.start) }

// wait begins to connect two viewers behind such NATs. deaf: the answer is lost.
func (n *benchNet) wait(deaf bool) (offers, answers *waiter) {
	x, y := n.viewer("x"), n.viewer("y")
	end := func(v *viewer) *waiter {
		return &waiter{v: v, start: time.Now(), opened: make(chan struct{}), closed: make(chan time.Duration, 1)}
	}
	offers, answers = end(x), end(y)
	offers.other, answers.other, answers.deaf = answers, offers, deaf
	x.turns.post(func() { offers.conn = x.NewPeerConn("", offers) })
	return offers, answers
}

// TestWhenConnectionsAreGivenUp measures what the flow tier takes for given (network.failAfter, network.lostAfter and how long a
// viewer without UDP gathers): Pion gives up 30 s after it began to look for the other, or last heard of it.
func TestWhenConnectionsAreGivenUp(t *testing.T) {
	// What was heard last was heard up to 2 s before or after, for that is how often Pion speaks and looks.
	about := func(what string, got, want time.Duration) {
		if got < want-2*time.Second || got > want+2*time.Second {
			t.Errorf("%s: after %v, want %v", what, got, want)
		}
	}
	inBenchBubble(1, netem.NATSymmetric, func(n *benchNet) {
		offers, answers := n.wait(false)
		one, other := <-offers.closed, <-answers.closed
		about("a pair that cannot connect, the one who offered", one-answers.signaled, 30*time.Second)
		about("and the one who answered", other-answers.signaled, 30*time.Second)
	})
	inBenchBubble(1, netem.NATNone, func(n *benchNet) {
		offers, answers := n.wait(true)
		about("one whose answer is lost", <-answers.closed-answers.signaled, 30*time.Second)
		offers.v.turns.post(func() { offers.conn.Close() }) // nobody tells the one who offered; its announcer gives the offer up
	})
	inBenchBubble(1, netem.NATPortRestricted, func(n *benchNet) {
		offers, answers := n.wait(false)
		<-offers.opened
		time.Sleep(20500 * time.Millisecond)
		vanished := time.Since(offers.start)
		answers.v.host.Vanish()
		about("one whose peer has vanished", <-offers.closed-vanished, 30*time.Second)
		<-answers.closed
	})
	inBenchBubble(1, netem.NATBlocked, func(n *benchNet) {
		offers, answers := n.wait(false)
		<-offers.closed
		<-answers.closed
		about("an offer without UDP", offers.signaled, 5*time.Second)
		about("and its answer", answers.signaled-offers.signaled, 5*time.Second)
	})
}
