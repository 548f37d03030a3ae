package results

import (
	"encoding/json"
)

// Schema names the layout of [Result]. A reader refuses what it does not know.
const Schema = "swarmlab/result/v1"

// Result is everything a run leaves behind. It is written as result.json.
type Result struct {
	Schema string `json:"schema"`
	// ReadFrom is the older schema of the file that this was read from; "" if it was of this one.
	ReadFrom string `json:"-"`
	// Scenario is the scenario as resolved: defaults filled in, overrides applied, enough to run it again. It is opaque here,
	// because this package knows no other.
	Scenario   json.RawMessage `json:"scenario,omitempty"`
	Run        Run             `json:"run"`
	Summary    Summary         `json:"summary"`
	Invariants []Check         `json:"invariants"`
	Histograms Histograms      `json:"histograms"`
	// Overlay is nil if nobody recorded who is who.
	Overlay *Overlay `json:"overlay,omitempty"`
	// Cohorts are nil in a result made before they were recorded.
	Cohorts  []Cohort  `json:"cohorts,omitempty"`
	Timeline []Sample  `json:"timeline"`
	Peers    []PeerRow `json:"peers"`
}

// Run says how the result was made.
type Run struct {
	Name             string  `json:"name,omitempty"` // the scenario's name
	Seed             uint64  `json:"seed"`
	Tier             string  `json:"tier"`
	Clock            string  `json:"clock"`
	SimulatedSeconds float64 `json:"simulatedSeconds"`
	WallSeconds      float64 `json:"wallSeconds"`
	CPUSeconds       float64 `json:"cpuSeconds"`
	MaxRSSBytes      int64   `json:"maxRSSBytes"`
	Version          string  `json:"version"`
	// Command repeats the run when typed into a shell.
	Command string `json:"command,omitempty"`
	// Interrupted: the run was ended before its time, and the figures are of what there was.
	Interrupted bool `json:"interrupted,omitempty"`
	// OpenSwarm: viewers, an origin or a tracker that are not ours took part, so figures that need to see everybody (origin
	// bytes, copies, what a swarm cannot do) are not checked.
	OpenSwarm bool `json:"openSwarm,omitempty"`
	// Trackers are the addresses of the real trackers that introduced the viewers; none: the embedded one did, or, in an open swarm,
	// the deployment's.
	Trackers []string `json:"trackers,omitempty"`
	// Live: the stream was live; otherwise it was VOD.
	Live bool `json:"live,omitempty"`
	// Doubts are what the tier is known to get wrong in this scenario, a sentence each.
	Doubts []string `json:"doubts,omitempty"`
	// OriginBitsPerSecond is what the origin's line takes, headers included; 0: without limit, or not known.
	OriginBitsPerSecond int64 `json:"originBitsPerSecond,omitempty"`
}

// Summary is a run in figures. METRICS.md defines each of them; a test holds the two together.
type Summary struct {
	Peers             int `json:"peers"`
	ViewersWatchedAll int `json:"viewersWatchedAll"`
	NeverStarted      int `json:"neverStarted"`
	FullyDelivered    int `json:"fullyDelivered"`

	P2PRatio           float64 `json:"p2pRatio"`
	P2PRatioBound      float64 `json:"p2pRatioBound"`
	P2PRatioAttainable float64 `json:"p2pRatioAttainable"`
	P2PRatioChunks     float64 `json:"p2pRatioChunks"`
	CopiesPerSegment   float64 `json:"copiesPerSegment"`
	Offload            float64 `json:"offload"`

	P2PBytes             int64            `json:"p2pBytes"`
	HTTPBytes            int64            `json:"httpBytes"`
	P2PChunkBytes        int64            `json:"p2pChunkBytes"`
	HTTPChunkBytes       int64            `json:"httpChunkBytes"`
	HTTPCachedBytes      int64            `json:"httpCachedBytes"` // 0 in files that are older than the cache
	UploadedBytes        int64            `json:"uploadedBytes"`
	WastedBytes          int64            `json:"wastedBytes"`
	WastedByCause        map[string]int64 `json:"wastedByCause"`
	UnfinishedBytes      int64            `json:"unfinishedBytes"`
	InFlightBytes        *int64           `json:"inFlightBytes,omitempty"` // nil: not measured
	OriginBytes          int64            `json:"originBytes"`
	OriginRequests       int64            `json:"originRequests"`
	OriginErrors         int64            `json:"originErrors"`
	OriginPlaylistBytes  int64            `json:"originPlaylistBytes"`
	OriginPlaylists      int64            `json:"originPlaylists"`
	DistinctSegments     int64            `json:"distinctSegments"`
	DistinctSegmentBytes int64            `json:"distinctSegmentBytes"`
	DistinctLoadedBytes  int64            `json:"distinctLoadedBytes"`

	SegmentsLoaded  SegmentCounts           `json:"segmentsLoaded"`
	SegmentsPlayed  int64                   `json:"segmentsPlayed"`
	CorruptSegments int64                   `json:"corruptSegments"`
	Requests        map[string]Outcomes     `json:"requests"`
	HTTPReasons     map[string]ReasonTotals `json:"httpReasons"`
	Errors          map[string]int64        `json:"errors"`

	StartupMs         Dist  `json:"startupMs"`
	TimeToFirstPeerMs Dist  `json:"timeToFirstPeerMs"`
	HTTPLatencyMs     Dist  `json:"httpLatencyMs"`
	P2PLatencyMs      Dist  `json:"p2pLatencyMs"`
	LiveLatencyMs     *Dist `json:"liveLatencyMs,omitempty"` // live only

	Stalls         int64   `json:"stalls"`
	StalledViewers int     `json:"stalledViewers"`
	StalledSeconds float64 `json:"stalledSeconds"`
	WatchedSeconds float64 `json:"watchedSeconds"`
	StallRatio     float64 `json:"stallRatio"`
	LevelSwitches  int64   `json:"levelSwitches"`

	Connections int64   `json:"connections"`
	Degree      Dist    `json:"degree"`
	UploadGini  float64 `json:"uploadGini"`

	TrackerAnnounces int64 `json:"trackerAnnounces"`
	TrackerOffers    int64 `json:"trackerOffers"`
	TrackerAnswers   int64 `json:"trackerAnswers"`
	TrackerErrors    int64 `json:"trackerErrors"`
}

