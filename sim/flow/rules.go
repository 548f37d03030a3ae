package flow

import "time"

// rules are what transports differ in.
type rules struct {
	segment, initial, most float64 // bytes
	growth                 float64 // bytes that a window grows by in a round trip after slow start
	keep                   float64 // of the window after a loss
	least                  float64 // segments that are kept then
	// slow and steady are how much faster than window / round trip packets may leave in slow start and after it; 0: as fast as the link
	// takes them.
	slow, steady float64
	// hystart leaves slow start where a round trip is longer than the shortest by an eighth of it, at least 4 and at most 16 ms: Ha
	// and Rhee, Taming the elephants (Computer Networks 55(9), 2011). A line with jitter does so soon.
	hystart bool
	// probe is how many round trips go by until a packet is there after all that was lost with fewer than three to follow, which would
	// have told of it: a probe is sent after two (RFC 8985), and the window stays as it was unless the timer is before it
	// (window.tooSlow). 0: quic-go's probe is as good as others.
	probe int
	// whole: a packet waits until the window has room for all of it, and two are acknowledged at a time.
	whole bool
	// again: recovery is over as soon as what was lost is there, and not when all is that had been sent by the time it was missed.
	// So another packet lost of the same window is missed, and answered, once more, if more than half a window lies between the
	// two: until that is acknowledged nothing new is sent, what was lost is there at once, and no three acknowledgements miss
	// the second. And the acknowledgement that ends recovery finds a window that is its threshold, which counts as slow start,
	// and gives it a segment.
	again bool
	// timer is how long after the last acknowledgement that moved on a sender takes all that it has not heard of for lost, at
	// least. 0: that is no worse than what it does anyway.
	timer time.Duration
	// spent: in slow start the window grows by the acknowledgements that come while more than half of it is in flight, even if nothing
	// more is to be sent. Pion's SCTP wants something to be waiting.
	spent bool
}

var (
	// sctpRules are those of Pion's SCTP, which are RFC 9260's (7.2); it receives at most 1 MiB ahead.
	// Its first window of 4380 bytes has room for three packets, which with the command before them are an even number: receivers acknowledge two
	// at a time, and an odd one after 200 ms.
	sctpRules = rules{
		segment: 1163, initial: 3 * 1163, most: 1 << 20, growth: 1200, keep: 0.5, least: 4, probe: 3, whole: true, again: true,
		timer: time.Second,
	}
	// quicRules are those of quic-go, which are TCP Reno's but for RFC 9002's larger beginning and CUBIC's gentler answer to loss.
	quicRules = rules{
		segment: 1240, initial: 32 * 1280, most: 6 << 20, growth: 1240, keep: 0.7, least: 2, slow: 2, steady: 1.25, hystart: true, spent: true,
	}
)
