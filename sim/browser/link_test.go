package browser

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/pion/datachannel"
	"github.com/pion/webrtc/v4"

	"swarmlab/sim/p2pml/wire"
)

// link is a scripted peer's data channel to a page. It reads only when it is asked to.
type link struct {
	t       *testing.T
	channel datachannel.ReadWriteCloserDeadliner
	pc      *webrtc.PeerConnection
	joiner  wire.Joiner
	// theirs is the page's latest announcement; frames is in how many messages it came.
	theirs wire.Command
	frames int
	parts  int // frames of the command that is being put together
}

// message is a command, or segment bytes.
type message struct {
	command *wire.Command
	data    []byte
}

const largest = 262144 // the largest message that Chromium sends

// next is the next message. What is not a command that can be decoded, nor data, fails the test.
func (l *link) next() message {
	l.t.Helper()
	m, err := l.read(patience)
	if err != nil {
		l.t.Fatalf("the scripted peer waits for a message of the page: %v", err)
	}
	return m
}

func (l *link) read(limit time.Duration) (message, error) {
	_ = l.channel.SetReadDeadline(time.Now().Add(limit))
	defer func() { _ = l.channel.SetReadDeadline(time.Time{}) }() // Pion keeps a goroutine for it
	buf := make([]byte, largest)
	for {
		n, err := l.channel.Read(buf)
		if err != nil {
			return message{}, err
		}
		frame := bytes.Clone(buf[:n])
		if !wire.IsCommand(frame) {
			return message{data: frame}, nil
		}
		l.parts++
		payload, complete, err := l.joiner.Add(frame)
		if err != nil {
			return message{}, err
		}
		if !complete {
			continue
		}
		c, err := wire.Decode(payload)
		if err != nil {
			return message{}, err
		}
		if c.ID == wire.SegmentsAnnouncement {
			l.theirs, l.frames = c, l.parts
		}
		l.parts = 0
		return message{command: &c}, nil
	}
}

// command is the next command of a kind; announcements are noted and passed over, anything else fails the test.
func (l *link) command(id wire.ID) wire.Command {
	l.t.Helper()
	for {
		m := l.next()
		switch {
		case m.command == nil:
			l.t.Fatalf("the page sends %d bytes of data; want a %s", len(m.data), id)
		case m.command.ID == id:
			return *m.command
		case m.command.ID != wire.SegmentsAnnouncement:
			l.t.Fatalf("the page sends %s %+v; want a %s", m.command.ID, *m.command, id)
		}
	}
}

// announced waits until the page says that it has segments for which f holds.
func (l *link) announced(f func(loaded []int64) bool) wire.Command {
	l.t.Helper()
	for !f(l.theirs.Loaded) {
		l.command(wire.SegmentsAnnouncement)
	}
	return l.theirs
}

// send sends a command, in messages of the library's size.
func (l *link) send(c wire.Command) {
	l.t.Helper()
	for _, frame := range wire.Frames(wire.Encode(c), wire.DefaultMaxMessageSize) {
		l.raw(frame)
	}
}

// raw sends one message as it is.
func (l *link) raw(m []byte) {
	l.t.Helper()
	if _, err := l.channel.Write(m); err != nil {
		l.t.Fatalf("the scripted peer sends: %v", err)
	}
}

// has announces segments from first to last.
func (l *link) has(first, last int64) {
	l.t.Helper()
	c := wire.Command{ID: wire.SegmentsAnnouncement}
	for seq := first; seq <= last; seq++ {
		c.Loaded = append(c.Loaded, seq)
	}
	l.send(c)
}

// header answers a request with the head of an upload of so many bytes.
func (l *link) header(r wire.Command, size int) {
	l.t.Helper()
	l.send(wire.Command{ID: wire.SegmentData, Segment: r.Segment, Request: r.Request, Size: int64(size)})
}

// chunks sends data in messages of the library's size.
func (l *link) chunks(data []byte) {
	l.t.Helper()
	for chunk := range slices.Chunk(data, wire.DefaultMaxMessageSize) {
		l.raw(chunk)
	}
}

// completed says that all of an upload has been sent.
func (l *link) completed(r wire.Command) {
	l.t.Helper()
	l.send(wire.Command{ID: wire.SegmentDataSendingCompleted, Segment: r.Segment, Request: r.Request})
}

// upload answers a request as it should be.
func (l *link) upload(r wire.Command, segment []byte) {
	l.t.Helper()
	rest := segment[r.Byte:]
	l.header(r, len(rest))
	l.chunks(rest)
	l.completed(r)
}

// dropped waits until the page has closed the connection. The library sends a cancel before it closes, in some cases; but it closes
// the peer connection right after, so that Chromium may throw the cancel away.
func (l *link) dropped() {
	l.t.Helper()
	for {
		_, err := l.read(patience)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			l.t.Fatal("the page keeps the connection; it should have closed it")
		}
		if err != nil {
			return
		}
	}
}

// oblige uploads whatever the page asks for until done.
func (l *link) oblige(d *deployment, done func() bool) {
	l.t.Helper()
	for deadline := time.Now().Add(patience); !done(); {
		m, err := l.read(pollEvery)
		switch {
		case time.Now().After(deadline):
			l.t.Fatal("the page has been given whatever it asked for, and yet it has not come where it should")
		case errors.Is(err, os.ErrDeadlineExceeded):
		case err != nil:
			l.t.Fatalf("the scripted peer waits for a request: %v", err)
		case m.command != nil && m.command.ID == wire.SegmentRequest:
			l.upload(*m.command, d.bytes(0, m.command.Segment))
		}
	}
}

// leave closes the connection.
func (l *link) leave() {
	_ = l.channel.Close()
	_ = l.pc.Close()
}
