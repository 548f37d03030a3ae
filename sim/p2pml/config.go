package p2pml

import (
	"time"

	"swarmlab/sim/webtorrent"
)

// Config is the library's configuration, resolved: the library lets mainStream and secondaryStream override top-level options,
// here each stream type simply has its own complete StreamConfig. Start from Default.
type Config struct {
	// SegmentMemoryStorageLimitMiB is segmentMemoryStorageLimit (MiB). 0 is unset, which on a desktop browser means 4096. It is
	// read when the storage is created, at the first segment request.
	SegmentMemoryStorageLimitMiB float64
	Main, Secondary              StreamConfig // mainStream, secondaryStream
	// Defects says which known defects of the release are reproduced. Default: all.
	Defects Defects
	// Generation names the scheduling strategy, see Generations. "" is "v2-random".
	Generation string
	// Announce overrides constants of the announce client, which the library does not offer as options. Zero: as released.
	Announce AnnounceConfig
}

// AnnounceConfig holds constants of bittorrent-tracker's WebSocket client, for asking what another value would do.
type AnnounceConfig struct {
	Offers       int           // with each announce; 5 as released
	Interval     time.Duration // until the tracker names one; 30 s as released
	OfferTimeout time.Duration // of an unanswered offer; 50 s as released
}

// StreamConfig holds the options of one stream type, named after the library's. Durations replace its seconds and milliseconds.
type StreamConfig struct {
	IsP2PUploadDisabled bool // isP2PUploadDisabled: no announcements, requests are answered with Absent
	IsP2PDisabled       bool // isP2PDisabled: the whole stream type bypasses the engine; turning it on destroys its loader

	SimultaneousHTTPDownloads int // simultaneousHttpDownloads
	SimultaneousP2PDownloads  int // simultaneousP2PDownloads

	HighDemandTimeWindow       time.Duration // highDemandTimeWindow (s of media)
	HTTPDownloadInitialTimeout time.Duration // httpDownloadInitialTimeoutMs: no HTTP at all since the loader's creation
	HTTPDownloadTimeWindow     time.Duration // httpDownloadTimeWindow (s of media): range of the random HTTP prefetch
	P2PDownloadTimeWindow      time.Duration // p2pDownloadTimeWindow (s of media)

	WebRTCMaxMessageSize            int           // webRtcMaxMessageSize (bytes): chunk and frame size
	P2PNotReceivingBytesTimeout     time.Duration // p2pNotReceivingBytesTimeoutMs
	P2PInactiveLoaderDestroyTimeout time.Duration // p2pInactiveLoaderDestroyTimeoutMs
	HTTPNotReceivingBytesTimeout    time.Duration // httpNotReceivingBytesTimeoutMs
	HTTPErrorRetries                int           // httpErrorRetries: HTTP attempts in all before giving up
	P2PErrorRetries                 int           // p2pErrorRetries: no-bytes timeouts that close a connection

	// ValidateP2PSegment and ValidateHTTPSegment are validateP2PSegment and validateHTTPSegment. nil: not validated. The
	// library's are asynchronous; here the verdict is immediate.
	ValidateP2PSegment  func(url string, r *ByteRange, data webtorrent.Message) bool
	ValidateHTTPSegment func(url string, r *ByteRange, data webtorrent.Message) bool

	TrackerClientVersionPrefix string   // trackerClientVersionPrefix: begins every peer id
	AnnounceTrackers           []string // announceTrackers
	// SwarmID is swarmId. nil: the manifest's response URL. An empty string is used as it is.
	SwarmID *string
}

// Of returns the options of a stream type.
func (c *Config) Of(t StreamType) *StreamConfig {
	if t == Secondary {
		return &c.Secondary
	}
	return &c.Main
}

// Default returns the configuration of the 2.3 releases. Trackers and ICE servers are the deployment's business, so the list of
// trackers is empty here (the library names two public ones).
func Default() Config {
	return Config{Main: defaultStream(), Secondary: defaultStream(), Defects: AllDefects(), Generation: DefaultGeneration}
}

