package browser

import (
	"context"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/time/rate"
)

// narrow is a line to a server of which all connections share what comes back, packet by packet.
type narrow struct {
	listener net.Listener
	to       string
	limit    *rate.Limiter
	sent     atomic.Int64
	ctx      context.Context
	all      sync.WaitGroup
}

// narrowLine lies before the server at an address. It lets everything through until it is given a rate.
func narrowLine(t *testing.T, to string) *narrow {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	n := &narrow{listener: l, to: to, limit: rate.NewLimiter(rate.Inf, onePacket), ctx: ctx}
	n.all.Go(n.accept)
	t.Cleanup(func() {
		cancel()
		_ = l.Close()
		n.all.Wait()
	})
	return n
}

const onePacket = 1400

func (n *narrow) accept() {
	for {
		page, err := n.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", n.to)
		if err != nil {
			_ = page.Close()
			continue
		}
		// What lies in the kernel's buffers has not come over the line yet.
		_ = page.(*net.TCPConn).SetWriteBuffer(16 << 10)
		_ = server.(*net.TCPConn).SetReadBuffer(16 << 10)
		ctx, done := context.WithCancel(n.ctx)
		context.AfterFunc(ctx, func() {
			_ = page.Close()
			_ = server.Close()
		})
		n.all.Go(func() {
			defer done()
			_, _ = io.Copy(server, page)
		})
		n.all.Go(func() {
			defer done()
			n.back(ctx, page, server)
		})
	}
}

func (n *narrow) back(ctx context.Context, page io.Writer, server io.Reader) {
	buf := make([]byte, onePacket)
	for {
		got, err := server.Read(buf)
		if got > 0 {
			if n.limit.WaitN(ctx, got) != nil {
				return
			}
			n.sent.Add(int64(got))
			if _, err := page.Write(buf[:got]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
