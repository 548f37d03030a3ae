package oracle

import (
	"time"

	"swarmlab/sim/p2pml"
)

// librarySegment is a segment as the library's integrations hand it over.
type librarySegment struct {
	RuntimeID  string            `json:"runtimeId"`
	ExternalID int64             `json:"externalId"`
	URL        string            `json:"url"`
	ByteRange  *libraryByteRange `json:"byteRange,omitempty"`
	StartTime  float64           `json:"startTime"`
	EndTime    float64           `json:"endTime"`
}

type libraryByteRange struct {
	Start int64 `json:"start"`
	End   int64 `json:"end"`
}

func newLibrarySegment(s *p2pml.Segment) librarySegment {
	l := librarySegment{RuntimeID: s.RuntimeID, ExternalID: s.ExternalID, URL: s.URL, StartTime: s.Start, EndTime: s.End}
	if s.ByteRange != nil {
		l.ByteRange = &libraryByteRange{s.ByteRange.Start, s.ByteRange.End}
	}
	return l
}

// libraryConfig writes a configuration under the library's own names. What the library does not offer is our own, and has no
// place here: the announce constants are used on this side; of defects it has all.
func libraryConfig(c p2pml.Config) string {
	if c.Defects != p2pml.AllDefects() || c.Generation != "" && c.Generation != p2pml.DefaultGeneration {
		panic("oracle: the released library has all of its defects and is of the generation " + p2pml.DefaultGeneration)
	}
	all := map[string]any{"mainStream": libraryStream(c.Main), "secondaryStream": libraryStream(c.Secondary)}
	if c.SegmentMemoryStorageLimitMiB > 0 {
		all["segmentMemoryStorageLimit"] = c.SegmentMemoryStorageLimitMiB
	}
	return asJSON(all)
}

func libraryStream(c p2pml.StreamConfig) map[string]any {
	if c.ValidateHTTPSegment != nil || c.ValidateP2PSegment != nil {
		panic("oracle: validation callbacks do not cross the pipe")
	}
	milliseconds := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	m := map[string]any{
		"isP2PUploadDisabled":               c.IsP2PUploadDisabled,
		"isP2PDisabled":                     c.IsP2PDisabled,
		"simultaneousHttpDownloads":         c.SimultaneousHTTPDownloads,
		"simultaneousP2PDownloads":          c.SimultaneousP2PDownloads,
		"highDemandTimeWindow":              c.HighDemandTimeWindow.Seconds(),
		"httpDownloadInitialTimeoutMs":      milliseconds(c.HTTPDownloadInitialTimeout),
		"httpDownloadTimeWindow":            c.HTTPDownloadTimeWindow.Seconds(),
		"p2pDownloadTimeWindow":             c.P2PDownloadTimeWindow.Seconds(),
		"webRtcMaxMessageSize":              c.WebRTCMaxMessageSize,
		"p2pNotReceivingBytesTimeoutMs":     milliseconds(c.P2PNotReceivingBytesTimeout),
		"p2pInactiveLoaderDestroyTimeoutMs": milliseconds(c.P2PInactiveLoaderDestroyTimeout),
		"httpNotReceivingBytesTimeoutMs":    milliseconds(c.HTTPNotReceivingBytesTimeout),
		"httpErrorRetries":                  c.HTTPErrorRetries,
		"p2pErrorRetries":                   c.P2PErrorRetries,
		"trackerClientVersionPrefix":        c.TrackerClientVersionPrefix,
		"announceTrackers":                  c.AnnounceTrackers,
	}
	if c.SwarmID != nil {
		m["swarmId"] = *c.SwarmID
	}
	return m
}
