package player

import (
	"time"

	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

// runState is where a viewer is in life.
type runState int

const (
	idle runState = iota
	active
	left
)

// loadState is the state of hls.js's stream controller, as far as it matters here.
type loadState int

const (
	loadStopped  loadState = iota // before the manifest, and after a fatal error
	loadIdle                      // may ask for the next segment
	loadBusy                      // a segment is loading
	loadWaiting                   // for a level's playlist (WAITING_LEVEL)
	loadRetrying                  // waits before a retry (FRAG_LOADING_WAITING_RETRY)
	loadEnded                     // everything is in the buffer
)

// Engine is what the player uses of p2pml.Core. Others can stand in its place: a script in tests, the released library in the
// oracle.
type Engine interface {
	SetManifestURL(url string)
	AddStream(s p2pml.Stream)
	UpdateStream(runtimeID string, added []p2pml.Segment, removedRuntimeIDs []string)
	HasSegment(segmentRuntimeID string) bool
	IsSegmentLoadable(segmentRuntimeID string) bool
	LoadSegment(segmentRuntimeID string, h p2pml.LoadHandler)
	AbortSegmentLoading(segmentRuntimeID string)
	UpdatePlayback(position, rate float64)
	SetActiveLevelBitrate(bps float64)
	SetIsLive(live bool)
	Destroy()
	Peers() int
	StorageBytes() int64
}

// follower is an Engine that need not be told each update of a picture that just runs on.
type follower interface {
	FollowPlayback(p p2pml.Playback)
	RestPlayback()
}

// Player is one viewer's video player. Make it with New; call it on the viewer's turn only.
type Player struct {
	env  p2pml.Env
	cfg  Config
	hls  HLSConfig
	ev   Events
	core Engine // nil: plain HTTP
	run  runState
	tune tuning

	startedAt time.Duration
	phase     time.Duration // hls.js's 100 ms ticks are at phase + n*100 ms
	fatal     error

	media        media
	firstFrame   bool
	startupDelay time.Duration
	stalls       int
	standing     bool // a stall is open, since stallSince
	stallSince   time.Duration
	played       playlog
	shown        shown

	levels     []*level
	firstLevel int // index of the level listed first
	bandwidth  estimator
	auto       autoLevel
	loadLevel  int    // the level whose playlist is kept fresh; -1 before the first
	lastLoaded *level // whose playlist came last

	state            loadState
	startRequested   bool    // a first segment was asked for
	enough           bool    // a first segment is in the buffer
	startPosition    float64 // -1: to be found from the live edge
	nextLoadPosition float64
	lastPosition     float64
	previous         *fragID // the last segment appended, in order
	lastIsIn         bool    // VOD: the last segment is in the buffer
	retryAt          time.Duration
	frag             *fragLoad

	manifestRequest *request
	levelRequest    *request
	levelRequested  *level
	playlistErrors  int
	manifestTries   int
	liveStalls      int  // stalls that hls.js noticed; each pushes the sync position back
	raced           bool // starts at the plain player's distance, see HLSConfig.LiveStartRace

	tickAlarm, reloadAlarm, abandonAlarm, updateAlarm, gapAlarm, retryAlarm alarm

	timeUpdates func() // timeUpdate, made once
}

// New makes a viewer's player. Nothing happens before Start.
func New(env p2pml.Env, cfg Config, ev Events) *Player {
	var core Engine
	switch {
	case !cfg.P2PEnabled:
	case cfg.NewEngine != nil:
		core = cfg.NewEngine(env, cfg.P2P, ev)
	default:
		core = p2pml.New(env, cfg.P2P, ev)
	}
	return newPlayer(env, cfg, ev, core)
}

func newPlayer(env p2pml.Env, cfg Config, ev Events, core Engine) *Player {
	hls := cfg.HLS.withDefaults()
	p := &Player{
		env: env, cfg: cfg, hls: hls, ev: ev, core: core,
		tune: cfg.HLS.tuning(), loadLevel: -1, startPosition: -1,
		auto: autoLevel{next: -1, lastLoaded: -1, firstPick: -1},
	}
	p.bandwidth = newEstimator(hls, orDefault(hls.AbrEwmaDefaultEstimateBps, defaultEstimateBps))
	p.shown.level = -1
	p.media = media{clock: env, wantsRun: true, onDry: p.ranDry}
	for _, a := range p.alarms() {
		a.clock = env
	}
	return p
}

func (p *Player) alarms() []*alarm {
	return []*alarm{&p.tickAlarm, &p.reloadAlarm, &p.abandonAlarm, &p.updateAlarm, &p.gapAlarm, &p.retryAlarm}
}

// Start opens the page: the viewer pressed play. Calling it again does nothing.
func (p *Player) Start() {
	if p.run != idle {
		return
	}
	p.run = active
	p.startedAt, p.phase = p.env.Now(), p.env.Now()
	p.media.since, p.media.settled = p.env.Now(), p.env.Now()
	p.loadManifest()
}

// Leave closes the page: the engine is destroyed, every request and timer is cancelled, and no event follows.
func (p *Player) Leave() {
	if p.run != active {
		p.run = left
		return
	}
	p.settle()
	p.stopLoading()
	p.media.enter(p.media.state) // the ledger ends here
	p.run = left
	p.freeze()
	if p.core != nil {
		p.core.Destroy()
	}
	for _, a := range p.alarms() {
		a.stop()
	}
}

// freeze stops the media element's clock for good: a viewer who left watches nothing any more.
func (p *Player) freeze() {
	p.media.disarm()
	p.media.state = paused
	p.media.clock = stopped{p.env.Now()}
}

type stopped struct{ at time.Duration }

func (s stopped) Now() time.Duration                { return s.at }
func (s stopped) After(time.Duration, func()) timer { return s }
func (s stopped) Stop() bool                        { return false }

// stopLoading is hls.stopLoad: nothing more is asked for.
func (p *Player) stopLoading() {
	p.abortFragment()
	p.manifestRequest.cancel()
	p.levelRequest.cancel()
	p.manifestRequest, p.levelRequest = nil, nil
	for _, a := range []*alarm{&p.tickAlarm, &p.reloadAlarm, &p.abandonAlarm, &p.retryAlarm} {
		a.stop()
	}
	p.state = loadStopped
}

// die is a fatal error of hls.js: loading stops, what is buffered still plays.
func (p *Player) die(err error) {
	if p.fatal != nil {
		return
	}
	p.fatal = err
	p.stopLoading()
	p.ev.OnFatalError(FatalError{At: p.env.Now(), Err: err})
}

// soon runs f at the end of this turn, unless the viewer is gone by then: hls.js's tickImmediate and other zero timeouts.
func (p *Player) soon(f func()) {
	p.env.Defer(func() {
		if p.run == active {
			f()
		}
	})
}

// alarm is one timer that can be set anew. Some are set several times a second for as long as somebody watches, so that setting
// one makes nothing new but the timer.
type alarm struct {
	clock clock
	t     timer               // the last one
	again webtorrent.Resetter // the same, if it can be set anew
	on    bool
	f     func()
	ring  func()
}

func (a *alarm) set(d time.Duration, f func()) {
	a.stop()
	if a.ring == nil {
		a.ring = func() {
			a.on = false
			a.f()
		}
	}
	a.f, a.on = f, true
	if a.again != nil {
		a.again.Reset(max(0, d))
		return
	}
	a.t = a.clock.After(max(0, d), a.ring)
	a.again, _ = a.t.(webtorrent.Resetter)
}

func (a *alarm) stop() {
	if a.on {
		a.t.Stop()
		a.on = false
	}
}

func (a *alarm) armed() bool { return a.on }

// nextTick is hls.js's first 100 ms tick at or after t.
func (p *Player) nextTick(t time.Duration) time.Duration {
	n := (t - p.phase + tickInterval - 1) / tickInterval
	return p.phase + n*tickInterval
}
