package flow

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"swarmlab/netem"
	"swarmlab/sim/webtorrent"
)

// listener is a viewer's end of a connection that writes down what it hears, and when.
type listener struct {
	w   *world
	log []string
	got int
	low func()
}

func (l *listener) note(format string, args ...any) {
	l.log = append(l.log, fmt.Sprintf("%v ", l.w.clock.now)+fmt.Sprintf(format, args...))
}
func (l *listener) PeerSignal(string) {}
func (l *listener) PeerConnected()    { l.note("connected") }
func (l *listener) PeerMessage(m webtorrent.Message) {
	l.got += m.Size
	l.note("%d bytes", m.Size)
}
func (l *listener) PeerBufferedAmountLow() {
	l.note("low")
	if l.low != nil {
		l.low()
	}
}
func (l *listener) PeerClosed(err error) { l.note("closed: %v", err) }

// couple connects two viewers at once, 10 ms from one another: the first sends 1 MB/s.
func couple(t *testing.T, rampUp bool) (w *world, a, b *peerConn, atA, atB *listener) {
	t.Helper()
	at := newClockedWorld(rampUp)
	link := netem.Link{Up: 8 * netem.Mbit, Down: 80 * netem.Mbit, Delay: 5 * time.Millisecond}
	side := func(name uint64) (*viewer, *listener, *peerConn) {
		v := &viewer{world: at, place: newPlace("", link), conns: map[*peerConn]struct{}{}}
		v.plan.Seed, v.plan.Link = name, link
		v.up, v.down = linkSide(link.Up, link.QueueUp, 0), linkSide(link.Down, link.QueueDown, 0)
		l := &listener{w: at}
		return v, l, &peerConn{v: v, handler: l, id: name}
	}
	_, atA, a = side(1)
	_, atB, b = side(2)
	a.remote, b.remote = b, a
	a.open()
	b.open()
	atA.log, atB.log = nil, nil
	return at, a, b, atA, atB
}

func newClockedWorld(rampUp bool) *world {
	w := &world{core: newCore(), ordered: map[time.Duration]time.Duration{}, conns: map[uint64]*peerConn{}, rampUp: rampUp}
	w.prompt = true // so that all is heard when it arrives
	w.setup.lostAfter, w.setup.failAfter = 30*time.Second, 30*time.Second
	w.fluid = fluid{clock: &w.clock, maxmin: true}
	return w
}

func (w *world) until(t time.Duration) {
	for ev := w.clock.next(t); ev != nil; ev = w.clock.next(t) {
		ev.doing.do()
	}
}

func data(n int) webtorrent.Message {
	return webtorrent.Message{Size: n, Of: &webtorrent.Content{Size: int64(n)}}
}

func wants(t *testing.T, l *listener, want ...string) {
	t.Helper()
	if !slices.Equal(l.log, want) {
		t.Errorf("heard\n%q, want\n%q", l.log, want)
	}
}

// TestACommandWaitsBehindData: whole messages, in order, at the link's rate and a way later.
func TestACommandWaitsBehindData(t *testing.T) {
	w, a, _, _, atB := couple(t, false)
	a.Send(data(50_000))
	a.Send(webtorrent.Text(make([]byte, 2000)))
	a.Send(data(8_000))
	w.until(time.Second)
	wants(t, atB, "60ms 50000 bytes", "62ms 2000 bytes", "70ms 8000 bytes")
	a.Send(webtorrent.Text(make([]byte, 1000))) // alone: a packet's time
	w.until(2 * time.Second)
	wants(t, atB, "60ms 50000 bytes", "62ms 2000 bytes", "70ms 8000 bytes", "1.011s 1000 bytes")
}

// TestBufferedAmountCountsWholeMessages: one that has begun to leave counts until it has gone, and low is told when the amount falls
// to the threshold.
func TestBufferedAmountCountsWholeMessages(t *testing.T) {
	w, a, _, atA, _ := couple(t, false)
	a.Send(data(65_535))
	a.Send(data(65_535))
	for _, c := range []struct {
		at   time.Duration
		want int
	}{{0, 131_070}, {65 * time.Millisecond, 131_070}, {66 * time.Millisecond, 65_535}, {131 * time.Millisecond, 65_535}, {132 * time.Millisecond, 0}} {
		w.until(c.at)
		if got := a.BufferedAmount(); got != c.want {
			t.Errorf("at %v %d bytes are buffered, want %d", c.at, got, c.want)
		}
	}
	wants(t, atA, "65.535ms low")
}

