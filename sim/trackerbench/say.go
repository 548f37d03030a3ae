package trackerbench

import (
	"time"

	"swarmlab/sim/trackerbench/load"
	"swarmlab/sim/trackerbench/socket"
	"swarmlab/sim/trackerbench/wire"
)

// announceDue sends an announce, or lets it wait for the connection: the first that waits is what the next one counts as.
func (r *round) announceDue(slot int32, m uint8, due time.Duration) {
	if r.inWindow(due) {
		r.delivery.Announces++
	}
	r.series.Now.AnnouncesDue++
	s := r.sessions[slot]
	if s.state == present {
		r.announce(s, slot, m, due, due)
		return
	}
	if pending := &s.members[m].pending; *pending < 0 {
		*pending = due
	} else if r.inWindow(due) {
		r.delivery.Unsent++
	}
}

// announce sends one. ready is when it could be sent at the earliest: what the generator's lateness counts from.
func (r *round) announce(s *session, slot int32, which uint8, due, ready time.Duration) {
	r.late(ready)
	m := &s.members[which]
	m.pending = nothingPending
	due = due.Truncate(time.Microsecond)
	measured := r.inWindow(due)
	event, others := wire.EventNone, r.truth.Others(int(m.swarm), m.standing == sure)
	if m.standing == outside {
		event, m.standing = wire.EventStarted, joining
		r.truth.Joining(int(m.swarm))
		if measured && due == ready.Truncate(time.Microsecond) { // on arrival: not one of the plan's timers
			r.delivery.Announces++
			r.series.Now.AnnouncesDue++
		}
	}
	offers := max(0, r.load.Offers)
	least, most := r.profile.OffersOwed(offers, others)
	place, _ := r.ledger.Announce(due, m.serial, offers, least, most, measured)
	m.owed.Owe(&r.responses, due, measured)
	r.series.Now.AnnouncesSent++
	r.out = r.appendAnnounce(r.message(), event, m, s.peer(slot, which), due, place, offers)
	r.net.Send(int(slot), r.out) // what the socket refuses, the tracker did not take: it stays owed
}

// message is the buffer with room for a header.
func (r *round) message() []byte {
	var room [socket.HeaderRoom]byte
	return append(r.out[:0], room[:]...)
}

func (r *round) appendAnnounce(dst []byte, event string, m *member, peer wire.Peer, due time.Duration, place uint32, offers int) []byte {
	var id, offerID [20]byte
	dst = wire.AppendAnnounceHead(dst, event, r.hashes[m.swarm], r.names.AppendPeer(id[:0], peer), offers)
	for i := range offers {
		tag := wire.OfferTag{Due: due, Slot: place, Index: uint8(i)} // at most MostOffers
		dst = wire.AppendOfferHead(dst, i)
		dst = r.descriptions.AppendOffer(dst, offerStamp(tag))
		dst = wire.AppendOfferTail(dst, tag.Append(offerID[:0]))
	}
	return wire.AppendAnnounceTail(dst)
}

// offerStamp makes one announce's offers differ, and says which description was sent.
func offerStamp(t wire.OfferTag) load.Stamp {
	const odd = 131 // more than there are offers
	return load.Stamp(uint64(t.Due/time.Microsecond)*odd + uint64(t.Index))
}

// stop says goodbye for one membership.
func (r *round) stop(s *session, slot int32, which int, now time.Duration) {
	m := &s.members[which]
	if r.profile.ReplyToStop {
		m.owed.Owe(&r.responses, now, false)
	}
	var id [20]byte
	r.out = wire.AppendAnnounceHead(r.message(), wire.EventStopped, r.hashes[m.swarm], r.names.AppendPeer(id[:0], s.peer(slot, uint8(which))), 0)
	r.out = wire.AppendAnnounceTail(r.out)
	r.net.Send(int(slot), r.out)
}

// thought is an answer that somebody still thinks about.
type thought struct {
	tag         wire.OfferTag
	member      uint8
	offerID, to [20]byte
}

// answer sends the answer to an offer.
func (r *round) answer(s *session, slot int32, t *thought, due time.Duration) {
	r.late(due)
	m := &s.members[t.member]
	due = due.Truncate(time.Microsecond)
	r.ledger.AnswerSent(r.inWindow(t.tag.Due), r.isPresent(t.to[:]))
	if r.profile.ReplyToAnswer {
		m.owed.Owe(&r.responses, due, false)
	}
	var id [20]byte
	r.out = wire.AppendAnswerHead(r.message(), r.hashes[m.swarm], r.names.AppendPeer(id[:0], s.peer(slot, t.member)), t.to[:])
	r.out = r.descriptions.AppendAnswer(r.out, answerStamp(due))
	r.out = wire.AppendAnswerTail(r.out, t.offerID[:])
	r.net.Send(int(slot), r.out)
}

func answerStamp(due time.Duration) load.Stamp { return load.Stamp(due / time.Microsecond) }

// isPresent tells whether the viewer of a peer id is there.
func (r *round) isPresent(id []byte) bool {
	p, ok := r.names.ParsePeer(id)
	if !ok || int(p.Slot) >= len(r.sessions) {
		return false
	}
	s := r.sessions[p.Slot]
	return s.state == present && s.generation&(1<<18-1) == p.Generation
}

// scrapeDue asks for the numbers of one swarm. A viewer that is not connected cannot.
func (r *round) scrapeDue(slot int32, m uint8, due time.Duration) {
	if slot < 0 || r.sessions[slot].state != present {
		return
	}
	r.late(due)
	swarm := r.sessions[slot].members[m].swarm
	key := scrapeKey{slot, swarm}
	r.scrapes[key] = append(r.scrapes[key], due)
	r.out = wire.AppendScrape(r.message(), r.hashes[swarm])
	r.net.Send(int(slot), r.out)
}
