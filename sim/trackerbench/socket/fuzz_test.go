package socket

import (
	"bytes"
	"testing"
)

// Whatever comes, the reader does not panic, takes no more than there is, and gives back what a good writer wrote.
func FuzzFrames(f *testing.F) {
	f.Add([]byte("\x81\x02hi"), 3)
	f.Add([]byte("\x01\x01a\x00\x01b\x80\x01c"), 1)
	f.Add([]byte("\x81\x7e\x00\x05hello\x88\x02\x03\xe8"), 4)
	f.Add([]byte("\x82\x7f\x00\x00\x00\x00\x00\x00\x00\x01x"), 2)
	f.Fuzz(func(t *testing.T, stream []byte, step int) {
		whole, wholeErr := collect(stream, len(stream)+1)
		parts, partsErr := collect(stream, 1+(step&15))
		if !bytes.Equal(whole, parts) || (wholeErr == nil) != (partsErr == nil) {
			t.Fatalf("in one piece %q (%v), in pieces %q (%v)", whole, wholeErr, parts, partsErr)
		}
		text := append(make([]byte, HeaderRoom), stream...)
		frame := text[putHeader(text, opText, true, len(stream)):]
		if frame[1]&maskBit == 0 {
			t.Fatal("a client's frame without a mask")
		}
		unmasked := append(bytes.Clone(frame[:len(frame)-len(stream)-maskSize]), stream...)
		unmasked[1] &^= maskBit
		got, size, err := parseFrame(unmasked)
		if err != nil || size != len(unmasked) || !bytes.Equal(got.payload, stream) {
			t.Fatalf("wrote %d bytes, read %d, %v", len(stream), len(got.payload), err)
		}
	})
}

// collect reads a stream that arrives in steps, until its first error.
func collect(stream []byte, step int) (out []byte, err error) {
	var p pieces
	var in []byte
	for len(stream) > 0 {
		n := min(step, len(stream))
		in, stream = append(in, stream[:n]...), stream[n:]
		for {
			f, size, err := parseFrame(in)
			if err != nil {
				return out, err
			}
			if size == 0 {
				break
			}
			if f.op < opClose {
				text, whole, err := p.add(f)
				if err != nil {
					return out, err
				}
				if whole {
					out = append(append(out, text...), '|')
				}
			}
			in = in[size:]
		}
	}
	return out, nil
}

func FuzzHandshake(f *testing.F) {
	f.Add([]byte("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		size, err := checkHandshake(b, "dGhlIHNhbXBsZSBub25jZQ==")
		if size > len(b) || err == nil && size > 0 && !bytes.Contains(b[:size], []byte("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")) {
			t.Fatalf("%q was taken", b)
		}
	})
}
