package p2pml

import (
	"math"
	"time"

	"swarmlab/sim/webtorrent"
)

// playbackThrottleMs: an ordinary playback update runs the scheduler only if the last run is longer ago than this.
const (
	playbackThrottleMs = 1000
	playbackThrottle   = playbackThrottleMs * time.Millisecond
)

// hybridLoader decides, for one stream type, what is loaded from where.
//
// P2P Media Loader 2.3 behaviour: scheduling. It is spread over hybrid.go (what wakes it), housekeeping.go (what became of the
// requests), schedule.go (what is started), prefetch.go and choice.go (what is left to chance).
type hybridLoader struct {
	core     *Core
	kind     StreamType
	cfg      *StreamConfig
	strategy *generation
	swarms   swarms

	last   *segment       // the player's last requested segment
	engine *engineRequest // the player's pending request; nil: none

	position, rate  float64
	following       bool    // the playback that is followed has told it its position
	averageDuration float64 // of the first rendition, at creation: the library computes it once

	requests          []*request // in order of creation
	busyHTTP, busyP2P int

	created      time.Duration
	initialDelay webtorrent.Timer // of the end of the initial wait
	sameInstant  bool             // that timer was set for no time at all
	lastPass     time.Duration
	passed       bool
	scheduled    bool // a pass is due at the end of the turn, or running
	pass         func()
	passes       uint64
	calm         calm
	queue        []queueItem
	prefetch     prefetcher
	levelChanged time.Duration
	destroyed    bool
}

// engineRequest is the player's request for a segment.
type engineRequest struct {
	seg       *segment
	handler   LoadHandler
	immediate bool // the player jumped: it waits for exactly this one
}

func newHybridLoader(c *Core, first *segment) *hybridLoader {
	kind := first.rendition.Type
	l := &hybridLoader{
		core: c, kind: kind, cfg: c.cfg.Of(kind), strategy: c.strategy,
		last: first, position: first.Start, rate: 1, averageDuration: first.rendition.averageDuration(),
		created: c.env.Now(),
	}
	l.pass = l.runPass
	l.swarms.loader = l
	l.swarms.use(first.rendition)
	l.prefetch = l.strategy.newPrefetcher(l)
	return l
}

// load is the player's request. A new one replaces the one before; a stored segment is answered and replaces nothing.
func (l *hybridLoader) load(s *segment, h LoadHandler) {
	if s.rendition != l.last.rendition {
		l.swarms.use(s.rendition)
	}
	l.last = s
	l.stir()
	l.core.storage.asked = true
	if data, ok := l.core.shelfOf(s.rendition).get(s.ExternalID); ok {
		l.core.micro.put(func() { // its storage is asynchronous
			_, ratio := l.makeQueue()
			l.resolve(h, data, ratio)
			l.wake()
		})
		return
	}
	if l.engine != nil {
		l.reject(l.engine.handler, ErrAborted)
	}
	l.engine = &engineRequest{seg: s, handler: h}
	if r := s.request; r != nil && r.status == failed {
		r.forgetFailures()
	}
	l.wake()
}

func (l *hybridLoader) abortEngine(segmentRuntimeID string) {
	if l.engine == nil || l.engine.seg.RuntimeID != segmentRuntimeID {
		return
	}
	l.reject(l.engine.handler, ErrAborted)
	l.engine = nil
	l.wake()
}

func (l *hybridLoader) resolve(h LoadHandler, data webtorrent.Message, queueRatio float64) {
	loaded := Loaded{Data: data, BandwidthBps: l.bandwidth(queueRatio)}
	l.core.deliver(func() { h.SegmentLoaded(loaded) })
}

func (l *hybridLoader) reject(h LoadHandler, err error) {
	l.core.deliver(func() { h.SegmentFailed(err) })
}

// bandwidth is what the player is told. With most of the queue loaded, or a swarm that keeps up with the bitrate, it is what the
// network gave while loading; otherwise what it gave over time, so that a player does not climb on P2P's idle phases.
func (l *hybridLoader) bandwidth(queueRatio float64) float64 {
	all, http, bitrate := &l.core.all, &l.core.http, l.core.activeBitrate
	if bitrate == 0 {
		return all.loadingOnly(3)
	}
	overTime := all.wallMax(l.levelChanged, l.core.env.Now())
	if queueRatio >= 0.8 || overTime >= bitrate*0.9 {
		return all.loadingOnlyMax()
	}
	return math.Max(overTime, http.loadingOnlyMax())
}

func (l *hybridLoader) updatePlayback(position, rate float64) {
	if position == l.position && rate == l.rate {
		return
	}
	jumped := math.Abs(position-l.position) > 0.5*l.averageDuration
	l.position = position
	if l.core.patience && !l.calm.holds(position) {
		l.tellPatience()
	}
	if rate != 0 && rate != l.rate {
		l.rate = rate
		l.stir()
	}
	if jumped && l.engine != nil {
		l.engine.immediate = true
	}
	l.wakeFor(jumped)
}

// playlistUpdated wakes the scheduler if the playlist is the current rendition's.
func (l *hybridLoader) playlistUpdated(r *rendition) {
	if r == l.last.rendition {
		l.wake()
	}
}

