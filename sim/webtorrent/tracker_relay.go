package webtorrent

import (
	"fmt"
	"strconv"
	"time"
)

// announce joins, refreshes or leaves, answers with a response, and relays the offers.
func (t *Tracker) announce(now time.Duration, conn ConnID, req *request) string {
	t.counters.OffersIn += int64(len(req.offers))
	if req.event == eventStopped {
		t.leave(conn, req)
		if !t.cfg.SilentStop {
			t.respond(conn, req.infoHash)
		}
		return ""
	}
	m, failure := t.join(now, conn, req.infoHash, req.peerID)
	if m == nil {
		return failure
	}
	// Who completed stays complete, whatever it says is left later; the library never says what is left.
	m.swarm.setSeeder(m, req.seeder || req.event == eventCompleted || m.seeder && req.event != eventStarted)
	if t.cfg.OffersFirst {
		t.relayOffers(m, req)
	}
	t.respond(conn, req.infoHash)
	if !t.cfg.OffersFirst {
		t.relayOffers(m, req)
	}
	return ""
}

// leave removes a peer, if it came over this connection: nobody stops another.
func (t *Tracker) leave(conn ConnID, req *request) {
	s := t.swarms[req.infoHash]
	if s == nil {
		return
	}
	if m := s.byID[req.peerID]; m != nil && m.conn.id == conn {
		t.remove(m)
	}
}

func (t *Tracker) respond(conn ConnID, infoHash ID) {
	t.counters.Announces++
	t.send(conn, t.appendResponse(t.room(responseSize), infoHash))
}

// responseSize is an upper guess.
const responseSize = 200

// relayOffers sends every offer to another peer, as many as there are peers, offers wanted and offers allowed.
func (t *Tracker) relayOffers(m *member, req *request) {
	s := m.swarm
	want := min(len(req.offers), t.cfg.MaxOffers, len(s.members)-1)
	switch {
	case req.numWant >= 0:
		want = min(want, req.numWant)
	case t.cfg.NeedsNumWant:
		want = 0
	}
	if want <= 0 {
		return
	}
	t.picked = t.choose(t.rng, len(s.members), m.inSwarm, want, t.picked[:0])
	for i, place := range t.picked {
		t.send(s.members[place].conn.id, t.relay("offer", req, req.offers[i].sdp, req.offers[i].id))
		t.counters.OffersRelayed++
	}
}

// relayAnswer takes an answer back to who offered. That the receiver is gone is ordinary churn and no fault of the sender's:
// nothing is said (wt-tracker closes the sender's connection).
//
// The sender need not have announced; but a peer id in use on another connection is not his to answer for.
func (t *Tracker) relayAnswer(now time.Duration, conn ConnID, req *request) string {
	t.counters.AnswersIn++
	s := t.swarms[req.infoHash]
	if s == nil {
		return t.goneTarget(conn, req)
	}
	if sender := s.byID[req.peerID]; sender != nil {
		if sender.conn.id != conn && t.cfg.Reconnect == Moves {
			return "peer_id is in use on another connection"
		}
		t.touch(sender, now)
	}
	receiver := s.byID[req.toPeerID]
	if receiver == nil {
		return t.goneTarget(conn, req)
	}
	t.send(receiver.conn.id, t.relay("answer", req, req.answer, req.offerID))
	t.counters.AnswersRelayed++
	t.replyToAnswer(conn, req)
	return ""
}

func (t *Tracker) goneTarget(conn ConnID, req *request) string {
	if t.cfg.CloseOnGoneTarget {
		return "nobody in this swarm has this to_peer_id"
	}
	t.replyToAnswer(conn, req)
	return ""
}

func (t *Tracker) replyToAnswer(conn ConnID, req *request) {
	if t.cfg.ReplyToAnswer {
		t.send(conn, t.appendResponse(t.room(responseSize), req.infoHash)) // it is no announce
	}
}

