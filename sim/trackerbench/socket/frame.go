package socket

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Opcodes of RFC 6455.
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xa

	finBit   = 0x80
	rsvBits  = 0x70
	maskBit  = 0x80
	opBits   = 0x0f
	maskSize = 4

	mostControl = 125 // bytes of a control frame
)

var errTooLong = fmt.Errorf("a message of more than %d bytes", MostMessage)

// putHeader writes the header of a frame with payload bytes of payload so that it ends at buf[HeaderRoom], and returns where it begins.
func putHeader(buf []byte, op byte, fin bool, payload int) int {
	size := 2 + maskSize
	switch {
	case payload > 0xffff:
		size += 8
	case payload > mostControl:
		size += 2
	}
	at := HeaderRoom - size
	h := buf[at:HeaderRoom]
	h[0] = op
	if fin {
		h[0] |= finBit
	}
	switch {
	case payload > 0xffff:
		h[1] = maskBit | 127
		binary.BigEndian.PutUint64(h[2:], uint64(payload)) // a length is not negative
	case payload > mostControl:
		h[1] = maskBit | 126
		binary.BigEndian.PutUint16(h[2:], uint16(payload))
	default:
		h[1] = maskBit | byte(payload)
	}
	clear(h[size-maskSize:]) // the mask
	return at
}

// inFrames is a message in pieces.
func inFrames(text []byte, most int) []byte {
	var out []byte
	var header [HeaderRoom]byte
	for op := byte(opText); len(text) > 0; op = opContinuation {
		n := min(most, len(text))
		at := putHeader(header[:], op, n == len(text), n)
		out = append(append(out, header[at:]...), text[:n]...)
		text = text[n:]
	}
	return out
}

// frame is one frame of the tracker's.
type frame struct {
	op      byte
	fin     bool
	payload []byte
}

// parseFrame takes the frame at the head of b. size is all of it; 0 if it is not there yet.
func parseFrame(b []byte) (f frame, size int, err error) {
	if len(b) < 2 {
		return f, 0, nil
	}
	f.op, f.fin = b[0]&opBits, b[0]&finBit != 0
	length, header := uint64(b[1]&^maskBit), 2
	switch {
	case b[0]&rsvBits != 0:
		return f, 0, errors.New("a frame with reserved bits set")
	case b[1]&maskBit != 0:
		return f, 0, errors.New("a masked frame")
	case f.op > opBinary && f.op < opClose || f.op > opPong:
		return f, 0, fmt.Errorf("a frame of the unknown kind %d", f.op)
	case f.op >= opClose && (!f.fin || length > mostControl):
		return f, 0, errors.New("a control frame that is too long or in pieces")
	case length == 126:
		if header = 4; len(b) < header {
			return f, 0, nil
		}
		length = uint64(binary.BigEndian.Uint16(b[2:]))
	case length == 127:
		if header = 10; len(b) < header {
			return f, 0, nil
		}
		length = binary.BigEndian.Uint64(b[2:])
	}
	if length > MostMessage {
		return f, 0, errTooLong
	}
	size = header + int(length)
	if len(b) < size {
		return f, 0, nil
	}
	f.payload = b[header:size]
	return f, size, nil
}

// pieces puts messages together that come in several frames.
type pieces struct {
	text   []byte
	within bool
}

// add takes a data frame and returns the message if it ends one.
func (p *pieces) add(f frame) (text []byte, whole bool, err error) {
	first := f.op != opContinuation
	switch {
	case first == p.within:
		return nil, false, errors.New("the pieces of a message out of order")
	case first && f.fin:
		return f.payload, true, nil
	case len(p.text)+len(f.payload) > MostMessage:
		return nil, false, errTooLong
	}
	p.within = true
	p.text = append(p.text, f.payload...)
	if !f.fin {
		return nil, false, nil
	}
	text = p.text
	*p = pieces{}
	return text, true, nil
}

// closeReason is what a close frame says, for people.
func closeReason(payload []byte) string {
	if len(payload) < 2 {
		return "closed by the tracker"
	}
	return fmt.Sprintf("closed by the tracker with code %d", binary.BigEndian.Uint16(payload))
}
