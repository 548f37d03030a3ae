package netem

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// serveHTTP runs an unchanged net/http server on a host until the function it returns is called.
func serveHTTP(t testing.TB, h *Host, port int, handler http.Handler) (stop func()) {
	t.Helper()
	l, err := h.Listen(port)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("the server ends with %v", err)
		}
	}()
	return func() {
		_ = server.Close()
		<-done
	}
}

func httpClient(h *Host) *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: h.DialContext, MaxConnsPerHost: 6}}
}

// net/http's client and server run unchanged: keep-alive, ranges, parallel requests, uploads, cancelled requests.
func TestHTTP(t *testing.T) {
	bubble(t, Config{Grid: DefaultGrid}, func(t *testing.T, n *Network) {
		segment := bytes.Repeat([]byte("segment!"), 1<<16) // 512 KiB
		var cancelled atomic.Int32
		mux := http.NewServeMux()
		mux.HandleFunc("GET /segment", func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "segment", time.Unix(0, 0), bytes.NewReader(segment))
		})
		mux.HandleFunc("POST /length", func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			_, _ = io.WriteString(w, strconv.Itoa(len(body)))
		})
		mux.HandleFunc("GET /slow", func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			cancelled.Add(1)
		})
		origin := host(t, n, "origin", Link{Up: 100 * Mbit, Delay: time.Millisecond})
		defer serveHTTP(t, origin, 80, mux)()
		viewer := addHost(t, n, HostConfig{
			Name: "viewer", NAT: NATSymmetric, Link: Link{Down: 20 * Mbit, Up: 5 * Mbit, Delay: 10 * time.Millisecond},
		})
		client := httpClient(viewer)
		defer client.CloseIdleConnections()

		var work sync.WaitGroup
		for range 10 {
			work.Go(func() {
				got, status := get(t, client, "http://origin/segment", "")
				if status != http.StatusOK || !bytes.Equal(got, segment) {
					t.Errorf("status %d, %d bytes", status, len(got))
				}
			})
		}
		begun := time.Now()
		work.Wait()
		wire := float64(10*len(segment)) / streamEfficiency * 8
		near(t, "seconds for 10 segments", time.Since(begun).Seconds(), wire/20e6, 0.25) // with slow start

		if got, status := get(t, client, "http://origin/segment", "bytes=100-199"); status != http.StatusPartialContent || !bytes.Equal(got, segment[100:200]) {
			t.Errorf("range: status %d, %d bytes", status, len(got))
		}
		answer, err := client.Post("http://origin/length", "text/plain", bytes.NewReader(segment))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if string(body) != strconv.Itoa(len(segment)) {
			t.Errorf("the server has received %s bytes", body)
		}

		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		request, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://origin/slow", nil)
		if _, err := client.Do(request); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a cancelled request: %v", err)
		}
		time.Sleep(time.Second)
		if cancelled.Load() != 1 {
			t.Error("the server was not told that the client has gone")
		}
	})
}

func get(t testing.TB, c *http.Client, url, ranges string) ([]byte, int) {
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Error(err)
		return nil, 0
	}
	if ranges != "" {
		request.Header.Set("Range", ranges)
	}
	answer, err := c.Do(request)
	if err != nil {
		t.Error(err)
		return nil, 0
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Error(err)
	}
	return body, answer.StatusCode
}

// coder/websocket runs unchanged, both ends; a server notices that a client is closed, and a client that nobody listens.
func TestWebSocket(t *testing.T) {
	bubble(t, Config{Grid: DefaultGrid}, func(t *testing.T, n *Network) {
		tracker := host(t, n, "tracker", Link{Delay: 10 * time.Millisecond})
		ended := make(chan error, 1)
		defer serveHTTP(t, tracker, 8000, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c, err := websocket.Accept(w, r, nil)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.CloseNow()
			for {
				kind, data, err := c.Read(r.Context())
				if err != nil {
					ended <- err
					return
				}
				_ = c.Write(r.Context(), kind, append([]byte("re: "), data...))
			}
		}))()
		viewer := addHost(t, n, HostConfig{Name: "viewer", NAT: NATBlocked, Link: Link{Delay: 20 * time.Millisecond}})
		ctx := context.Background()
		options := &websocket.DialOptions{HTTPClient: httpClient(viewer)}
		c, _, err := websocket.Dial(ctx, "ws://tracker:8000/announce", options)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"one", "two"} {
			if err := c.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
				t.Fatal(err)
			}
			if _, data, err := c.Read(ctx); err != nil || string(data) != "re: "+text {
				t.Errorf("answer %q, %v", data, err)
			}
			time.Sleep(5 * time.Minute) // longer than announce intervals are
		}
		_ = viewer.Close()
		select {
		case err := <-ended:
			if err == nil {
				t.Error("no error")
			}
		case <-time.After(time.Second):
			t.Error("the tracker has not noticed that the viewer is closed")
		}
		late := host(t, n, "late", Link{})
		_, _, err = websocket.Dial(ctx, "ws://tracker:9000/", &websocket.DialOptions{HTTPClient: httpClient(late)})
		if !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("nobody listens: %v", err)
		}
	})
}
