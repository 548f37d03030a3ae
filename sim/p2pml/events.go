package p2pml

import "time"

// Events is told what the library tells its listeners, under the library's names, and a little more where a simulation wants to
// know why. Handlers run inside the core's turn and must not call back into the core. Embed NoEvents to pick some.
type Events interface {
	OnSegmentStart(e SegmentStart)
	OnSegmentLoaded(e SegmentLoaded)
	OnSegmentError(e SegmentError)
	OnSegmentAbort(e SegmentAbort)
	OnChunkDownloaded(e ChunkDownloaded)
	OnChunkUploaded(e ChunkUploaded)
	OnPeerConnect(e PeerConnect)
	OnPeerClose(e PeerClose)
	OnPeerError(e PeerError)
	OnTrackerError(e TrackerError)
	OnTrackerWarning(e TrackerWarning)
	// OnBytesDiscarded is ours: bytes that a request had received and that were then thrown away.
	OnBytesDiscarded(e BytesDiscarded)
	// OnUploadLost is ours: chunks that were reported by OnChunkUploaded and never left, as the connection closed.
	OnUploadLost(e UploadLost)
	// OnRequestIDRepeated is ours: what comes in answer may be of an earlier request, see Defects.RequestIDRepeats.
	OnRequestIDRepeated(e RequestIDRepeated)
}

// Source is the library's downloadSource.
type Source string

// The two sources of bytes.
const (
	HTTP Source = "http"
	P2P  Source = "p2p"
)

// StartReason says why the scheduler began a download. It is ours, for tuning: it tells which setting an origin request is due to.
type StartReason string

// Reasons of a start. Those named high-demand-* are HTTP downloads inside highDemandTimeWindow, told apart by what the swarm
// could have done instead.
const (
	EngineImmediate         StartReason = "engine-immediate"          // the player jumped and waits for it
	HighDemandNoPeer        StartReason = "high-demand-no-peer"       // nobody is connected
	HighDemandNotAnnounced  StartReason = "high-demand-not-announced" // connected peers, none has it
	HighDemandPeerLoading   StartReason = "high-demand-peer-loading"  // a peer is fetching it over HTTP right now
	HighDemandPeerHadIt     StartReason = "high-demand-peer-had-it"   // a peer has it, but HTTP comes first
	HighDemandP2PReplaced   StartReason = "high-demand-p2p-replaced"  // a running P2P download was aborted for it
	HighDemandAfterP2PError StartReason = "high-demand-p2p-failed"    // P2P was tried and failed
	HighDemandHTTPRetry     StartReason = "high-demand-http-retry"    // HTTP was tried and failed
	HighDemandP2P           StartReason = "high-demand-p2p"           // P2P, as no HTTP slot could be had
	PrefetchP2P             StartReason = "prefetch-p2p"              // P2P ahead of the high-demand window
	RandomPrefetch          StartReason = "random-prefetch"           // HTTP ahead of the window, by the random timer
	P2PDisabled             StartReason = "p2p-disabled"              // the player's own download: it has no engine, or isP2PDisabled
)

// ErrorType is the library's type of a request error.
type ErrorType string

// The library's error types.
const (
	ErrorAbort                     ErrorType = "abort"
	ErrorBytesReceivingTimeout     ErrorType = "bytes-receiving-timeout"
	ErrorHTTP                      ErrorType = "http-error"
	ErrorHTTPBytesMismatch         ErrorType = "http-bytes-mismatch"
	ErrorHTTPUnexpectedStatusCode  ErrorType = "http-unexpected-status-code"
	ErrorHTTPValidation            ErrorType = "http-segment-validation-failed"
	ErrorPeerResponseBytesMismatch ErrorType = "peer-response-bytes-length-mismatch"
	ErrorPeerProtocolViolation     ErrorType = "peer-protocol-violation"
	ErrorPeerSegmentAbsent         ErrorType = "peer-segment-absent"
	ErrorPeerClosed                ErrorType = "peer-closed"
	ErrorP2PValidation             ErrorType = "p2p-segment-validation-failed"
)

// SegmentStart is the library's onSegmentStart: an attempt at a segment begins.
type SegmentStart struct {
	At      time.Duration
	Segment *Segment
	Source  Source
	PeerID  string // of the uploader, if Source is P2P
	Reason  StartReason
	Held    int64 // bytes kept from earlier attempts, which this one continues
}

// SegmentLoaded is the library's onSegmentLoaded. As there, Bytes is the whole segment and Source the last source even if most
// bytes came from the other; BytesHTTP and BytesP2P tell where they really came from.
type SegmentLoaded struct {
	At                  time.Duration
	Segment             *Segment
	Source              Source
	PeerID              string
	Bytes               int64
	BytesHTTP, BytesP2P int64
	Latency             time.Duration // from the start of this attempt
	SinceFirstStart     time.Duration // from the start of the request's first attempt
}

