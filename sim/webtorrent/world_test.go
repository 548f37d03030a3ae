package webtorrent

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// world is virtual time: events run one by one, in order of time and then of creation.
type world struct {
	now    time.Duration
	seq    int
	events []*event_
	conns  map[string]*fakeConn // by description
}

type event_ struct {
	at  time.Duration
	seq int
	f   func()
	w   *world
}

func newWorld() *world { return &world{conns: map[string]*fakeConn{}} }

func (e *event_) Stop() bool {
	i := slices.Index(e.w.events, e)
	if i < 0 {
		return false
	}
	e.w.events = slices.Delete(e.w.events, i, i+1)
	return true
}

func (w *world) after(d time.Duration, f func()) Timer {
	w.seq++
	e := &event_{at: w.now + d, seq: w.seq, f: f, w: w}
	i, _ := slices.BinarySearchFunc(w.events, e, func(a, b *event_) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.seq, b.seq))
	})
	w.events = slices.Insert(w.events, i, e)
	return e
}

// run lets d pass.
func (w *world) run(d time.Duration) {
	end := w.now + d
	for len(w.events) > 0 && w.events[0].at <= end {
		e := w.events[0]
		w.events = w.events[1:]
		w.now = e.at
		e.f()
	}
	w.now = end
}

// fakeEnv is a viewer. Sockets are opened by the test, or by dial; offers are gathered after gather, or by the test if it is
// negative.
type fakeEnv struct {
	w       *world
	name    string
	rng     *rand.Rand
	gather  time.Duration
	dial    func(*fakeSocket)
	sockets []*fakeSocket
	conns   []*fakeConn
}

func newFakeEnv(w *world, name string, seed uint64) *fakeEnv {
	return &fakeEnv{w: w, name: name, rng: rand.New(rand.NewPCG(seed, 1)), gather: 100 * time.Millisecond}
}

func (e *fakeEnv) Now() time.Duration                          { return e.w.now }
func (e *fakeEnv) After(d time.Duration, f func()) Timer       { return e.w.after(d, f) }
func (e *fakeEnv) Rand() *rand.Rand                            { return e.rng }
func (e *fakeEnv) last() *fakeSocket                           { return e.sockets[len(e.sockets)-1] }
func (e *fakeEnv) initiators() (list []*fakeConn)              { return e.only(true) }
func (e *fakeEnv) answerers() (list []*fakeConn)               { return e.only(false) }
func (e *fakeEnv) OpenSocket(u string, h SocketHandler) Socket { return e.openSocket(u, h) }

func (e *fakeEnv) only(initiator bool) (list []*fakeConn) {
	for _, c := range e.conns {
		if (c.offer == "") == initiator {
			list = append(list, c)
		}
	}
	return list
}

func (e *fakeEnv) openSocket(url string, h SocketHandler) *fakeSocket {
	s := &fakeSocket{env: e, url: url, h: h}
	e.sockets = append(e.sockets, s)
	if e.dial != nil {
		e.dial(s)
	}
	return s
}

func (e *fakeEnv) NewPeerConn(offer string, h PeerHandler) PeerConn {
	c := &fakeConn{env: e, offer: offer, h: h, sdp: fmt.Sprintf("%s-%d\r\n", e.name, len(e.conns))}
	e.conns = append(e.conns, c)
	e.w.conns[c.sdp] = c
	if e.gather >= 0 {
		e.w.after(e.gather, c.signal)
	}
	return c
}

type fakeSocket struct {
	env          *fakeEnv
	url          string
	h            SocketHandler
	opened, done bool
	closedByUser bool
	sent         []string
	onSend       func(text []byte)
	onClose      func()
}

func (s *fakeSocket) open() { s.opened = true; s.h.SocketOpened() }
func (s *fakeSocket) message(text string) {
	b := []byte(text)
	s.h.SocketMessage(b)
	clear(b) // the message was the socket's: nobody may have kept it
}
func (s *fakeSocket) fail(err error) { s.done = true; s.h.SocketClosed(err) }

func (s *fakeSocket) Send(text []byte) {
	if s.done {
		panic("sent on a closed socket")
	}
	s.sent = append(s.sent, string(text))
	if s.onSend != nil {
		s.onSend(text)
	}
}

func (s *fakeSocket) Close() {
	if s.done {
		panic("socket closed twice")
	}
	s.done, s.closedByUser = true, true
	if s.onClose != nil {
		s.onClose()
	}
}

// fakeConn connects to the conn whose description it is given, 50 ms after the answer was set.
type fakeConn struct {
	env       *fakeEnv
	offer     string
	h         PeerHandler
	sdp       string
	answer    string
	connected bool
	closed    bool
	other     *fakeConn
	sent      []Message
}

