package socket

import (
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"
)

var errForeign = errors.New("not ours to load")

func refuse(netip.Addr) error { return errForeign }

// accepting counts nothing: it tells whether anybody came.
func accepting(t *testing.T) (net.Listener, <-chan struct{}) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	came := make(chan struct{}, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
			select {
			case came <- struct{}{}:
			default:
			}
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-ended })
	return l, came
}

func TestAllowIsAskedOfTheAddressDialled(t *testing.T) {
	l, came := accepting(t)
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for _, url := range []string{"ws://localhost:" + port, "wss://localhost:" + port} {
		var asked []netip.Addr
		cfg := Config{URL: url, Allow: func(a netip.Addr) error { asked = append(asked, a); return errForeign }}
		if n, err := New(cfg, &heard{}); !errors.Is(err, errForeign) {
			if err == nil {
				n.Shutdown()
			}
			t.Errorf("%s: %v", url, err)
		}
		if len(asked) != 1 || !asked[0].IsLoopback() {
			t.Errorf("%s: asked about %v, and the name leads to loopback", url, asked)
		}
	}
	if c, err := Allow(refuse).Dialer().Dial("tcp", l.Addr().String()); !errors.Is(err, errForeign) {
		if err == nil {
			_ = c.Close()
		}
		t.Errorf("the dialler: %v", err)
	}
	select {
	case <-came:
		t.Error("somebody connected to an address that was refused")
	case <-time.After(50 * time.Millisecond):
	}
	c, err := Allow(nil).Dialer().Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatalf("without a rule: %v", err)
	}
	_ = c.Close()
	<-came
}
