package player

import (
	"container/heap"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"swarmlab/sim/hls"
	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

// world is a virtual clock, an event heap and an origin behind one link: an environment in which a test says what happens.
type world struct {
	t      testing.TB
	now    time.Duration
	heap   events
	seq    int
	micro  []func()
	rand   *rand.Rand
	origin *hls.Stream
	base   string

	// The link to the origin: half a round trip each way, and a rate, shared by what is under way, that may change with time.
	rtt  time.Duration
	rate func(at time.Duration) float64 // bit/s; 0 stands still
	busy []*transfer
	next int  // whose turn it is
	sent bool // a chunk is on the way

	// answer, if set and true, takes a request's place.
	answer func(at time.Duration, url string, f *transfer) bool

	requests []asked
	open     int // fetches neither done nor cancelled
	bytes    int64
	late     bool // the player acted after it left
	wakeups  int
	still    int // turns and deferred calls since time last moved
}

type asked struct {
	at  time.Duration
	url string
	r   *p2pml.ByteRange
}

type event struct {
	at   time.Duration
	seq  int
	f    func()
	dead bool

	player bool // set by the player, not by the world
}

func (e *event) Stop() bool { was := !e.dead; e.dead = true; return was }

type events []*event

func (h events) Len() int { return len(h) }
func (h events) Less(i, j int) bool {
	return h[i].at < h[j].at || (h[i].at == h[j].at && h[i].seq < h[j].seq)
}
func (h events) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *events) Push(x any)   { *h = append(*h, x.(*event)) }
func (h *events) Pop() any {
	old := *h
	e := old[len(old)-1]
	*h = old[:len(old)-1]
	return e
}

func newWorld(t testing.TB, cfg hls.Config) *world {
	t.Helper()
	s, err := hls.NewSynthetic(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, origin: s, base: "http://origin.test/", rand: rand.New(rand.NewPCG(1, 2)),
		rtt: 20 * time.Millisecond, rate: constant(20e6)}
}

func constant(bps float64) func(time.Duration) float64 {
	return func(time.Duration) float64 { return bps }
}

func (w *world) Now() time.Duration { return w.now }
func (w *world) Rand() *rand.Rand   { return w.rand }
func (w *world) After(d time.Duration, f func()) webtorrent.Timer {
	if d < 0 {
		w.t.Errorf("timer set for %v", d)
	}
	e := w.later(d, f)
	e.player = true
	return e
}

// later is a timer of the world's own.
func (w *world) later(d time.Duration, f func()) *event {
	w.seq++
	e := &event{at: w.now + d, seq: w.seq, f: f}
	heap.Push(&w.heap, e)
	return e
}

func (w *world) Defer(f func()) { w.micro = append(w.micro, f) }
func (w *world) Assemble(_ *p2pml.Segment, blocks []webtorrent.Message) webtorrent.Message {
	var m webtorrent.Message
	for _, b := range blocks {
		m.Size += b.Size
	}
	return m
}

type deadSocket struct{}

func (deadSocket) Send([]byte)                                                 {}
func (deadSocket) Close()                                                      {}
func (w *world) OpenSocket(string, webtorrent.SocketHandler) webtorrent.Socket { return deadSocket{} }
func (w *world) NewPeerConn(string, webtorrent.PeerHandler) webtorrent.PeerConn {
	panic("no peers here")
}

// run lets time pass. Every event is one turn, at the end of which the deferred calls run.
func (w *world) run(until time.Duration) {
	w.drain()
	for len(w.heap) > 0 && w.heap[0].at <= until {
		e := heap.Pop(&w.heap).(*event)
		if e.dead {
			continue
		}
		e.dead = true
		if w.still++; e.at > w.now {
			w.still = 0
		}
		w.guard()
		w.now = e.at
		w.wakeups++
		e.f()
		w.drain()
	}
	w.now = until
}

// guard ends a test in which time stands still.
func (w *world) guard() {
	if w.still > 200_000 {
		panic(fmt.Sprintf("busy without end at %v", w.now))
	}
}

// do is one turn of the test's own.
func (w *world) do(f func()) {
	f()
	w.drain()
}

func (w *world) drain() {
	for len(w.micro) > 0 {
		f := w.micro[0]
		w.micro = w.micro[1:]
		w.still++
		w.guard()
		f()
	}
}

// pending counts the player's live timers.
func (w *world) pending() int {
	n := 0
	for _, e := range w.heap {
		if !e.dead && e.player {
			n++
		}
	}
	return n
}

// transfer is one response.
type transfer struct {
	w     *world
	h     p2pml.FetchHandler
	left  int64
	timer *event
	over  bool
}

func (w *world) Fetch(r p2pml.FetchRequest, h p2pml.FetchHandler) p2pml.Fetch {
	w.requests = append(w.requests, asked{w.now, r.URL, r.Range})
	f := &transfer{w: w, h: h}
	w.open++
	f.later(w.rtt, func() {
		if w.answer != nil && w.answer(w.now, r.URL, f) {
			return
		}
		w.serve(r, f)
	})
	return f
}

