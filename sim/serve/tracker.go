package serve

import (
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"time"

	"swarmlab/scenarios"
	"swarmlab/sim/webtorrent"
)

// TrackerServer is a scenario's tracker, alone on real ports: at any path, for any stream.
type TrackerServer struct {
	tracker       *webtorrent.Handler
	plain, secure *port
}

// StartTracker serves the scenario's tracker and nothing else. Options.Assets means nothing here.
func StartTracker(s *scenarios.Scenario, o Options) (*TrackerServer, error) {
	if o.Listen == "" && o.ListenTLS == "" {
		return nil, errors.New("serve: no address to listen on")
	}
	for _, address := range []string{o.Listen, o.ListenTLS} {
		if err := CheckAddress(address, o.Public); err != nil {
			return nil, err
		}
	}
	handler, err := newTracker(s)
	if err != nil {
		return nil, err
	}
	t := &TrackerServer{tracker: handler}
	if err := t.open(o); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func (t *TrackerServer) open(o Options) (err error) {
	if o.Listen != "" {
		if t.plain, err = listen(o.Listen, t.tracker, nil); err != nil {
			return err
		}
	}
	if o.ListenTLS == "" {
		return nil
	}
	certificate, err := selfSigned(o.ListenTLS, time.Now())
	if err != nil {
		return err
	}
	t.secure, err = listen(o.ListenTLS, t.tracker, &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12})
	return err
}

// URLs are the tracker's addresses: ws:// and wss://, "" for what is not served.
func (t *TrackerServer) URLs() (plain, secure string) {
	at := func(p *port, scheme string) string {
		if p == nil {
			return ""
		}
		return scheme + "://" + reachable(p.listener.Addr().(*net.TCPAddr))
	}
	return at(t.plain, "ws"), at(t.secure, "wss")
}

// Counters are what the tracker has done.
func (t *TrackerServer) Counters() webtorrent.Counters { return t.tracker.Counters() }

// Close ends it in order, as Server.Close does.
func (t *TrackerServer) Close() error {
	errs := []error{t.tracker.Close()} // first, as its connections have left net/http's care
	for _, p := range []*port{t.plain, t.secure} {
		if p != nil {
			errs = append(errs, p.close())
		}
	}
	return errors.Join(errs...)
}

// newTracker is the tracker as the scenario has it.
func newTracker(s *scenarios.Scenario) (*webtorrent.Handler, error) {
	t := s.Tracker
	config, err := webtorrent.Configure(webtorrent.Overrides{
		Emulate: t.Emulate, Interval: t.Interval.Std(), MaxOffers: t.MaxOffers, Selection: t.Selection,
	})
	if err != nil {
		return nil, fmt.Errorf("serve the tracker: %w", err)
	}
	tracker, err := webtorrent.NewTracker(config, rand.New(rand.NewPCG(s.Run.Seed, chanceTracker)))
	if err != nil {
		return nil, fmt.Errorf("serve the tracker: %w", err)
	}
	return webtorrent.NewHandler(tracker, webtorrent.HandlerConfig{Delay: t.Delay.Std(), EventLoop: true}), nil
}
