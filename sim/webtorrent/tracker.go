package webtorrent

import (
	"math/rand/v2"
	"time"
)

// ConnID names a connection to the tracker. Whoever feeds the tracker gives them out and never uses one twice.
type ConnID uint64

// Out is a message the tracker wants sent. Text belongs to the receiver.
type Out struct {
	To   ConnID
	Text []byte
	// Close: there is no message, the connection is to be closed. Only trackers that imitate wt-tracker do that. Whoever feeds the
	// tracker calls ConnClosed then, as for any connection that ends.
	Close bool
}

// Defaults of TrackerConfig. The caps on offers of other trackers are 10 (aquatic_ws), 20 (wt-tracker), 82 (bittorrent-tracker).
const (
	DefaultAnnounceInterval = 120 * time.Second
	DefaultMaxOffers        = 10
	DefaultMaxSwarmsPerConn = 64
	DefaultMaxSwarms        = 1 << 20
	DefaultMaxPeers         = 1 << 20
	DefaultMaxScrape        = 255
)

// TrackerConfig is a tracker. Zero fields take the defaults above.
type TrackerConfig struct {
	// Interval is what clients are told to wait between announces.
	Interval time.Duration
	// MaxOffers is how many offers of one announce are relayed.
	MaxOffers int
	// Selection names the strategy that picks who gets an offer: see Selections. Empty is "uniform".
	Selection string
	// PeerTimeout is how long a peer is kept without an announce. Zero is three intervals: two may fail to be sent.
	PeerTimeout time.Duration

	Habits

	// Bounds. What exceeds one is refused with a failure reason.
	MaxSwarmsPerConn int // memberships, so also peer ids, of one connection
	MaxSwarms        int
	MaxPeers         int
	MaxScrape        int // swarms in one scrape
}

func (c TrackerConfig) withDefaults() TrackerConfig {
	setDefault(&c.Interval, DefaultAnnounceInterval)
	setDefault(&c.MaxOffers, DefaultMaxOffers)
	setDefault(&c.PeerTimeout, 3*c.Interval)
	setDefault(&c.MaxSwarmsPerConn, DefaultMaxSwarmsPerConn)
	setDefault(&c.MaxSwarms, DefaultMaxSwarms)
	setDefault(&c.MaxPeers, DefaultMaxPeers)
	setDefault(&c.MaxScrape, DefaultMaxScrape)
	if c.Selection == "" {
		c.Selection = Uniform
	}
	return c
}

func setDefault[T int | time.Duration](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}

// Tracker is a WebTorrent tracker without sockets: messages in, messages out. It keeps no clock and no goroutine; time and
// chance are arguments, and the same calls give the same answers. It is not safe for concurrent use.
type Tracker struct {
	cfg    TrackerConfig
	rng    *rand.Rand
	choose Selection

	swarms map[ID]*swarm // looked up only; what is listed is listed from order
	order  []*swarm
	conns  map[ConnID]*connection
	stale  memberList
	peers  int

	counters Counters
	picked   []int          // scratch
	outs     []Out          // scratch
	offers   []relayedOffer // scratch

	// reuse makes the texts that HandleMessage returns valid only until its next call, as they are all in texts. It is for the
	// Handler, which copies them into its connections' queues: without it a relayed offer is garbage at once.
	reuse bool
	texts []byte
}

// NewTracker makes a tracker. The only error is an unknown selection strategy.
func NewTracker(cfg TrackerConfig, rng *rand.Rand) (*Tracker, error) {
	cfg = cfg.withDefaults()
	choose, err := selectionByName(cfg.Selection)
	if err != nil {
		return nil, err
	}
	return &Tracker{
		cfg: cfg, rng: rng, choose: choose,
		swarms: make(map[ID]*swarm),
		conns:  make(map[ConnID]*connection),
	}, nil
}

// Counters is what a tracker did, and what it holds now.
type Counters struct {
	Announces      int64 // answered with a response
	OffersIn       int64 // offers that came with announces
	OffersRelayed  int64
	AnswersIn      int64
	AnswersRelayed int64 // the others' receivers were gone
	Scrapes        int64
	Errors         int64 // failure reasons sent
	Expired        int64 // peers dropped for want of announces
	Evicted        int64 // peers pushed out of a swarm that was full
	TakenOver      int64 // peers that moved to another connection

	Swarms, Peers int

	// Of a Handler only.
	Connections, SlowReaders int64 // open now; dropped since the beginning
}

// Counters returns the counts so far.
func (t *Tracker) Counters() Counters {
	c := t.counters
	c.Swarms, c.Peers = len(t.order), t.peers
	return c
}

// HandleMessage takes one message of a connection and returns what to send, in order: first the sender's response, then the
// offers. It also expires peers. The slice is valid until the next call.
func (t *Tracker) HandleMessage(now time.Duration, conn ConnID, raw []byte) []Out {
	t.Expire(now)
	clear(t.outs) // holds on to no message
	t.outs = t.outs[:0]
	t.texts = t.texts[:0]
	req, failure := parseRequest(raw, t.offers[:0])
	if req.offers != nil {
		defer t.keepOffers(req.offers)
	}
	if failure == "" {
		failure = t.dispatch(now, conn, &req)
	}
	if failure != "" {
		t.counters.Errors++
		t.refuse(conn, &req, failure)
	}
	return t.outs
}

// keepOffers keeps the list for the next announce, but nothing of the message.
func (t *Tracker) keepOffers(list []relayedOffer) {
	clear(list)
	t.offers = list
}

// room is where a text of up to size bytes may be appended to.
func (t *Tracker) room(size int) []byte {
	if !t.reuse {
		return make([]byte, 0, size)
	}
	if cap(t.texts)-len(t.texts) < size {
		t.texts = make([]byte, 0, max(2*cap(t.texts), size)) // the old one stays with what is in it
	}
	start := len(t.texts)
	t.texts = t.texts[:start+size]
	return t.texts[start:start:len(t.texts)]
}

func (t *Tracker) send(to ConnID, text []byte) {
	t.outs = append(t.outs, Out{To: to, Text: text})
}

func (t *Tracker) refuse(conn ConnID, req *request, failure string) {
	if t.cfg.CloseOnError {
		t.outs = append(t.outs, Out{To: conn, Close: true})
		return
	}
	t.send(conn, appendFailure(nil, req, failure))
}

// dispatch returns a failure reason, or "".
func (t *Tracker) dispatch(now time.Duration, conn ConnID, req *request) string {
	switch {
	case req.action == actionScrape:
		return t.scrape(conn, req)
	case req.answer != nil:
		return t.relayAnswer(now, conn, req)
	default:
		return t.announce(now, conn, req)
	}
}

// ConnClosed removes at once all that came over a connection; or with ForgetsFirstOnly all of one peer id.
func (t *Tracker) ConnClosed(conn ConnID) {
	c := t.conns[conn]
	if c == nil {
		return
	}
	for i := len(c.members) - 1; i >= 0; i-- { // remove fills the gap with the last one, which has been looked at
		if m := c.members[i]; !t.cfg.ForgetsFirstOnly || m.peerID == c.first {
			t.remove(m)
		}
	}
	if len(c.members) == 0 {
		delete(t.conns, conn)
	}
}

// Expire removes the peers that have not announced for PeerTimeout, and returns how many. It costs nothing if there are none.
func (t *Tracker) Expire(now time.Duration) int {
	n := 0
	for m := t.stale.oldest; m != nil && now-m.lastSeen >= t.cfg.PeerTimeout; m = t.stale.oldest {
		t.remove(m)
		n++
	}
	t.counters.Expired += int64(n)
	return n
}
