package packet

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/pion/transport/v3"
	"github.com/pion/webrtc/v4"

	"swarmlab/scenarios"
)

// network is where a run's hosts are: an emulated one, or this machine's.
type network interface {
	// join gives a viewer a host of its own.
	join(plan scenarios.Viewer) (host, error)
	// serve runs an HTTP server and says at which host and port the viewers find it.
	serve(role string, h http.Handler) (address string, err error)
	// iceServers runs what helps viewers through NATs, as far as it is wanted and there are any.
	iceServers(stun, turn bool) ([]webrtc.ICEServer, error)
	close() error
}

// The servers' names on a network.
const (
	theOrigin  = "origin"
	theTracker = "tracker"
)

// host is what a viewer has of a network.
type host interface {
	Net() transport.Net // for Pion
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
	// Vanish takes the host off the network at once: nobody hears of it.
	Vanish()
	Close() error
	// reaches tells whether the viewer's connectivity checks reach whoever made an offer before he has the answer, and how long one
	// takes there and back, as far as that is known.
	reaches(offer string) (roundTrip time.Duration, ok bool)
	// configure sets what Pion has to know of the network.
	configure(s *webrtc.SettingEngine)
}

// serveHTTP serves on a listener until close is called.
func serveHTTP(l net.Listener, h http.Handler) (close func() error) {
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	return func() error {
		err := server.Close()
		if served := <-done; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	}
}
