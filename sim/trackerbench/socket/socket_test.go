package socket

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// heard is what a network told.
type heard struct {
	opened   []int
	messages []string
	closed   map[int]string
	stamps   []time.Duration
}

func (h *heard) Opened(slot int, at time.Duration) {
	h.opened, h.stamps = append(h.opened, slot), append(h.stamps, at)
}

func (h *heard) Message(slot int, at time.Duration, text []byte) {
	h.messages, h.stamps = append(h.messages, fmt.Sprintf("%d:%s", slot, text)), append(h.stamps, at)
}

func (h *heard) Closed(slot int, _ time.Duration, reason string) { h.closed[slot] = reason }

// both runs a test with the platform's network and with the portable one.
func both(t *testing.T, url string, cfg Config, test func(t *testing.T, n Network, h *heard)) {
	t.Helper()
	cfg.URL = url
	for name, open := range map[string]func(Config, Events) (Network, error){
		"plain": New,
		"goroutines": func(cfg Config, e Events) (Network, error) {
			target, err := parseTarget(cfg.URL)
			return newGoroutines(cfg.withDefaults(), target, e), err
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := &heard{closed: map[int]string{}}
			n, err := open(cfg, h)
			if err != nil {
				t.Fatal(err)
			}
			defer n.Shutdown()
			test(t, n, h)
		})
	}
}

// until waits for something to be so.
func until(t *testing.T, n Network, what string, so func() bool) {
	t.Helper()
	for end := n.Now() + 20*time.Second; !so(); {
		if n.Now() > end {
			t.Fatalf("%s: not within 20 s", what)
		}
		if err := n.Wait(n.Now() + 10*time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
}

func say(text string) []byte { return append(make([]byte, HeaderRoom), text...) }

// serve runs a WebSocket server, and returns its address.
func serve(t *testing.T, live func(ctx context.Context, c *websocket.Conn)) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true, CompressionMode: websocket.CompressionDisabled})
		if err != nil {
			return
		}
		defer c.CloseNow()
		c.SetReadLimit(-1)
		live(r.Context(), c)
	}))
	t.Cleanup(s.Close)
	return "ws" + strings.TrimPrefix(s.URL, "http") + "/announce?x=1"
}

func echo(ctx context.Context, c *websocket.Conn) {
	for {
		kind, text, err := c.Read(ctx)
		if err != nil || c.Write(ctx, kind, text) != nil {
			return
		}
	}
}

func TestMessagesComeBack(t *testing.T) {
	both(t, serve(t, echo), Config{MaxFrame: 50_000}, func(t *testing.T, n Network, h *heard) {
		texts := []string{"a", "", strings.Repeat("b", 125), strings.Repeat("c", 126), strings.Repeat("d", 40_000), strings.Repeat("e", 200_000)}
		for slot := range 3 {
			n.Dial(slot)
		}
		until(t, n, "open", func() bool { return len(h.opened) == 3 })
		if n.Send(7, say("x")) {
			t.Error("sent to a slot that nobody dialled")
		}
		for _, text := range texts {
			h.messages = nil
			before := n.Now()
			for slot := range 3 {
				if !n.Send(slot, say(text)) {
					t.Fatalf("%d bytes not sent", len(text))
				}
			}
			until(t, n, "echo", func() bool { return len(h.messages) == 3 })
			for slot := range 3 {
				if want := fmt.Sprintf("%d:%s", slot, text); !strings.Contains("\n"+strings.Join(h.messages, "\n")+"\n", "\n"+want+"\n") {
					t.Errorf("%d bytes on slot %d did not come back", len(text), slot)
				}
			}
			for _, at := range h.stamps[len(h.stamps)-3:] {
				if at < before-time.Millisecond || at > n.Now() {
					t.Errorf("a message between %v and %v is stamped %v", before, n.Now(), at)
				}
			}
		}
		s := n.Stats()
		if s.MessagesSent != 18 || s.MessagesReceived != 18 || s.BytesSent < 3*240_000 || s.BytesReceived < 3*240_000 {
			t.Errorf("stats: %+v", s)
		}
	})
}

