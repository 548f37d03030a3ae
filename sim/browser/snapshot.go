package browser

// Snapshot is what a page says of its viewer at one moment (window.swarmlab.snapshot()). Times are milliseconds since the page was
// opened, spans too; what has not happened is nil.
type Snapshot struct {
	Now               float64      `json:"now"`
	Started           *float64     `json:"started"`
	StartupMs         *float64     `json:"startupMs"`
	TimeToFirstPeerMs *float64     `json:"timeToFirstPeerMs"`
	Ratio             *float64     `json:"ratio"`
	Bytes             Bytes        `json:"bytes"`
	Segments          Segments     `json:"segments"`
	Peers             []string     `json:"peers"`
	PeersSeen         int          `json:"peersSeen"`
	Connections       []Connection `json:"connections"`
	Stalls            int          `json:"stalls"`
	StalledMs         float64      `json:"stalledMs"`
	StalledNow        bool         `json:"stalledNow"`
	Errors            int          `json:"errors"`
	Playback          Playback     `json:"playback"`
}

// Bytes are counted as P2P Media Loader's own demo does, by onChunkDownloaded and onChunkUploaded.
type Bytes struct {
	HTTP     int64 `json:"http"`
	P2P      int64 `json:"p2p"`
	Uploaded int64 `json:"uploaded"`
}

// Segments are completed ones, by the source of their last byte.
type Segments struct {
	HTTP int `json:"http"`
	P2P  int `json:"p2p"`
}

// Connection is one RTCPeerConnection.
type Connection struct {
	Role    string `json:"role"`    // offerer or answerer
	State   string `json:"state"`   // connectionState
	Channel string `json:"channel"` // the data channel's readyState
	Closed  bool   `json:"closed"`  // the page closed it
	// Steps are when it was made, described (its own description set), gathered (its candidates), heard (the other's description set),
	// connecting, connected (ICE and DTLS), and its channel open. What has not happened is left out.
	Steps map[string]float64 `json:"steps"`
}

// Playback is the video element.
type Playback struct {
	CurrentTime        float64  `json:"currentTime"`
	Duration           *float64 `json:"duration"`
	Paused             bool     `json:"paused"`
	Ended              bool     `json:"ended"`
	ReadyState         int      `json:"readyState"`
	BufferSeconds      float64  `json:"bufferSeconds"`
	Live               *bool    `json:"live"`
	LiveLatencySeconds *float64 `json:"liveLatencySeconds"`
	Frames             int64    `json:"frames"`
	DroppedFrames      int64    `json:"droppedFrames"`
	AudioBytes         *int64   `json:"audioBytes"`
}

// Event is one thing that happened in a page: an event of P2P Media Loader under its own name, or start, firstPicture, stall,
// resumed, ended, level, buffered, digest, hlsError, notPlaying, error. Which fields count depends on Kind.
type Event struct {
	Ms     float64 `json:"ms"`
	Kind   string  `json:"kind"`
	URL    string  `json:"url"`
	Seq    int64   `json:"seq"`    // the segment's id on the wire
	Range  string  `json:"range"`  // digest: its byte range in the file, if it has one
	Source string  `json:"source"` // http or p2p
	Peer   string  `json:"peer"`
	Stream string  `json:"stream"` // main or secondary
	Bytes  int64   `json:"bytes"`
	SHA256 string  `json:"sha256"`
	Type   string  `json:"type"` // of an error, in the library's words
	Text   string  `json:"text"`
	Level  int     `json:"level"`
	Fatal  bool    `json:"fatal"`
}
