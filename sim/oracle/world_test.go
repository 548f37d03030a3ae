package oracle

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

// scripted is a world in which the recorded traces can happen again: the test says how long each download takes and when each side
// of the channel opens.
type scripted struct {
	now     time.Duration
	seq     int
	heap    events
	tracker *webtorrent.Tracker
	sockets map[webtorrent.ConnID]*scriptedSocket
	conns   []*scriptedConn

	rate   float64 // of the channel, bytes/s
	took   func(v *scriptedViewer, url string) time.Duration
	opens  func(v *scriptedViewer) time.Duration
	onSend func(v *scriptedViewer, m webtorrent.Message)
}

const way = time.Millisecond // from anywhere to anywhere

func newScripted(t *testing.T, rate float64) *scripted {
	tracker, err := webtorrent.NewTracker(webtorrent.TrackerConfig{Interval: 120 * time.Second, MaxOffers: 10}, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	return &scripted{tracker: tracker, sockets: map[webtorrent.ConnID]*scriptedSocket{}, rate: rate}
}

type event struct {
	at  time.Duration
	seq int
	f   func()
	off bool
}

func (e *event) Stop() bool { was := !e.off; e.off = true; return was }

type events []*event

func (h events) Len() int { return len(h) }
func (h events) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].seq < h[j].seq
}
func (h events) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *events) Push(x any)   { *h = append(*h, x.(*event)) }
func (h *events) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	*h = (*h)[:last]
	return e
}

func (w *scripted) after(d time.Duration, f func()) *event {
	w.seq++
	e := &event{at: w.now + max(d, 0), seq: w.seq, f: f}
	heap.Push(&w.heap, e)
	return e
}

func (w *scripted) run(until time.Duration) {
	for len(w.heap) > 0 && w.heap[0].at <= until {
		e := heap.Pop(&w.heap).(*event)
		if w.now = e.at; !e.off {
			e.off = true
			e.f()
		}
	}
}

// scriptedViewer is a viewer's environment.
type scriptedViewer struct {
	w        *scripted
	name     string
	rand     *rand.Rand
	deferred []func()
}

func (v *scriptedViewer) turn(f func()) {
	f()
	for len(v.deferred) > 0 {
		next := v.deferred[0]
		v.deferred = v.deferred[1:]
		next()
	}
}

func (v *scriptedViewer) later(d time.Duration, f func()) *event {
	return v.w.after(d, func() { v.turn(f) })
}

func (v *scriptedViewer) Now() time.Duration { return v.w.now }
func (v *scriptedViewer) Rand() *rand.Rand   { return v.rand }
func (v *scriptedViewer) Defer(f func())     { v.deferred = append(v.deferred, f) }
func (v *scriptedViewer) After(d time.Duration, f func()) webtorrent.Timer {
	return v.later(d, f)
}

func (v *scriptedViewer) Assemble(_ *p2pml.Segment, blocks []webtorrent.Message) webtorrent.Message {
	var m webtorrent.Message
	for _, b := range blocks {
		m.Size += b.Size
	}
	return m
}

type scriptedFetch struct{ off bool }

func (f *scriptedFetch) Cancel() { f.off = true }

// Fetch answers with 400,000 bytes in sixteen chunks, or with the rest of them.
func (v *scriptedViewer) Fetch(r p2pml.FetchRequest, h p2pml.FetchHandler) p2pml.Fetch {
	const size, first, chunks = 400_000, 10 * time.Millisecond, 16
	f := &scriptedFetch{}
	headers, body := p2pml.FetchHeaders{Status: 200, ContentLength: size}, int64(size)
	if r.Range != nil {
		body = size - r.Range.Start
		headers = p2pml.FetchHeaders{Status: 206, ContentLength: body, ContentRange: &p2pml.ContentRange{Start: r.Range.Start, End: size - 1, Total: size}}
	}
	over := v.w.took(v, r.URL) - first
	step := func(at time.Duration, what func()) {
		v.later(at, func() {
			if !f.off {
				what()
			}
		})
	}
	step(first, func() { h.FetchHeaders(headers) })
	for i, sent := int64(1), int64(0); i <= chunks; i++ {
		n := body*i/chunks - sent
		sent += n
		step(first+over*time.Duration(i)/chunks, func() { h.FetchBody(webtorrent.Message{Size: int(n)}) })
	}
	step(first+over, func() { h.FetchDone(nil) })
	return f
}

type scriptedSocket struct {
	v    *scriptedViewer
	id   webtorrent.ConnID
	h    webtorrent.SocketHandler
	open bool
}

func (v *scriptedViewer) OpenSocket(_ string, h webtorrent.SocketHandler) webtorrent.Socket {
	s := &scriptedSocket{v: v, id: webtorrent.ConnID(len(v.w.sockets) + 1), h: h}
	v.w.sockets[s.id] = s
	v.later(way, func() { s.open = true; h.SocketOpened() })
	return s
}

func (s *scriptedSocket) Close() { s.open = false }
func (s *scriptedSocket) Send(text []byte) {
	w, text := s.v.w, append([]byte(nil), text...)
	w.after(way, func() {
		for _, out := range w.tracker.HandleMessage(w.now, s.id, text) {
			to, body := w.sockets[out.To], append([]byte(nil), out.Text...)
			to.v.later(way, func() { to.h.SocketMessage(body) })
		}
	})
}

type scriptedConn struct {
	v        *scriptedViewer
	id       int
	h        webtorrent.PeerHandler
	other    *scriptedConn
	open     bool
	closed   bool
	buffered int
	free     time.Duration
	early    []webtorrent.Message
}

func (v *scriptedViewer) NewPeerConn(offer string, h webtorrent.PeerHandler) webtorrent.PeerConn {
	w := v.w
	c := &scriptedConn{v: v, id: len(w.conns), h: h}
	w.conns = append(w.conns, c)
	if offer != "" {
		c.other = w.conns[number(offer)]
	}
	v.later(way, func() { c.h.PeerSignal(fmt.Sprintf("conn %d", c.id)) })
	return c
}

func number(sdp string) (id int) {
	fmt.Sscanf(sdp, "conn %d", &id)
	return id
}

func (c *scriptedConn) Handle(h webtorrent.PeerHandler) { c.h = h }
func (c *scriptedConn) BufferedAmount() int             { return c.buffered }
func (c *scriptedConn) Close()                          { c.closed = true }
func (c *scriptedConn) SetAnswer(sdp string) {
	c.other = c.v.w.conns[number(sdp)]
	for _, end := range []*scriptedConn{c, c.other} {
		end.v.later(c.v.w.opens(end.v), func() {
			if c.closed || c.other.closed {
				return
			}
			end.open = true
			end.h.PeerConnected()
			for _, m := range end.early {
				end.v.later(0, func() { end.h.PeerMessage(m) })
			}
		})
	}
}

func (c *scriptedConn) Send(m webtorrent.Message) {
	w := c.v.w
	w.onSend(c.v, m)
	c.buffered += m.Size
	c.free = max(c.free, w.now) + time.Duration(float64(m.Size)/w.rate*float64(time.Second))
	c.v.later(c.free-w.now, func() {
		above := c.buffered > webtorrent.BufferedAmountLowThreshold
		if c.buffered -= m.Size; above && c.buffered <= webtorrent.BufferedAmountLowThreshold {
			c.h.PeerBufferedAmountLow()
		}
		to := c.other
		to.v.later(way, func() {
			if to.open {
				to.h.PeerMessage(m)
			} else {
				to.early = append(to.early, m)
			}
		})
	})
}
