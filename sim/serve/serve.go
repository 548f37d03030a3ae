package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"swarmlab/scenarios"
	"swarmlab/sim/hls"
	"swarmlab/sim/webtorrent"
)

// Options are where to serve. The zero value serves nothing: name at least one address.
type Options struct {
	Listen    string // address for plain HTTP, such as 127.0.0.1:8080; "" for none, port 0 for any
	ListenTLS string // address for TLS with a certificate made on the spot; "" for none
	Public    bool   // addresses that others can reach are allowed
	Assets    string // folder of the npm packages; "" is page.DefaultAssets
}

// Server is a deployment that is being served.
type Server struct {
	scenario *scenarios.Scenario
	stream   *hls.Stream
	origin   *hls.Origin
	tracker  *webtorrent.Handler
	start    time.Time
	plain    *port
	secure   *port
	cert     *tls.Certificate
}

// port is one address that is served.
type port struct {
	listener net.Listener
	server   *http.Server
	done     chan error
}

// Seeds apart from the other rooms' chances, as in sim/packet.
const (
	chanceOrigin  = 0x6f726967
	chanceTracker = 0x747261636b
)

// closing is how long Close waits for answers that are under way.
const closing = 2 * time.Second

// Start serves a scenario. The stream stays the caller's; it is in use until Close.
func Start(s *scenarios.Scenario, stream *hls.Stream, o Options) (*Server, error) {
	if o.Listen == "" && o.ListenTLS == "" {
		return nil, errors.New("serve: no address to listen on")
	}
	for _, address := range []string{o.Listen, o.ListenTLS} {
		if err := CheckAddress(address, o.Public); err != nil {
			return nil, err
		}
	}
	srv := &Server{scenario: s, stream: stream, start: time.Now()}
	if err := srv.build(); err != nil {
		return nil, err
	}
	handler, err := srv.handler(o.Assets)
	if err != nil {
		return nil, err
	}
	if err := srv.open(o, handler); err != nil {
		return nil, errors.Join(err, srv.Close())
	}
	return srv, nil
}

// build makes the origin and the tracker as the scenario has them.
func (s *Server) build() error {
	o, seed := s.scenario.Origin, s.scenario.Run.Seed
	tracker, err := newTracker(s.scenario)
	if err != nil {
		return err
	}
	s.tracker = tracker
	s.origin = hls.NewOrigin(s.stream, hls.OriginConfig{
		Now:           func() time.Duration { return time.Since(s.start) },
		ResponseDelay: o.ResponseDelay.Std(), ErrorRate: o.ErrorRate, Seed: seed ^ chanceOrigin,
		NoStore: !o.StoresSegments(),
	})
	return nil
}

// open listens on the addresses.
func (s *Server) open(o Options, handler http.Handler) (err error) {
	if o.Listen != "" {
		if s.plain, err = listen(o.Listen, handler, nil); err != nil {
			return err
		}
	}
	if o.ListenTLS == "" {
		return nil
	}
	if s.cert, err = selfSigned(o.ListenTLS, s.start); err != nil {
		return err
	}
	s.secure, err = listen(o.ListenTLS, handler, &tls.Config{Certificates: []tls.Certificate{*s.cert}, MinVersion: tls.VersionTLS12})
	return err
}

func listen(address string, handler http.Handler, config *tls.Config) (*port, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("serve: %w", err)
	}
	p := &port{listener: listener, done: make(chan error, 1), server: &http.Server{
		Handler: handler, TLSConfig: config, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: log.New(silent{}, "", 0),
	}}
	go func() {
		if config != nil {
			p.done <- p.server.ServeTLS(listener, "", "")
		} else {
			p.done <- p.server.Serve(listener)
		}
	}()
	return p, nil
}

// silent takes what net/http says of clients that break off or do not trust the certificate: it is of no use to anybody here.
type silent struct{}

func (silent) Write(p []byte) (int, error) { return len(p), nil }

// Close ends the deployment: the tracker's clients are told, answers under way have two seconds, and every goroutine has ended when
// it returns.
func (s *Server) Close() error {
	errs := []error{s.tracker.Close()} // first, as its connections have left net/http's care
	for _, p := range []*port{s.plain, s.secure} {
		if p != nil {
			errs = append(errs, p.close())
		}
	}
	return errors.Join(errs...)
}

func (p *port) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	err := p.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = p.server.Close()
	}
	if served := <-p.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// Origin is the deployment's origin.
func (s *Server) Origin() *hls.Origin { return s.origin }

// Tracker is the deployment's tracker.
func (s *Server) Tracker() *webtorrent.Handler { return s.tracker }
