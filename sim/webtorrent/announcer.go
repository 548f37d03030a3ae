package webtorrent

import (
	"errors"
	"fmt"
	"time"
)

// Back-off after a lost socket: up to five minutes of chance, so that a tracker's restart does not bring everybody back at
// once, plus a delay that doubles with every failure.
const (
	reconnectVariance = 5 * time.Minute
	reconnectMinimum  = 10 * time.Second
	reconnectMaximum  = time.Hour
)

// announcer is one client at one tracker.
//
// It is attached to a socket (link set), or waits to be (link nil, reconnecting). reconnecting outlives the wait: it is over
// when the new socket opens.
type announcer struct {
	client *Client
	pool   *Sockets
	url    string

	link         *pooled
	reconnecting bool
	retries      int
	reconnect    Timer

	every    time.Duration
	interval Timer

	trackerID string // raw JSON token, sent back with every announce
	pending   []*pendingOffer
}

func (a *announcer) start() {
	a.attach()
	a.announce(true)
	a.setInterval(a.client.cfg.Interval)
}

func (a *announcer) attach() {
	link, fresh := a.pool.attach(a.url, a)
	a.link = link
	switch {
	case link.open:
		a.opened()
	case fresh || !a.client.cfg.SilentReattach:
		link.whenOpen(func() {
			if a.link == link {
				a.opened()
			}
		})
	}
}

// opened announces after a reconnect, without an event. The first announce waits for the socket by itself.
func (a *announcer) opened() {
	if a.reconnecting {
		a.reconnecting = false
		a.retries = 0
		a.announce(false)
	}
}

// announce makes the offers; the message follows when they are all gathered. Nothing happens while waiting to reconnect.
func (a *announcer) announce(started bool) {
	link := a.link
	if link == nil || a.reconnecting {
		return
	}
	if !link.open {
		link.whenOpen(func() {
			if a.link == link {
				a.announce(started)
			}
		})
		return
	}
	a.generateOffers(started)
}

// setInterval restarts the periodic announce, as every response with an interval does.
func (a *announcer) setInterval(every time.Duration) {
	stop(a.interval)
	a.every = every
	a.interval = a.client.env.After(every, a.tick)
}

func (a *announcer) tick() {
	a.interval = a.client.env.After(a.every, a.tick)
	a.announce(false)
}

// lost is told that the socket closed, with or without an error.
func (a *announcer) lost(err error) {
	a.shutdown()
	if err != nil {
		a.warn(err)
	}
	a.reconnectLater()
}

// giveUp leaves a socket that works but says what no tracker says. The library treats that as a socket error.
func (a *announcer) giveUp(err error) { a.lost(err) }

// shutdown ends what depends on the socket: it, the periodic announce, and every offer not answered yet. Connections that were
// handed over survive. After it, periodic announces come back only with a response that carries an interval.
func (a *announcer) shutdown() {
	stop(a.interval)
	a.interval = nil
	a.dropOffers()
	link := a.link
	a.link = nil
	if link != nil {
		link.detach(a)
	}
}

func (a *announcer) reconnectLater() {
	c := a.client
	if c.destroyed { // by the consumer, when it was warned
		return
	}
	a.reconnecting = true
	jitter := time.Duration(c.env.Rand().Int64N(reconnectVariance.Milliseconds())) * time.Millisecond
	a.reconnect = c.env.After(jitter+backoff(a.retries), func() {
		a.retries++
		a.attach()
	})
}

// backoff is min(10 s * 2^retries, 1 h).
func backoff(retries int) time.Duration {
	d := reconnectMinimum
	for range retries {
		if d *= 2; d >= reconnectMaximum {
			return reconnectMaximum
		}
	}
	return d
}

func (a *announcer) destroy() {
	stop(a.reconnect)
	if a.link != nil {
		a.shutdown()
	}
}

// receive handles a message of the tracker, which may be for another user of the socket.
func (a *announcer) receive(r *response) {
	switch {
	case isString(r.action, "announce"):
		a.receiveAnnounce(r)
	case isString(r.action, "scrape"):
		// Nobody here scrapes. The library would warn about a response without files.
	default:
		a.giveUp(fmt.Errorf("%w: %s", errAction, text(r.action)))
	}
}

func (a *announcer) receiveAnnounce(r *response) {
	cfg := &a.client.cfg
	if !isBinaryString(r.infoHash, cfg.InfoHash) {
		return // for another stream on this socket
	}
	if isBinaryString(r.peerID, cfg.PeerID) {
		return // from ourselves
	}
	if truthy(r.failure) {
		a.warn(errors.New(text(r.failure)))
		return
	}
	if truthy(r.warning) {
		a.warn(errors.New(text(r.warning)))
	}
	if every := r.announceInterval(); every > 0 && a.link != nil {
		a.setInterval(every)
	}
	if truthy(r.trackerID) {
		a.trackerID = string(r.trackerID)
	}
	if !isAbsent(r.complete) && !a.client.destroyed {
		a.client.ev.ClientAnnounced(a.every, count(r.complete), count(r.incomplete))
	}
	a.receivePeer(r)
}

// receivePeer handles what another peer sent through the tracker.
func (a *announcer) receivePeer(r *response) {
	if !truthy(r.peerID) || a.link == nil {
		return // the consumer may have destroyed the client in between
	}
	peerID, ok := binaryString(r.peerID)
	if !ok {
		a.warn(fmt.Errorf("a peer id that is not a binary string: %s", text(r.peerID)))
		return
	}
	if truthy(r.offer) {
		a.receiveOffer(peerID, r)
	}
	if truthy(r.answer) && a.link != nil {
		a.receiveAnswer(peerID, r)
	}
}

func (a *announcer) warn(err error) {
	a.client.warn(fmt.Errorf("tracker %s: %w", a.url, err))
}

func stop(t Timer) {
	if t != nil {
		t.Stop()
	}
}