// SegmentError is the library's onSegmentError: an attempt failed.
type SegmentError struct {
	At      time.Duration
	Segment *Segment
	Source  Source
	PeerID  string
	Type    ErrorType
	Message string
}

// SegmentAbort is the library's onSegmentAbort: the scheduler gave an attempt up.
type SegmentAbort struct {
	At      time.Duration
	Segment *Segment
	Source  Source
	PeerID  string
	Held    int64 // bytes held at that moment: kept if the segment is tried again in the same pass, otherwise discarded
}

// ChunkDownloaded is the library's onChunkDownloaded. Useless is ours: the bytes belong to no request (late data of a cancelled
// upload), so no segment will contain them. Ignored is ours, too: they came over a connection that was closed already, and the
// library does not tell of them at all.
type ChunkDownloaded struct {
	At      time.Duration
	Type    StreamType
	Bytes   int
	Source  Source
	PeerID  string
	Useless bool
	Ignored bool
}

// ChunkUploaded is the library's onChunkUploaded: a chunk entered the write queue. It may not have left yet.
type ChunkUploaded struct {
	At     time.Duration
	Type   StreamType
	Bytes  int
	PeerID string
}

// PeerConnect is the library's onPeerConnect.
type PeerConnect struct {
	At     time.Duration
	Type   StreamType
	PeerID string
}

// PeerClose is the library's onPeerClose. Again marks the second of two for one peer, see Defects.PeerCloseTwice.
type PeerClose struct {
	At     time.Duration
	Type   StreamType
	PeerID string
	Again  bool
}

// PeerError is the library's onPeerError.
type PeerError struct {
	At     time.Duration
	Type   StreamType
	PeerID string
	Err    error
}

// TrackerError is the library's onTrackerError.
type TrackerError struct {
	At   time.Duration
	Type StreamType
	Err  error
}

// TrackerWarning is the library's onTrackerWarning.
type TrackerWarning struct {
	At   time.Duration
	Type StreamType
	Err  error
}

// BytesDiscarded says how many bytes of an unfinished request were thrown away, by source. Together with useless chunks these are
// all bytes that were received in vain: downloaded = loaded + discarded + useless + held by unfinished requests.
type BytesDiscarded struct {
	At                  time.Duration
	Segment             *Segment
	BytesHTTP, BytesP2P int64
	Cause               DiscardCause
}

// RequestIDRepeated says that a segment is asked of a peer under the id of an earlier request for it, which was given up and may
// still be answered.
type RequestIDRepeated struct {
	At      time.Duration
	Segment *Segment
	PeerID  string
}

// UploadLost says how many uploaded bytes died in the write queue. What dies in the data channel itself only the tier knows.
type UploadLost struct {
	At     time.Duration
	Type   StreamType
	Bytes  int64
	PeerID string
}

// DiscardCause says why bytes were thrown away.
type DiscardCause string

// Causes of a discard.
const (
	DiscardAborted   DiscardCause = "aborted"   // the request was given up and removed
	DiscardMismatch  DiscardCause = "mismatch"  // lengths or protocol did not agree, the bytes cannot be trusted
	DiscardInvalid   DiscardCause = "invalid"   // the page's validation refused the segment
	DiscardRestarted DiscardCause = "restarted" // the server ignored the Range header and sent everything again
	DiscardDestroyed DiscardCause = "destroyed" // the viewer left
)

// NoEvents ignores every event.
type NoEvents struct{}

var _ Events = NoEvents{}

func (NoEvents) OnSegmentStart(SegmentStart)       {}
func (NoEvents) OnSegmentLoaded(SegmentLoaded)     {}
func (NoEvents) OnSegmentError(SegmentError)       {}
func (NoEvents) OnSegmentAbort(SegmentAbort)       {}
func (NoEvents) OnChunkDownloaded(ChunkDownloaded) {}
func (NoEvents) OnChunkUploaded(ChunkUploaded)     {}
func (NoEvents) OnPeerConnect(PeerConnect)         {}
func (NoEvents) OnPeerClose(PeerClose)             {}
func (NoEvents) OnPeerError(PeerError)             {}
func (NoEvents) OnTrackerError(TrackerError)       {}
func (NoEvents) OnTrackerWarning(TrackerWarning)   {}
func (NoEvents) OnBytesDiscarded(BytesDiscarded)   {}
func (NoEvents) OnUploadLost(UploadLost)           {}

// OnRequestIDRepeated implements Events.
func (NoEvents) OnRequestIDRepeated(RequestIDRepeated) {}
