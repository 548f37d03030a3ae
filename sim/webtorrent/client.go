package webtorrent

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// The announce client of P2P Media Loader 2.3 (bittorrent-tracker 11) in a browser.
const (
	// DefaultOffers is how many offers go with an announce: the library asks for 50 peers, its WebSocket class clamps to 5.
	DefaultOffers = 5
	// DefaultInterval is the time between announces until the tracker names one.
	DefaultInterval = 30 * time.Second
	// DefaultOfferTimeout is how long an offer waits for its answer.
	DefaultOfferTimeout = 50 * time.Second
)

// ClientConfig is the announce client of one info hash. Zero fields take the defaults of the released library.
type ClientConfig struct {
	// InfoHash and PeerID are 20 bytes each. Their length is not checked, as in the library.
	InfoHash, PeerID string
	// Trackers are ws: or wss: URLs. A trailing slash and duplicates are removed.
	Trackers []string

	Offers       int
	Interval     time.Duration
	OfferTimeout time.Duration

	// SilentReattach reproduces a rare defect of the library: a client that re-attaches, after its back-off, to a pooled socket
	// that another client has begun to open and that is still connecting never learns that it opened. It stays silent as long as
	// that socket lives. Off, it is told like the other.
	SilentReattach bool
}

func (c ClientConfig) withDefaults() ClientConfig {
	if c.Offers <= 0 {
		c.Offers = DefaultOffers
	}
	if c.Interval <= 0 {
		c.Interval = DefaultInterval
	}
	if c.OfferTimeout <= 0 {
		c.OfferTimeout = DefaultOfferTimeout
	}
	return c
}

// ClientEvents is told what the announce client finds. All calls come on the viewer's turn; the consumer may call the client,
// or destroy it, from any of them.
type ClientEvents interface {
	// ClientPeer brings a candidate: an offer came in, or one of ours was answered. It is not connected yet. The consumer
	// calls conn.Handle(itself), or conn.Close() at once: then no answer goes out. The answer of an offer that came in is the
	// client's business: the consumer's PeerSignal is not called.
	ClientPeer(peerID string, conn PeerConn)
	// ClientWarning: a tracker complained, could not be reached, or a connection failed before it was open. The client goes on.
	ClientWarning(err error)
	// ClientError is for what the client cannot go on from. The library has no such case today; neither has this client.
	ClientError(err error)
	// ClientAnnounced is a tracker's response: the interval now in force, and what it counts.
	ClientAnnounced(interval time.Duration, complete, incomplete int)
}

// ErrTrackerURL is the warning about a tracker that is not spoken to over a WebSocket.
var ErrTrackerURL = errors.New("unsupported tracker URL")

// Client announces one info hash of one viewer to all its trackers, and finds peers.
type Client struct {
	env        Env
	cfg        ClientConfig
	ev         ClientEvents
	announcers []*announcer
	refused    []string
	started    bool
	destroyed  bool
}

// NewClient makes a client. Nothing happens before Start.
func NewClient(env Env, pool *Sockets, cfg ClientConfig, ev ClientEvents) *Client {
	c := &Client{env: env, cfg: cfg.withDefaults(), ev: ev}
	seen := make(map[string]bool)
	for _, url := range cfg.Trackers {
		url = strings.TrimSuffix(url, "/")
		if seen[url] {
			continue
		}
		seen[url] = true
		if !strings.HasPrefix(url, "ws:") && !strings.HasPrefix(url, "wss:") {
			c.refused = append(c.refused, url)
			continue
		}
		c.announcers = append(c.announcers, &announcer{client: c, pool: pool, url: url})
	}
	return c
}

// Start opens the sockets (or shares those of the pool) and announces with the event "started".
func (c *Client) Start() {
	if c.started || c.destroyed {
		return
	}
	c.started = true
	for _, url := range c.refused {
		c.warn(fmt.Errorf("%w: %s", ErrTrackerURL, url))
	}
	for _, a := range c.announcers {
		if !c.destroyed { // a consumer may have had enough of warnings
			a.start()
		}
	}
}

// Destroy leaves. The tracker is not told: it sees the socket close, if nobody else of this viewer uses it. Offers that wait
// for an answer die; connections handed to the consumer are the consumer's.
func (c *Client) Destroy() {
	if c.destroyed {
		return
	}
	c.destroyed = true
	for _, a := range c.announcers {
		a.destroy()
	}
}

// warn says nothing after Destroy, when nobody listens any more.
func (c *Client) warn(err error) {
	if !c.destroyed {
		c.ev.ClientWarning(err)
	}
}
