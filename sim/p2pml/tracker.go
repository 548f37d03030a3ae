package p2pml

import (
	"time"

	"swarmlab/sim/webtorrent"
)

// trackerClient is what a swarm needs of an announce client.
type trackerClient interface {
	Start()
	Destroy()
}

func newTrackerClient(c *Core, s *swarm, infoHash, peerID string) trackerClient {
	return webtorrent.NewClient(c.env, c.sockets, webtorrent.ClientConfig{
		InfoHash: infoHash, PeerID: peerID, Trackers: s.cfg.AnnounceTrackers,
		Offers:         c.cfg.Announce.Offers,
		Interval:       c.cfg.Announce.Interval,
		OfferTimeout:   c.cfg.Announce.OfferTimeout,
		SilentReattach: c.cfg.Defects.SilentReattach,
	}, s)
}

var _ webtorrent.ClientEvents = (*swarm)(nil)

// ClientPeer implements webtorrent.ClientEvents.
func (s *swarm) ClientPeer(peerID string, conn webtorrent.PeerConn) { s.offered(peerID, conn) }

// ClientWarning implements webtorrent.ClientEvents.
func (s *swarm) ClientWarning(err error) { s.warn(err) }

// ClientError implements webtorrent.ClientEvents.
func (s *swarm) ClientError(err error) { s.fault(err) }

// ClientAnnounced implements webtorrent.ClientEvents. The library makes nothing of the tracker's counts.
func (s *swarm) ClientAnnounced(time.Duration, int, int) {}