func (c *fakeConn) signal() {
	if !c.closed {
		c.h.PeerSignal(c.sdp)
	}
}
func (c *fakeConn) fail(err error)       { c.closed = true; c.h.PeerClosed(err) }
func (c *fakeConn) Handle(h PeerHandler) { c.h = h }
func (c *fakeConn) Send(m Message)       { c.sent = append(c.sent, m) }
func (c *fakeConn) BufferedAmount() int  { return len(c.sent) }
func (c *fakeConn) Close() {
	if c.closed {
		panic("connection closed twice")
	}
	c.closed = true
}

func (c *fakeConn) SetAnswer(sdp string) {
	c.answer = sdp
	other := c.env.w.conns[sdp]
	if other == nil {
		return
	}
	c.env.w.after(50*time.Millisecond, func() {
		if c.closed || other.closed || other.offer != c.sdp {
			return
		}
		c.other, other.other = other, c
		for _, x := range []*fakeConn{c, other} {
			x.connected = true
			x.h.PeerConnected()
		}
	})
}

// events is a consumer that keeps what it is told, and handles its peers unless refuse says no.
type events struct {
	refuse    bool
	peers     []string
	conns     []PeerConn
	warnings  []error
	announced []time.Duration
	counts    [][2]int
	connected []string
	closed    int
	messages  []Message
	signals   int
	onPeer    func()
	onWarning func()
}

func (e *events) ClientPeer(id string, conn PeerConn) {
	e.peers = append(e.peers, id)
	e.conns = append(e.conns, conn)
	if e.onPeer != nil {
		e.onPeer()
	}
	if e.refuse {
		conn.Close()
		return
	}
	conn.Handle(&peerEvents{e, id})
}
func (e *events) ClientWarning(err error) {
	e.warnings = append(e.warnings, err)
	if e.onWarning != nil {
		e.onWarning()
	}
}
func (e *events) ClientError(err error) { panic(err) }
func (e *events) ClientAnnounced(interval time.Duration, complete, incomplete int) {
	e.announced = append(e.announced, interval)
	e.counts = append(e.counts, [2]int{complete, incomplete})
}

type peerEvents struct {
	e  *events
	id string
}

func (p *peerEvents) PeerSignal(string)      { p.e.signals++ }
func (p *peerEvents) PeerConnected()         { p.e.connected = append(p.e.connected, p.id) }
func (p *peerEvents) PeerMessage(m Message)  { p.e.messages = append(p.e.messages, m) }
func (p *peerEvents) PeerBufferedAmountLow() {}
func (p *peerEvents) PeerClosed(error)       { p.e.closed++ }

var errLost = errors.New("lost")

const (
	testHash  = "YcEGc49ZZak7rpBe9Uy/"
	otherHash = "XKs64L1T4rX7ZKY3Wvg8"
	testPeer  = "-PM0203-qzUEbtWxdiOj"
	otherPeer = "-PM0203-CJs3QBcA5AoM"
	trackerA  = "ws://a.example"
)

// viewer is one client in a world of its own.
type viewer struct {
	*testing.T
	w    *world
	env  *fakeEnv
	pool *Sockets
	ev   *events
	c    *Client
}

func newViewer(t *testing.T, cfg ClientConfig) *viewer {
	w := newWorld()
	v := &viewer{T: t, w: w, env: newFakeEnv(w, "v", 7), ev: &events{}}
	v.pool = NewSockets(v.env)
	v.c = v.client(cfg, v.ev)
	return v
}

func (v *viewer) client(cfg ClientConfig, ev *events) *Client {
	cfg.InfoHash = cmp.Or(cfg.InfoHash, testHash)
	cfg.PeerID = cmp.Or(cfg.PeerID, testPeer)
	if cfg.Trackers == nil {
		cfg.Trackers = []string{trackerA}
	}
	return NewClient(v.env, v.pool, cfg, ev)
}

// up starts the client, opens its socket and lets its first announce go out.
func (v *viewer) up() *fakeSocket {
	v.Helper()
	v.c.Start()
	s := v.env.last()
	s.open()
	v.w.run(200 * time.Millisecond)
	if len(s.sent) != 1 {
		v.Fatalf("%d messages sent after the start, want 1", len(s.sent))
	}
	return s
}

func (v *viewer) wantSent(s *fakeSocket, n int, when string) {
	v.Helper()
	if len(s.sent) != n {
		v.Fatalf("%s: %d messages sent, want %d", when, len(s.sent), n)
	}
}

func (v *viewer) wantWarnings(n int) {
	v.Helper()
	if len(v.ev.warnings) != n {
		v.Fatalf("warnings %v, want %d", v.ev.warnings, n)
	}
}
