package results

import "time"

// Source is where bytes came from.
type Source uint8

// The two sources.
const (
	HTTP Source = iota
	P2P
)

// String is the source's name as the library's events have it.
func (s Source) String() string {
	if s == P2P {
		return "p2p"
	}
	return "http"
}

// Causes of waste. Another string is as good: these are the ones that reports know how to explain.
const (
	WasteAborted     = "aborted"     // the scheduler gave the request up, with the bytes it held
	WasteFailed      = "failed"      // the request failed and its bytes went with it
	WasteDuplicate   = "duplicate"   // the segment was there already
	WasteStale       = "stale"       // data of a request cancelled before, discarded on arrival
	WasteInvalid     = "invalid"     // did not pass a check
	WasteRestarted   = "restarted"   // the origin ignored the range, so held bytes were cleared
	WasteLeft        = "left"        // the viewer left in the middle of it
	WasteUnexplained = "unexplained" // nobody knows: a cause that ought to be looked into
)

// Reasons for which a segment was asked of the origin although a swarm was there.
const (
	ReasonNoPeers         = "noPeers"         // no peer was connected
	ReasonNotYetAnnounced = "notYetAnnounced" // peers were connected, but none had announced anything yet
	ReasonNobodyHadIt     = "nobodyHadIt"     // peers had announced, and none of them had it
	ReasonHighDemand      = "highDemand"      // a peer had it, but it was needed within the high-demand window
	ReasonP2PFailed       = "p2pFailed"       // it was tried over P2P first, and that failed
	ReasonRandomPrefetch  = "randomPrefetch"  // the random prefetch brought it into the swarm
	ReasonP2PDisabled     = "p2pDisabled"     // the viewer does not take part
	ReasonOther           = "other"
)

// OutcomeLoaded and OutcomeAborted are the outcomes of [ViewerRecord.Request] that are not errors; the others are the library's
// error types ("peer-closed", "bytes-receiving-timeout", ...).
const (
	OutcomeLoaded  = "loaded"
	OutcomeAborted = "aborted"
)

// SegmentID names a segment the same way for every viewer of a run.
type SegmentID struct {
	Stream   string // a variant's or rendition's name, the same for all viewers
	Sequence int64
}

// ViewerInfo is what is known of a viewer when it joins.
type ViewerInfo struct {
	Name     string
	Group    string
	Link     string
	NAT      string
	Region   string
	Uploads  bool
	JoinedAt time.Duration
}

// Load is one segment that arrived whole.
type Load struct {
	Segment SegmentID
	// Source is the one that finished the segment; its latency counts as that source's, as in the library's event.
	Source  Source
	Latency time.Duration // from the request to the last byte
	// HTTPBytes and P2PBytes are the segment's bytes by where each of them truly came from.
	HTTPBytes, P2PBytes int64
}

// ViewerRecord adds up what happens to one viewer. It belongs to that viewer's turns: no two of its methods may run at once.
// Times are since the run began.
type ViewerRecord struct {
	info   ViewerInfo
	totals Totals

	left      bool
	leftAt    time.Duration
	leftClean bool

	loaded, played segmentSet
	segments       SegmentCounts
	segmentsPlayed int64
	corrupt        int64
	corruptPlayed  int64
	watchedAll     bool

	wasted   map[string]int64
	requests [2]map[string]int64
	reasons  map[string]ReasonTotals
	errors   map[string]int64

	startup     *time.Duration
	firstPeer   *time.Duration
	httpLatency micros
	p2pLatency  micros
	liveLatency micros

	stallFrom     time.Duration
	stalled       time.Duration // of the stalls that are over
	watched       time.Duration
	levelSwitches int64
	errorCount    int64

	peers        map[string]struct{}
	peak         int
	peersChanged time.Duration
	peerTime     time.Duration // sum over connections of the time they were open, up to peersChanged

	ids         []string            // by which peers know this viewer
	partners    map[string]*partner // by the ids by which this viewer knows them
	fromUnnamed int64               // useful bytes from peers beyond mostPartners
	cached      int64               // HTTP bytes that the viewer's own cache had
}

// Totals is a cheap snapshot of a record: counters since the viewer joined, and the state it is in.
type Totals struct {
	P2PBytes, HTTPBytes           int64 // useful: of segments that are complete
	P2PChunkBytes, HTTPChunkBytes int64 // as they arrived
	UploadedBytes                 int64
	P2PWastedBytes                int64
	HTTPWastedBytes               int64
	Stalls                        int64
	ConnectionsOpened             int64
	Connections                   int  // open now
	Present                       bool // joined and not left
	Started                       bool // the picture has started
	Stalled                       bool
}