func (f *transfer) later(d time.Duration, g func()) { f.timer = f.w.later(d, g) }

func (f *transfer) Cancel() {
	if !f.over {
		f.end()
	}
}

func (f *transfer) end() {
	f.over = true
	f.w.open--
	if f.timer != nil {
		f.timer.dead = true
	}
	for i, b := range f.w.busy {
		if b == f {
			f.w.busy = append(f.w.busy[:i], f.w.busy[i+1:]...)
			break
		}
	}
}

func (f *transfer) status(code int) bool {
	f.h.FetchHeaders(p2pml.FetchHeaders{Status: code, ContentLength: 0})
	f.done(nil)
	return true
}

func (f *transfer) fail(err error) bool { f.done(err); return true }

func (f *transfer) done(err error) {
	if f.over {
		return
	}
	f.end()
	f.h.FetchDone(err)
}

func (f *transfer) text(body string) bool {
	f.h.FetchHeaders(p2pml.FetchHeaders{Status: 200, ContentLength: int64(len(body))})
	f.h.FetchBody(webtorrent.Text([]byte(body)))
	f.done(nil)
	return true
}

// serve answers from the stream. Playlists cost the link nothing, segments are shared fairly in chunks.
func (w *world) serve(r p2pml.FetchRequest, f *transfer) {
	path := strings.TrimPrefix(r.URL, w.base)
	if path == w.origin.MasterPath() {
		f.text(string(w.origin.MasterPlaylist()))
		return
	}
	for v := range w.origin.Variants() {
		if path == w.origin.MediaPath(v) {
			f.text(string(w.origin.MediaPlaylist(v, w.now)))
			return
		}
	}
	res, ok := w.origin.Locate(path)
	if !ok || !w.origin.Available(res.Variant, res.Seq, w.now) {
		f.status(404)
		return
	}
	info, _ := w.origin.Segment(res.Variant, res.Seq)
	f.left = info.Size
	f.h.FetchHeaders(p2pml.FetchHeaders{Status: 200, ContentLength: info.Size})
	if !f.over {
		w.busy = append(w.busy, f)
		w.pump()
	}
}

const chunk = 8 << 10

// pump sends one chunk at a time, in turn.
func (w *world) pump() {
	if w.sent || len(w.busy) == 0 {
		return
	}
	rate := w.rate(w.now)
	w.sent = true
	if rate <= 0 {
		w.later(10*time.Millisecond, func() { w.sent = false; w.pump() })
		return
	}
	w.next = (w.next + 1) % len(w.busy)
	f := w.busy[w.next]
	n := min(f.left, chunk)
	w.later(time.Duration(float64(n)*8/rate*1e9), func() {
		w.sent = false
		if !f.over {
			f.left -= n
			w.bytes += n
			f.h.FetchBody(webtorrent.Message{Size: int(n)})
			if !f.over && f.left == 0 {
				f.done(nil)
			}
		}
		w.pump()
	})
}

// segments are the paths of the segments asked for, in order.
func (w *world) segments() (paths []string) {
	for _, q := range w.requests {
		if !strings.Contains(q.url, ".m3u8") {
			paths = append(paths, strings.TrimPrefix(q.url, w.base))
		}
	}
	return paths
}

// playlistTimes are when a variant's playlist was asked for.
func (w *world) playlistTimes(variant int) (at []time.Duration) {
	for _, q := range w.requests {
		if q.url == w.base+w.origin.MediaPath(variant) {
			at = append(at, q.at)
		}
	}
	return at
}

// diary writes events down.
type diary struct {
	NoEvents
	w        *world
	startup  []Startup
	stalls   []StallStart
	resumes  []StallEnd
	seeks    []Seek
	switches []LevelSwitched
	appended []SegmentEvent
	played   []SegmentEvent
	loads    []PlaylistLoaded
	errors   []LoadError
	inits    []InitLoaded
	ended    []Ended
	fatal    []FatalError
	direct   []p2pml.SegmentLoaded
	aborted  []p2pml.SegmentAbort
	lost     []p2pml.BytesDiscarded
}

func (d *diary) OnStartup(e Startup)                     { d.startup = append(d.startup, e); d.alive() }
func (d *diary) OnStallStart(e StallStart)               { d.stalls = append(d.stalls, e); d.alive() }
func (d *diary) OnStallEnd(e StallEnd)                   { d.resumes = append(d.resumes, e); d.alive() }
func (d *diary) OnSeek(e Seek)                           { d.seeks = append(d.seeks, e); d.alive() }
func (d *diary) OnLevelSwitched(e LevelSwitched)         { d.switches = append(d.switches, e); d.alive() }
func (d *diary) OnSegmentAppended(e SegmentEvent)        { d.appended = append(d.appended, e); d.alive() }
func (d *diary) OnSegmentPlayed(e SegmentEvent)          { d.played = append(d.played, e); d.alive() }
func (d *diary) OnPlaylistLoaded(e PlaylistLoaded)       { d.loads = append(d.loads, e); d.alive() }
func (d *diary) OnInitLoaded(e InitLoaded)               { d.inits = append(d.inits, e); d.alive() }
func (d *diary) OnLoadError(e LoadError)                 { d.errors = append(d.errors, e); d.alive() }
func (d *diary) OnEnded(e Ended)                         { d.ended = append(d.ended, e); d.alive() }
func (d *diary) OnFatalError(e FatalError)               { d.fatal = append(d.fatal, e); d.alive() }
func (d *diary) OnSegmentLoaded(e p2pml.SegmentLoaded)   { d.direct = append(d.direct, e); d.alive() }
func (d *diary) OnSegmentAbort(e p2pml.SegmentAbort)     { d.aborted = append(d.aborted, e) }
func (d *diary) OnBytesDiscarded(e p2pml.BytesDiscarded) { d.lost = append(d.lost, e) }

