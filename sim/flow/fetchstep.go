package flow

import (
	"time"

	"swarmlab/sim/webtorrent"
)

// fetchEvent is what happens to a fetch by itself.
type fetchEvent uint8

const (
	requestArrives fetchEvent = iota
	answerBegins
	headersArrive
	blockArrives
	lastBlockArrives
	answerEnds
)

// fetchStep is one such thing, to come. A fetch has some ten of them, so they are used again.
type fetchStep struct {
	event
	of   *fetch
	what fetchEvent
	m    webtorrent.Message // the block
}

// after has something happen to the fetch in a while.
func (f *fetch) after(d time.Duration, what fetchEvent, m webtorrent.Message) {
	w := f.v.world
	var s *fetchStep
	if n := len(w.steps); n > 0 {
		s = w.steps[n-1]
		w.steps = w.steps[:n-1]
	} else {
		s = &fetchStep{}
		s.event = newEvent(s)
	}
	s.of, s.what, s.m = f, what, m
	w.clock.set(&s.event, w.clock.now+max(d, 0))
}

// do implements doer.
func (s *fetchStep) do() {
	f, what, m := s.of, s.what, s.m
	s.of, s.m = nil, webtorrent.Message{}
	f.v.world.steps = append(f.v.world.steps, s)
	switch what {
	case requestArrives:
		f.arrived()
		return
	case answerBegins:
		f.answered()
		return
	case headersArrive:
		f.hear()
	case blockArrives, lastBlockArrives, answerEnds:
	}
	if f.over || f.v.gone {
		return
	}
	f.v.read()
	switch what {
	case headersArrive:
		f.handler.FetchHeaders(f.answer.headers)
	case blockArrives, lastBlockArrives:
		f.handler.FetchBody(m)
	case answerEnds:
		f.done()
	case requestArrives, answerBegins: // the origin's, not the viewer's
	}
	f.v.rest()
	if what == lastBlockArrives && !f.over && !f.v.gone { // in a turn of its own, at the same instant
		f.done()
		f.v.rest()
	}
}

func (f *fetch) done() {
	f.end()
	f.handler.FetchDone(nil)
}

// warm implements doer.
func (s *fetchStep) warm(depth int) int {
	f := s.of
	if f == nil {
		return 0
	}
	return f.Warm(depth)
}
