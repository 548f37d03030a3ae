package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"github.com/gobwas/ws"
)

var connectionFaults = []fault{
	{"half-open", "connections that stop in the middle of the handshake, of a frame or of a message, and stay", halfOpen},
	{"reset", "connections reset in the middle of a frame", resetInFrame},
	{"slow-reader", "one viewer stops reading, and another's offers go to it", slowReader},
	{"storm", "everybody comes at once, announces, and goes without a word, three times", storm},
}

// halfOpen leaves connections in every unfinished state, until the control group has been watched.
func halfOpen(ctx context.Context, a *attack) {
	for i := range a.options.Attempts {
		begin := []byte("GET / HTTP/1.1\r\nHost: x\r\nUpgr")
		open := a.unshaken
		if i%3 > 0 {
			whole := frame(ws.OpText, i%3 == 1, announce(randomID(a.rng), randomID(a.rng), "started", nil))
			begin, open = whole[:1+a.rng.IntN(len(whole)-1)], a.dial
		}
		conn, err := open(ctx)
		if err != nil {
			a.count(refuses)
			continue
		}
		_ = conn.raw(begin) // if it is closed already, that shows below
		a.hold(conn)
	}
	_ = sleep(ctx, a.options.Watch/2)
	for _, c := range a.held {
		if _, err := c.hear(time.Millisecond); gaveNoSign(err) {
			a.count("waits")
		} else {
			a.count(closes)
		}
	}
}

// unshaken is a connection without a WebSocket handshake. Of TLS it has not even the beginning.
func (a *attack) unshaken(ctx context.Context) (*client, error) {
	c, err := a.dial(ctx) // where it leads is the dialler's knowledge
	if err != nil {
		return nil, err
	}
	address := c.RemoteAddr()
	_ = c.Close()
	conn, err := (&net.Dialer{}).DialContext(ctx, address.Network(), address.String())
	if err != nil {
		return nil, err
	}
	return newClient(conn), nil
}

func resetInFrame(ctx context.Context, a *attack) {
	a.each(ctx, a.options.Attempts, func(_ context.Context, c *client, rng *rand.Rand) string {
		text := announce(randomID(rng), randomID(rng), "started", []any{offer(randomID(rng), description)})
		whole := frame(ws.OpText, true, text)
		if c.raw(whole[:1+rng.IntN(len(whole)-1)]) != nil || c.reset() != nil {
			return closes
		}
		return "reset"
	})
}

// slowOffer is the size of what is sent to the one that does not read: below the smallest known limit on frames.
const slowOffer = 12_000

// slowReader sends and sends to one that does not read, then looks how much of it was c.
func slowReader(ctx context.Context, a *attack) {
	swarm, victimID := randomID(a.rng), randomID(a.rng)
	victim, err := a.joined(ctx, swarm, victimID)
	if err != nil {
		a.count(refuses)
		return
	}
	defer victim.end()
	sender, err := a.dial(ctx)
	if err != nil {
		a.count(refuses)
		return
	}
	defer sender.end()
	big := strings.Repeat("a=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\n", slowOffer/45)
	senderID, sent, toVictim := randomID(a.rng), 0, true
	for total := int64(0); total < a.options.SlowBytes && toVictim && ctx.Err() == nil; sent++ {
		id := randomID(a.rng)
		text := announce(swarm, senderID, "", []any{offer(id, big)})
		total += int64(len(text))
		others, err := tell(sender, text)
		if err != nil {
			a.note(fmt.Sprintf("who offered was answered no more after %d offers: %v", sent, err))
			break
		}
		toVictim = others > 0 // the tracker has thrown the victim out of the swarm: nobody is left
	}
	if !toVictim {
		a.note(fmt.Sprintf("it was out of the swarm after %d offers", sent))
	}
	got, err := drain(victim)
	if gaveNoSign(err) {
		a.count("kept")
	} else {
		a.count(closes)
	}
	a.note(fmt.Sprintf("then it read on and found %d of %d offers", got, sent))
}

// tell announces, and says how many others the response counts in the swarm.
func tell(c *client, text []byte) (others int, err error) {
	if err := c.say(text); err != nil {
		return 0, err
	}
	for {
		answer, err := c.hear(aliveLimit)
		if err != nil {
			return 0, err
		}
		if m, k := parse(answer); k == isResponse {
			return m.Complete + m.Incomplete - 1, nil
		}
	}
}

// drainLimit is how long the one that did not read reads on.
const drainLimit = 5 * time.Second

// drain counts the offers that are still there.
func drain(c *client) (offers int, err error) {
	for deadline := time.Now().Add(drainLimit); ; {
		text, err := c.hear(min(probeLimit/2, time.Until(deadline)))
		if err != nil {
			return offers, err
		}
		if kindOf(text) == isOffer {
			offers++
		}
	}
}

func storm(ctx context.Context, a *attack) {
	for range 3 {
		swarm := randomID(a.rng)
		a.each(ctx, a.options.Attempts, func(ctx context.Context, c *client, rng *rand.Rand) string {
			if c.say(announce(swarm, randomID(rng), "started", []any{offer(randomID(rng), description)})) != nil {
				return closes
			}
			return a.reaction(c, rng)
		})
	}
}
