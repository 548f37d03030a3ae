package packet

import (
	"io"
	"reflect"
	"sync/atomic"
	"unsafe"

	"github.com/pion/webrtc/v4"
)

// endMedia ends the SRTP and SRTCP sessions of a connection. Pion starts them on every connection, media or not, and they keep 8
// goroutines and two read buffers of 8 kB at each end, a fifth of what a connection costs to keep. Nothing of ours is media, and a
// peer that sent some would find nobody who wants it either way.
//
// Pion v4.2.1 has no setting for it and no method, so this reaches for the two private fields; should they be gone in another
// version, it does nothing, and TestAConnectionKeepsNoMedia says so. Leaving them was rejected: the memory of a swarm is what
// bounds its size. It is called when the data channel is open; the sessions stand before SCTP begins.
func endMedia(pc *webrtc.PeerConnection) {
	transport := reflect.ValueOf(pc.SCTP().Transport()).Elem()
	for _, name := range []string{"srtpSession", "srtcpSession"} {
		field := transport.FieldByName(name)
		if !field.IsValid() || field.Type() != reflect.TypeFor[atomic.Value]() {
			continue
		}
		value := (*atomic.Value)(unsafe.Pointer(field.UnsafeAddr())) //nolint:gosec // the type was looked at
		if session, ok := value.Load().(io.Closer); ok {
			_ = session.Close() // Pion closes it again in the end, which is allowed
		}
	}
}