func TestPingsAreAnswered(t *testing.T) {
	pinged := make(chan error, 2)
	url := serve(t, func(ctx context.Context, c *websocket.Conn) {
		go echo(ctx, c) // pongs are seen by reading
		pinged <- c.Ping(ctx)
		<-ctx.Done()
	})
	both(t, url, Config{}, func(t *testing.T, n Network, _ *heard) {
		n.Dial(0)
		until(t, n, "ping", func() bool { return len(pinged) > 0 })
		if err := <-pinged; err != nil {
			t.Error(err)
		}
	})
}

func TestTheTrackerCloses(t *testing.T) {
	for want, live := range map[string]func(context.Context, *websocket.Conn){
		"closed by the tracker with code 1013": func(_ context.Context, c *websocket.Conn) { _ = c.Close(websocket.StatusTryAgainLater, "full") },
		"closed by the tracker without a word": func(_ context.Context, c *websocket.Conn) { _ = c.CloseNow() },
	} {
		t.Run(want, func(t *testing.T) {
			both(t, serve(t, live), Config{}, func(t *testing.T, n Network, h *heard) {
				for range 2 { // the slot is free again
					delete(h.closed, 4)
					n.Dial(4)
					until(t, n, "closed", func() bool { return h.closed[4] != "" })
					if h.closed[4] != want {
						t.Errorf("closed: %q", h.closed[4])
					}
				}
				if len(h.opened) != 2 || n.Send(4, say("x")) {
					t.Errorf("opened %v; a closed slot can be sent to", h.opened)
				}
			})
		})
	}
}

func TestWeClose(t *testing.T) {
	ended := make(chan error, 8)
	url := serve(t, func(ctx context.Context, c *websocket.Conn) {
		_, _, err := c.Read(ctx)
		ended <- err
	})
	for name, do := range map[string]func(Network){
		"Close": func(n Network) { n.Close(1) }, "Reset": func(n Network) { n.Reset(1) }, "Finish": func(n Network) { n.Finish(1) },
	} {
		t.Run(name, func(t *testing.T) {
			both(t, url, Config{}, func(t *testing.T, n Network, h *heard) {
				n.Dial(1)
				until(t, n, "open", func() bool { return len(h.opened) == 1 })
				do(n)
				until(t, n, "end at the other side", func() bool { return len(ended) > 0 })
				<-ended
				if name == "Finish" { // it is the other side that closes then
					until(t, n, "closed", func() bool { return h.closed[1] != "" })
					return
				}
				n.Dial(1)
				until(t, n, "open again", func() bool { return len(h.opened) == 2 })
				if len(h.closed) != 0 {
					t.Errorf("an end of our own is told: %v", h.closed)
				}
				n.Close(1)
				<-ended
			})
		})
	}
}

// raw answers every connection with the same bytes, whatever it says.
func raw(t *testing.T, answer func(key string) string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				r, err := http.ReadRequest(bufio.NewReader(c))
				if err != nil {
					return
				}
				_, _ = io.WriteString(c, answer(r.Header.Get("Sec-WebSocket-Key")))
				_, _ = io.Copy(io.Discard, c)
			}()
		}
	}()
	return "ws://" + l.Addr().String()
}

