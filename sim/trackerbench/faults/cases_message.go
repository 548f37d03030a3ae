package faults

import (
	"context"
	"math/rand/v2"
	"strings"
)

var messageFaults = []fault{
	{"bad-json", "documents that are cut off, garbled, too deep, or no object", badJSON},
	{"bad-types", "messages with one or two values of the wrong type, anywhere in them", badTypes},
	{"bad-lengths", "ids too short, too long, or of characters beyond U+00FF", badLengths},
	{"bad-events", "events that there are not, and actions", badEvents},
}

// good is one of the messages that trackers know.
func good(rng *rand.Rand) object {
	switch rng.IntN(4) {
	case 0:
		return scrapeOf(randomID(rng))
	case 1:
		return answerOf(randomID(rng), randomID(rng), randomID(rng), randomID(rng))
	}
	var offers []any
	for range 1 + rng.IntN(3) {
		offers = append(offers, offer(randomID(rng), "v=0\r\n"))
	}
	return announceOf(randomID(rng), randomID(rng), "started", offers)
}

// sayEach sends a message of its own in each attempt, to a tracker in which somebody else is in the swarm: much of what trackers do
// with a message they only do then.
func (a *attack) sayEach(ctx context.Context, make func(rng *rand.Rand) (infoHash string, text []byte)) {
	a.each(ctx, a.options.Attempts, func(ctx context.Context, c *client, rng *rand.Rand) string {
		swarm, text := make(rng)
		if swarm != "" {
			if other, err := a.joined(ctx, swarm, randomID(rng)); err == nil {
				defer other.end()
			}
		}
		if c.say(text) != nil {
			return closes
		}
		return a.reaction(c, rng)
	})
}

// hashOf is a message's info hash, if it has one.
func hashOf(o object) string {
	for _, m := range o {
		if m.name == "info_hash" {
			s, _ := m.value.(string)
			return s
		}
	}
	return ""
}

func badJSON(ctx context.Context, a *attack) {
	a.sayEach(ctx, func(rng *rand.Rand) (string, []byte) {
		text := encode(good(rng))
		switch rng.IntN(5) {
		case 0:
			return "", text[:rng.IntN(len(text))]
		case 1:
			text[rng.IntN(len(text))] = byte(' ' + rng.IntN(95))
			return "", text
		case 2:
			depth := 1 + rng.IntN(20_000)
			return "", []byte(strings.Repeat("[", depth) + strings.Repeat("]", rng.IntN(depth)))
		case 3:
			return "", append(text, text...)
		}
		return "", encode(anything(rng, 2))
	})
}

// anything is any value of JSON.
func anything(rng *rand.Rand, depth int) any {
	switch n := rng.IntN(9); {
	case n == 0:
		return nil
	case n == 1:
		return rng.IntN(2) == 0
	case n == 2:
		return rng.IntN(2000) - 1000
	case n == 3:
		return rng.NormFloat64() * 1e300
	case n == 4:
		return ""
	case n == 5:
		return randomID(rng)
	case depth == 0:
		return object{}
	case n == 6:
		return []any{anything(rng, depth-1), anything(rng, depth-1)}
	case n == 7:
		return []any{}
	}
	return object{{"action", anything(rng, depth-1)}, {randomID(rng), anything(rng, depth-1)}}
}

func badTypes(ctx context.Context, a *attack) {
	a.sayEach(ctx, func(rng *rand.Rand) (string, []byte) {
		o := good(rng)
		swarm := hashOf(o)
		var bad any = o
		for range 1 + rng.IntN(2) {
			bad = spoil(bad, rng)
		}
		return swarm, encode(bad)
	})
}

// spoil puts anything into one place of a value, not seldom deep in it.
func spoil(v any, rng *rand.Rand) any {
	switch v := v.(type) {
	case object:
		if len(v) > 0 {
			out := append(object{}, v...)
			at := rng.IntN(len(out))
			if rng.IntN(10) == 0 {
				return append(out[:at], out[at+1:]...)
			}
			out[at].value = spoilOrReplace(out[at].value, rng)
			return out
		}
	case []any:
		if len(v) > 0 {
			out := append([]any{}, v...)
			at := rng.IntN(len(out))
			out[at] = spoilOrReplace(out[at], rng)
			return out
		}
	}
	return anything(rng, 1)
}

func spoilOrReplace(v any, rng *rand.Rand) any {
	switch v.(type) {
	case object, []any:
		if rng.IntN(3) > 0 {
			return spoil(v, rng)
		}
	}
	return anything(rng, 1)
}

func badLengths(ctx context.Context, a *attack) {
	ids := []string{"info_hash", "peer_id", "to_peer_id", "offer_id"}
	a.sayEach(ctx, func(rng *rand.Rand) (string, []byte) {
		o := good(rng)
		swarm := hashOf(o)
		for i, m := range o {
			for _, id := range ids {
				if m.name == id && rng.IntN(2) == 0 {
					o[i].value = badID(rng)
				}
			}
		}
		return swarm, encode(o)
	})
}

func badID(rng *rand.Rand) string {
	switch rng.IntN(4) {
	case 0:
		return randomID(rng)[:rng.IntN(20)]
	case 1:
		return strings.Repeat("x", 21+rng.IntN(1000))
	case 2:
		return randomID(rng)[:19] + string(rune(0x100+rng.IntN(0xd000)))
	}
	return randomID(rng)[:18] + "\U0001f600"
}

func badEvents(ctx context.Context, a *attack) {
	names := []string{"update", "paused", "empty", "STARTED", "start", "started ", "leave", "\x00", "completed,started", "constructor"}
	a.sayEach(ctx, func(rng *rand.Rand) (string, []byte) {
		name := names[rng.IntN(len(names))]
		o := announceOf(randomID(rng), randomID(rng), name, nil)
		if rng.IntN(3) == 0 {
			o = announceOf(randomID(rng), randomID(rng), "started", nil)
			for i := range o {
				if o[i].name == "action" {
					o[i].value = name
				}
			}
		}
		return hashOf(o), encode(o)
	})
}