// scrape answers with the counts of one swarm, of those listed, or of all in the order in which they began.
func (t *Tracker) scrape(conn ConnID, req *request) string {
	var hashes []ID
	switch {
	case req.scrapeAll && len(t.order) > t.cfg.MaxScrape:
		return fmt.Sprintf("a full scrape would list %d swarms, more than %d", len(t.order), t.cfg.MaxScrape)
	case req.scrapeAll:
		for _, s := range t.order {
			hashes = append(hashes, s.infoHash)
		}
	case req.scrape != nil:
		var failure string
		if hashes, failure = t.scrapeList(req.scrape); failure != "" {
			return failure
		}
	default:
		hashes = append(hashes, req.infoHash)
	}
	t.counters.Scrapes++
	t.send(conn, t.appendScrape(nil, hashes))
	return ""
}

func (t *Tracker) scrapeList(list []byte) (hashes []ID, failure string) {
	eachElement(list, func(value []byte) {
		id, ok := parseIDToken(value)
		switch {
		case failure != "":
		case !ok:
			failure = "every info_hash must be 20 characters up to U+00FF"
		case len(hashes) == t.cfg.MaxScrape:
			failure = fmt.Sprintf("more than %d info hashes", t.cfg.MaxScrape)
		default:
			hashes = append(hashes, id)
		}
	})
	return hashes, failure
}

func (t *Tracker) appendResponse(dst []byte, infoHash ID) []byte {
	s := t.swarms[infoHash]
	dst = append(dst, `{"action":"announce","interval":`...)
	dst = strconv.AppendFloat(dst, t.cfg.Interval.Seconds(), 'f', -1, 64)
	dst = append(dst, `,"info_hash":`...)
	dst = infoHash.AppendJSON(dst)
	return append(appendCounts(dst, s), '}')
}

func appendCounts(dst []byte, s *swarm) []byte {
	dst = append(dst, `,"complete":`...)
	dst = strconv.AppendInt(dst, int64(s.complete()), 10)
	dst = append(dst, `,"incomplete":`...)
	return strconv.AppendInt(dst, int64(s.incomplete()), 10)
}

// appendScrape names every hash once, however often it was asked for: keys of an object are unique.
func (t *Tracker) appendScrape(dst []byte, hashes []ID) []byte {
	dst = append(dst, `{"action":"scrape","files":{`...)
	seen := make(map[ID]bool, len(hashes))
	for _, id := range hashes {
		if seen[id] {
			continue
		}
		if len(seen) > 0 {
			dst = append(dst, ',')
		}
		seen[id] = true
		s := t.swarms[id]
		dst = append(id.AppendJSON(dst), `:{"downloaded":`...)
		dst = strconv.AppendInt(dst, int64(s.complete()), 10) // bittorrent-tracker's and wt-tracker's definition
		dst = append(appendCounts(dst, s), '}')
	}
	return append(dst, `}}`...)
}

// relay rebuilds an offer or answer for its receiver: only what is meant for him, and only what was checked.
func (t *Tracker) relay(kind string, req *request, sdp []byte, offerID ID) []byte {
	const fixed = 220 // keys, and three ids with some escapes
	dst := t.room(fixed + len(sdp))
	dst = append(append(append(dst, `{"action":"announce","`...), kind...), `":{"type":"`...)
	dst = append(append(append(dst, kind...), `","sdp":`...), sdp...)
	dst = offerID.AppendJSON(append(dst, `},"offer_id":`...))
	dst = req.peerID.AppendJSON(append(dst, `,"peer_id":`...))
	dst = req.infoHash.AppendJSON(append(dst, `,"info_hash":`...))
	return append(dst, '}')
}

// appendFailure always names an action: clients take a message without one for a broken tracker, drop the socket and stay away
// for minutes.
func appendFailure(dst []byte, req *request, reason string) []byte {
	name := "announce"
	if req.action == actionScrape {
		name = "scrape"
	}
	dst = appendString(append(dst, `{"failure reason":`...), reason)
	dst = appendString(append(dst, `,"action":`...), name)
	if req.hasInfoHash {
		dst = req.infoHash.AppendJSON(append(dst, `,"info_hash":`...))
	}
	return append(dst, '}')
}