func (l *hybridLoader) wake() { l.wakeFor(true) }

// wakeFor has a pass run at the end of the turn, once. What happens during a pass does not ask for another one: the library's
// flag is still set then.
func (l *hybridLoader) wakeFor(forced bool) {
	if l.scheduled || l.destroyed {
		return
	}
	if !forced && l.passed && !l.overdue(l.core.env.Now()) {
		return
	}
	if !forced && l.calm.holds(l.position) {
		l.lastPass = l.core.env.Now()
		return
	}
	l.scheduled = true
	l.core.micro.put(l.pass)
}

// overdue tells whether the last pass is long enough ago for an update of the playback to run another. It is in the library's arithmetic:
// at the border its rounding decides, differently at each time of day.
func (l *hybridLoader) overdue(at time.Duration) bool {
	return ms(at)-ms(l.lastPass) > playbackThrottleMs
}

// heard wakes the scheduler after an announcement. news tells whether it says anything that the scheduler would look at.
func (l *hybridLoader) heard(news bool) {
	if !news && !l.scheduled && l.calm.holds(l.position) {
		l.lastPass = l.core.env.Now()
		return
	}
	l.wake()
}

func (l *hybridLoader) runPass() {
	if l.destroyed {
		return
	}
	l.core.catchUp()
	l.calm.still, l.calm.stirred = false, false
	queue, ratio := l.makeQueue()
	l.tidy(ratio)
	l.schedule(queue)
	l.calmDown(queue)
	l.lastPass, l.passed = l.core.env.Now(), true
	l.scheduled = false
	l.tellPatience()
	l.core.awaitUpdate()
}

func (l *hybridLoader) windows() windows {
	l.core.catchUp()
	return newWindows(l.cfg, l.position, l.rate, l.core.storage.freePercent())
}

func (l *hybridLoader) anyoneHas(id int64) bool {
	_, any := l.swarms.current.available(id)
	return any
}

// makeQueue is the queue without what is there already, and the share of that in it.
func (l *hybridLoader) makeQueue() (queue []queueItem, loadedRatio float64) {
	w := l.windows()
	l.queue = appendQueue(l.queue[:0], l.last.rendition.from(l.last), &w, l.anyoneHas)
	l.passes++
	whole := len(l.queue)
	if whole == 0 {
		return nil, 0
	}
	shelf := l.core.shelfOf(l.last.rendition)
	rest := l.queue[:0]
	for _, it := range l.queue {
		if shelf.has(it.seg.ExternalID) || it.seg.request != nil && it.seg.request.status == succeeded {
			continue
		}
		it.seg.queued = l.passes
		rest = append(rest, it)
	}
	l.queue = rest
	return rest, float64(whole-len(rest)) / float64(whole)
}

// initialWait reports whether HTTP is still held back after the start, to give peers a chance to connect.
func (l *hybridLoader) initialWait() bool {
	wait := l.cfg.HTTPDownloadInitialTimeout
	return wait > 0 && ms(l.core.env.Now())-ms(l.created) < ms(wait)
}

// awaitInitial has a pass run when the initial wait is over. A browser's timer counts whole milliseconds, so it may come a moment
// too early, as may the library's arithmetic: then another one is set, for the rest.
func (l *hybridLoader) awaitInitial() {
	if l.initialDelay != nil || !l.initialWait() {
		return
	}
	env := l.core.env
	left := time.Duration(ms(l.cfg.HTTPDownloadInitialTimeout)-(ms(env.Now())-ms(l.created))) * time.Millisecond
	if left == 0 && l.sameInstant {
		left = time.Millisecond // a timer after a timer takes time in a browser
	}
	l.sameInstant = left == 0
	l.initialDelay = env.After(left, func() {
		l.initialDelay = nil
		l.wake()
	})
}

// requestOf returns the segment's request, making one if there is none.
func (l *hybridLoader) requestOf(s *segment) *request {
	if s.request == nil {
		s.request = newRequest(l, s)
		l.requests = append(l.requests, s.request)
	}
	return s.request
}

// appendLoadingHTTP lists the ids of a rendition that are announced as being fetched over HTTP.
func (l *hybridLoader) appendLoadingHTTP(ids []int64, of *rendition) []int64 {
	for _, r := range l.requests {
		if r.source != HTTP || r.seg.rendition != of {
			continue
		}
		if r.status == loading || l.core.cfg.Defects.FailedHTTPAnnounced {
			ids = append(ids, r.seg.ExternalID)
		}
	}
	return ids
}

func (l *hybridLoader) broadcast() { l.swarms.current.broadcast(false) }

func (l *hybridLoader) destroy() {
	if l.destroyed {
		return
	}
	l.destroyed = true
	l.prefetch.stop()
	if l.initialDelay != nil {
		l.initialDelay.Stop()
		l.initialDelay = nil
	}
	if l.engine != nil {
		l.reject(l.engine.handler, ErrAborted)
		l.engine = nil
	}
	for _, r := range l.requests {
		if r.status == loading {
			r.abort()
		}
		r.discardUnless(succeeded, DiscardDestroyed)
		r.seg.request = nil
	}
	l.requests = nil
	l.swarms.destroyAll()
}
