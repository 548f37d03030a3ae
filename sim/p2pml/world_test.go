package p2pml

import (
	"container/heap"
	"errors"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"swarmlab/sim/webtorrent"
)

// world is a virtual clock with an in-memory tracker, an origin and data channels of a fixed rate: everything a Core needs,
// nothing random but what is asked for.
type world struct {
	t       testing.TB
	now     time.Duration
	seq     int
	events  eventHeap
	tracker *webtorrent.Tracker
	sockets map[webtorrent.ConnID]*fakeSocket
	conns   []*fakeConn
	viewers []*fakeEnv
	running bool

	rate     float64 // of every data channel and direction, bytes/s
	latency  time.Duration
	connects func(e *fakeEnv) time.Duration // delay from answer to connected
	origin   func(e *fakeEnv, r FetchRequest) plan
	onSend   func(e *fakeEnv, m webtorrent.Message)
}

// plan is how the origin answers one request.
type plan struct {
	headers FetchHeaders
	silent  bool          // no answer at all
	first   time.Duration // until the headers
	body    int64         // bytes
	chunks  int
	over    time.Duration // duration of the body
	err     error         // at the end
}

func newWorld(t testing.TB) *world {
	tracker, err := webtorrent.NewTracker(webtorrent.TrackerConfig{Interval: 120 * time.Second, MaxOffers: 10}, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	return &world{
		t: t, tracker: tracker, sockets: make(map[webtorrent.ConnID]*fakeSocket), rate: 4e6, latency: time.Millisecond,
		connects: func(*fakeEnv) time.Duration { return 100 * time.Millisecond },
		origin:   func(_ *fakeEnv, r FetchRequest) plan { return serve(r, 400_000, 200*time.Millisecond) },
	}
}

// serve is an ordinary origin's answer for a resource of that size.
func serve(r FetchRequest, size int64, over time.Duration) plan {
	p := plan{headers: FetchHeaders{Status: 200, ContentLength: size}, first: 10 * time.Millisecond, body: size, chunks: 16, over: over}
	if r.Range == nil {
		return p
	}
	end := r.Range.End
	if end < 0 || end >= size {
		end = size - 1
	}
	n := end - r.Range.Start + 1
	p.body = n
	p.headers = FetchHeaders{Status: 206, ContentLength: n, ContentRange: &ContentRange{Start: r.Range.Start, End: end, Total: size}}
	return p
}

type event struct {
	at  time.Duration
	seq int
	run func()
	off bool
}

type eventHeap []*event

func (h eventHeap) Len() int { return len(h) }
func (h eventHeap) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].seq < h[j].seq
}
func (h eventHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *eventHeap) Push(x any)   { *h = append(*h, x.(*event)) }
func (h *eventHeap) Pop() any {
	old := *h
	e := old[len(old)-1]
	*h = old[:len(old)-1]
	return e
}

func (w *world) at(at time.Duration, run func()) *event {
	w.seq++
	e := &event{at: max(at, w.now), seq: w.seq, run: run}
	heap.Push(&w.events, e)
	return e
}

func (w *world) run(until time.Duration) {
	w.running = true
	defer func() { w.running = false }()
	for len(w.events) > 0 && w.events[0].at <= until {
		e := heap.Pop(&w.events).(*event)
		if e.off {
			continue
		}
		w.now = e.at
		e.off = true
		e.run()
	}
	w.now = until
}

// fakeEnv is one viewer's Env.
type fakeEnv struct {
	w        *world
	name     string
	rng      *rand.Rand
	turn     bool
	alone    bool // what is due at once follows a turn by itself
	deferred []func()
	timers   map[*fakeTimer]bool
	fetches  map[*fakeFetch]bool
	fetched  []FetchRequest
	assemble func(s *Segment, blocks []webtorrent.Message) webtorrent.Message
	patience Patience
}

// Await implements Patient; nothing is ever kept back.
func (e *fakeEnv) Await(p Patience) { e.patience = p }

func (w *world) env(name string) *fakeEnv {
	h := fnv.New64a()
	h.Write([]byte(name))
	e := &fakeEnv{
		w: w, name: name, rng: rand.New(rand.NewPCG(h.Sum64(), 7)),
		timers: make(map[*fakeTimer]bool), fetches: make(map[*fakeFetch]bool),
	}
	w.viewers = append(w.viewers, e)
	return e
}

