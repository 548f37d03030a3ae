package wire

import "strconv"

// Events of an announce.
const (
	EventNone    = ""
	EventStarted = "started"
	EventStopped = "stopped"
)

// AppendAnnounceHead begins an announce, with the members in the order in which bittorrent-tracker 11 writes them in a browser. After it
// come the offers, then AppendAnnounceTail. numwant is said always: wt-tracker needs it.
func AppendAnnounceHead(dst []byte, event string, infoHash, peerID []byte, offers int) []byte {
	dst = append(dst, `{"numwant":`...)
	dst = strconv.AppendInt(dst, int64(offers), 10)
	dst = append(dst, `,"uploaded":0,"downloaded":0`...)
	if event != EventNone {
		dst = append(append(append(dst, `,"event":"`...), event...), '"')
	}
	dst = append(dst, `,"action":"announce"`...)
	dst = appendIdentity(dst, infoHash, peerID)
	return append(dst, `,"offers":[`...)
}

// AppendOfferHead begins the offer that is the i-th of its announce. After it come its description, as JSON without the quotes, and
// AppendOfferTail.
func AppendOfferHead(dst []byte, i int) []byte {
	if i > 0 {
		dst = append(dst, ',')
	}
	return append(dst, `{"offer":{"type":"offer","sdp":"`...)
}

// AppendOfferTail ends an offer with its id.
func AppendOfferTail(dst, offerID []byte) []byte {
	return append(append(append(dst, `"},"offer_id":"`...), offerID...), `"}`...)
}

// AppendAnnounceTail ends an announce.
func AppendAnnounceTail(dst []byte) []byte { return append(dst, `]}`...) }

// AppendAnswerHead begins the answer to an offer of the peer toPeerID. After it come the description, as JSON without the quotes, and
// AppendAnswerTail.
func AppendAnswerHead(dst, infoHash, peerID, toPeerID []byte) []byte {
	dst = append(dst, `{"action":"announce"`...)
	dst = appendIdentity(dst, infoHash, peerID)
	dst = append(append(dst, `,"to_peer_id":"`...), toPeerID...)
	return append(dst, `","answer":{"type":"answer","sdp":"`...)
}

// AppendAnswerTail ends an answer with the id of the offer.
func AppendAnswerTail(dst, offerID []byte) []byte { return AppendOfferTail(dst, offerID) }

// AppendScrape appends the question for one swarm's numbers.
func AppendScrape(dst []byte, infoHash []byte) []byte {
	return append(append(append(dst, `{"action":"scrape","info_hash":"`...), infoHash...), `"}`...)
}

func appendIdentity(dst []byte, infoHash, peerID []byte) []byte {
	dst = append(append(dst, `,"info_hash":"`...), infoHash...)
	return append(append(append(dst, `","peer_id":"`...), peerID...), '"')
}