// NewViewer begins the record of a viewer that joins.
func NewViewer(info ViewerInfo) *ViewerRecord {
	return &ViewerRecord{
		info:         info,
		totals:       Totals{Present: true},
		wasted:       map[string]int64{},
		requests:     [2]map[string]int64{{}, {}},
		reasons:      map[string]ReasonTotals{},
		errors:       map[string]int64{},
		peers:        map[string]struct{}{},
		peersChanged: info.JoinedAt,
	}
}

// Info is what the record was begun with.
func (v *ViewerRecord) Info() ViewerInfo { return v.info }

// Totals is the record so far. A viewer that has left keeps its totals.
func (v *ViewerRecord) Totals() Totals { return v.totals }

// ChunkDownloaded counts n payload bytes that arrived, whatever becomes of them (the library's onChunkDownloaded).
func (v *ViewerRecord) ChunkDownloaded(source Source, n int64) {
	if source == P2P {
		v.totals.P2PChunkBytes += n
	} else {
		v.totals.HTTPChunkBytes += n
	}
}

// ChunkUploaded counts n payload bytes handed to a peer's connection (onChunkUploaded: when queued, not when delivered).
func (v *ViewerRecord) ChunkUploaded(n int64) { v.totals.UploadedBytes += n }

// Wasted counts n bytes that had arrived (and were counted by ChunkDownloaded) and were thrown away.
func (v *ViewerRecord) Wasted(source Source, cause string, n int64) {
	if n == 0 {
		return
	}
	if source == P2P {
		v.totals.P2PWastedBytes += n
	} else {
		v.totals.HTTPWastedBytes += n
	}
	v.wasted[cause] += n
}

// FromCache counts bytes of an answer that the viewer's browser has kept from a download that was given up. They are told as chunks too.
func (v *ViewerRecord) FromCache(n int64) { v.cached += n }

// SegmentLoaded counts a segment that reached the viewer's player or storage.
func (v *ViewerRecord) SegmentLoaded(l Load) {
	v.totals.HTTPBytes += l.HTTPBytes
	v.totals.P2PBytes += l.P2PBytes
	v.loaded.add(l.Segment, l.HTTPBytes+l.P2PBytes)
	switch {
	case l.HTTPBytes > 0 && l.P2PBytes > 0:
		v.segments.Mixed++
	case l.P2PBytes > 0:
		v.segments.P2P++
	default:
		v.segments.HTTP++
	}
	if l.Source == P2P {
		v.p2pLatency.add(l.Latency)
	} else {
		v.httpLatency.add(l.Latency)
	}
}

// SegmentCorrupt counts a segment whose bytes are not those the origin made, whether or not it is ever played.
func (v *ViewerRecord) SegmentCorrupt() { v.corrupt++ }

// SegmentPlayed counts a segment handed to the picture. intact: its bytes are those the origin made.
func (v *ViewerRecord) SegmentPlayed(id SegmentID, bytes int64, intact bool) {
	v.segmentsPlayed++
	v.played.add(id, bytes)
	if !intact {
		v.corruptPlayed++
	}
}

// WatchedAll says that the viewer saw the whole stream, from its beginning to its end.
func (v *ViewerRecord) WatchedAll() { v.watchedAll = true }

// Request counts one attempt to load a segment and how it ended.
func (v *ViewerRecord) Request(source Source, outcome string) { v.requests[source&1][outcome]++ }

// HTTPReason counts one segment asked of the origin: why, and how many of its bytes came from there.
func (v *ViewerRecord) HTTPReason(reason string, n int64) {
	t := v.reasons[reason]
	t.Requests++
	t.Bytes += n
	v.reasons[reason] = t
}

// HTTPReasonBytes counts bytes that came of the origin's attempts at a segment which somebody else completed. The attempts are counted already.
func (v *ViewerRecord) HTTPReasonBytes(reason string, n int64) {
	t := v.reasons[reason]
	t.Bytes += n
	v.reasons[reason] = t
}

// Error counts an error of the viewer by its kind: "tracker", "peer", "playlist", a fatal player error, ...
func (v *ViewerRecord) Error(kind string) {
	v.errorCount++
	v.errors[kind]++
}
