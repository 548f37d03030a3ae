package scenarios

// A Scenario says what to simulate. It is plain data: the zero value, once resolved, runs.
//
// Pointers mark the fields whose zero is a wish of its own ("vanish always", "no STUN") or whose absence matters to the
// library ("the user set neither liveSyncDuration nor liveSyncDurationCount"); everywhere else zero means "the default".
//
// The struct tags are the one place that knows a field's name, unit, bounds, default and meaning: the reader, the checks,
// the JSON Schema and the table in README.md all read them from here.
type Scenario struct {
	Name        string   `json:"name,omitzero" doc:"name of the scenario, used in results and file names" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" form:"at most 64 letters, digits and ._-, a letter or digit first" implied:"the preset's or file's name"`
	Description string   `json:"description,omitzero" doc:"one line for people"`
	Run         Run      `json:"run,omitzero" doc:"how long to simulate, and with which chance"`
	Stream      Stream   `json:"stream,omitzero" doc:"the video everybody watches"`
	Peers       Peers    `json:"peers,omitzero" doc:"who watches, when they come and go, and from where"`
	P2PML       P2PML    `json:"p2pml,omitzero" doc:"P2P Media Loader's configuration"`
	Player      Player   `json:"player,omitzero" fill:"no" doc:"hls.js options, under its own names; what is left out keeps hls.js's default"`
	Tracker     Tracker  `json:"tracker,omitzero" doc:"the WebTorrent tracker"`
	Origin      Origin   `json:"origin,omitzero" doc:"the HTTP server that has the whole stream"`
	ICE         ICE      `json:"ice,omitzero" doc:"help for connections through NATs"`
	Network     Network  `json:"network,omitzero" doc:"how finely the network is emulated"`
	Thresholds  []string `json:"thresholds,omitzero" doc:"conditions on the summary, such as p2pRatio > 0.6; crossed ones fail a check"`

	src *source // where the values came from; nil for a scenario made in code
}

// Run is how long to simulate, and with which chance.
type Run struct {
	Duration Duration `json:"duration,omitzero" doc:"simulated time" unit:"duration" min:"1s" max:"24h" implied:"live 3m; vod last arrival + stream.length + 30s"`
	Seed     uint64   `json:"seed,omitzero" doc:"seed of every random draw" min:"1" max:"18446744073709551615" default:"1"`
}

// Stream kinds.
const (
	Live = "live"
	VOD  = "vod"
)

// Stream is the video everybody watches: synthetic, or somebody's own HLS folder (From).
type Stream struct {
	Kind            string    `json:"kind,omitzero" doc:"live or vod" enum:"live,vod" default:"vod"`
	SegmentDuration Duration  `json:"segmentDuration,omitzero" doc:"length of one segment" unit:"duration" min:"100ms" max:"60s" implied:"6s"`
	Window          int       `json:"window,omitzero" doc:"live only: segments in the playlist" unit:"segments" min:"3" max:"10000" implied:"6"`
	Length          Duration  `json:"length,omitzero" doc:"vod only: length of the video" unit:"duration" min:"1s" max:"24h" implied:"2m"`
	Phase           Duration  `json:"phase,omitzero" doc:"live only: how long before the run's beginning the newest segment was published" unit:"duration" min:"0s" max:"60s" default:"0s"`
	From            string    `json:"from,omitzero" doc:"path of a master.m3u8 to use instead of the synthetic stream, relative to the scenario file"`
	Variants        []Variant `json:"variants,omitzero" doc:"the renditions, lowest bandwidth first or as the master playlist should list them" implied:"one of 800 kbit/s"`
}

// Variant is one rendition, as EXT-X-STREAM-INF describes it.
type Variant struct {
	Bandwidth  int64   `json:"bandwidth,omitzero" doc:"EXT-X-STREAM-INF BANDWIDTH" unit:"bit/s" min:"8000" max:"200000000" implied:"required"`
	Resolution string  `json:"resolution,omitzero" doc:"EXT-X-STREAM-INF RESOLUTION, such as 640x360" pattern:"^[1-9][0-9]{0,4}x[1-9][0-9]{0,4}$" form:"width x height, as in 640x360"`
	Codecs     string  `json:"codecs,omitzero" doc:"EXT-X-STREAM-INF CODECS, such as avc1.42c01e,mp4a.40.2"`
	FrameRate  float64 `json:"frameRate,omitzero" doc:"EXT-X-STREAM-INF FRAME-RATE" unit:"1/s" min:"1" max:"1000"`
	// Whoever holds a simulation against another needs the very same segments.
	SegmentBytes []int64 `json:"segmentBytes,omitzero" doc:"exact sizes of the segments in turn, each whole packets of 188 bytes, from the first in the playlist at the beginning; after the last, the first again" unit:"B" min:"1" max:"500000000" implied:"bandwidth times duration"`
	Name         string  `json:"name,omitzero" doc:"name for reports; also the folder of its playlist" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" form:"at most 64 letters, digits and ._-, a letter or digit first" implied:"v0, v1, ..."`
}

