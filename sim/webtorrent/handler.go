package webtorrent

import (
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// Defaults of HandlerConfig.
const (
	// DefaultReadLimit admits ten offers of several kilobytes; wt-tracker and aquatic_ws draw the line at the same place.
	DefaultReadLimit = 64 << 10
	// DefaultQueueBytes and DefaultQueueMessages are what one connection may have waiting to be written.
	DefaultQueueBytes    = 1 << 20
	DefaultQueueMessages = 1024
	// DefaultTotalQueueBytes is what all connections of an event loop may have waiting together.
	DefaultTotalQueueBytes = 256 << 20
	// DefaultWriteTimeout is how long one message may take to leave.
	DefaultWriteTimeout = 10 * time.Second
)

// HandlerConfig is how a tracker is served. Zero fields take the defaults above.
type HandlerConfig struct {
	// Delay is waited before every message is sent: a tracker far away, or a slow one.
	Delay time.Duration

	ReadLimit      int64
	QueueBytes     int
	QueueMessages  int
	WriteTimeout   time.Duration
	IdleTimeout    time.Duration // closes a connection that says nothing for so long; 0: never (wt-tracker: 240 s)
	MaxConnections int           // 0: no limit

	// TotalQueueBytes is of an event loop only: past it whoever does not read is dropped at once.
	TotalQueueBytes int

	// EventLoop serves connections that are this machine's own TCP sockets, without TLS, from one loop over epoll: for many
	// viewers on a real port. It does nothing elsewhere than on Linux, and nothing where there is a Delay. Connections of an
	// emulated network need it false.
	EventLoop bool
}

func (c HandlerConfig) withDefaults() HandlerConfig {
	if c.ReadLimit <= 0 {
		c.ReadLimit = DefaultReadLimit
	}
	setDefault(&c.QueueBytes, DefaultQueueBytes)
	setDefault(&c.QueueMessages, DefaultQueueMessages)
	setDefault(&c.TotalQueueBytes, DefaultTotalQueueBytes)
	setDefault(&c.WriteTimeout, DefaultWriteTimeout)
	return c
}

// Handler serves a tracker over WebSocket, on any path, to any origin, without subprotocol and compression.
//
// A connection has two goroutines: the server's own, which reads, and one that writes; or none, with HandlerConfig.EventLoop. The
// tracker's logic runs in the reader under a mutex that is never held over I/O; what is to be sent goes to the receivers' queues
// under it, so that nobody sees two messages of the tracker in the wrong order.
//
// A receiver that does not read fast enough for its queue is dropped, like one that takes longer than WriteTimeout for a
// message: it will reconnect and announce again. Dropping only messages, as wt-tracker and aquatic_ws do, hides the loss from
// everybody; keeping them all, as bittorrent-tracker does, lets one reader fill the memory.
type Handler struct {
	cfg   HandlerConfig
	start time.Time

	mu      sync.Mutex
	tracker *Tracker
	conns   map[ConnID]outlet // looked up; iterated only to close them all
	last    ConnID
	slow    int64
	closed  bool
	poller  *poller // once there is a connection for it

	running sync.WaitGroup // one for each connection
}

// outlet is a connection as the handler sees it. No method blocks.
type outlet interface {
	// enqueue has a message sent, not before it is due (since Handler.start). It does not keep text.
	enqueue(due time.Duration, text []byte)
	// goAway asks the client to leave, kick breaks the connection off without a word.
	goAway()
	kick()
}

// NewHandler serves a tracker, which from then on belongs to the handler.
func NewHandler(t *Tracker, cfg HandlerConfig) *Handler {
	t.reuse = true
	return &Handler{cfg: cfg.withDefaults(), start: time.Now(), tracker: t, conns: make(map[ConnID]outlet)}
}

// ServeHTTP implements http.Handler. Where it does not hand the connection over to the event loop, it returns when the connection
// has ended.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	polls := h.cfg.EventLoop && h.cfg.Delay == 0 && r.TLS == nil
	switch c := h.admit(polls).(type) {
	case nil:
		http.Error(w, "the tracker is full or closing", http.StatusServiceUnavailable)
	case *polled:
		if h.poller.accept(w, r, c) != nil { // whoever asked has been answered, or has gone
			h.forget(c.id, false)
			h.running.Done()
		}
	case *handlerConn:
		defer h.running.Done()
		h.serve(w, r, c)
		h.forget(c.id, c.dropped())
	}
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request, c *handlerConn) {
	defer c.cancel()
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // any origin: players are served from anywhere
		CompressionMode:    websocket.CompressionDisabled,
	})
	if err != nil {
		return // Accept has answered
	}
	ws.SetReadLimit(h.cfg.ReadLimit)
	c.serve(ws)
}

// admit makes room for a connection, or returns nil. Counting it here, before the handshake, is what lets Close wait for it.
func (h *Handler) admit(polls bool) outlet {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || h.cfg.MaxConnections > 0 && len(h.conns) >= h.cfg.MaxConnections {
		return nil
	}
	if polls && h.poller == nil {
		h.poller, _ = newPoller(h) // without one: goroutines
	}
	h.running.Add(1)
	h.last++
	var c outlet
	if polls && h.poller != nil {
		c = newPolled(h.poller, h.last)
	} else { // not made for nothing: it is a context, a channel and a queue
		c = newHandlerConn(h, h.last)
	}
	h.conns[h.last] = c
	return c
}

func (h *Handler) forget(id ConnID, slow bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.conns, id)
	h.tracker.ConnClosed(id)
	if slow {
		h.slow++
	}
}

// receive runs the tracker on one message and queues what it says.
func (h *Handler) receive(from ConnID, raw []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Since(h.start)
	for _, out := range h.tracker.HandleMessage(now, from, raw) {
		switch c := h.conns[out.To]; {
		case c == nil:
		case out.Close:
			c.kick()
		default:
			c.enqueue(now+h.cfg.Delay, out.Text)
		}
	}
}

// Counters returns the tracker's and the handler's counts so far.
func (h *Handler) Counters() Counters {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tracker.Expire(time.Since(h.start))
	c := h.tracker.Counters()
	c.Connections, c.SlowReaders = int64(len(h.conns)), h.slow
	return c
}

// Close tells all clients that the tracker goes away, refuses new ones, and returns when every goroutine has ended. A client
// that does not answer is given up after a few seconds.
func (h *Handler) Close() error {
	h.mu.Lock()
	h.closed = true
	for _, c := range h.conns {
		c.goAway()
	}
	poller := h.poller
	h.mu.Unlock()
	h.running.Wait()
	if poller != nil {
		poller.stop()
	}
	return nil
}
