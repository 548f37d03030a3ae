package webtorrent

type action byte

const (
	actionUnknown action = iota
	actionAnnounce
	actionScrape
)

type event byte

const (
	eventUpdate event = iota
	eventStarted
	eventStopped
	eventCompleted
)

// request is a client's message, checked. Descriptions are raw JSON string tokens within the message, to be relayed as they
// are.
type request struct {
	action      action
	infoHash    ID
	hasInfoHash bool
	peerID      ID
	event       event
	seeder      bool // left is 0
	numWant     int  // -1: not said
	offers      []relayedOffer

	answer            []byte
	toPeerID, offerID ID

	scrapeAll bool
	scrape    []byte // raw array
}

type relayedOffer struct {
	id  ID
	sdp []byte
}

// rawRequest is the members of a message before they are looked at.
type rawRequest struct {
	action, infoHash, peerID, toPeerID, offerID []byte
	event, left, numWant, offers, answer        []byte
}

func (r *rawRequest) field(key []byte) *[]byte {
	name, _ := stringBody(key)
	switch string(name) {
	case "action":
		return &r.action
	case "info_hash":
		return &r.infoHash
	case "peer_id":
		return &r.peerID
	case "to_peer_id":
		return &r.toPeerID
	case "offer_id":
		return &r.offerID
	case "event":
		return &r.event
	case "left":
		return &r.left
	case "numwant":
		return &r.numWant
	case "offers":
		return &r.offers
	case "answer":
		return &r.answer
	}
	return nil
}

// parseRequest checks all that can be checked without knowing the swarms. On failure the request still carries the action and
// the info hash, if they were good, for the reply. Offers are appended to offers, which may be nil.
func parseRequest(text []byte, offers []relayedOffer) (request, string) {
	req := request{numWant: -1, offers: offers}
	var raw rawRequest
	isJSON, isObject := parseObject(text, func(key, value []byte) {
		if f := raw.field(key); f != nil {
			*f = value
		}
	})
	switch {
	case !isJSON:
		return req, "message is not JSON in UTF-8"
	case !isObject:
		return req, "message is not a JSON object"
	case isString(raw.action, "announce"):
		req.action = actionAnnounce
	case isString(raw.action, "scrape"):
		req.action = actionScrape
	default:
		return req, "unknown action"
	}
	req.infoHash, req.hasInfoHash = parseIDToken(raw.infoHash)
	if req.action == actionScrape {
		return req, req.checkScrape(&raw)
	}
	return req, req.checkAnnounce(&raw)
}

func (req *request) checkScrape(raw *rawRequest) string {
	switch {
	case req.hasInfoHash:
	case raw.infoHash == nil:
		req.scrapeAll = true
	case raw.infoHash[0] == '[':
		req.scrape = raw.infoHash
	default:
		return "info_hash must be 20 characters up to U+00FF, or a list of such"
	}
	return ""
}

func (req *request) checkAnnounce(raw *rawRequest) string {
	if !req.hasInfoHash {
		return "info_hash must be 20 characters up to U+00FF"
	}
	var ok bool
	if req.peerID, ok = parseIDToken(raw.peerID); !ok {
		return "peer_id must be 20 characters up to U+00FF"
	}
	if !isAbsent(raw.answer) {
		return req.checkAnswer(raw)
	}
	if req.event, ok = parseEvent(raw.event); !ok {
		return "unknown event"
	}
	// null is what a JavaScript client sends for an infinite number of bytes left: not a seeder.
	left, ok := number(raw.left)
	req.seeder = ok && left == 0
	if n, ok := number(raw.numWant); ok && n >= 0 && n <= 1<<31 {
		req.numWant = int(n)
	}
	if isAbsent(raw.offers) {
		return ""
	}
	return req.checkOffers(raw.offers)
}

func parseEvent(token []byte) (event, bool) {
	switch {
	case isAbsent(token), isString(token, ""), isString(token, "empty"), isString(token, "update"), isString(token, "paused"):
		return eventUpdate, true
	case isString(token, "started"):
		return eventStarted, true
	case isString(token, "stopped"):
		return eventStopped, true
	case isString(token, "completed"):
		return eventCompleted, true
	}
	return 0, false
}

func (req *request) checkAnswer(raw *rawRequest) string {
	var ok bool
	if req.toPeerID, ok = parseIDToken(raw.toPeerID); !ok {
		return "to_peer_id must be 20 characters up to U+00FF"
	}
	if req.offerID, ok = parseIDToken(raw.offerID); !ok {
		return "offer_id must be 20 characters up to U+00FF"
	}
	if req.answer = descriptionToken(raw.answer); req.answer == nil {
		return "answer must be an object with an sdp"
	}
	return ""
}

// checkOffers refuses the whole announce if one offer is bad: a client that sends half of them wrong wants to know.
func (req *request) checkOffers(list []byte) string {
	good := true
	isList := eachElement(list, func(value []byte) {
		o, ok := parseOffer(value)
		good = good && ok
		req.offers = append(req.offers, o)
	})
	if !isList {
		return "offers must be a list"
	}
	if !good {
		return "every offer must be {offer: {type, sdp}, offer_id: 20 characters up to U+00FF}"
	}
	return ""
}

func parseOffer(value []byte) (relayedOffer, bool) {
	var o relayedOffer
	var id []byte
	eachMember(value, func(key, v []byte) {
		switch {
		case isString(key, "offer"):
			o.sdp = descriptionToken(v)
		case isString(key, "offer_id"):
			id = v
		}
	})
	var ok bool
	o.id, ok = parseIDToken(id)
	return o, ok && o.sdp != nil
}

// descriptionToken is the raw sdp string of a session description. Its type is not looked at: the relay says what it is.
func descriptionToken(description []byte) []byte {
	var sdp []byte
	eachMember(description, func(key, value []byte) {
		if isString(key, "sdp") {
			sdp = value
		}
	})
	if _, ok := stringBody(sdp); !ok {
		return nil
	}
	return sdp
}
