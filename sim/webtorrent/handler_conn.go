package webtorrent

import (
	"bytes"
	"context"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// handlerConn is one connection of a Handler.
type handlerConn struct {
	handler *Handler
	id      ConnID
	ctx     context.Context // ends with the connection
	cancel  context.CancelFunc
	leaving chan struct{} // closed by goAway

	mu         sync.Mutex
	queue      []queued
	bytes      int
	overflowed bool
	left       bool
	wake       chan struct{} // has room for one
}

type queued struct {
	due  time.Duration // since Handler.start
	text []byte
}

func newHandlerConn(h *Handler, id ConnID) *handlerConn {
	ctx, cancel := context.WithCancel(context.Background())
	return &handlerConn{
		handler: h, id: id, ctx: ctx, cancel: cancel,
		leaving: make(chan struct{}), wake: make(chan struct{}, 1),
	}
}

// serve reads until the connection ends, then waits for the writer.
func (c *handlerConn) serve(ws *websocket.Conn) {
	var writer sync.WaitGroup
	writer.Go(func() {
		c.write(ws)
		c.cancel()
	})
	for {
		raw, err := c.read(ws)
		if err != nil {
			break
		}
		c.handler.receive(c.id, raw)
	}
	c.cancel()
	writer.Wait()
	_ = ws.CloseNow() // whoever broke it off, the socket is to be gone
}

// read takes text or binary, like the trackers in the field.
func (c *handlerConn) read(ws *websocket.Conn) ([]byte, error) {
	ctx := c.ctx
	if idle := c.handler.cfg.IdleTimeout; idle > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, idle)
		defer cancel()
	}
	_, raw, err := ws.Read(ctx)
	return raw, err
}

// write sends the queue until the connection ends.
func (c *handlerConn) write(ws *websocket.Conn) {
	for {
		next, ok := c.next()
		if !ok {
			select {
			case <-c.wake:
				continue
			case <-c.ctx.Done():
				return
			case <-c.leaving:
				_ = ws.Close(websocket.StatusGoingAway, "the tracker is closing")
				return
			}
		}
		if !c.wait(next.due) {
			return
		}
		ctx, cancel := context.WithTimeout(c.ctx, c.handler.cfg.WriteTimeout)
		err := ws.Write(ctx, websocket.MessageText, next.text)
		cancel()
		if err != nil {
			return
		}
	}
}

// wait reports false if the connection ended before the time came. What is delayed when the tracker closes is not sent.
func (c *handlerConn) wait(due time.Duration) bool {
	d := due - time.Since(c.handler.start)
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.leaving:
		return false
	case <-c.ctx.Done():
		return false
	}
}

// enqueue implements outlet: a queue that is full ends its connection.
func (c *handlerConn) enqueue(due time.Duration, text []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.overflowed {
		return
	}
	if len(c.queue) >= c.handler.cfg.QueueMessages || c.bytes+len(text) > c.handler.cfg.QueueBytes {
		c.overflowed = true
		c.queue, c.bytes = nil, 0
		c.cancel()
		return
	}
	c.queue = append(c.queue, queued{due, bytes.Clone(text)})
	c.bytes += len(text)
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *handlerConn) next() (queued, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.queue) == 0 {
		return queued{}, false
	}
	q := c.queue[0]
	c.queue[0].text = nil
	c.queue = c.queue[1:]
	c.bytes -= len(q.text)
	return q, true
}

func (c *handlerConn) goAway() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.left {
		c.left = true
		close(c.leaving)
	}
}

// dropped reports whether the connection ended because its client read too slowly.
func (c *handlerConn) dropped() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.overflowed
}

func (c *handlerConn) kick() { c.cancel() }
