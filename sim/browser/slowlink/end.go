package slowlink

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// MessageBytes is the library's webRtcMaxMessageSize, in which it sends segments.
const MessageBytes = 65535

// end is one end of a flow.
type end interface {
	// Send begins to send without end, and says when.
	Send(ctx context.Context) (time.Time, error)
	// Arrivals are the messages received so far. It fails if one is missing, out of order or damaged.
	Arrivals(ctx context.Context) ([]Arrival, error)
	Close() error
}

// peer is one end of a WebRTC connection with one data channel, of whatever make. Descriptions hold all candidates: nothing
// trickles.
type peer interface {
	end
	Offer(ctx context.Context) (string, error)
	Answer(ctx context.Context, offer string) (string, error)
	Accept(ctx context.Context, answer string) error
	// Opened waits for the data channel.
	Opened(ctx context.Context) error
}

// Arrival is a message that was received whole, or a piece of a stream.
type Arrival struct {
	At    time.Time
	Bytes int
}

// rewriter changes a description on its way, so that the other end finds its way through the relay.
type rewriter func(description string) (string, error)

func unchanged(description string) (string, error) { return description, nil }

// setupLimit is how long two ends have to connect over the slow link.
const setupLimit = 30 * time.Second

// connect introduces two ends. Signalling takes no way through the link.
func connect(ctx context.Context, left, right peer, fromLeft, fromRight rewriter) error {
	ctx, cancel := context.WithTimeout(ctx, setupLimit)
	defer cancel()
	offer, err := left.Offer(ctx)
	if err != nil {
		return fmt.Errorf("offer: %w", err)
	}
	if offer, err = fromLeft(offer); err != nil {
		return fmt.Errorf("offer: %w", err)
	}
	answer, err := right.Answer(ctx, offer)
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	if answer, err = fromRight(answer); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	if err := left.Accept(ctx, answer); err != nil {
		return fmt.Errorf("take the answer: %w", err)
	}
	return errors.Join(left.Opened(ctx), right.Opened(ctx))
}

// push writes numbered messages until the writer fails. The writer blocks until the message before has left for the network, so
// one message is always ready: what the library's pacing by bufferedAmount amounts to (between one and two messages, see
// sim/packet's outbox).
func push(w io.Writer) {
	message := make([]byte, MessageBytes)
	for number := uint32(0); ; number++ {
		binary.BigEndian.PutUint32(message, number)
		if _, err := w.Write(message); err != nil {
			return // closed: nothing else ends it
		}
	}
}

// meter notes what arrives. It is used by a reader and by who asks.
type meter struct {
	mu       sync.Mutex
	arrivals []Arrival
	err      error
}

// message notes one message of push's.
func (m *meter) message(b []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	want := len(m.arrivals)
	switch {
	case len(b) != MessageBytes:
		m.err = fmt.Errorf("message %d has %d bytes, want %d", want, len(b), MessageBytes)
	case int(binary.BigEndian.Uint32(b)) != want:
		m.err = fmt.Errorf("message %d says it is number %d", want, binary.BigEndian.Uint32(b))
	}
	m.arrivals = append(m.arrivals, Arrival{At: time.Now(), Bytes: len(b)})
}

// bytes notes a piece of a stream.
func (m *meter) bytes(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.arrivals = append(m.arrivals, Arrival{At: time.Now(), Bytes: n})
}

func (m *meter) all() ([]Arrival, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Arrival(nil), m.arrivals...), m.err
}

// goodput is what arrived within a window, in Mbit/s.
func goodput(arrivals []Arrival, from time.Time, window time.Duration) float64 {
	var bytes int
	for _, a := range arrivals {
		if a.At.After(from) && !a.At.After(from.Add(window)) {
			bytes += a.Bytes
		}
	}
	return float64(bytes) * 8 / 1e6 / window.Seconds()
}

// silence is the longest time within a window in which nothing arrived.
func silence(arrivals []Arrival, from time.Time, window time.Duration) (longest time.Duration) {
	last, to := from, from.Add(window)
	for _, a := range arrivals {
		if a.At.After(from) && !a.At.After(to) {
			longest, last = max(longest, a.At.Sub(last)), a.At
		}
	}
	return max(longest, to.Sub(last))
}

// firstMegabyte is how long the first million bytes took; 0 if they did not arrive.
func firstMegabyte(arrivals []Arrival, from time.Time) time.Duration {
	var bytes int
	for _, a := range arrivals {
		if bytes += a.Bytes; bytes >= 1e6 {
			return a.At.Sub(from)
		}
	}
	return 0
}
