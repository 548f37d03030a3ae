package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"swarmlab/results"
)

// The control group. Each viewer's offers are as many as there are others, so that every tracker owes each of them to one, whatever
// its rule of selection is.
const (
	controlPeers  = 4
	controlOffers = controlPeers - 1
	controlEvery  = 100 * time.Millisecond
	// controlDrain is what the last offers of a window have to arrive, joinLimit what the group has to be complete.
	controlDrain = 2 * time.Second
	joinLimit    = 10 * time.Second
)

// control is a group of viewers that behave, in a swarm of their own. Who loses the connection comes back at once.
type control struct {
	dial     dial
	infoHash string
	peers    [controlPeers]string
	cancel   context.CancelFunc
	running  sync.WaitGroup

	mu       sync.Mutex
	joined   int
	sequence int
	pending  map[string]time.Time // offers on their way, by id: when their announce was due
	last     time.Time            // when an offer arrived last

	// Of the window.
	open      bool
	began     time.Time
	announces int
	expected  int
	closed    int
	latency   *results.LatencyRecorder
}

// startControl returns when the whole group is in the swarm.
func startControl(ctx context.Context, dial dial, rng *rand.Rand) (*control, error) {
	// Its end is stop's matter: while ctx ends, what there is is still measured.
	living, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c := &control{dial: dial, infoHash: randomID(rng), cancel: cancel, pending: make(map[string]time.Time), latency: results.NewLatencyRecorder()}
	for i := range c.peers {
		c.peers[i] = randomID(rng)
		phase := time.Duration(rng.Int64N(int64(controlEvery)))
		c.running.Go(func() { c.live(living, c.peers[i], phase) })
	}
	for deadline := time.Now().Add(joinLimit); ; {
		if c.complete() {
			return c, nil
		}
		err := sleep(ctx, 10*time.Millisecond)
		if err == nil && time.Now().After(deadline) {
			err = fmt.Errorf("not all %d viewers were let in within %v", controlPeers, joinLimit)
		}
		if err != nil {
			c.stop()
			return nil, err
		}
	}
}

func (c *control) stop() {
	c.cancel()
	c.running.Wait()
}

func (c *control) complete() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.joined == controlPeers
}

// live is one viewer's life, over as many connections as it takes.
func (c *control) live(ctx context.Context, peer string, phase time.Duration) {
	_ = sleep(ctx, phase)
	for ctx.Err() == nil {
		if conn, err := c.dial(ctx); err == nil {
			c.connected(ctx, conn, peer)
		}
		_ = sleep(ctx, controlEvery/2)
	}
}

func (c *control) connected(ctx context.Context, conn *client, peer string) {
	var reader sync.WaitGroup
	ended := make(chan struct{})
	joined := false // the reader's, until it has ended
	reader.Go(func() {
		defer close(ended)
		for {
			text, err := conn.hear(time.Hour)
			if err != nil {
				return
			}
			c.hear(text, &joined)
		}
	})
	c.announce(ctx, conn, peer, ended)
	_ = conn.Close()
	reader.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	if joined {
		c.joined--
	}
	if c.open && ctx.Err() == nil {
		c.closed++
	}
}

// announce goes on until the connection ends.
func (c *control) announce(ctx context.Context, conn *client, peer string, ended <-chan struct{}) {
	tick := time.NewTicker(controlEvery)
	defer tick.Stop()
	event := "started"
	for due := time.Now(); ; {
		ids, text := c.next(peer, event, due)
		event = ""
		if conn.say(text) != nil {
			c.unsaid(ids)
			return
		}
		select {
		case due = <-tick.C:
		case <-ended:
			return
		case <-ctx.Done():
			return
		}
	}
}

// next is an announce, whose offers count if the group is complete: only then is there somebody for each.
func (c *control) next(peer, event string, due time.Time) (ids []string, text []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var offers []any
	for range controlOffers {
		c.sequence++
		id := fmt.Sprintf("c%019d", c.sequence)
		ids, offers = append(ids, id), append(offers, offer(id, description))
	}
	if c.joined == controlPeers {
		for _, id := range ids {
			c.pending[id] = due
		}
		if c.open {
			c.announces++
			c.expected += len(ids)
		}
	} else {
		ids = nil
	}
	return ids, announce(c.infoHash, peer, event, offers)
}

// unsaid takes back what could not be sent: the connection's end is counted.
func (c *control) unsaid(ids []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids {
		if _, waits := c.pending[id]; waits {
			delete(c.pending, id)
			if c.open {
				c.expected--
			}
		}
	}
}

func (c *control) hear(text []byte, joined *bool) {
	now := time.Now()
	m, k := parse(text)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch k {
	case isResponse:
		if !*joined {
			*joined = true
			c.joined++
		}
	case isOffer:
		if due, waits := c.pending[m.OfferID]; waits {
			delete(c.pending, m.OfferID)
			c.latency.Record(now.Sub(due))
			c.last = now
		}
	default: // a tracker may say what it likes
	}
}

// begin opens a window.
func (c *control) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.pending)
	c.latency.Reset()
	c.open, c.began, c.announces, c.expected, c.closed = true, time.Now(), 0, 0, 0
}

// end closes the window, and waits for what is on its way.
func (c *control) end(ctx context.Context) results.TrackerControl {
	c.mu.Lock()
	c.open = false
	out := results.TrackerControl{
		Seconds: time.Since(c.began).Seconds(), Announces: c.announces, Expected: c.expected, Closed: c.closed,
	}
	awaited := make(map[string]bool, len(c.pending))
	for id := range c.pending {
		awaited[id] = true
	}
	c.mu.Unlock()
	for deadline := time.Now().Add(controlDrain); time.Now().Before(deadline) && c.anyOf(awaited); {
		if sleep(ctx, 5*time.Millisecond) != nil {
			break
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	out.Delivered = out.Expected
	for id := range awaited {
		if _, lost := c.pending[id]; lost {
			out.Delivered--
		}
	}
	out.OfferMs = c.latency.Result()
	return out
}

func (c *control) anyOf(ids map[string]bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id := range c.pending {
		if ids[id] {
			return true
		}
	}
	return false
}

// recovered waits until the group is complete again and is delivered to, and says how long after since that was; 0: it was not.
func (c *control) recovered(ctx context.Context, since time.Time) time.Duration {
	for deadline := time.Now().Add(joinLimit); time.Now().Before(deadline); {
		c.mu.Lock()
		good := c.joined == controlPeers && c.last.After(since)
		at := c.last
		c.mu.Unlock()
		if good {
			return at.Sub(since)
		}
		if sleep(ctx, 5*time.Millisecond) != nil {
			break
		}
	}
	return 0
}