// Peers is the audience.
type Peers struct {
	Count   int     `json:"count,omitzero" doc:"viewers in all" unit:"peers" min:"1" max:"1000000" implied:"10; with a trace, its length"`
	Arrival Arrival `json:"arrival,omitzero" doc:"when they come"`
	Session Session `json:"session,omitzero" doc:"how long they stay"`
	Leave   Leave   `json:"leave,omitzero" doc:"how they go"`
	Groups  []Group `json:"groups,omitzero" doc:"kinds of viewers, by share" implied:"one group, named viewer"`
}

// Kinds of arrival.
const (
	Together = "together"
	Stagger  = "stagger"
	Ramp     = "ramp"
	Poisson  = "poisson"
	Flash    = "flash"
	Trace    = "trace"
)

// Arrival is when viewers come.
type Arrival struct {
	Kind   string     `json:"kind,omitzero" doc:"together: at once; stagger: one every gap; ramp: evenly spaced; poisson: at random; flash: a few before, then a crowd; trace: at the given times" enum:"together,stagger,ramp,poisson,flash,trace" default:"together"`
	At     Duration   `json:"at,omitzero" doc:"when the arrivals begin; flash: when the crowd comes" unit:"duration" min:"0s" max:"24h" implied:"0s; flash 30s"`
	Over   Duration   `json:"over,omitzero" doc:"ramp, poisson, flash: the arrivals are spread over so long" unit:"duration" min:"1ms" max:"24h" implied:"30s; flash 60s"`
	Gap    Duration   `json:"gap,omitzero" doc:"stagger: time between two arrivals" unit:"duration" min:"1ms" max:"1h" implied:"1s"`
	Jitter Duration   `json:"jitter,omitzero" doc:"together, stagger, ramp, trace: each comes up to this much later, at random" unit:"duration" min:"0s" max:"1h" default:"0s"`
	Before *float64   `json:"before,omitzero" doc:"flash: share of the viewers who are there before the crowd" unit:"share" min:"0" max:"1" implied:"0.1"`
	Times  []Duration `json:"times,omitzero" doc:"trace: when each viewer comes" unit:"duration" min:"0s" max:"24h"`
}

// Kinds of session.
const (
	Whole       = "whole"
	Exponential = "exponential"
	LogNormal   = "lognormal"
)

// Session is how long a viewer stays.
type Session struct {
	Kind   string   `json:"kind,omitzero" doc:"whole: to the end of the run; exponential and lognormal: a random time" enum:"whole,exponential,lognormal" default:"whole"`
	Mean   Duration `json:"mean,omitzero" doc:"exponential: mean stay" unit:"duration" min:"1s" max:"24h" implied:"5m"`
	Median Duration `json:"median,omitzero" doc:"lognormal: median stay" unit:"duration" min:"1s" max:"24h" implied:"188s"`
	Sigma  float64  `json:"sigma,omitzero" doc:"lognormal: standard deviation of the stay's natural logarithm" min:"0.01" max:"4" implied:"1.5443"`
}

// Leave is how a viewer goes.
type Leave struct {
	Clean *float64 `json:"clean,omitzero" doc:"share of the leavers who close their connections; the others just vanish" unit:"share" min:"0" max:"1" default:"0.3"`
}

// Group is one kind of viewer.
type Group struct {
	Name   string  `json:"name,omitzero" doc:"name of the group; its viewers are called after it" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" form:"at most 64 letters, digits and ._-, a letter or digit first" implied:"viewer, or group-1, group-2, ..."`
	Share  float64 `json:"share,omitzero" doc:"share of the viewers; shares sum to 1" unit:"share" min:"0.0001" max:"1" implied:"equal shares"`
	Link   Link    `json:"link,omitzero" doc:"access link: a preset's name, or an object" default:"cable"`
	NAT    string  `json:"nat,omitzero" doc:"what stands between the viewer and the network" registry:"nat" default:"none"`
	Region string  `json:"region,omitzero" doc:"where the viewer is" registry:"region" default:"eu"`
	Upload *bool   `json:"upload,omitzero" doc:"false: these viewers never upload (isP2PUploadDisabled)" default:"true"`
}

