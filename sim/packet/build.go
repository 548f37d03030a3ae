package packet

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/pion/webrtc/v4"

	"swarmlab/netem"
	"swarmlab/scenarios"
	"swarmlab/sim/hls"
	"swarmlab/sim/player"
	viewing "swarmlab/sim/viewer"
	"swarmlab/sim/webtorrent"
)

// Each room's chance has a stream of its own, named by these numbers and the run's seed.
const (
	chanceNetwork = 0x6e6574
	chanceOrigin  = 0x6f726967
	chanceTracker = 0x747261636b
)

// build makes the network and its servers.
func (w *world) build(stream *hls.Stream) error {
	s := w.scenario
	network, err := netem.New(netem.Config{Seed: s.Run.Seed ^ chanceNetwork, Grid: s.Network.Grid.Std()})
	if err != nil {
		return err
	}
	w.network = network
	w.closers = append(w.closers, network.Close)
	if err := w.buildOrigin(stream); err != nil {
		return fmt.Errorf("the origin: %w", err)
	}
	if err := w.buildTracker(); err != nil {
		return fmt.Errorf("the tracker: %w", err)
	}
	if err := w.buildICE(); err != nil {
		return fmt.Errorf("the STUN server: %w", err)
	}
	w.deployment = viewing.Deployment{
		MasterURL: "http://origin/" + stream.MasterPath(),
		Trackers:  []string{"ws://tracker:" + strconv.Itoa(trackerPort)},
		Playlists: player.NewPlaylistCache(),
	}
	return nil
}

func (w *world) buildOrigin(stream *hls.Stream) error {
	o := w.scenario.Origin
	w.origin = hls.NewOrigin(stream, hls.OriginConfig{
		Now: w.now, Sleep: sleep, ResponseDelay: o.ResponseDelay.Std(), ErrorRate: o.ErrorRate,
		Seed: w.scenario.Run.Seed ^ chanceOrigin,
	})
	link, err := o.Link.Resolve()
	if err != nil {
		return err
	}
	return w.serve("origin", netem.HostConfig{Link: link, Region: o.Region}, originPort, w.origin)
}

func (w *world) buildTracker() error {
	t := w.scenario.Tracker
	tracker, err := webtorrent.NewTracker(webtorrent.TrackerConfig{
		Interval: t.Interval.Std(), MaxOffers: t.MaxOffers, Selection: t.Selection,
	}, rand.New(rand.NewPCG(w.scenario.Run.Seed, chanceTracker)))
	if err != nil {
		return err
	}
	w.tracker = webtorrent.NewHandler(tracker, webtorrent.HandlerConfig{Delay: t.Delay.Std()})
	w.closers = append(w.closers, w.tracker.Close)
	// The tracker's link is never what is measured here: a tracker benchmark has its own command.
	return w.serve("tracker", netem.HostConfig{Link: w.originLink(), Region: w.scenario.Origin.Region}, trackerPort, w.tracker)
}

// buildICE makes the STUN and TURN servers that the scenario gives to its viewers.
func (w *world) buildICE() error {
	i := w.scenario.ICE
	cert, err := certificate()
	if err != nil {
		return err
	}
	w.rtc = webrtc.Configuration{Certificates: []webrtc.Certificate{cert}}
	if i.STUN != nil && !*i.STUN && !i.TURN {
		return nil
	}
	host, err := w.network.AddHost(netem.HostConfig{Name: "ice", Link: w.originLink(), Region: w.scenario.Origin.Region})
	if err != nil {
		return err
	}
	address := net.JoinHostPort(host.PublicAddr().String(), strconv.Itoa(stunPort))
	if i.TURN {
		return w.buildTURN(host, address)
	}
	server, err := netem.RunSTUN(host, stunPort)
	if err != nil {
		return err
	}
	w.closers = append(w.closers, server.Close)
	w.rtc.ICEServers = []webrtc.ICEServer{{URLs: []string{"stun:" + address}}}
	return nil
}

func (w *world) buildTURN(host *netem.Host, address string) error {
	const user, password = "viewer", "swarmlab"
	server, err := netem.RunTURN(host, stunPort, "swarmlab", user, password)
	if err != nil {
		return err
	}
	w.closers = append(w.closers, server.Close)
	w.rtc.ICEServers = []webrtc.ICEServer{
		{URLs: []string{"stun:" + address}},
		{URLs: []string{"turn:" + address + "?transport=udp"}, Username: user, Credential: password},
	}
	return nil
}

func (w *world) originLink() netem.Link {
	link, _ := netem.LinkPreset("origin")
	return link
}

// serve puts an HTTP server on a host of its own.
func (w *world) serve(name string, c netem.HostConfig, port int, h http.Handler) error {
	c.Name = name
	host, err := w.network.AddHost(c)
	if err != nil {
		return err
	}
	listener, err := host.Listen(port)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	w.closers = append(w.closers, func() error {
		err := server.Close()
		if served := <-done; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	})
	return nil
}

func (w *world) now() time.Duration { return time.Since(w.start) }

// sleep waits, unless the request that is waited for ends first.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close ends what build made, newest first. By then no viewer is left.
func (w *world) close() error {
	var errs []error
	for i := len(w.closers) - 1; i >= 0; i-- {
		errs = append(errs, w.closers[i]())
	}
	return errors.Join(errs...)
}

// audience is who watches in this run.
func (w *world) audience() []scenarios.Viewer {
	return scenarios.Audience(w.scenario, w.scenario.Run.Seed)
}
