package flow

import (
	"math/rand/v2"
	"testing"
	"time"

	"swarmlab/netem"
	"swarmlab/sim/hls"
	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

// clocked notes when things are heard, of a fetch or of a socket.
type clocked struct {
	w                  *world
	headers, body, end time.Duration
	opened, closed     time.Duration
}

func (c *clocked) FetchHeaders(p2pml.FetchHeaders)   { c.headers = c.w.clock.now }
func (c *clocked) FetchBody(webtorrent.Message)      { c.body = max(c.body, c.w.clock.now) }
func (c *clocked) FetchDone(error)                   { c.end = c.w.clock.now }
func (c *clocked) SocketOpened()                     { c.opened = c.w.clock.now }
func (c *clocked) SocketMessage([]byte)              {}
func (c *clocked) SocketClosed(error)                { c.closed = c.w.clock.now }
func (c *clocked) since(at, began time.Duration) int { return int((at - began).Milliseconds()) }

// queueing is a viewer 10 ms from everything, whose uplink of 800 kbit/s has a queue of 300 ms.
func queueing(w *world, id uint64) *viewer {
	link := netem.Link{Up: 800 * netem.Kbit, Down: 80 * netem.Mbit, Delay: 10 * time.Millisecond, QueueUp: netem.QueueTime(300 * time.Millisecond)}
	v := &viewer{world: w, place: newPlace("", link), conns: map[*peerConn]struct{}{}, fetches: map[*fetch]struct{}{}, sockets: map[*socket]struct{}{}}
	v.plan.Seed, v.plan.Link = id, link
	v.up, v.down = linkSide(link.Up, link.QueueUp, 0), linkSide(link.Down, link.QueueDown, 0)
	return v
}

func someTracker(t *testing.T) *webtorrent.Tracker {
	t.Helper()
	config, err := webtorrent.Configure(webtorrent.Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	tracker, err := webtorrent.NewTracker(config, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	return tracker
}

// TestWhoUploadsWaitsWithAllItSends: to the tracker, the STUN server and a new peer no less than to whom it uploads to.
func TestWhoUploadsWaitsWithAllItSends(t *testing.T) {
	w := newClockedWorld(true)
	w.stun = true
	w.tracker.sockets, w.tracker.Tracker = map[webtorrent.ConnID]*socket{}, someTracker(t)
	v, to, other := queueing(w, 1), queueing(w, 2), queueing(w, 3)
	ends := func(a, b *viewer) (*peerConn, *peerConn) {
		x, y := &peerConn{v: a, handler: &listener{w: w}, id: 1}, &peerConn{v: b, handler: &listener{w: w}, id: 2}
		x.remote, y.remote = y, x
		return x, y
	}
	figures := func() map[string]int {
		first, _ := w.connecting(ends(v, other))
		back, _ := w.connecting(ends(other, v))
		c := &clocked{w: w}
		began := w.clock.now
		s := newSocket(v, c)
		w.until(began + 2*time.Second)
		s.Close()
		return map[string]int{
			"out": int(v.out(&w.ice).Milliseconds()), "in": int(v.in(&w.ice).Milliseconds()), "STUN": int(w.asking(v, 0).Milliseconds()),
			"connecting": int(first.Milliseconds()), "being connected": int(back.Milliseconds()), "socket": c.since(c.opened, began),
		}
	}
	want := map[string]int{"out": 10, "in": 10, "STUN": 20, "connecting": 6*40 + 24, "being connected": 6*40 + 24, "socket": 40}
	for what, ms := range figures() {
		if ms != want[what] {
			t.Errorf("with an empty queue, %s: %d ms, want %d", what, ms, want[what])
		}
	}
	a, b := ends(v, to)
	a.open()
	b.open()
	a.lane.window.size, a.lane.window.threshold = 200_000, 1 // more than the queue holds
	for range 100 {
		a.Send(data(16 << 10))
	}
	w.until(w.clock.now + time.Second)
	queue := int(v.up.waiting().Milliseconds())
	if queue != 300 {
		t.Fatalf("the queue is %d ms long, want 300", queue)
	}
	for what, times := range map[string]int{"out": 1, "STUN": 1, "connecting": 6, "being connected": 6, "socket": 2} {
		want[what] += times * queue
	}
	for what, ms := range figures() {
		if ms != want[what] {
			t.Errorf("with a full queue, %s: %d ms, want %d", what, ms, want[what])
		}
	}
	w.rampUp = false // there are no windows, so nobody's queue is of their making
	if ms := v.out(&w.ice).Milliseconds(); ms != 10 {
		t.Errorf("without windows: %d ms, want 10", ms)
	}
}

// TestWhatAnOriginAnswersWaitsInItsQueue: the connection's opening and an answer's headers as well as its body.
func TestWhatAnOriginAnswersWaitsInItsQueue(t *testing.T) {
	stream, err := hls.NewSynthetic(hls.Config{SegmentDuration: 4 * time.Second, Length: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	w := newClockedWorld(true)
	w.httpChunk = 64 << 10
	w.origin = newOrigin(stream, &w.clock)
	w.origin.up = newSide(100_000, 0.2)
	w.origin.place.region = -1
	get := func(v *viewer, path string) *clocked {
		c := &clocked{w: w}
		newFetch(v, p2pml.FetchRequest{URL: "http://origin/" + path}, c)
		return c
	}
	began := w.clock.now
	alone := get(queueing(w, 1), "v0/playlist.m3u8")
	w.until(began + time.Second)
	if ms := alone.since(alone.headers, began); ms != 40 { // two round trips of 20 ms
		t.Errorf("an idle origin's headers come after %d ms, want 40", ms)
	}
	busy := queueing(w, 2)
	busy.httpWindow().size, busy.httpWindow().threshold = 100_000, 1
	get(busy, "v0/0.ts")
	get(busy, "v0/1.ts")
	w.until(w.clock.now + time.Second)
	if ms := w.origin.up.waiting().Milliseconds(); ms != 200 {
		t.Fatalf("the origin's queue is %d ms long, want 200", ms)
	}
	v := queueing(w, 3)
	for _, c := range []struct {
		what string
		want int
	}{{"the first answer's", 20 + 200 + 20 + 200}, {"a later one's", 20 + 200}} {
		began := w.clock.now
		got := get(v, "v0/playlist.m3u8")
		w.until(began + 600*time.Millisecond)
		if ms := got.since(got.headers, began); ms != c.want {
			t.Errorf("%s headers come after %d ms, want %d", c.what, ms, c.want)
		}
		if got.body < got.headers || got.end < got.body {
			t.Errorf("%s headers come at %v, the body at %v, its end at %v", c.what, got.headers, got.body, got.end)
		}
	}
}

// crowded is eight viewers who come within 3 s to a live stream, and an origin that has just enough for all of them.
const crowded = `
run: {duration: 150s}
stream: {kind: live, segmentDuration: 6s, window: 6, variants: [{bandwidth: 408000}]}
network: {grid: 100us}
peers: {count: 8, arrival: {kind: stagger, gap: 400ms, jitter: 100ms, at: 3s}, groups: [{name: page, link: unlimited, region: lab}]}
origin: {link: {up: 3.5mbps, down: 100mbps}, region: lab}
ice: {stun: false}
`

// TestViewersBeforeAFullOriginDoNotStayInStep: in the packet tier they share 50 to 81 %, 74 in the mean of twenty seeds. While here only
// bodies waited in its queue, and the largest window always lost, five of ten shared less than 12 %, and the mean was 40.
func TestViewersBeforeAFullOriginDoNotStayInStep(t *testing.T) {
	const seeds = 20
	var sum float64
	for seed := range uint64(seeds) {
		sum += runOf(t, crowded, seed+1).Summary.P2PRatioChunks
	}
	if mean := sum / seeds; mean < 0.62 {
		t.Errorf("in the mean of %d seeds they share %.2f", seeds, mean)
	}
}

// TestAFullQueueLosesWhatComes: in proportion to what each sends, if it has a window to lose.
func TestAFullQueueLosesWhatComes(t *testing.T) {
	n := newNetwork(true)
	s, wide := n.side(90_000), n.side(1e9)
	windowOf := func(size float64) *window {
		w := newTestWindow(&quicRules, size, 1)
		w.flows = nil
		return w
	}
	flows := map[*flow]int{}
	var large *flow
	for _, size := range []float64{60_000, 20_000, 10_000} {
		f := n.start(s, wide, windowOf(size), 1<<30, func() {})
		flows[f] = 0
		if large == nil {
			large = f
		}
	}
	free := n.start(s, wide, nil, 1<<30, func() {})
	for i := range 10_000 {
		flows[s.sending(large, float64(i)/10_000)]++
	}
	if flows[free] != 0 {
		t.Errorf("who has no window lost %d", flows[free])
	}
	delete(flows, free)
	for f, got := range flows {
		near(t, "drops", float64(got), 10_000*f.rate/(s.used-free.rate), 0.02)
	}
	if f := s.sending(large, 1); f != large {
		t.Error("a chance of 1 is nobody's")
	}
	var sum float64
	for i := range uint64(1000) {
		c := n.fluid.chance(i)
		if c < 0 || c >= 1 {
			t.Fatalf("chance %v", c)
		}
		sum += c
	}
	near(t, "mean chance", sum/1000, 0.5, 0.05)
}