// Tracker is the embedded WebTorrent tracker, or the addresses of real ones.
type Tracker struct {
	Emulate   string   `json:"emulate,omitzero" doc:"the tracker whose rules the embedded one follows: selection, caps, interval, what it does about reconnects and errors; the fields below override it" enum:"bittorrent-tracker,wt-tracker,aquatic_ws"`
	Interval  Duration `json:"interval,omitzero" doc:"announce interval the tracker asks for" unit:"duration" min:"1s" max:"1h" implied:"120s, or the emulated tracker's"`
	MaxOffers int      `json:"maxOffers,omitzero" doc:"offers the tracker forwards per announce, at most" unit:"offers" min:"1" max:"1000" implied:"10, or the emulated tracker's"`
	Selection string   `json:"selection,omitzero" doc:"how the tracker picks the peers an offer goes to" enum:"uniform,consecutive,two-runs" implied:"uniform, or the emulated tracker's"`
	Delay     Duration `json:"delay,omitzero" doc:"time the tracker takes to handle a message" unit:"duration" min:"0s" max:"60s" default:"0s"`
	URLs      []string `json:"urls,omitzero" doc:"ws:// or wss:// addresses of real trackers, instead of the embedded one"`
}

// Origin is the HTTP server that has the whole stream.
type Origin struct {
	Link          Link     `json:"link,omitzero" doc:"the origin's own link: a preset's name, or an object" default:"origin"`
	ResponseDelay Duration `json:"responseDelay,omitzero" doc:"time from a request's arrival to the first byte of its response" unit:"duration" min:"0s" max:"60s" default:"0s"`
	ErrorRate     float64  `json:"errorRate,omitzero" doc:"share of requests answered with 503" unit:"share" min:"0" max:"1" default:"0"`
	Region        string   `json:"region,omitzero" doc:"where the origin is" registry:"region" default:"eu"`
	Cacheable     *bool    `json:"cacheable,omitzero" doc:"browsers may keep segments, so that a download that was given up goes on where it was when it is asked for again; false: the origin says no-store" default:"true"`
}

// StoresSegments reports whether browsers may keep the origin's segments.
func (o *Origin) StoresSegments() bool { return o.Cacheable == nil || *o.Cacheable }

// ICE is the help that connections through NATs get.
type ICE struct {
	STUN *bool `json:"stun,omitzero" doc:"viewers ask a STUN server for their public address" default:"true"`
	TURN bool  `json:"turn,omitzero" doc:"viewers may relay through a TURN server" default:"false"`
}

// Network is how finely the network is emulated, and what is assumed of it where it is not.
//
// Grid is for the packet tier, which has packets to release; the flow tier, which has none, does without it. All others are
// assumptions of the flow tier. The packet tier has the real thing in their place, and refuses a scenario that asks for something
// else than their defaults: it could not obey.
type Network struct {
	// Releasing packets on a coarser grid halves the cost of a shaped link between 1 ms and 5 ms, and blurs every
	// delay by as much: accuracy first, so the fine grid is the default.
	Grid Duration `json:"grid,omitzero" doc:"packet tier: packets are released on this time grid; coarser is faster and less exact" unit:"duration" min:"10us" max:"100ms" default:"1ms"`
	// equal leaves unused what a transfer that is slower at its other end does not take; it is what simple models do.
	Sharing      string    `json:"sharing,omitzero" doc:"flow tier: how transfers share a link. maxmin: what one cannot use the others get; equal: each gets the same part of it, used or not" enum:"maxmin,equal" default:"maxmin"`
	RampUp       *bool     `json:"rampUp,omitzero" doc:"flow tier: transfers begin slowly and are limited by loss, as congestion control has it" default:"true"`
	Headers      *float64  `json:"headers,omitzero" doc:"flow tier: share of a link's rate that packet headers take" unit:"share" min:"0" max:"0.5" implied:"0.075 between viewers, 0.05 for HTTP"`
	OfferDelay   *Duration `json:"offerDelay,omitzero" doc:"flow tier: time until an offer is ready" unit:"duration" min:"0s" max:"60s" implied:"a browser's: 100 ms to gather and 10 ms for each that is made; at least a round trip to the STUN server"`
	AnswerDelay  *Duration `json:"answerDelay,omitzero" doc:"flow tier: time until an answer is ready" unit:"duration" min:"0s" max:"60s" implied:"a browser's: 6 ms and a round trip to the other viewer, or 100 ms if a NAT keeps checks out; at least a round trip to the STUN server"`
	ConnectDelay *Duration `json:"connectDelay,omitzero" doc:"flow tier: time from the answer's arrival to the open data channel" unit:"duration" min:"0s" max:"60s" implied:"ICE, DTLS and SCTP in round trips, as measured in the packet tier"`
	FailAfter    *Duration `json:"failAfter,omitzero" doc:"flow tier: time after which a connection that cannot be made is given up" unit:"duration" min:"0s" max:"10m" default:"30s"`
	LostAfter    *Duration `json:"lostAfter,omitzero" doc:"flow tier: time after which a viewer that vanished is missed by its peers" unit:"duration" min:"0s" max:"10m" default:"30s"`
	HTTPChunk    int       `json:"httpChunk,omitzero" doc:"flow tier: a response's body reaches the player in blocks of at most this size" unit:"B" min:"1" max:"16777216" default:"65536"`
}
