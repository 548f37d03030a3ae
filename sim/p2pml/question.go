package p2pml

import "slices"

// question is what tells an answer to a request from others: the library compares nothing else.
type question struct{ segment, request int64 }

// requestIDs is how many there are: the library draws one for each request.
const requestIDs = 1000

// mostGivenUp bounds what is remembered of requests that were given up. The connection is closed after some time-outs, and a peer
// that answers anything later answers nothing earlier, so there are seldom more than two.
const mostGivenUp = 32

// requestID draws the id of a request, and tells if an answer to an earlier one may pass for an answer to this one.
func (p *peer) requestID(r *request) (id int64, mixed bool) {
	core := p.swarm.core
	q := question{r.seg.ExternalID, int64(core.env.Rand().Float64() * requestIDs)}
	if !slices.Contains(p.givenUp, q) {
		return q.request, false
	}
	if core.cfg.Defects.RequestIDRepeats {
		core.ev.OnRequestIDRepeated(RequestIDRepeated{At: core.env.Now(), Segment: &r.seg.Segment, PeerID: p.id})
		return q.request, true
	}
	for slices.Contains(p.givenUp, q) {
		q.request = (q.request + 1) % requestIDs
	}
	return q.request, false
}

// giveUp remembers a request that may still be answered, as its cancel takes a way to the peer.
func (p *peer) giveUp(q question) {
	if len(p.givenUp) >= mostGivenUp {
		p.givenUp = slices.Delete(p.givenUp, 0, 1)
	}
	p.givenUp = append(p.givenUp, q)
}

// answered forgets the requests that were given up before one that is being answered: a peer answers in order. If one of them had
// the same id, whose answer this is cannot be known.
func (p *peer) answered(q question) {
	if !slices.Contains(p.givenUp, q) {
		p.givenUp = nil
	}
}