// SegmentCounts counts completed segments by the source of their bytes.
type SegmentCounts struct {
	HTTP  int64 `json:"http"`
	P2P   int64 `json:"p2p"`
	Mixed int64 `json:"mixed"` // some bytes from each
}

// Outcomes counts requests by how they ended.
type Outcomes map[string]int64

// ReasonTotals is how often, and for how many useful bytes, a reason sent a viewer to the origin.
type ReasonTotals struct {
	Requests int64 `json:"requests"`
	Bytes    int64 `json:"bytes"`
}

// Check is one invariant and whether it held.
type Check struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	// Detail is a sentence: what was compared, with the figures.
	Detail string `json:"detail"`
}

// Sample is the swarm in one simulated second. Bytes are those counted during that second; viewers, connections, stalled
// viewers and means are as found at its end.
type Sample struct {
	T                      float64 `json:"t"` // seconds since the run began, at the end of the second
	Viewers                int     `json:"viewers"`
	Connections            int     `json:"connections"`
	P2PBytes               int64   `json:"p2pBytes"`
	HTTPBytes              int64   `json:"httpBytes"`
	P2PChunkBytes          int64   `json:"p2pChunkBytes"`
	HTTPChunkBytes         int64   `json:"httpChunkBytes"`
	UploadedBytes          int64   `json:"uploadedBytes"`
	WastedBytes            int64   `json:"wastedBytes"`
	OriginBytes            int64   `json:"originBytes"`
	P2PRatio               float64 `json:"p2pRatio"` // of all useful bytes so far
	Stalls                 int64   `json:"stalls"`
	StalledViewers         int     `json:"stalledViewers"`
	MeanBufferSeconds      float64 `json:"meanBufferSeconds"`
	MeanLiveLatencySeconds float64 `json:"meanLiveLatencySeconds,omitempty"`
	TrackerAnnounces       int64   `json:"trackerAnnounces"`
}

// PeerRow is one viewer's run.
type PeerRow struct {
	Name   string `json:"name"`
	Group  string `json:"group"`
	Link   string `json:"link"`
	NAT    string `json:"nat"`
	Region string `json:"region"`
	// Uploads: the viewer may upload.
	Uploads         bool     `json:"uploads"`
	JoinedSeconds   float64  `json:"joinedSeconds"`
	LeftSeconds     *float64 `json:"leftSeconds,omitempty"` // nil: stayed to the end
	LeftClean       bool     `json:"leftClean,omitempty"`   // said goodbye, instead of vanishing
	WatchedAll      bool     `json:"watchedAll"`
	FullyDelivered  bool     `json:"fullyDelivered"`
	P2PRatio        float64  `json:"p2pRatio"`
	P2PBytes        int64    `json:"p2pBytes"`
	HTTPBytes       int64    `json:"httpBytes"`
	P2PChunkBytes   int64    `json:"p2pChunkBytes"`
	HTTPChunkBytes  int64    `json:"httpChunkBytes"`
	UploadedBytes   int64    `json:"uploadedBytes"`
	WastedBytes     int64    `json:"wastedBytes"`
	SegmentsLoaded  int64    `json:"segmentsLoaded"`
	SegmentsPlayed  int64    `json:"segmentsPlayed"`
	CorruptSegments int64    `json:"corruptSegments"`

	StartupMs         *float64 `json:"startupMs,omitempty"`         // nil: the picture never started
	TimeToFirstPeerMs *float64 `json:"timeToFirstPeerMs,omitempty"` // nil: never had a peer
	HTTPLatencyP50Ms  *float64 `json:"httpLatencyP50Ms,omitempty"`
	P2PLatencyP50Ms   *float64 `json:"p2pLatencyP50Ms,omitempty"`
	LiveLatencyMs     *float64 `json:"liveLatencyMs,omitempty"` // mean

	Stalls         int64   `json:"stalls"`
	StalledSeconds float64 `json:"stalledSeconds"`
	WatchedSeconds float64 `json:"watchedSeconds"`
	StallRatio     float64 `json:"stallRatio"`
	LevelSwitches  int64   `json:"levelSwitches"`

	Connections     int64   `json:"connections"`
	PeakConnections int     `json:"peakConnections"`
	MeanConnections float64 `json:"meanConnections"`
	Errors          int64   `json:"errors"`
}
