package player

import (
	"time"

	"swarmlab/sim/p2pml"
)

// Events is told what the viewer sees, and through p2pml.Events what its engine does. Handlers run inside the player's turn and
// must not call back into the player. Embed NoEvents to pick some.
//
// A media segment that the player loads itself (no engine, or the engine does not know the segment) is reported through
// OnSegmentStart, OnChunkDownloaded, OnSegmentLoaded, OnSegmentError, OnSegmentAbort and OnBytesDiscarded too, with source
// p2pml.HTTP, so that the baseline is counted by the same code as a swarm.
type Events interface {
	p2pml.Events
	// OnStartup: the first frame is shown.
	OnStartup(e Startup)
	// OnStallStart and OnStallEnd: the picture stands, and moves again. A viewer who leaves during a stall has no OnStallEnd.
	OnStallStart(e StallStart)
	OnStallEnd(e StallEnd)
	// OnSeek: the position jumped.
	OnSeek(e Seek)
	// OnLevelSwitched: the picture is of another level than before (hls.js's LEVEL_SWITCHED), the first level included.
	OnLevelSwitched(e LevelSwitched)
	// OnSegmentAppended: a segment reached the player's buffer. OnSegmentPlayed: the picture entered it (told at the next turn in
	// which the player does anything, so At may be later).
	OnSegmentAppended(e SegmentEvent)
	OnSegmentPlayed(e SegmentEvent)
	// OnPlaylistLoaded and OnInitLoaded: the player's own requests, which the engine does not see.
	OnPlaylistLoaded(e PlaylistLoaded)
	OnInitLoaded(e InitLoaded)
	// OnLoadError: a request of the player failed, the engine's rejections included. What follows is in Action.
	OnLoadError(e LoadError)
	// OnEnded: the last frame of VOD was shown.
	OnEnded(e Ended)
	// OnFatalError: hls.js gives up. What is buffered still plays; nothing more is loaded.
	OnFatalError(e FatalError)
}

// Startup says how long the viewer waited for the first frame.
type Startup struct {
	At       time.Duration
	Delay    time.Duration // since Start
	Position float64
}

// StallStart is the moment the picture stands still.
type StallStart struct {
	At       time.Duration
	Position float64
}

// StallEnd is the moment it moves again.
type StallEnd struct {
	At       time.Duration
	Position float64
	Lasted   time.Duration
}

// SeekReason says who moved the position.
type SeekReason string

// Reasons of a seek.
const (
	SeekStart    SeekReason = "start"     // to where playback begins
	SeekUser     SeekReason = "user"      // the viewer
	SeekLiveEdge SeekReason = "live-edge" // fell out of the live window
	SeekGap      SeekReason = "gap"       // over a hole in the buffer
)

// Seek is a jump of the position, in seconds of the timeline.
type Seek struct {
	At       time.Duration
	From, To float64
	Reason   SeekReason
}

// LevelSwitched says which level the picture is of now. From is -1 for the first.
type LevelSwitched struct {
	At         time.Duration
	From, To   int
	BitrateBps float64
}

// SegmentEvent identifies a segment of the stream, whoever delivered it.
type SegmentEvent struct {
	At         time.Duration
	Level      int
	PlaylistID string // the rendition's playlist URL: the engine's stream runtime id
	RuntimeID  string
	URL        string
	Sequence   int64 // media sequence number
	ExternalID int64 // what the engine calls it: the sequence number if live, the index if VOD
	Bytes      int64
	Start, End float64
	ByEngine   bool // false: the player fetched it from the origin itself
}

// PlaylistLoaded is an answer to a playlist request. Level is -1 for the multivariant playlist.
type PlaylistLoaded struct {
	At       time.Duration
	Level    int
	URL      string
	Bytes    int64
	Latency  time.Duration
	Live     bool
	Advanced bool // live: it has a newer segment than the last one
	Edge     float64
}

// InitLoaded is an EXT-X-MAP section that arrived.
type InitLoaded struct {
	At      time.Duration
	URL     string
	Bytes   int64
	Latency time.Duration
}

// LoadKind says what a failed request was for.
type LoadKind string

// Kinds of requests.
const (
	LoadManifest LoadKind = "manifest"
	LoadPlaylist LoadKind = "playlist"
	LoadInit     LoadKind = "init"
	LoadSegment  LoadKind = "segment"
)

// ErrorAction is what hls.js does about a failed request.
type ErrorAction string

// Actions on an error.
const (
	ActionRetry  ErrorAction = "retry"
	ActionSwitch ErrorAction = "switch-level"
	ActionGap    ErrorAction = "skip" // live: the segment is given up and played around
	ActionFatal  ErrorAction = "fatal"
)

// LoadError is a failed request.
type LoadError struct {
	At     time.Duration
	Kind   LoadKind
	Level  int
	URL    string
	Err    error
	Action ErrorAction
	Delay  time.Duration // before the retry
}

// Ended is the end of VOD.
type Ended struct{ At time.Duration }

// FatalError is why hls.js gave up.
type FatalError struct {
	At  time.Duration
	Err error
}

// NoEvents ignores every event.
type NoEvents struct{ p2pml.NoEvents }

var _ Events = NoEvents{}

func (NoEvents) OnStartup(Startup)               {}
func (NoEvents) OnStallStart(StallStart)         {}
func (NoEvents) OnStallEnd(StallEnd)             {}
func (NoEvents) OnSeek(Seek)                     {}
func (NoEvents) OnLevelSwitched(LevelSwitched)   {}
func (NoEvents) OnSegmentAppended(SegmentEvent)  {}
func (NoEvents) OnSegmentPlayed(SegmentEvent)    {}
func (NoEvents) OnPlaylistLoaded(PlaylistLoaded) {}
func (NoEvents) OnInitLoaded(InitLoaded)         {}
func (NoEvents) OnLoadError(LoadError)           {}
func (NoEvents) OnEnded(Ended)                   {}
func (NoEvents) OnFatalError(FatalError)         {}
