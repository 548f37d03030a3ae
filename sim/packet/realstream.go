package packet

import (
	"context"
	"net"
	"os"
	"time"
)

// realStream is a TCP connection of a viewer.
type realStream struct {
	net.Conn
	host *realHost
}

// maxRead keeps a read within the rate limiter's burst.
const maxRead = 64 << 10

// Read waits for its share of the run's rate afterwards: TCP's own flow control then slows the sender down.
func (s *realStream) Read(p []byte) (int, error) {
	limiter := s.host.network.limiter
	if limiter == nil {
		return s.Conn.Read(p)
	}
	n, err := s.Conn.Read(p[:min(len(p), maxRead)])
	if n > 0 {
		_ = limiter.WaitN(context.Background(), n) // fails only for more than a burst
	}
	return n, err
}

// Write of a vanished host goes nowhere.
func (s *realStream) Write(p []byte) (int, error) {
	if s.host.gone.Load() {
		return 0, os.ErrDeadlineExceeded
	}
	return s.Conn.Write(p)
}

// Close tells the other end, unless the host has vanished.
func (s *realStream) Close() error {
	if !s.host.forget(s) {
		return nil
	}
	return s.Conn.Close()
}

// mute ends what reads or writes now. Later writes are refused.
func (s *realStream) mute() { _ = s.SetDeadline(time.Unix(1, 0)) }
