package packet

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/pion/webrtc/v4"
	"golang.org/x/time/rate"

	"swarmlab/scenarios"
	"swarmlab/sim/player"
	viewing "swarmlab/sim/viewer"
)

// Deployment is somebody's running stream, for virtual viewers to join.
type Deployment struct {
	ManifestURL string
	Trackers    []string
	ICEServers  []string // stun: and turn: URLs (RFC 7064, RFC 7065)
	Reach       Reach
	// Insecure takes any TLS certificate.
	Insecure bool
	// MaxHTTPBytesPerSecond bounds what all viewers together load over HTTP; 0: nothing does.
	MaxHTTPBytesPerSecond float64
}

// Join lets the scenario's audience watch a running deployment on the real clock and network. Of the scenario only who comes and
// goes, and P2P Media Loader's and the player's options are used.
func Join(ctx context.Context, s *scenarios.Scenario, d Deployment, o viewing.Options) (_ *viewing.Outcome, err error) {
	r := &real{reach: d.Reach, streams: d.Reach}
	if d.MaxHTTPBytesPerSecond > 0 {
		r.limiter = rate.NewLimiter(rate.Limit(d.MaxHTTPBytesPerSecond), maxRead)
	}
	w := &world{ctx: ctx, start: time.Now(), scenario: s, network: r, source: viewing.Agreement()}
	w.closers = append(w.closers, r.close)
	defer func() { err = errors.Join(err, w.close()) }()
	cert, err := certificate()
	if err != nil {
		return nil, err
	}
	w.rtc = webrtc.Configuration{Certificates: []webrtc.Certificate{cert}}
	for _, url := range d.ICEServers {
		w.rtc.ICEServers = append(w.rtc.ICEServers, webrtc.ICEServer{URLs: []string{url}})
	}
	if d.Insecure {
		w.tls = &tls.Config{InsecureSkipVerify: true} //nolint:gosec // asked for by name, for servers with a generated certificate
	}
	if err := w.probe(d.ManifestURL); err != nil {
		return nil, fmt.Errorf("the manifest: %w", err)
	}
	w.deployment = viewing.Deployment{MasterURL: d.ManifestURL, Trackers: d.Trackers, Playlists: player.NewPlaylistCache()}
	return w.run(o)
}

// probe looks whether there is a playlist, so that a slip of the pen does not become a run in which nobody sees anything.
func (w *world) probe(url string) error {
	h, err := w.network.join(scenarios.Viewer{})
	if err != nil {
		return err
	}
	defer func() { _ = h.Close() }() // it has been asked and has answered
	client := newClient(h, w.tls)
	client.Timeout = dialLimit
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(w.ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	const mark = "#EXTM3U" // RFC 8216, 4.3.1.1
	start := make([]byte, len(mark))
	n, _ := io.ReadFull(res.Body, start)
	if res.StatusCode != http.StatusOK || string(start[:n]) != mark {
		return fmt.Errorf("GET %s: %s, beginning with %q; want 200 and a playlist, which begins with %q", url, res.Status, start[:n], mark)
	}
	return nil
}