// do is one turn of the viewer.
func (e *fakeEnv) do(f func()) {
	if e.turn {
		e.w.t.Fatal("a turn inside a turn")
	}
	e.turn = true
	f()
	for len(e.deferred) > 0 {
		next := e.deferred[0]
		e.deferred = e.deferred[1:]
		next()
	}
	e.turn = false
	if e.alone && !e.w.running {
		e.w.run(e.w.now)
	}
}

func (e *fakeEnv) later(d time.Duration, f func()) *event {
	return e.w.at(e.w.now+d, func() { e.do(f) })
}

func (e *fakeEnv) Now() time.Duration { return e.w.now }
func (e *fakeEnv) Rand() *rand.Rand   { return e.rng }
func (e *fakeEnv) Defer(f func())     { e.deferred = append(e.deferred, f) }

func (e *fakeEnv) Assemble(s *Segment, blocks []webtorrent.Message) webtorrent.Message {
	if e.assemble != nil {
		return e.assemble(s, blocks)
	}
	m := webtorrent.Message{}
	for _, b := range blocks {
		m.Size += b.Size
	}
	return m
}

type fakeTimer struct {
	env *fakeEnv
	ev  *event
}

func (e *fakeEnv) After(d time.Duration, f func()) webtorrent.Timer {
	t := &fakeTimer{env: e}
	t.ev = e.later(d, func() { delete(e.timers, t); f() })
	e.timers[t] = true
	return t
}

func (t *fakeTimer) Stop() bool {
	was := !t.ev.off
	t.ev.off = true
	delete(t.env.timers, t)
	return was
}

type fakeFetch struct {
	env  *fakeEnv
	gone bool
}

func (f *fakeFetch) Cancel() { f.gone = true; delete(f.env.fetches, f) }

func (e *fakeEnv) Fetch(r FetchRequest, h FetchHandler) Fetch {
	f := &fakeFetch{env: e}
	e.fetches[f] = true
	e.fetched = append(e.fetched, r)
	p := e.w.origin(e, r)
	if p.silent {
		return f
	}
	step := func(at time.Duration, what func()) {
		e.w.at(e.w.now+at, func() {
			if !f.gone {
				e.do(what)
			}
		})
	}
	step(p.first, func() { h.FetchHeaders(p.headers) })
	sent := int64(0)
	for i := 1; i <= p.chunks; i++ {
		n := p.body*int64(i)/int64(p.chunks) - sent
		sent += n
		step(p.first+p.over*time.Duration(i)/time.Duration(p.chunks), func() { h.FetchBody(webtorrent.Message{Size: int(n)}) })
	}
	step(p.first+p.over, func() { f.Cancel(); h.FetchDone(p.err) })
	return f
}

// fakeSocket connects a viewer to the tracker.
type fakeSocket struct {
	env  *fakeEnv
	id   webtorrent.ConnID
	h    webtorrent.SocketHandler
	open bool
}

func (e *fakeEnv) OpenSocket(_ string, h webtorrent.SocketHandler) webtorrent.Socket {
	w := e.w
	s := &fakeSocket{env: e, id: webtorrent.ConnID(len(w.sockets) + 1), h: h}
	w.sockets[s.id] = s
	w.at(w.now+w.latency, func() {
		if s.h != nil {
			s.open = true
			e.do(h.SocketOpened)
		}
	})
	return s
}

func (s *fakeSocket) Send(text []byte) {
	if !s.open {
		return
	}
	w := s.env.w
	text = []byte(string(text))
	w.at(w.now+w.latency, func() {
		for _, out := range w.tracker.HandleMessage(w.now, s.id, text) {
			to, body := w.sockets[out.To], []byte(string(out.Text))
			w.at(w.now+w.latency, func() {
				if to.open {
					to.env.do(func() { to.h.SocketMessage(body) })
				}
			})
		}
	})
}

func (s *fakeSocket) Close() {
	if s.open {
		s.env.w.tracker.ConnClosed(s.id)
	}
	s.open, s.h = false, nil
}

var errTest = errors.New("test")

// scripted is a source of chance that repeats a list of numbers in [0, 1).
type scripted struct {
	values []float64
	calls  int
	up     bool // round up to the 53 bits that Float64 has, not down
}

func (s *scripted) Uint64() uint64 {
	v := s.values[s.calls%len(s.values)]
	s.calls++
	if s.up {
		return uint64(math.Ceil(v * (1 << 53)))
	}
	return uint64(v * (1 << 53))
}

func scriptedRand(values ...float64) (*rand.Rand, *scripted) {
	s := &scripted{values: values}
	return rand.New(s), s
}