func (d *diary) alive() {
	if d.w.late {
		d.w.t.Error("an event after the viewer left")
	}
}

// viewer makes a plain player of the world's stream.
func (w *world) viewer(change ...func(*Config)) (*Player, *diary) {
	cfg := Config{MasterURL: w.base + w.origin.MasterPath()}
	for _, f := range change {
		f(&cfg)
	}
	d := &diary{w: w}
	return New(w, cfg, d), d
}

// script is an engine that fetches over HTTP by itself, or fails, and writes down what it is told.
type script struct {
	w          *world
	told       []string
	segments   map[string]p2pml.Segment
	order      []string
	removed    []string
	streams    []p2pml.Stream
	playback   []float64
	playbackAt []time.Duration
	bitrates   []float64
	live       []bool
	loads      []string
	aborts     []string
	destroyed  bool
	loader     p2pml.LoadHandler
	current    string
	// deliver answers a request; nil: after delay, with bandwidth.
	deliver   func(s p2pml.Segment, h p2pml.LoadHandler)
	delay     time.Duration
	bandwidth float64
	off       bool
}

func newScript(w *world) *script {
	return &script{w: w, segments: map[string]p2pml.Segment{}, delay: 50 * time.Millisecond, bandwidth: 20e6}
}

func (s *script) SetManifestURL(url string)     { s.told = append(s.told, url) }
func (s *script) AddStream(x p2pml.Stream)      { s.streams = append(s.streams, x) }
func (s *script) HasSegment(id string) bool     { _, ok := s.segments[id]; return ok }
func (s *script) IsSegmentLoadable(string) bool { return !s.off }
func (s *script) UpdateStream(_ string, added []p2pml.Segment, removed []string) {
	for _, a := range added {
		s.segments[a.RuntimeID] = a
		s.order = append(s.order, a.RuntimeID)
	}
	for _, id := range removed {
		delete(s.segments, id)
	}
	s.removed = append(s.removed, removed...)
}
func (s *script) LoadSegment(id string, h p2pml.LoadHandler) {
	s.loads = append(s.loads, id)
	s.loader, s.current = h, id
	seg := s.segments[id]
	if s.deliver != nil {
		s.deliver(seg, h)
		return
	}
	s.w.later(s.delay, func() {
		if s.loader != h || s.destroyed {
			return
		}
		h.SegmentLoaded(p2pml.Loaded{Data: webtorrent.Message{Size: 400_000}, BandwidthBps: s.bandwidth})
	})
}
func (s *script) AbortSegmentLoading(id string) { s.aborts = append(s.aborts, id); s.loader = nil }
func (s *script) UpdatePlayback(pos, _ float64) {
	s.playback = append(s.playback, pos)
	s.playbackAt = append(s.playbackAt, s.w.now)
}
func (s *script) SetActiveLevelBitrate(b float64) { s.bitrates = append(s.bitrates, b) }
func (s *script) SetIsLive(l bool)                { s.live = append(s.live, l) }
func (s *script) Destroy()                        { s.destroyed = true }
func (s *script) Peers() int                      { return 0 }
func (s *script) StorageBytes() int64             { return 0 }

// engineViewer makes a player over a scripted engine.
func (w *world) engineViewer(change ...func(*Config)) (*Player, *diary, *script) {
	cfg := Config{MasterURL: w.base + w.origin.MasterPath(), P2PEnabled: true, P2P: p2pml.Default(), HLS: HLSConfig{LiveStartRace: -1}}
	for _, f := range change {
		f(&cfg)
	}
	d, s := &diary{w: w}, newScript(w)
	return newPlayer(w, cfg, d, s), d, s
}

// near fails unless got is within tolerance of want.
func near(t testing.TB, what string, got, want, tolerance float64) {
	t.Helper()
	if !(got >= want-tolerance && got <= want+tolerance) {
		t.Errorf("%s: %.4f, want %.4f (within %.4f)", what, got, want, tolerance)
	}
}

var errReset = errors.New("connection reset")

// level names a ladder.
func ladder(kbps ...int64) []hls.Variant {
	var v []hls.Variant
	for _, k := range kbps {
		v = append(v, hls.Variant{Name: fmt.Sprintf("k%d", k), Bandwidth: k * 1000, Codecs: "avc1.42c01e,mp4a.40.2"})
	}
	return v
}