func defaultStream() StreamConfig {
	return StreamConfig{
		SimultaneousHTTPDownloads:       2,
		SimultaneousP2PDownloads:        3,
		HighDemandTimeWindow:            15 * time.Second,
		HTTPDownloadTimeWindow:          3000 * time.Second,
		P2PDownloadTimeWindow:           6000 * time.Second,
		WebRTCMaxMessageSize:            defaultMaxMessageSize,
		P2PNotReceivingBytesTimeout:     2 * time.Second,
		P2PInactiveLoaderDestroyTimeout: 30 * time.Second,
		HTTPNotReceivingBytesTimeout:    3 * time.Second,
		HTTPErrorRetries:                3,
		P2PErrorRetries:                 3,
		TrackerClientVersionPrefix:      DefaultPeerIDPrefix,
	}
}

const (
	defaultMaxMessageSize  = 64*1024 - 1
	defaultStorageLimitMiB = 4096 // the library's figure for desktop browsers
)

// maxMessageSize is WebRTCMaxMessageSize, made safe: an upload in chunks of nothing would never end.
func (c *StreamConfig) maxMessageSize() int {
	if c.WebRTCMaxMessageSize <= 0 {
		return defaultMaxMessageSize
	}
	return c.WebRTCMaxMessageSize
}

// Defects are known defects of the 2.3 releases. A field that is true reproduces the defect as released; false does what its
// comment says instead. They exist so that somebody can ask what fixing one would be worth.
type Defects struct {
	// FullBlock256: an announcement that holds all 256 ids of an aligned block cannot be decoded by anybody, and the receivers
	// silently keep the sender's previous lists. Off: one id of a full block is left out.
	FullBlock256 bool
	// MessageCountingTimeout: the P2P no-bytes timer is restarted by whole messages only, so a sender slower than one message
	// (64 KiB) per timeout (2 s; about 262 kbit/s) times out although bytes flow. Off: the timer grants a whole message the time
	// it takes at 64 kbit/s (the data channel shows no part of a message, so bytes themselves cannot be counted).
	MessageCountingTimeout bool
	// PeerCloseTwice: OnPeerClose is emitted twice on the side that closes (the second event has Again set). Off: once.
	PeerCloseTwice bool
	// CloseAwaitsData: while more data waits in a channel than its threshold, the library can neither close the connection (it
	// does when the data has gone) nor notice that the other side has closed it: then the peer stays, announced segments and all,
	// until requests to it time out. Off: both take effect at once.
	CloseAwaitsData bool
	// LateCandidateAnonymous: chunk events have no peer id if another than the first candidate connection won. Off: always an id.
	LateCandidateAnonymous bool
	// FailedHTTPAnnounced: a failed or aborted HTTP request stays announced as loading until it is removed or tried over P2P.
	// Off: only running ones are announced.
	FailedHTTPAnnounced bool
	// StorageCountsTwice: storing a segment that is there already adds to the storage's usage again. Off: it does not.
	StorageCountsTwice bool
	// ResumeOfUnknownLength: bytes held from an HTTP response without Content-Length make a peer's count of the *remaining* bytes pass
	// for the total, which ends in a length mismatch and a closed connection. Off: the bytes held are added.
	ResumeOfUnknownLength bool
	// SilentReattach: a stream that comes back to a tracker socket which is just being opened for another never announces on it,
	// see webtorrent.ClientConfig. Off: it does.
	SilentReattach bool
	// FiledUnderPlayed: a segment that completes just after the player has switched renditions, in the same turn, is stored, announced
	// and uploaded as a segment of the new rendition. Off: as what it is.
	FiledUnderPlayed bool
	// RequestIDRepeats: request ids are drawn from a thousand, whatever was asked before. If a segment is asked of a peer again under
	// the id of a request that was given up, late data of the first answer pass for the second's: a segment in disorder is stored,
	// announced and uploaded. Off: an id of a request that may still be answered is not taken.
	RequestIDRepeats bool
}

// AllDefects is the library as released.
func AllDefects() Defects {
	return Defects{
		FullBlock256:           true,
		MessageCountingTimeout: true,
		PeerCloseTwice:         true,
		CloseAwaitsData:        true,
		LateCandidateAnonymous: true,
		FailedHTTPAnnounced:    true,
		StorageCountsTwice:     true,
		ResumeOfUnknownLength:  true,
		SilentReattach:         true,
		FiledUnderPlayed:       true,
		RequestIDRepeats:       true,
	}
}
