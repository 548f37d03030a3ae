package flow

import (
	"time"

	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

// fetch is one HTTP GET: a p2pml.Fetch.
type fetch struct {
	v       *viewer
	request p2pml.FetchRequest
	number  uint64 // of the viewer's requests
	handler p2pml.FetchHandler
	over    bool
	waiting bool // the origin has the request and thinks
	answer  answer
	sent    int64 // bytes of the body that have left the origin
	asked   int64 // and are leaving it
	flow    flow
	lag     time.Duration // what the first packet waited for those of others
	arrives time.Duration
}

func newFetch(v *viewer, r p2pml.FetchRequest, h p2pml.FetchHandler) *fetch {
	w := v.world
	v.asked++
	f := &fetch{v: v, request: r, handler: h, number: v.asked}
	v.fetches[f] = struct{}{}
	f.after(v.originOpen()-w.clock.now+v.out(&w.origin.place), requestArrives, webtorrent.Message{})
	return f
}

// arrived: the request has reached the origin.
func (f *fetch) arrived() {
	if f.over {
		return
	}
	o := &f.v.world.origin
	f.waiting = true
	f.hear()
	if o.think == 0 {
		f.answered()
		return
	}
	f.after(o.think, answerBegins, webtorrent.Message{})
}

// answered: the origin begins to answer.
func (f *fetch) answered() {
	w := f.v.world
	if f.over {
		return
	}
	f.waiting = false
	if w.origin.errorRate > 0 && f.v.chanceOf(f.number).Float64() < w.origin.errorRate {
		f.answer = w.origin.errorTo(f.request)
	} else {
		f.answer = w.origin.answerTo(f.request)
	}
	w.fluid.init(&f.flow, &w.origin.up, &f.v.down, f.v.httpWindow(), f)
	f.flow.back[0] = &f.v.up
	f.lag = w.queue(&w.origin.up) + w.queue(&f.v.down)
	f.after(f.back(), headersArrive, webtorrent.Message{})
	f.nextBlock()
}

// nextBlock sends the next part of the body, if there is one.
func (f *fetch) nextBlock() {
	if left := f.answer.body.Size - int(f.sent); left > 0 {
		f.asked = int64(min(left, f.block()))
		f.flow.follows = int64(left) - f.asked
		f.flow.send(f.asked)
		return
	}
	f.after(f.back(), answerEnds, webtorrent.Message{})
}

// blockTime is how long a block gathers at most before the player is told of it. A browser tells its page of what has arrived, however
// little it is; nothing is told of a block of 64 KiB that takes a third of a second to arrive on a slow line, where an estimate of
// bandwidth would take it for one of an instant. Shorter times cost events. But no block is less than a hundredth of the body: where a
// crowd waits for an origin that is full, a segment comes in a minute, and to tell of each packet was most of such a run's cost.
const (
	blockTime  = 20 * time.Millisecond
	mostBlocks = 100
)

// block is how much of the body is to be told next: what arrives within blockTime, at least a packet. The first one is a packet,
// since nobody knows its rate yet.
func (f *fetch) block() int {
	w := f.v.world
	if !w.rampUp {
		return w.httpChunk
	}
	if f.flow.rate == 0 {
		return packet
	}
	arrives := int(float64(f.flow.rate * blockTime.Seconds()))
	return min(w.httpChunk, max(packet, f.answer.body.Size/mostBlocks, arrives))
}

// through implements sender: a block is.
func (f *fetch) through() {
	w := f.v.world
	from := int(f.sent)
	f.sent += f.asked
	w.origin.served(&f.answer, f.asked)
	block := f.answer.body.Slice(from, int(f.sent))
	if int(f.sent) == f.answer.body.Size {
		f.after(f.back(), lastBlockArrives, block)
		return
	}
	f.after(f.back(), blockArrives, block)
	f.nextBlock()
}

func (f *fetch) onward() {}
func (f *fetch) idle()   {}

// back is the way from the origin. Nothing overtakes what went before.
func (f *fetch) back() time.Duration {
	w := f.v.world
	way := w.delay(&w.origin.place, &f.v.place) + f.v.late.down.delay(w.clock.now)
	way += f.lag + f.flow.window.resent(w.clock.now)
	f.arrives = max(f.arrives, w.clock.now+way)
	return f.arrives - w.clock.now
}

// hear lets the connection take a sample of the round trip: every packet there and back is one.
func (f *fetch) hear() {
	if w := f.v.httpWindow(); w != nil {
		w.trips.hear()
	}
}

// Cancel ends the request; the viewer hears no more of it.
func (f *fetch) Cancel() {
	if f.over {
		return
	}
	w := f.v.world
	if f.waiting {
		w.origin.abandoned(f.request)
	}
	if f.flow.active {
		left := f.flow.stop()
		w.origin.served(&f.answer, f.asked-left)
	}
	f.end()
}

func (f *fetch) end() {
	f.over = true
	delete(f.v.fetches, f)
}
