package packet

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/coder/websocket"
	"github.com/pion/webrtc/v4"

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

// build makes the servers on the run's network.
func (w *world) build(stream *hls.Stream) error {
	w.closers = append(w.closers, w.network.close)
	origin, err := w.network.serve(theOrigin, w.newOrigin(stream))
	if err != nil {
		return fmt.Errorf("the origin: %w", err)
	}
	trackers, err := w.trackers()
	if err != nil {
		return fmt.Errorf("the tracker: %w", err)
	}
	if err := w.buildICE(); err != nil {
		return fmt.Errorf("the STUN server: %w", err)
	}
	w.deployment = viewing.Deployment{
		MasterURL: "http://" + origin + "/" + stream.MasterPath(),
		Trackers:  trackers,
		Playlists: player.NewPlaylistCache(),
	}
	return nil
}

func (w *world) newOrigin(stream *hls.Stream) http.Handler {
	o := w.scenario.Origin
	w.origin = hls.NewOrigin(stream, hls.OriginConfig{
		Now: w.now, Sleep: sleep, ResponseDelay: o.ResponseDelay.Std(), ErrorRate: o.ErrorRate,
		Seed: w.scenario.Run.Seed ^ chanceOrigin, NoStore: !o.StoresSegments(),
	})
	return w.origin
}

// trackers are those that the scenario names, if they are there, or the embedded one.
func (w *world) trackers() (urls []string, err error) {
	if urls = w.scenario.Tracker.URLs; len(urls) == 0 {
		address, err := w.buildTracker()
		return []string{"ws://" + address}, err
	}
	for _, url := range urls {
		if err := w.probeTracker(url); err != nil {
			return nil, err
		}
	}
	return urls, nil
}

// probeTracker looks whether a tracker takes connections: one that does not would make a run in which nobody meets anybody.
func (w *world) probeTracker(url string) error {
	h, err := w.network.join(scenarios.Viewer{})
	if err != nil {
		return err
	}
	defer func() { _ = h.Close() }() // it has been asked and has answered
	ctx, cancel := context.WithTimeout(w.ctx, dialLimit)
	defer cancel()
	client := newClient(h, w.tls)
	defer client.CloseIdleConnections()
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPClient: client, CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return fmt.Errorf("%s: %w", url, err)
	}
	return conn.Close(websocket.StatusNormalClosure, "")
}

func (w *world) buildTracker() (address string, err error) {
	t := w.scenario.Tracker
	config, err := webtorrent.Configure(webtorrent.Overrides{
		Emulate: t.Emulate, Interval: t.Interval.Std(), MaxOffers: t.MaxOffers, Selection: t.Selection,
	})
	if err != nil {
		return "", err
	}
	tracker, err := webtorrent.NewTracker(config, rand.New(rand.NewPCG(w.scenario.Run.Seed, chanceTracker)))
	if err != nil {
		return "", err
	}
	w.tracker = webtorrent.NewHandler(tracker, webtorrent.HandlerConfig{Delay: t.Delay.Std()})
	w.closers = append(w.closers, w.tracker.Close)
	return w.network.serve(theTracker, w.tracker)
}

// buildICE makes the STUN and TURN servers that the scenario gives to its viewers.
func (w *world) buildICE() error {
	cert, err := certificate()
	if err != nil {
		return err
	}
	w.rtc = webrtc.Configuration{Certificates: []webrtc.Certificate{cert}}
	i := w.scenario.ICE
	w.rtc.ICEServers, err = w.network.iceServers(i.STUN == nil || *i.STUN, i.TURN)
	return err
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
