package netem

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The server may speak first, though it has read nothing.
func TestStreamServerSpeaksFirst(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Network) {
		client, server := pipe(t, n)
		_, _ = io.WriteString(server, "220 ready")
		_ = server.Close()
		if b, err := io.ReadAll(client); string(b) != "220 ready" || err != nil {
			t.Errorf("got %q, %v", b, err)
		}
		if got := client.RemoteAddr().String(); got != "198.18.0.1:80" || got != server.LocalAddr().String() {
			t.Errorf("addresses: %v, %v", client.RemoteAddr(), server.LocalAddr())
		}
		if client.LocalAddr().String() != server.RemoteAddr().String() {
			t.Errorf("addresses: %v, %v", client.LocalAddr(), server.RemoteAddr())
		}
	})
}

// All that was written before Close arrives whole, then EOF.
func TestStreamCloseDelivers(t *testing.T) {
	bubble(t, Config{Seed: 1}, func(t *testing.T, n *Network) {
		s := host(t, n, "server", Link{Up: 10 * Mbit, Loss: 0.01, Delay: 20 * time.Millisecond})
		c := host(t, n, "client", Link{})
		data := bytes.Repeat([]byte("0123456789abcdef"), 1<<16) // 1 MiB
		l, err := s.Listen(80)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write(data)
			_ = conn.Close()
		}()
		got, err := io.ReadAll(dial(t, c, "server:80"))
		if err != nil || sha256.Sum256(got) != sha256.Sum256(data) {
			t.Errorf("got %d bytes, %v; want %d", len(got), err, len(data))
		}
	})
}

// CloseWrite ends one direction, the other goes on.
func TestStreamHalfClose(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Network) {
		client, server := pipe(t, n)
		_, _ = io.WriteString(client, "question")
		if err := client.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(server); string(b) != "question" || err != nil {
			t.Errorf("server read %q, %v", b, err)
		}
		_, _ = io.WriteString(server, "answer")
		_ = server.Close()
		if b, err := io.ReadAll(client); string(b) != "answer" || err != nil {
			t.Errorf("client read %q, %v", b, err)
		}
	})
}

// Close ends what the own side waits for, and makes the peer's writes fail.
func TestStreamClose(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Network) {
		client, server := pipe(t, n)
		var work sync.WaitGroup
		work.Go(func() {
			if _, err := client.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
				t.Errorf("a read under way ends with %v", err)
			}
		})
		work.Go(func() {
			b := make([]byte, 32<<20) // more than any window: nobody reads
			if _, err := client.Write(b); !errors.Is(err, net.ErrClosed) {
				t.Errorf("a write under way ends with %v", err)
			}
		})
		time.Sleep(time.Second)
		if err := client.Close(); err != nil {
			t.Error(err)
		}
		work.Wait()
		if err := client.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("the second Close: %v", err)
		}
		if _, err := client.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a write after Close: %v", err)
		}
		time.Sleep(time.Second)
		if _, err := server.Write(make([]byte, 1<<20)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("the peer's write: %v", err)
		}
		if _, err := io.Copy(io.Discard, server); err != nil {
			t.Errorf("the peer's read: %v, want EOF", err)
		}
	})
}

// Deadlines end reads and writes with a timeout, and can be moved.
func TestStreamDeadlines(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Network) {
		client, server := pipe(t, n)
		expect := func(what string, err error, begun time.Time, after time.Duration) {
			t.Helper()
			var timeout net.Error
			if !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() {
				t.Errorf("%s: %v, want a timeout", what, err)
			}
			if took := time.Since(begun); took != after {
				t.Errorf("%s ends after %v, want %v", what, took, after)
			}
		}
		begun := time.Now()
		_ = client.SetReadDeadline(begun.Add(3 * time.Second))
		_, err := client.Read(make([]byte, 1))
		expect("read", err, begun, 3*time.Second)
		begun = time.Now()
		_, err = client.Read(make([]byte, 1))
		expect("read again", err, begun, 0)
		begun = time.Now()
		_ = client.SetWriteDeadline(begun.Add(5 * time.Second))
		_, err = client.Write(make([]byte, 32<<20))
		expect("write", err, begun, 5*time.Second)
		_ = client.SetDeadline(time.Time{})
		go io.Copy(io.Discard, server)
		if _, err := server.Write([]byte("x")); err != nil {
			t.Error(err)
		}
		if _, err := client.Read(make([]byte, 1)); err != nil {
			t.Errorf("read without a deadline: %v", err)
		}
	})
}

func TestStreamDialErrors(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Network) {
		s := host(t, n, "server", Link{Delay: 50 * time.Millisecond})
		c := host(t, n, "client", Link{})
		for _, tt := range []struct {
			addr  string
			want  error
			after time.Duration
		}{
			{"nobody:80", ErrUnknownHost, 0},
			{"server:80", syscall.ECONNREFUSED, 100 * time.Millisecond},
			{"203.0.113.1:80", syscall.ETIMEDOUT, handshakeTimeout},
		} {
			begun := time.Now()
			_, err := c.DialContext(context.Background(), "tcp", tt.addr)
			if took := time.Since(begun); !errors.Is(err, tt.want) || took != tt.after {
				t.Errorf("%s: %v after %v, want %v after %v", tt.addr, err, took, tt.want, tt.after)
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := c.DialContext(ctx, "tcp", "203.0.113.1:80"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a cancelled dial: %v", err)
		}
		if _, err := c.DialContext(ctx, "udp", "server:80"); err == nil {
			t.Error("streams over udp")
		}
		// Refused once is not refused for ever.
		serveEcho(t, s, 80)
		ask(t, dial(t, c, "server:80"), "hello")
	})
}
