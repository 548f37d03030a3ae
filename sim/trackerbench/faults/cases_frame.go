package faults

import (
	"context"
	"math/rand/v2"
	"strings"

	"github.com/gobwas/ws"
)

var frameFaults = []fault{
	{"fragments", "an announce in frames of one byte each, and one whose bytes come one by one", fragments},
	{"oversize", "messages of 20 KB to 2 MB, and frames that say they are longer than anything", oversize},
	{"bad-frames", "frames that RFC 6455 forbids: unmasked, reserved bits and opcodes, broken control frames and fragments", badFrames},
	{"bad-utf8", "text frames with bytes that are not UTF-8", badUTF8},
}

func plainAnnounce(rng *rand.Rand) []byte {
	return announce(randomID(rng), randomID(rng), "started", []any{offer(randomID(rng), "v=0\r\n")})
}

func fragments(ctx context.Context, a *attack) {
	a.each(ctx, max(2, a.options.Attempts/10), func(_ context.Context, c *client, rng *rand.Rand) string {
		text := plainAnnounce(rng)
		if rng.IntN(2) == 0 {
			for _, b := range frame(ws.OpText, true, text) {
				if c.raw([]byte{b}) != nil {
					return closes
				}
			}
			return a.reaction(c, rng)
		}
		var all []byte
		for i := range text {
			op := ws.OpContinuation
			if i == 0 {
				op = ws.OpText
			}
			all = append(all, frame(op, i == len(text)-1, text[i:i+1])...)
		}
		if c.raw(all) != nil {
			return closes
		}
		return a.reaction(c, rng)
	})
}

func oversize(ctx context.Context, a *attack) {
	sizes := []int{20_000, 66_000, 300_000, 2_000_000}
	a.each(ctx, a.options.Attempts/2, func(_ context.Context, c *client, rng *rand.Rand) string {
		size := sizes[rng.IntN(len(sizes))]
		big := offer(randomID(rng), strings.Repeat("x", size))
		if c.say(announce(randomID(rng), randomID(rng), "started", []any{big})) != nil {
			return closes
		}
		return a.reaction(c, rng)
	})
	a.each(ctx, a.options.Attempts-a.options.Attempts/2, func(_ context.Context, c *client, rng *rand.Rand) string {
		h := ws.Header{Fin: true, OpCode: ws.OpText, Masked: true, Length: 1 << (20 + rng.IntN(43))}
		if c.raw(headed(h, plainAnnounce(rng))) != nil {
			return closes
		}
		if _, err := c.hear(a.options.Watch / 4); gaveNoSign(err) {
			return "waits"
		}
		return closes
	})
}

// badFrames breaks one rule each.
func badFrames(ctx context.Context, a *attack) {
	breaches := []func(rng *rand.Rand, text []byte) []byte{
		func(_ *rand.Rand, text []byte) []byte {
			return headed(ws.Header{Fin: true, OpCode: ws.OpText, Length: int64(len(text))}, text)
		},
		func(rng *rand.Rand, text []byte) []byte {
			return headed(ws.Header{Fin: true, Rsv: byte(1 + rng.IntN(7)), OpCode: ws.OpText, Masked: true, Length: int64(len(text))}, text)
		},
		func(rng *rand.Rand, text []byte) []byte {
			reserved := []ws.OpCode{3, 4, 5, 6, 7, 11, 12, 13, 14, 15}
			return frame(reserved[rng.IntN(len(reserved))], true, text)
		},
		func(rng *rand.Rand, _ []byte) []byte { // control frames: at most 125 bytes, and whole
			control := []ws.OpCode{ws.OpPing, ws.OpPong, ws.OpClose}
			return frame(control[rng.IntN(3)], rng.IntN(2) == 0, make([]byte, 126+rng.IntN(1000)))
		},
		func(_ *rand.Rand, text []byte) []byte { return frame(ws.OpContinuation, true, text) },
		func(_ *rand.Rand, text []byte) []byte {
			return append(frame(ws.OpText, false, text[:len(text)/2]), frame(ws.OpText, true, text[len(text)/2:])...)
		},
		func(rng *rand.Rand, _ []byte) []byte { return frame(ws.OpClose, true, []byte{byte(rng.IntN(256))}) },
	}
	a.each(ctx, a.options.Attempts, func(_ context.Context, c *client, rng *rand.Rand) string {
		if c.raw(breaches[rng.IntN(len(breaches))](rng, plainAnnounce(rng))) != nil {
			return closes
		}
		return a.reaction(c, rng)
	})
}

// badUTF8 puts bytes into a string that no UTF-8 has, or has not there.
func badUTF8(ctx context.Context, a *attack) {
	bad := []string{"\xff", "\xc0\xaf", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80"}
	a.each(ctx, a.options.Attempts, func(_ context.Context, c *client, rng *rand.Rand) string {
		text := string(plainAnnounce(rng))
		quotes := quotesIn(text)
		at := quotes[rng.IntN(len(quotes))]
		if c.say([]byte(text[:at+1]+bad[rng.IntN(len(bad))]+text[at+1:])) != nil {
			return closes
		}
		return a.reaction(c, rng)
	})
}

// quotesIn are the places where a string of a document begins or ends.
func quotesIn(text string) (at []int) {
	for i := range len(text) {
		if text[i] == '"' {
			at = append(at, i)
		}
	}
	return at
}
