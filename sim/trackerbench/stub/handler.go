package stub

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// Handler serves a tracker on real sockets and the real clock.
type Handler struct {
	start time.Time

	mu      sync.Mutex
	tracker *Tracker
	conns   map[int]*websocket.Conn
	last    int
}

// NewHandler serves t, which from then on belongs to it.
func NewHandler(t *Tracker) *Handler {
	return &Handler{start: time.Now(), tracker: t, conns: map[int]*websocket.Conn{}}
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true, CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return // Accept has answered
	}
	defer c.CloseNow()
	c.SetReadLimit(1 << 20)
	h.mu.Lock()
	h.last++
	id := h.last
	h.conns[id] = c
	h.mu.Unlock()
	h.read(r.Context(), id, c)
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.conns, id)
	h.tracker.Closed(time.Since(h.start), id)
}

func (h *Handler) read(ctx context.Context, id int, c *websocket.Conn) {
	for {
		_, text, err := c.Read(ctx)
		if err != nil {
			return
		}
		h.mu.Lock()
		outs := h.tracker.Handle(time.Since(h.start), id, text)
		h.mu.Unlock()
		for _, out := range outs {
			time.AfterFunc(out.At-time.Since(h.start), func() { h.write(ctx, out) })
		}
	}
}

func (h *Handler) write(ctx context.Context, out Out) {
	h.mu.Lock()
	c := h.conns[out.To]
	h.mu.Unlock()
	switch {
	case c == nil: // it has left meanwhile
	case len(out.Text) == 0:
		_ = c.CloseNow()
	default:
		_ = c.Write(context.WithoutCancel(ctx), websocket.MessageText, out.Text) // whoever reads will see that it is gone
	}
}

// Counts is what the tracker has passed on, for comparing.
func (h *Handler) Counts() (offers, answers, responses, dropped int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.tracker.Offers, h.tracker.Answers, h.tracker.Responses, h.tracker.Dropped
}