// TestTheNetworkTakesWhatTheWindowHasRoomFor: with congestion control, what is in flight is not in the channel's buffer.
func TestTheNetworkTakesWhatTheWindowHasRoomFor(t *testing.T) {
	_, a, _, _, _ := couple(t, true)
	a.lane.window.size = 200_000
	for range 5 {
		a.Send(data(65_535))
	}
	if got := a.BufferedAmount(); got != 2*65_535 {
		t.Errorf("%d bytes are buffered, want two messages: three fit into the window", got)
	}
}

// TestClosingAndVanishing: what has left before arrives; a goodbye is heard a way later, silence after lostAfter.
func TestClosingAndVanishing(t *testing.T) {
	w, a, _, _, atB := couple(t, false)
	a.Send(data(10_000))
	a.Send(data(10_000))
	w.until(15 * time.Millisecond)
	a.Close()
	w.until(time.Minute)
	wants(t, atB, "20ms 10000 bytes", "25ms closed: the data channel closed")

	w, a, b, atA, _ := couple(t, false)
	a.Send(data(100_000))
	w.until(50 * time.Millisecond)
	b.v.vanished, b.v.gone = true, true
	b.vanish()
	w.until(time.Minute)
	wants(t, atA, "30.05s closed: the peer connection failed")
	if len(a.v.up.flows) != 0 {
		t.Error("the transfer goes on")
	}
	w, a, b, _, _ = couple(t, false)
	b.v.vanished, b.v.gone = true, true
	b.vanish()
	a.Send(data(70_000))
	w.until(20 * time.Second)
	if got := a.BufferedAmount(); got != 70_000 {
		t.Errorf("%d bytes are buffered for a viewer that has vanished, want all 70000", got)
	}
}

// TestNothingOvertakes: commands that leave one by one arrive in order, however the lines wander.
func TestNothingOvertakes(t *testing.T) {
	w, a, _, _, atB := couple(t, false)
	a.v.late.up = newWander(20*time.Millisecond, 3)
	var want, got []int
	for size := 1; size <= 500; size++ {
		w.until(time.Duration(size) * 2 * time.Millisecond)
		a.Send(webtorrent.Text(make([]byte, size)))
		want = append(want, size)
	}
	w.until(time.Minute)
	for _, line := range atB.log {
		var at string
		var size int
		if _, err := fmt.Sscanf(line, "%s %d bytes", &at, &size); err != nil {
			t.Fatal(err)
		}
		got = append(got, size)
	}
	if !slices.Equal(got, want) {
		t.Errorf("arrived as %v", got)
	}
}

// TestLanesShareFlows: one that is over is another lane's next, but not before its own last event is over.
func TestLanesShareFlows(t *testing.T) {
	w, a, b, atA, _ := couple(t, false)
	var first *flow
	atA.low = func() { // in an event of the first flow
		a.Close()
		b.Send(data(10_000))
		if first == nil || b.lane.flow == first {
			t.Error("the flow has another sender while its last one is being told")
		}
	}
	a.Send(data(65_535))
	a.Send(data(65_535))
	first = a.lane.flow
	w.until(time.Second)
	if a.lane.flow != nil || b.lane.flow != nil || len(w.flows) != 2 || !slices.Contains(w.flows, first) {
		t.Errorf("nothing is under way, and %d flows of 2 can be used again", len(w.flows))
	}
	if again := w.takeFlow(); again.active || len(w.flows) != 1 {
		t.Errorf("taken one that is active (%v), and %d are left, want 1", again.active, len(w.flows))
	}
}

// TestNothingStandsInQueuesWithoutWindows: where no window fills them, a crowd does not either.
func TestNothingStandsInQueuesWithoutWindows(t *testing.T) {
	for _, windows := range []bool{false, true} {
		_, a, _, _, _ := couple(t, windows)
		up := &a.v.up
		up.flows, up.used, up.queue = make([]*flow, crowd+1), up.capacity, 1
		if waits := a.lane.queued() > 0; waits != windows {
			t.Errorf("windows %v: a packet waits: %v", windows, waits)
		}
	}
}
