package webtorrent

import (
	"errors"
	"math/rand/v2"
	"time"
)

// Timer is a pending call of After. Stop reports whether it prevented the call.
//
// It is an alias, so that every room can name the same type in its own Env without importing this one.
type Timer = interface{ Stop() bool }

// Resetter may be implemented by a Timer. Reset has the same function called d from now, as a new After would; a call that is pending
// is dropped. It spares a tier of very many viewers the making of a timer four times a second for each.
type Resetter interface {
	Reset(d time.Duration)
}

// Env is what the announce client asks of the world. Every callback arrives on the viewer's own turn: no two run at once,
// and none runs inside a call that the client is making.
type Env interface {
	// Now is the time since the run began.
	Now() time.Duration
	// After runs f on the viewer's own turn, d from now.
	After(d time.Duration, f func()) Timer
	// Rand is the viewer's own stream of chance.
	Rand() *rand.Rand
	// OpenSocket begins to open a WebSocket to a tracker. The outcome arrives at h, later.
	OpenSocket(url string, h SocketHandler) Socket
	// NewPeerConn begins to make a WebRTC peer connection with one ordered, reliable data channel. With offer == "" it is the
	// initiator and makes an offer; otherwise it answers that offer. Either description arrives at PeerSignal, gathered whole.
	NewPeerConn(offer string, h PeerHandler) PeerConn
}

// Socket is a WebSocket to a tracker.
type Socket interface {
	// Send hands over one text message. Before SocketOpened and after SocketClosed it does nothing.
	Send(text []byte)
	// Close ends the socket. No event follows.
	Close()
}

// SocketHandler is told what happens to a Socket.
type SocketHandler interface {
	SocketOpened()
	SocketMessage(text []byte)
	// SocketClosed is the last event: the socket could not be opened, or is closed. err may be nil.
	SocketClosed(err error)
}

// PeerConn is one WebRTC peer connection and its data channel.
type PeerConn interface {
	// Handle names who is told from now on.
	Handle(h PeerHandler)
	// SetAnswer gives the initiator the other side's answer.
	SetAnswer(sdp string)
	// Send hands one message to the data channel. It never blocks: pacing is the caller's work, with BufferedAmount.
	Send(m Message)
	// BufferedAmount is the number of bytes handed over by Send that have not left yet, counted in whole messages.
	BufferedAmount() int
	// Close ends the connection. No event follows, but the other side's PeerClosed.
	Close()
}

// BufferedAmountLowThreshold is where PeerBufferedAmountLow fires: when BufferedAmount falls from above it to it or below.
// The value is that of simple-peer, the WebRTC wrapper in P2P Media Loader 2.3.
const BufferedAmountLowThreshold = 65536

// ErrChannelClosed is what PeerClosed brings when the other side has closed the connection: Chromium tells that as an error of the
// data channel, whatever was under way. Only on one and the same machine may it come without an error (sim/oracle/README.md).
var ErrChannelClosed = errors.New("the data channel closed")

// PeerHandler is told what happens to a PeerConn.
type PeerHandler interface {
	// PeerSignal brings the local description, gathered whole: an offer for the initiator, an answer otherwise.
	PeerSignal(sdp string)
	// PeerConnected: the data channel is open.
	PeerConnected()
	PeerMessage(m Message)
	PeerBufferedAmountLow()
	// PeerClosed is the last event: the connection failed, or the other side closed it (ErrChannelClosed, or nil).
	PeerClosed(err error)
}

// Warmer may be implemented by a PeerConn or PeerHandler. Warm reads from memory what Send or PeerMessage is going to need: at depth
// 0 of the receiver itself, at 1 of what that points to, and so on; it changes nothing. A tier that runs very many viewers calls it
// for several of them at a time, because memory is slow to answer but answers many at once. What it returns means nothing.
type Warmer interface {
	Warm(depth int) int
}

// Message is one data-channel message, or one run of an HTTP body. Where a tier does not move real bytes, segment data has
// no Bytes but says what it is a part of; commands always have Bytes, and are part of nothing. Bytes may be shared with others:
// nobody writes to it.
type Message struct {
	Size  int
	Bytes []byte
	// Of is what the Size bytes from At on are taken from, where Bytes is nil.
	Of *Content
	At int64
}

// Content stands for bytes that are not there: those of one segment. Who serves it makes it once, so that the same pointer is
// the same bytes.
type Content struct {
	Name string // for people
	Size int64
}

// Slice is the part of m from one byte to another.
func (m Message) Slice(from, to int) Message {
	out := Message{Size: to - from}
	if m.Bytes != nil {
		out.Bytes = m.Bytes[from:to:to]
	}
	if m.Of != nil {
		out.Of, out.At = m.Of, m.At+int64(from)
	}
	return out
}

// Extend takes next into m, if neither has bytes and it goes on where m ends, and reports whether it did.
func (m *Message) Extend(next Message) bool {
	if m.Of == nil || next.Of != m.Of || m.Bytes != nil || next.Bytes != nil || next.At != m.At+int64(m.Size) {
		return false
	}
	m.Size += next.Size
	return true
}

// Text makes a Message of real bytes.
func Text(b []byte) Message { return Message{Size: len(b), Bytes: b} }
