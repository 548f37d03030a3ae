package packet

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"

	"github.com/pion/webrtc/v4"
	"golang.org/x/time/rate"

	"swarmlab/netem"
	"swarmlab/scenarios"
)

// real is this machine's own network. Nothing is emulated on it: a scenario's links, NATs and regions mean nothing here.
type real struct {
	reach   Reach         // of datagrams, and so of other viewers
	streams Reach         // of TCP: playlists, segments, trackers
	limiter *rate.Limiter // of what all hosts together take over TCP; nil: none

	mu      sync.Mutex
	closers []func() error
}

// loopback is the real network of a run that needs nobody else.
func loopback() *real { return &real{reach: Reach{Loopback: true}, streams: Reach{Loopback: true}} }

func (r *real) join(scenarios.Viewer) (host, error) { return newRealHost(r) }

func (r *real) serve(_ string, h http.Handler) (string, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	r.keep(serveHTTP(listener, h))
	return listener.Addr().String(), nil
}

func (r *real) iceServers(stun, turn bool) ([]webrtc.ICEServer, error) {
	if turn {
		return nil, errors.New("a relay is for networks with NATs, and this machine's loopback has none")
	}
	if !stun {
		return nil, nil
	}
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server, err := netem.ServeSTUN(conn)
	if err != nil {
		return nil, err
	}
	r.keep(server.Close)
	return []webrtc.ICEServer{{URLs: []string{fmt.Sprintf("stun:%s", conn.LocalAddr())}}}, nil
}

// keep closes something when the network closes.
func (r *real) keep(closer func() error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closers = append(r.closers, closer)
}

func (r *real) close() error {
	r.mu.Lock()
	closers := r.closers
	r.closers = nil
	r.mu.Unlock()
	var errs []error
	for i := len(closers) - 1; i >= 0; i-- {
		errs = append(errs, closers[i]())
	}
	return errors.Join(errs...)
}
