package netem

import (
	"context"
	"io"
	"net"
	"testing"
	"time"
)

// serve answers each connection by a goroutine of its own, until the listener is closed.
func serve(t testing.TB, h *Host, port int, answer func(net.Conn)) net.Listener {
	t.Helper()
	l, err := h.Listen(port)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				answer(c)
			}()
		}
	}()
	return l
}

func serveEcho(t testing.TB, h *Host, port int) net.Listener {
	t.Helper()
	return serve(t, h, port, func(c net.Conn) { _, _ = io.Copy(c, c) })
}

func dial(t testing.TB, h *Host, addr string) net.Conn {
	t.Helper()
	c, err := h.DialContext(context.Background(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ask(t testing.TB, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, len(text))
	if _, err := io.ReadFull(c, b); err != nil || string(b) != text {
		t.Fatalf("answer %q, %v", b, err)
	}
}

// pipe returns both ends of a connection.
func pipe(t testing.TB, n *Network) (client, server net.Conn) {
	t.Helper()
	s, c := host(t, n, "server", Link{Delay: 5 * time.Millisecond}), host(t, n, "client", Link{})
	l, err := s.Listen(80)
	if err != nil {
		t.Fatal(err)
	}
	client = dial(t, c, "server:80")
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return client, server
}
