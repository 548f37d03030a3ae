package faults

import (
	"context"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// What a tracker does about an attempt.
const (
	saysError = "error"    // a failure reason; the connection stays
	closes    = "close"    // the connection ends
	accepts   = "accepted" // a response, as if nothing were wrong
	silent    = "silence"  // nothing, but the next message is answered
	deaf      = "deaf"     // nothing, and nothing after it
	refuses   = "refused"  // it takes no connection
)

// attack is one kind of fault under way, and what it has shown.
type attack struct {
	dial    dial
	options Options
	restart func(context.Context) error
	seed    uint64
	stream  uint64
	rng     *rand.Rand

	mu          sync.Mutex
	attempts    int
	reactions   map[string]int
	said        string
	notes       []string
	held        []*client
	restarted   bool
	restartedAt time.Time
}

func newAttack(r *run, stream uint64) *attack {
	return &attack{
		dial: r.dial, options: r.options, restart: r.target.Restart, seed: r.options.Seed, stream: stream,
		rng: rand.New(rand.NewPCG(r.options.Seed, stream<<32)), reactions: make(map[string]int),
	}
}

// count notes one attempt and what came of it.
func (a *attack) count(reaction string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.attempts++
	a.reactions[reaction]++
}

func (a *attack) note(text string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.notes = append(a.notes, text)
}

// hold keeps a connection open until the control group has been watched.
func (a *attack) hold(c *client) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.held = append(a.held, c)
}

func (a *attack) release() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range a.held {
		_ = c.Close()
	}
	a.held = nil
}

// abreast is how many attempts run at once.
const abreast = 8

// each makes n attempts, each on a connection and with chance of its own, and counts what f makes of it.
func (a *attack) each(ctx context.Context, n int, f func(ctx context.Context, c *client, rng *rand.Rand) string) {
	var group errgroup.Group
	group.SetLimit(abreast)
	for i := range n {
		rng := rand.New(rand.NewPCG(a.seed, a.stream<<32|uint64(i)+1))
		group.Go(func() error {
			if ctx.Err() != nil {
				return nil
			}
			c, err := a.dial(ctx)
			if err != nil {
				a.count(refuses)
				return nil
			}
			defer c.end()
			a.count(f(ctx, c, rng))
			return nil
		})
	}
	_ = group.Wait() // what failed has been counted
}

// probeLimit is how long a reaction is waited for; afterthought is how much later than the answer to the next message it may come.
const (
	probeLimit   = 2 * time.Second
	afterthought = 100 * time.Millisecond
)

// reaction is what has come since the last message. After it goes a scrape that every tracker answers, so that silence shows without
// much waiting. Trackers handle a connection's messages in order, or nearly: bittorrent-tracker makes a new swarm a moment later.
func (a *attack) reaction(c *client, rng *rand.Rand) string {
	if c.say(encode(scrapeOf(randomID(rng)))) != nil {
		return closes
	}
	seen, answered := silent, false
	for deadline := time.Now().Add(probeLimit); ; {
		text, err := c.hear(time.Until(deadline))
		switch {
		case err == nil:
		case gaveNoSign(err) && seen == silent && !answered:
			return deaf
		case gaveNoSign(err):
			return seen
		default:
			return closes
		}
		switch m, k := parse(text); k {
		case isScrape:
			if seen != silent {
				return seen
			}
			answered, deadline = true, time.Now().Add(afterthought)
		case isFailure:
			seen = saysError
			a.quote(*m.Failure)
		case isResponse:
			if seen == silent {
				seen = accepts
			}
		default: // it relays something
		}
		if answered && seen != silent {
			return seen
		}
	}
}

// quote keeps one of the tracker's messages.
func (a *attack) quote(text string) {
	const enough = 120
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.said == "" {
		if len(text) > enough {
			text = text[:enough] + "..."
		}
		a.said = text
	}
}

// joined is a client that is in a swarm and has heard so.
func (a *attack) joined(ctx context.Context, infoHash, peer string) (*client, error) {
	c, err := a.dial(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.say(announce(infoHash, peer, "started", nil)); err == nil {
		for {
			text, err := c.hear(probeLimit)
			if err != nil {
				_ = c.Close()
				return nil, err
			}
			if kindOf(text) == isResponse {
				return c, nil
			}
		}
	}
	_ = c.Close()
	return nil, io.ErrUnexpectedEOF
}
