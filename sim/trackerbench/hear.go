package trackerbench

import (
	"bytes"
	"encoding/json"
	"time"

	"swarmlab/sim/trackerbench/load"
	"swarmlab/sim/trackerbench/meter"
	"swarmlab/sim/trackerbench/socket"
	"swarmlab/sim/trackerbench/wire"
)

// Message implements socket.Events.
func (r *round) Message(slot int, at time.Duration, text []byte) {
	r.series.Advance(at, r.open)
	s := r.sessions[slot]
	m, ok := wire.Scan(text)
	switch {
	case !ok:
		r.delivery.Unreadable++
	case m.Kind == wire.OfferRelay:
		r.offer(s, int32(slot), at, &m)
	case m.Kind == wire.AnswerRelay:
		r.answered(s, at, &m)
	case m.Kind == wire.Response:
		r.responded(s, at, &m)
	case m.Kind == wire.ScrapeResponse:
		r.scraped(int32(slot), at, &m)
	case m.Kind == wire.Failure:
		r.failed(s, at, &m)
	default:
		r.delivery.Unreadable++
	}
}

// memberOf is the session's member of the swarm with that info hash; -1 if there is none.
func (r *round) memberOf(s *session, infoHash []byte) int {
	swarm, ok := wire.ParseInfoHash(infoHash)
	if !ok || swarm >= len(r.hashes) || !bytes.Equal(r.hashes[swarm], infoHash) {
		return -1
	}
	for i := range s.members {
		if int(s.members[i].swarm) == swarm {
			return i
		}
	}
	return -1
}

func (r *round) responded(s *session, at time.Duration, m *wire.Message) {
	r.series.Now.Responses++
	which := r.memberOf(s, m.InfoHash)
	if which < 0 {
		r.responses.Unowed++
		return
	}
	mine := &s.members[which]
	mine.owed.Response(&r.responses, at, false)
	r.makeSure(mine, at)
	if said, ok := m.Members(); ok && s.state == present && at >= r.start && r.phase != PhaseEnded {
		r.truth.Announced(at, int(mine.swarm), said, r.profile.SwarmCapacity)
	}
}

// makeSure notes that the tracker knows a member.
func (r *round) makeSure(m *member, at time.Duration) {
	if m.standing == joining {
		m.standing = sure
		r.truth.Sure(at, int(m.swarm))
	}
}

func (r *round) failed(s *session, at time.Duration, m *wire.Message) {
	r.delivery.Failures++
	const enough = 120 // bytes
	count(r.delivery.FailureTexts, string(m.FailureText[:min(enough, len(m.FailureText))]))
	if which := r.memberOf(s, m.InfoHash); which >= 0 {
		s.members[which].owed.Response(&r.responses, at, true)
	}
}

func (r *round) offer(s *session, slot int32, at time.Duration, m *wire.Message) {
	tag, ours := wire.ParseOfferTag(m.OfferID)
	if !ours || tag.Due > at {
		r.delivery.Unreadable++
		return
	}
	which := r.memberOf(s, m.InfoHash)
	sender, known := r.names.ParsePeer(m.PeerID)
	from, number, remembered := r.ledger.From(tag)
	if which < 0 || !known || int(sender.Slot) >= len(r.sessions) || sender.Slot == uint32(slot) || remembered && !r.isMember(sender, from) {
		if r.inWindow(tag.Due) {
			r.ledger.Offers.Misdirected++
		}
		return
	}
	mine := &s.members[which]
	gone := s.state == departed
	arrival := meter.Arrival{
		At: at, Measured: r.inWindow(tag.Due), Departed: gone, Ghost: gone && tag.Due > s.since, Edge: meter.NoEdge,
	}
	if remembered {
		arrival.Edge = r.edge(from, mine.serial, number, at)
	}
	_, duplicate := r.ledger.Offer(tag, arrival)
	r.series.Offer(at - tag.Due)
	if arrival.Measured && !r.sameOffer(tag, m.Description) {
		r.ledger.Offers.Altered++
	}
	switch {
	case arrival.Ghost:
		mine.ghost = at
	case !gone && !duplicate:
		r.makeSure(mine, at)
		r.consider(s, slot, uint8(which), tag, m, at) // at most MostPerSocket
	}
}

// isMember tells whether a peer id is of the member with that serial. Of a viewer whose slot has been taken by another since, it cannot be
// told, and is believed.
func (r *round) isMember(p wire.Peer, serial uint32) bool {
	s := r.sessions[p.Slot]
	if s.generation&(1<<18-1) != p.Generation || s.state == unused {
		return true
	}
	return int(p.Member) < len(s.members) && s.members[p.Member].serial == serial
}

