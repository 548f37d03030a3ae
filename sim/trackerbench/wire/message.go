package wire

// Kind is what a tracker's message is.
type Kind uint8

// The kinds. A failure reason may come with anything else.
const (
	Unknown  Kind = iota
	Response      // to an announce
	OfferRelay
	AnswerRelay
	ScrapeResponse
	Failure
)

// Message is what matters of a tracker's message. The slices are parts of it, or copies if something had to be decoded.
type Message struct {
	Kind                      Kind
	InfoHash, PeerID, OfferID []byte
	// Description is JSON without the quotes, as it came.
	Description []byte
	// Files is the JSON object of a scrape.
	Files []byte
	// FailureText is the failure reason as JSON without the quotes.
	FailureText []byte
	// Complete and Incomplete are -1 if not said.
	Complete, Incomplete int64

	hasInterval, hasOffer, hasAnswer, hasFailure bool
}

// Members is complete and incomplete together; ok is false if one is missing.
func (m *Message) Members() (n int64, ok bool) {
	return m.Complete + m.Incomplete, m.Complete >= 0 && m.Incomplete >= 0
}

// settle tells the kind by what there is, as clients do.
func (m *Message) settle() {
	switch {
	case m.hasFailure:
		m.Kind = Failure
	case m.hasOffer:
		m.Kind = OfferRelay
	case m.hasAnswer:
		m.Kind = AnswerRelay
	case m.Files != nil:
		m.Kind = ScrapeResponse
	case m.hasInterval || m.Complete >= 0:
		m.Kind = Response
	default:
		m.Kind = Unknown
	}
}
