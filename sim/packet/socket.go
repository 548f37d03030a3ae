package packet

import (
	"context"
	"sync"
	"time"

	"github.com/coder/websocket"

	"swarmlab/sim/webtorrent"
)

const (
	// maxTrackerMessage bounds what a tracker may send in one message: an offer is about 1 kB, a scrape of many swarms more.
	maxTrackerMessage = 1 << 20
	// maxSocketQueue bounds what waits for a tracker that does not read; past it the socket is given up.
	maxSocketQueue = 1024
	dialLimit      = 30 * time.Second
)

// socket is a WebSocket to a tracker: a webtorrent.Socket.
type socket struct {
	v       *viewer
	handler webtorrent.SocketHandler
	closed  bool // only touched on the turn; no event follows
	cancel  context.CancelFunc
	out     chan []byte
}

func openSocket(v *viewer, url string, h webtorrent.SocketHandler) *socket {
	ctx, cancel := context.WithCancel(v.ctx)
	s := &socket{v: v, handler: h, cancel: cancel, out: make(chan []byte, maxSocketQueue)}
	v.group.Go(func() {
		err := s.live(ctx, url)
		cancel()
		s.event(func() { s.closed = true; s.handler.SocketClosed(err) })
	})
	return s
}

// Send queues one text message.
func (s *socket) Send(text []byte) {
	select {
	case s.out <- text:
	default:
		s.cancel()
	}
}

// Close ends the socket; the viewer hears no more of it.
func (s *socket) Close() {
	s.closed = true
	s.cancel()
}

func (s *socket) event(f func()) {
	s.v.turns.post(func() {
		if !s.closed {
			f()
		}
	})
}

func (s *socket) live(ctx context.Context, url string) error {
	dial, done := context.WithTimeout(ctx, dialLimit)
	conn, _, err := websocket.Dial(dial, url, &websocket.DialOptions{
		HTTPClient: s.v.client, CompressionMode: websocket.CompressionDisabled,
	})
	done()
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	conn.SetReadLimit(maxTrackerMessage)
	s.event(func() { s.handler.SocketOpened() })
	var writer sync.WaitGroup
	defer writer.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	writer.Go(func() { s.write(ctx, cancel, conn) })
	for {
		_, text, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		s.event(func() { s.handler.SocketMessage(text) })
	}
}

func (s *socket) write(ctx context.Context, cancel context.CancelFunc, conn *websocket.Conn) {
	defer cancel()
	for {
		select {
		case <-ctx.Done():
			return
		case text := <-s.out:
			if err := conn.Write(ctx, websocket.MessageText, text); err != nil {
				return
			}
		}
	}
}