// edge keeps an offer delivered, while there is room.
func (r *round) edge(from, to, announce uint32, at time.Duration) uint32 {
	if len(r.graph.Edges) >= r.options.MaxEdges {
		r.graph.Truncated = true
		return meter.NoEdge
	}
	r.graph.Edges = append(r.graph.Edges, Edge{From: from, To: to, Announce: announce, AtMs: uint32(at.Milliseconds())})
	return uint32(len(r.graph.Edges) - 1)
}

// replyAfter is the least time that an answer takes. No browser is as fast; and what has arrived may be read that much later without making
// an answer late.
const replyAfter = socket.Gather

// answerTick is what answers are due at multiples of: those to all offers that have arrived within one are due together, at the moment
// when the network is asked again what has arrived.
const answerTick = socket.Gather

// consider decides whether and when to answer an offer.
func (r *round) consider(s *session, slot int32, which uint8, tag wire.OfferTag, m *wire.Message, at time.Duration) {
	if r.load.Answer == 0 || r.load.Answer < 1 && r.rng.Float64() >= r.load.Answer {
		return
	}
	t := &thought{tag: tag, member: which}
	copy(t.offerID[:], m.OfferID)
	copy(t.to[:], m.PeerID)
	const longest = 10 // times the mean
	wait := replyAfter
	if r.load.Think > 0 {
		wait += time.Duration(min(r.rng.ExpFloat64(), longest) * float64(r.load.Think))
	}
	r.later.Add(load.AtTick(at+wait, answerTick), later{slot: slot, generation: s.generation, what: laterAnswer, answer: t})
}

func (r *round) answered(s *session, at time.Duration, m *wire.Message) {
	r.series.Now.Answers++
	tag, ours := wire.ParseOfferTag(m.OfferID)
	if !ours || tag.Due > at {
		r.delivery.Unreadable++
		return
	}
	which := r.memberOf(s, m.InfoHash)
	from, _, remembered := r.ledger.From(tag)
	if _, known := r.names.ParsePeer(m.PeerID); !known || which < 0 || remembered && s.members[which].serial != from {
		if r.inWindow(tag.Due) {
			r.ledger.Answers.Misdirected++
		}
		return
	}
	due, same := r.sameAnswer(m.Description)
	if !same && r.inWindow(tag.Due) {
		r.ledger.Answers.Altered++
	}
	if due > at {
		due = -1 // a description from elsewhere
	}
	edge, ok := r.ledger.Answer(tag, meter.Arrival{At: at, Measured: r.inWindow(tag.Due), Departed: s.state == departed}, due)
	if ok {
		r.graph.Edges[edge].Established = true
	}
}

// sameOffer tells whether the description that arrived is the one that was sent.
func (r *round) sameOffer(tag wire.OfferTag, description []byte) bool {
	r.check = r.descriptions.AppendOffer(r.check[:0], offerStamp(tag))
	return wire.SameDescription(r.check, description)
}

// sameAnswer is sameOffer for an answer, whose description says when it was due; negative if it does not.
func (r *round) sameAnswer(description []byte) (due time.Duration, same bool) {
	stamp, ok := load.StampOf(description)
	if !ok { // a tracker may escape in another way than we
		var text string
		if json.Unmarshal(append(append([]byte{'"'}, description...), '"'), &text) != nil {
			return -1, false
		}
		ours, err := json.Marshal(text)
		if err != nil {
			return -1, false
		}
		description = ours[1 : len(ours)-1]
		if stamp, ok = load.StampOf(description); !ok {
			return -1, false
		}
	}
	r.check = r.descriptions.AppendAnswer(r.check[:0], stamp)
	return time.Duration(stamp) * time.Microsecond, wire.SameDescription(r.check, description)
}

func (r *round) scraped(slot int32, at time.Duration, m *wire.Message) {
	hash, ok := wire.ScrapedSwarm(m.Files)
	swarm, named := wire.ParseInfoHash(hash)
	if !ok || !named || swarm >= len(r.hashes) {
		r.delivery.Unreadable++ // it stays unanswered
		return
	}
	key := scrapeKey{slot, int32(swarm)}
	dues := r.scrapes[key]
	if len(dues) == 0 {
		r.delivery.Unreadable++
		return
	}
	if r.scrapes[key] = dues[1:]; len(dues) == 1 {
		delete(r.scrapes, key)
	}
	r.scrape.Record(at - dues[0])
	if said, ok := wire.ScrapeCounts(m.Files, hash); ok {
		r.truth.Scraped(at, swarm, said, r.profile.SwarmCapacity)
	}
}
