package webtorrent

import (
	"bytes"
	"encoding/binary"
	"errors"

	"github.com/gobwas/ws"
)

// frameHandler is told what came over a WebSocket. What it is given is valid until it returns.
type frameHandler interface {
	frameMessage(payload []byte)
	framePing(payload []byte)
}

// Why a connection ends that sent these bytes. Anything else that feed returns is a breach of RFC 6455.
var (
	errFrameClose   = errors.New("the client closes")
	errFrameTooLong = errors.New("a message longer than the read limit")
)

// frames turns the bytes of one client, in whatever pieces they come, into messages. It holds no more than limit and what it was
// given last, and nothing while no message is under way: an idle connection costs no buffer.
type frames struct {
	limit    int
	rest     []byte // of a frame that is not there whole
	message  []byte // the fragments before it
	fragment bool   // a message has begun
}

// feed takes the next bytes, which it changes: they are unmasked where they are. After an error there is nothing more to feed.
func (f *frames) feed(b []byte, h frameHandler) error {
	if len(f.rest) > 0 {
		f.rest = append(f.rest, b...)
		b = f.rest
	}
	for len(b) > 0 {
		used, err := f.frame(b, h)
		if err != nil {
			return err
		}
		if used == 0 {
			break
		}
		b = b[used:]
	}
	f.keep(b)
	return nil
}

// keep remembers the beginning of a frame. It may lie within what is remembered already.
func (f *frames) keep(b []byte) {
	switch {
	case len(b) == 0:
		f.rest = nil
	case f.rest == nil:
		f.rest = bytes.Clone(b)
	default:
		f.rest = f.rest[:copy(f.rest, b)]
	}
}

// frame takes one frame off the head of b and says how long it was; 0: it is not there whole.
func (f *frames) frame(b []byte, h frameHandler) (used int, err error) {
	r := bytes.NewReader(b)
	header, err := ws.ReadHeader(r)
	if err != nil {
		if errors.Is(err, ws.ErrHeaderLengthMSB) || errors.Is(err, ws.ErrHeaderLengthUnexpected) {
			return 0, err
		}
		return 0, nil // the header is cut off
	}
	state := ws.StateServerSide
	if f.fragment {
		state = state.Set(ws.StateFragmented)
	}
	if err := ws.CheckHeader(header, state); err != nil {
		return 0, err
	}
	if !header.OpCode.IsControl() && header.Length > int64(f.limit-len(f.message)) {
		return 0, errFrameTooLong
	}
	start := len(b) - r.Len()
	end := start + int(header.Length)
	if len(b) < end {
		return 0, nil
	}
	payload := b[start:end:end]
	ws.Cipher(payload, header.Mask, 0)
	return end, f.take(header, payload, h)
}

func (f *frames) take(header ws.Header, payload []byte, h frameHandler) error {
	switch {
	case header.OpCode == ws.OpClose:
		return errFrameClose
	case header.OpCode == ws.OpPing:
		h.framePing(payload)
		return nil
	case header.OpCode == ws.OpPong:
		return nil
	case !header.Fin:
		f.fragment = true
		f.message = append(f.message, payload...)
		return nil
	case f.fragment:
		payload = append(f.message, payload...)
		f.fragment, f.message = false, nil
	}
	h.frameMessage(payload)
	return nil
}

// appendFrame appends a whole frame, not masked, as a server sends it.
func appendFrame(dst []byte, op ws.OpCode, payload []byte) []byte {
	const fin = 0x80
	switch n := len(payload); {
	case n < 126:
		dst = append(dst, fin|byte(op), byte(n))
	case n < 1<<16:
		dst = binary.BigEndian.AppendUint16(append(dst, fin|byte(op), 126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, fin|byte(op), 127), uint64(n))
	}
	return append(dst, payload...)
}
