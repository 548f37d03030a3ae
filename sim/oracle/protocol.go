package oracle

import (
	"encoding/binary"
	"math"
)

// kind begins whatever goes over the pipes: what the world tells, and what the core wants done or tells.
type kind = byte

// What the world tells. node/protocol.mjs has the same list, in the same order.
const (
	inDrain kind = iota
	inHasSegment
	inIsSegmentLoadable
	inCreate
	inSetManifestURL
	inAddStream
	inUpdateStream
	inLoadSegment
	inAbortSegmentLoading
	inUpdatePlayback
	inSetActiveLevelBitrate
	inSetIsLive
	inDestroy
	inTimer
	inFetchHeaders
	inFetchBody
	inFetchDone
	inPeer
	inPeerConnected
	inPeerCommand
	inPeerData
	inPeerBufferedAmountLow
	inPeerClosed
	inTrackerWarning
	inTrackerError
)

// What the core wants done, and what it tells, likewise. After the first three it waits.
const (
	outEnd kind = iota
	outAskRandom
	outAskBufferedAmount
	outSetTimer
	outClearTimer
	outFetch
	outCancelFetch
	outStartTracker
	outDestroyTracker
	outSendCommand
	outSendData
	outClose
	outLoaded
	outFailed
	outSegmentStart
	outSegmentLoaded
	outSegmentError
	outSegmentAbort
	outChunkDownloaded
	outChunkUploaded
	outPeerConnect
	outPeerClose
	outPeerError
	outTrackerError
	outTrackerWarning
	outDiscarded
	outUploadLost
	outStorage
	outFault
)

// fields builds a frame's content.
type fields struct{ b []byte }

func (f *fields) u8(v byte) *fields    { f.b = append(f.b, v); return f }
func (f *fields) u32(v uint32) *fields { f.b = binary.LittleEndian.AppendUint32(f.b, v); return f }
func (f *fields) f64(v float64) *fields {
	f.b = binary.LittleEndian.AppendUint64(f.b, math.Float64bits(v))
	return f
}
func (f *fields) str(s string) *fields { f.u32(uint32(len(s))); f.b = append(f.b, s...); return f }

func (f *fields) bytes(b []byte) *fields { f.u32(uint32(len(b))); f.b = append(f.b, b...); return f }

func (f *fields) flag(v bool) *fields {
	if v {
		return f.u8(1)
	}
	return f.u8(0)
}

// reader takes a frame's content apart. Reading past its end gives zeros and sets short.
type reader struct {
	b     []byte
	short bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.short, r.b = true, nil
		return make([]byte, min(max(n, 0), 8))
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) u8() byte     { return r.take(1)[0] }
func (r *reader) u32() uint32  { return binary.LittleEndian.Uint32(r.take(4)) }
func (r *reader) f64() float64 { return math.Float64frombits(binary.LittleEndian.Uint64(r.take(8))) }
func (r *reader) str() string  { return string(r.take(int(r.u32()))) }
func (r *reader) size() int    { return int(r.f64()) }

// bytes are the caller's to keep.
func (r *reader) bytes() []byte { return append([]byte(nil), r.take(int(r.u32()))...) }
