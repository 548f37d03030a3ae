package webtorrent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// server is a Handler behind net/http.
type server struct {
	*testing.T
	h    *Handler
	http *http.Server
	dial func(context.Context, string, string) (net.Conn, error)
}

// loopback serves on a real socket.
func loopback(t *testing.T, tc TrackerConfig, hc HandlerConfig) *server {
	s := &server{T: t, h: NewHandler(newTestTracker(t, tc), hc)}
	ts := httptest.NewServer(s.h)
	s.http = ts.Config
	address := ts.Listener.Addr().String()
	s.dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	t.Cleanup(func() {
		if err := s.h.Close(); err != nil {
			t.Error(err)
		}
		ts.Close()
	})
	return s
}

// inMemory serves on pipes, for a bubble. The caller closes it.
func inMemory(t *testing.T, tc TrackerConfig, hc HandlerConfig) *server {
	s := &server{T: t, h: NewHandler(newTestTracker(t, tc), hc)}
	l := &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
	s.http = &http.Server{Handler: s.h}
	go func() { _ = s.http.Serve(l) }()
	s.dial = func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		l.conns <- there
		return here, nil
	}
	return s
}

func (s *server) close() {
	s.Helper()
	if err := errors.Join(s.h.Close(), s.http.Close()); err != nil {
		s.Error(err)
	}
}

type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}
func (l *pipeListener) Close() error   { l.once.Do(func() { close(l.done) }); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// wsClient is a WebSocket to the server.
type wsClient struct {
	*server
	ws *websocket.Conn
	tr *http.Transport
}

func (s *server) connect() *wsClient {
	s.Helper()
	tr := &http.Transport{DialContext: s.dial}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	ws, resp, err := websocket.Dial(ctx, "ws://tracker.example/any/path?x=1", &websocket.DialOptions{
		HTTPClient:      &http.Client{Transport: tr},
		HTTPHeader:      http.Header{"Origin": {"https://player.example"}},
		Subprotocols:    []string{"chat"},
		CompressionMode: websocket.CompressionContextTakeover,
	})
	if err != nil {
		s.Fatal(err)
	}
	if ws.Subprotocol() != "" || resp.Header.Get("Sec-WebSocket-Extensions") != "" {
		s.Errorf("negotiated %v", resp.Header)
	}
	ws.SetReadLimit(1 << 20)
	return &wsClient{s, ws, tr}
}

func (c *wsClient) say(m string) {
	c.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := c.ws.Write(ctx, websocket.MessageText, []byte(m)); err != nil {
		c.Fatal(err)
	}
}

func (c *wsClient) hear() (said, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	kind, b, err := c.ws.Read(ctx)
	if err != nil {
		return said{}, err
	}
	if kind != websocket.MessageText || !json.Valid(b) {
		return said{}, fmt.Errorf("heard %v %q", kind, b)
	}
	return meaning(c, 0, b), nil
}

func (c *wsClient) mustHear(kind string) said {
	c.Helper()
	s, err := c.hear()
	if err != nil || s.Kind != kind {
		c.Fatalf("heard %+v, %v; want %s", s, err, kind)
	}
	return s
}

func (c *wsClient) bye() {
	_ = c.ws.CloseNow()
	c.tr.CloseIdleConnections()
}

func waitFor(t testing.TB, ok func() bool) {
	t.Helper()
	for range 2000 {
		if ok() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("it never came to pass")
}

// listeners are clients that have joined and read until the end, which arrives in heard.
func listeners(s *server, n int) (clients []*wsClient, heard chan error) {
	heard = make(chan error, n)
	for i := range n {
		c := s.connect()
		clients = append(clients, c)
		c.say(string(announceMessage(infoName(1), peerName(i), 0)))
		go func() {
			for {
				if _, err := c.hear(); err != nil {
					heard <- err
					return
				}
			}
		}()
	}
	waitFor(s, func() bool { return s.h.Counters().Peers == n })
	return clients, heard
}
