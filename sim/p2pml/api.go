package p2pml

import (
	"errors"

	"swarmlab/sim/webtorrent"
)

// Env is what a viewer's core asks of the world. Every callback arrives on the viewer's own turn: no two run at once, and none
// runs inside a call that the core is making. A tier implements it once, for all rooms.
type Env interface {
	webtorrent.Env

	// Defer runs f at the end of the current turn, before any other event: a JavaScript microtask. Calls run in the order they
	// were made, those made by a deferred call included.
	Defer(f func())

	// Fetch starts an HTTP GET. Its outcome arrives at h, later.
	Fetch(r FetchRequest, h FetchHandler) Fetch

	// Assemble turns the blocks of a completed segment into what the storage keeps and the player gets. It is the place where a
	// tier checks the bytes, and it may return a buffer that is shared by everybody who has the same bytes.
	Assemble(s *Segment, blocks []webtorrent.Message) webtorrent.Message
}

// ByteRange is an inclusive range of bytes. End -1 means open-ended ("bytes=5-").
type ByteRange struct{ Start, End int64 }

// FetchRequest is one HTTP GET, with a Range header if Range is not nil, and an If-Range header if IfRange is not empty.
type FetchRequest struct {
	URL     string
	Range   *ByteRange
	IfRange string
}

// Fetch is a running HTTP GET.
type Fetch interface {
	// Cancel ends it. No event follows.
	Cancel()
}

// FetchHandler is told what happens to a Fetch.
type FetchHandler interface {
	// FetchHeaders comes once, before any body.
	FetchHeaders(h FetchHeaders)
	// FetchBody brings a run of the body, any number of times.
	FetchBody(m webtorrent.Message)
	// FetchDone is the last event. nil: the body ended, perhaps short.
	FetchDone(err error)
}

// FetchHeaders is what the core reads of a response.
type FetchHeaders struct {
	Status        int
	ContentLength int64         // -1: unknown
	ContentRange  *ContentRange // nil: absent or unreadable
	Validator     string        // a strong ETag of an answer that a browser may keep, to ask for the rest of it later
}

// ContentRange is a Content-Range header. Total is -1 where the server wrote an asterisk.
type ContentRange struct{ Start, End, Total int64 }

// StreamType says which of the two independent loaders a rendition belongs to.
type StreamType string

// The library's two stream types.
const (
	Main      StreamType = "main"      // video, or video and audio together
	Secondary StreamType = "secondary" // an alternative audio rendition
)

// Stream is one rendition. Index is its fingerprint, see StreamIndex.
type Stream struct {
	RuntimeID string
	Type      StreamType
	Index     string
}

// Segment is one media segment. RuntimeID is unique in the page (its URL, and "|start-end" for a byte range), ExternalID is what
// goes over the wire. Start and End are on the player's own timeline, in seconds: only ids are shared between viewers.
type Segment struct {
	RuntimeID  string
	ExternalID int64
	URL        string
	ByteRange  *ByteRange
	Start, End float64
	Stream     *Stream // set by the core
}

// Loaded is a segment as the player gets it. BandwidthBps is the core's estimate, which the integrations hand to the player's
// bitrate choice instead of the measured one.
type Loaded struct {
	Data         webtorrent.Message
	BandwidthBps float64
}

// LoadHandler gets the outcome of LoadSegment: exactly one of its methods is called, once, at the end of a turn and never from
// inside a call to the core. After Destroy none is.
type LoadHandler interface {
	SegmentLoaded(l Loaded)
	SegmentFailed(err error)
}

// What LoadHandler.SegmentFailed says.
var (
	// ErrFailed: HTTP failed as often as httpErrorRetries allows. A player applies its own retry policy.
	ErrFailed = errors.New("p2pml: segment loading failed")
	// ErrAborted: aborted by AbortSegmentLoading or replaced by the next request of the same stream type.
	ErrAborted = errors.New("p2pml: segment loading aborted")
)
