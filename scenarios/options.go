package scenarios

// P2PML is P2P Media Loader's configuration. Core has exactly the shape of the library's own `core` object, with its names
// and units, so that what was tuned here can be pasted into a player and the other way round.
type P2PML struct {
	Generation string      `json:"generation,omitzero" doc:"which generation of the library the viewers run" enum:"v2-random" default:"v2-random"`
	Core       CoreOptions `json:"core,omitzero" doc:"the library's core options"`
	Defects    Defects     `json:"defects,omitzero" doc:"known defects of the library, each reproduced unless switched off"`
}

// CoreOptions is the library's `core` object. Precedence is the library's: its defaults, then these, then mainStream and
// secondaryStream for their kind of stream.
type CoreOptions struct {
	StreamOptions
	SegmentMemoryStorageLimit  *float64      `json:"segmentMemoryStorageLimit,omitzero" doc:"memory for stored segments; the default is a desktop browser's" unit:"MiB" min:"1" max:"1048576" default:"4096"`
	SwarmID                    *string       `json:"swarmId,omitzero" doc:"name of the swarm" implied:"the manifest's URL"`
	TrackerClientVersionPrefix *string       `json:"trackerClientVersionPrefix,omitzero" doc:"start of every peer id" pattern:"^[ -~]{1,12}$" form:"1 to 12 printable ASCII letters" default:"-PM0203-"`
	MainStream                 StreamOptions `json:"mainStream,omitzero" fill:"no" doc:"options for the main stream (video, or video with audio) only"`
	SecondaryStream            StreamOptions `json:"secondaryStream,omitzero" fill:"no" doc:"options for the secondary stream (alternate audio) only"`
}

// StreamOptions are the options the library keeps per kind of stream. Defaults are those of P2P Media Loader 2.3.
type StreamOptions struct {
	IsP2PUploadDisabled               *bool    `json:"isP2PUploadDisabled,omitzero" doc:"announce nothing and answer every request with absent" default:"false"`
	IsP2PDisabled                     *bool    `json:"isP2PDisabled,omitzero" doc:"the player loads everything itself" default:"false"`
	SimultaneousHTTPDownloads         *int     `json:"simultaneousHttpDownloads,omitzero" doc:"HTTP downloads at a time" unit:"downloads" min:"0" max:"1000" default:"2"`
	SimultaneousP2PDownloads          *int     `json:"simultaneousP2PDownloads,omitzero" doc:"P2P downloads at a time" unit:"downloads" min:"0" max:"1000" default:"3"`
	HighDemandTimeWindow              *float64 `json:"highDemandTimeWindow,omitzero" doc:"segments this close to the playhead are urgent: over HTTP as long as a slot is free" unit:"s of media" min:"0" max:"1000000" default:"15"`
	HTTPDownloadInitialTimeoutMs      *float64 `json:"httpDownloadInitialTimeoutMs,omitzero" doc:"no HTTP download of segments for this long after the start" unit:"ms" min:"0" max:"86400000" default:"0"`
	HTTPDownloadTimeWindow            *float64 `json:"httpDownloadTimeWindow,omitzero" doc:"random HTTP prefetch reaches this far ahead" unit:"s of media" min:"0" max:"1000000" default:"3000"`
	P2PDownloadTimeWindow             *float64 `json:"p2pDownloadTimeWindow,omitzero" doc:"P2P prefetch reaches this far ahead" unit:"s of media" min:"0" max:"1000000" default:"6000"`
	WebRTCMaxMessageSize              *int     `json:"webRtcMaxMessageSize,omitzero" doc:"largest data-channel message" unit:"bytes" min:"64" max:"262144" default:"65535"`
	P2PNotReceivingBytesTimeoutMs     *float64 `json:"p2pNotReceivingBytesTimeoutMs,omitzero" doc:"a P2P download without bytes for this long has failed" unit:"ms" min:"1" max:"86400000" default:"2000"`
	P2PInactiveLoaderDestroyTimeoutMs *float64 `json:"p2pInactiveLoaderDestroyTimeoutMs,omitzero" doc:"the loader of a rendition no longer played ends after this" unit:"ms" min:"1" max:"86400000" default:"30000"`
	HTTPNotReceivingBytesTimeoutMs    *float64 `json:"httpNotReceivingBytesTimeoutMs,omitzero" doc:"an HTTP download without bytes for this long has failed" unit:"ms" min:"1" max:"86400000" default:"3000"`
	HTTPErrorRetries                  *int     `json:"httpErrorRetries,omitzero" doc:"HTTP attempts in all before the player is told of the failure" unit:"attempts" min:"0" max:"1000" default:"3"`
	P2PErrorRetries                   *int     `json:"p2pErrorRetries,omitzero" doc:"timeouts without bytes that close a connection" unit:"timeouts" min:"0" max:"1000" default:"3"`
}

// Defects switches the library's known defects. All are on by default: a harness that quietly repairs the library would
// promise a ratio that nobody will see.
type Defects struct {
	FullBlock256           *bool `json:"fullBlock256,omitzero" doc:"an announcement with a full block of 256 segment ids cannot be decoded" default:"true"`
	FiledUnderPlayed       *bool `json:"filedUnderPlayed,omitzero" doc:"a segment that completes just after a switch of quality is stored and uploaded as one of the new quality" default:"true"`
	MessageCountingTimeout *bool `json:"messageCountingTimeout,omitzero" doc:"the no-bytes timeout of a P2P download counts whole messages: a slow sender times out while bytes flow" default:"true"`
}

// Player holds hls.js options under its own names. None is filled in: what is absent keeps hls.js's default, and P2P Media
// Loader changes some of them only if the application did not set them.
type Player struct {
	LiveSyncDuration       *float64 `json:"liveSyncDuration,omitzero" doc:"live: distance to keep from the edge" unit:"s" min:"0" max:"86400"`
	LiveSyncDurationCount  *int     `json:"liveSyncDurationCount,omitzero" doc:"live: distance to keep from the edge" unit:"segments" min:"1" max:"10000" implied:"3, raised by P2P Media Loader"`
	MaxBufferLength        *float64 `json:"maxBufferLength,omitzero" doc:"buffer ahead of the playhead to aim for" unit:"s" min:"1" max:"86400" implied:"30, lowered by P2P Media Loader"`
	MaxMaxBufferLength     *float64 `json:"maxMaxBufferLength,omitzero" doc:"buffer ahead of the playhead never to exceed" unit:"s" min:"1" max:"86400" implied:"600, lowered by P2P Media Loader"`
	StartPosition          *float64 `json:"startPosition,omitzero" doc:"vod: where playback starts" unit:"s" min:"0" max:"86400" implied:"0"`
	ABREwmaDefaultEstimate *float64 `json:"abrEwmaDefaultEstimate,omitzero" doc:"bandwidth believed before the first sample" unit:"bit/s" min:"1" max:"1000000000" implied:"500000"`
}

// Main returns the options in force for the main stream.
func (c CoreOptions) Main() StreamOptions { return overlay(c.StreamOptions, c.MainStream) }

// Secondary returns the options in force for the secondary stream.
func (c CoreOptions) Secondary() StreamOptions { return overlay(c.StreamOptions, c.SecondaryStream) }
