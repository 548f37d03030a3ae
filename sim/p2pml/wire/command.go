package wire

// ID names a command: the first byte of its payload.
type ID byte

// The commands of P2P Media Loader 2.3. There are no others; receivers ignore ids they do not know.
const (
	// SegmentsAnnouncement replaces the sender's sets of segments it has, and of those it is loading over HTTP.
	SegmentsAnnouncement ID = 0
	// SegmentRequest asks for a segment from a byte on.
	SegmentRequest ID = 1
	// SegmentData heads the raw bytes that follow.
	SegmentData ID = 2
	// SegmentDataSendingCompleted follows the last raw byte.
	SegmentDataSendingCompleted ID = 3
	// SegmentAbsent refuses a request.
	SegmentAbsent ID = 4
	// CancelSegmentRequest takes a request back.
	CancelSegmentRequest ID = 5
)

var idNames = [...]string{
	SegmentsAnnouncement:        "SegmentsAnnouncement",
	SegmentRequest:              "SegmentRequest",
	SegmentData:                 "SegmentData",
	SegmentDataSendingCompleted: "SegmentDataSendingCompleted",
	SegmentAbsent:               "SegmentAbsent",
	CancelSegmentRequest:        "CancelSegmentRequest",
}

// String is the library's name of the command.
func (id ID) String() string {
	if int(id) < len(idNames) {
		return idNames[id]
	}
	return "unknown"
}

// Command is one command. Which fields count depends on ID; the others are not encoded.
type Command struct {
	ID ID
	// Loaded and Loading are the ids of an announcement, in the sender's storage order ("l" and "p" on the wire).
	Loaded, Loading []int64
	// Segment is the segment's id ("i"): its index in VOD, its media sequence number in live.
	Segment int64
	// Request is the requester's random number for this request, 0 to 999 ("r").
	Request int64
	// Byte is the first wanted byte of a SegmentRequest ("b"). Zero is not sent.
	Byte int64
	// Size is the number of raw bytes that follow a SegmentData ("s"): the remainder from Byte on, not the segment's size.
	Size int64
}

// Field names on the wire.
const (
	fieldLoaded  = 'l'
	fieldLoading = 'p'
	fieldSegment = 'i'
	fieldRequest = 'r'
	fieldByte    = 'b'
	fieldSize    = 's'
)