func TestWhatIsNoWebSocket(t *testing.T) {
	good := func(key string) string {
		return "HTTP/1.1 101 X\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: " + acceptOf(key) + "\r\n\r\n"
	}
	for want, answer := range map[string]func(string) string{
		"handshake: status 503":                     func(string) string { return "HTTP/1.1 503 Full\r\nContent-Length: 0\r\n\r\n" },
		"handshake: wrong Sec-WebSocket-Accept":     func(string) string { return good("x") },
		"handshake: the response does not upgrade":  func(string) string { return "HTTP/1.1 101 X\r\n\r\n" },
		"handshake: the response is not HTTP":       func(string) string { return "hello\r\n\r\n" },
		"handshake: the response has no end":        func(string) string { return strings.Repeat("x", 20_000) },
		"no answer to the handshake in time":        func(string) string { return "HTTP/1.1 101 X\r\n" },
		"the tracker broke the protocol: a masked":  func(key string) string { return good(key) + "\x81\x81aaaab" },
		"the tracker broke the protocol: a frame w": func(key string) string { return good(key) + "\xc1\x00" },
		"the tracker broke the protocol: a message": func(key string) string { return good(key) + "\x81\x7f\x00\x00\x00\x01\x00\x00\x00\x00" },
		"the tracker broke the protocol: the piece": func(key string) string { return good(key) + "\x80\x00" },
		"the tracker broke the protocol: a control": func(key string) string { return good(key) + "\x09\x00" },
	} {
		t.Run(want, func(t *testing.T) {
			both(t, raw(t, answer), Config{DialTimeout: 300 * time.Millisecond}, func(t *testing.T, n Network, h *heard) {
				n.Dial(0)
				until(t, n, "closed", func() bool { return h.closed[0] != "" })
				if !strings.HasPrefix(h.closed[0], want) {
					t.Errorf("closed: %q", h.closed[0])
				}
			})
		})
	}
	t.Run("what comes with the handshake", func(t *testing.T) {
		both(t, raw(t, func(key string) string { return good(key) + "\x81\x02hi\x01\x01a\x00\x01b\x89\x00\x80\x01c" }), Config{},
			func(t *testing.T, n Network, h *heard) {
				n.Dial(0)
				until(t, n, "messages", func() bool { return len(h.messages) == 2 })
				if strings.Join(h.messages, " ") != "0:hi 0:abc" {
					t.Errorf("got %q", h.messages)
				}
			})
	})
}

func TestRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	both(t, "ws://"+l.Addr().String(), Config{}, func(t *testing.T, n Network, h *heard) {
		n.Dial(0)
		until(t, n, "refused", func() bool { return h.closed[0] != "" })
		if h.closed[0] != "connection refused" {
			t.Errorf("closed: %q", h.closed[0])
		}
	})
}

// A tracker that does not read makes us hold no more than we said, and others do not suffer.
func TestATrackerThatDoesNotRead(t *testing.T) {
	url := serve(t, func(ctx context.Context, c *websocket.Conn) {
		_, text, err := c.Read(ctx)
		if err != nil || string(text) == "sleep" {
			<-ctx.Done()
			return
		}
		_ = c.Write(ctx, websocket.MessageText, text)
		echo(ctx, c)
	})
	both(t, url, Config{QueueBytes: 1 << 16}, func(t *testing.T, n Network, h *heard) {
		n.Dial(0)
		n.Dial(1)
		until(t, n, "open", func() bool { return len(h.opened) == 2 })
		n.Send(0, say("sleep"))
		big := strings.Repeat("x", 10_000)
		sent := 0
		for ; sent < 10_000 && n.Send(0, say(big)); sent++ {
			if err := n.Wait(n.Now()); err != nil {
				t.Fatal(err)
			}
		}
		if sent == 10_000 || n.Stats().QueueOverflows == 0 {
			t.Fatalf("100 MB were taken for somebody who does not read: %+v", n.Stats())
		}
		n.Send(1, say("still there"))
		until(t, n, "the other one", func() bool { return len(h.messages) == 1 })
	})
}

func TestTargets(t *testing.T) {
	for url, want := range map[string]string{
		"ws://127.0.0.1:8000":        "127.0.0.1:8000 /",
		"ws://127.0.0.1/a?b=c":       "127.0.0.1:80 /a?b=c",
		"wss://[::1]":                "[::1]:443 /",
		"http://127.0.0.1":           "it must begin with ws://",
		"ws://":                      "it must begin with ws://",
		"ws://127.0.0.1:notaport":    "address",
		"ws://[::ffff:127.0.0.1]:80": "127.0.0.1:80 /",
	} {
		target, err := parseTarget(url)
		got := fmt.Sprint(target.addr, " ", target.path)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
	}
	target, _ := parseTarget("ws://127.0.0.1:1")
	for slot, want := range map[int]string{0: "invalid IP", perSource - 1: "invalid IP", perSource: "127.0.0.2", 3 * perSource: "127.0.0.4", 260 * perSource: "127.0.1.11"} {
		if got := target.source(slot).String(); got != want {
			t.Errorf("slot %d comes from %s, want %s", slot, got, want)
		}
	}
}
