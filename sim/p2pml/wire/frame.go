package wire

import (
	"bytes"
	"errors"
)

// Marks at the head and tail of a command frame. "c" at the head: a command begins here; "c" at the tail: it ends here.
var (
	headFirst = []byte("cstr")
	headNext  = []byte("dstr")
	tailLast  = []byte("cend")
	tailMore  = []byte("dend")
)

const (
	markBytes  = 4
	frameBytes = 2 * markBytes // what a frame adds to its payload
)

// DefaultMaxMessageSize is the library's webRtcMaxMessageSize: the largest message everybody's WebRTC carries.
const DefaultMaxMessageSize = 65535

// IsCommand tells command frames from segment data, by the marks alone.
func IsCommand(message []byte) bool {
	if len(message) < frameBytes {
		return false
	}
	head, tail := message[:markBytes], message[len(message)-markBytes:]
	return (bytes.Equal(head, headFirst) || bytes.Equal(head, headNext)) &&
		(bytes.Equal(tail, tailLast) || bytes.Equal(tail, tailMore))
}

// Frames cuts a payload into data-channel messages of about maxMessageSize bytes (below 1: DefaultMaxMessageSize).
//
// The rule is the library's own: as many parts as payload/max, one more if the marks do not fit, all of one size but the
// last. The correction is made once only, so that with a small maximum frames exceed it, and the last may be empty.
func Frames(payload []byte, maxMessageSize int) [][]byte {
	if maxMessageSize < 1 {
		maxMessageSize = DefaultMaxMessageSize
	}
	if len(payload)+frameBytes <= maxMessageSize {
		return [][]byte{appendFrame(make([]byte, 0, len(payload)+frameBytes), headFirst, payload, tailLast)}
	}
	n := max(1, ceilDiv(len(payload), maxMessageSize))
	if ceilDiv(len(payload), n)+frameBytes > maxMessageSize {
		n++
	}
	part := ceilDiv(len(payload), n)
	frames := make([][]byte, n)
	buffer := make([]byte, 0, len(payload)+n*frameBytes)
	for i := range frames {
		head, tail := headNext, tailMore
		if i == 0 {
			head = headFirst
		}
		if i == n-1 {
			tail = tailLast
		}
		from, to := min(i*part, len(payload)), min((i+1)*part, len(payload))
		start := len(buffer)
		buffer = appendFrame(buffer, head, payload[from:to], tail)
		frames[i] = buffer[start:len(buffer):len(buffer)]
	}
	return frames
}

func appendFrame(dst, head, payload, tail []byte) []byte {
	return append(append(append(dst, head...), payload...), tail...)
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// MaxCommandBytes bounds what a Joiner assembles. The longest announcement that can be decoded (two lists of 255 blocks) is
// under 140 kB; the library has no bound, so a hostile peer could fill its memory, and ours with it.
const MaxCommandBytes = 1 << 20

// Errors of Joiner.Add. The frame is dropped, and with it, except after ErrNotCommand, all that was assembled before.
var (
	ErrNotCommand = errors.New("not a command frame")
	ErrNoFirst    = errors.New("command part without a first part")
	ErrIncomplete = errors.New("a command began before the last one was complete")
	ErrTooLong    = errors.New("command is longer than any that can be decoded")
)

// Joiner puts the frames of one direction of one connection together. The zero value is ready.
type Joiner struct {
	parts   []byte
	joining bool
}

// Add takes the next command frame. When it completes a command, complete is true and payload is what to Decode. The payload
// of a command in one frame is part of that frame's memory; nothing is copied.
//
// A frame that begins a command within another loses both, as in the library.
func (j *Joiner) Add(frame []byte) (payload []byte, complete bool, err error) {
	if !IsCommand(frame) {
		return nil, false, ErrNotCommand // not the joiner's business; what it holds stays
	}
	first := frame[0] == headFirst[0]
	last := frame[len(frame)-markBytes] == tailLast[0]
	body := frame[markBytes : len(frame)-markBytes]
	switch {
	case first && j.joining:
		j.reset()
		return nil, false, ErrIncomplete
	case !first && !j.joining:
		return nil, false, ErrNoFirst
	case len(j.parts)+len(body) > MaxCommandBytes:
		j.reset()
		return nil, false, ErrTooLong
	case first && last:
		return body, true, nil
	}
	j.joining = true
	j.parts = append(j.parts, body...)
	if !last {
		return nil, false, nil
	}
	payload = j.parts
	j.reset()
	return payload, true, nil
}

// Joining tells whether a command has begun that is not complete.
func (j *Joiner) Joining() bool { return j.joining }

func (j *Joiner) reset() { *j = Joiner{} }
