package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

var swarmFaults = []fault{
	{"forged-answers", "answers to a viewer that did not offer; \"delivered\": it gets them", forgedAnswers},
	{"duplicate-ids", "a second connection with a viewer's peer id; who gets the next offer: \"moves\" to the second, \"stays\" with the first", duplicateIDs},
}

var processFaults = []fault{
	{restart, "the tracker is started again while everybody is connected", restarted},
}

func forgedAnswers(ctx context.Context, a *attack) {
	a.each(ctx, a.options.Attempts, func(ctx context.Context, c *client, rng *rand.Rand) string {
		swarm, victimID := randomID(rng), randomID(rng)
		victim, err := a.joined(ctx, swarm, victimID)
		if err != nil {
			return refuses
		}
		defer victim.end()
		if c.say(encode(answerOf(swarm, randomID(rng), victimID, randomID(rng)))) != nil {
			return closes
		}
		reaction := a.reaction(c, rng)
		if delivered(victim, isAnswer, probeLimit/4) {
			return "delivered"
		}
		return reaction
	})
}

// delivered waits for a message of a kind.
func delivered(c *client, want kind, limit time.Duration) bool {
	for deadline := time.Now().Add(limit); ; {
		text, err := c.hear(time.Until(deadline))
		if err != nil {
			return false
		}
		if kindOf(text) == want {
			return true
		}
	}
}

// duplicateIDs has two connections be the same viewer, and a third offer to it.
func duplicateIDs(ctx context.Context, a *attack) {
	a.each(ctx, max(1, a.options.Attempts/6), func(ctx context.Context, second *client, rng *rand.Rand) string {
		swarm, id := randomID(rng), randomID(rng)
		first, err := a.joined(ctx, swarm, id)
		if err != nil {
			return refuses
		}
		defer first.end()
		if second.say(announce(swarm, id, "started", nil)) != nil {
			return closes
		}
		if reaction := a.reaction(second, rng); reaction != accepts {
			return reaction
		}
		other, err := a.dial(ctx)
		if err != nil {
			return refuses
		}
		defer other.end()
		if other.say(announce(swarm, randomID(rng), "started", []any{offer(randomID(rng), description)})) != nil {
			return closes
		}
		switch {
		case delivered(second, isOffer, probeLimit/4):
			return "moves"
		case delivered(first, isOffer, probeLimit/4):
			return "stays"
		}
		return "neither"
	})
}

// restarted starts the tracker again. How soon the control group is back is measured afterwards.
func restarted(ctx context.Context, a *attack) {
	at := time.Now()
	if err := a.restart(ctx); err != nil {
		a.note(fmt.Sprintf("it could not be restarted: %v", err))
		return
	}
	a.mu.Lock()
	a.restarted, a.restartedAt = true, at
	a.mu.Unlock()
	a.count("restarted")
}
