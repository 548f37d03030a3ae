package webtorrent

// Habits are what other trackers do differently, where a viewer can notice. The zero value is the embedded tracker's own way. Each
// is named after what it does and not after who does it; Emulate puts them together.
type Habits struct {
	// NeedsNumWant: an announce that does not say by numwant how many offers to pass on has none passed on.
	NeedsNumWant bool
	// OffersFirst: the offers go out before the announcer's response.
	OffersFirst bool
	// ReplyToAnswer: who sends an answer gets a response, as to an announce.
	ReplyToAnswer bool
	// SilentStop: "stopped" gets no response.
	SilentStop bool
	// CloseOnError: whatever is refused costs the sender its connection, instead of a failure reason.
	CloseOnError bool
	// CloseOnGoneTarget: so does an answer to a peer that has left, which is ordinary churn.
	CloseOnGoneTarget bool
	// SwarmCapacity is how many peers a swarm holds: one more pushes out who was not heard of for longest. The one pushed out is not
	// told, is offered to nobody, and comes back with its next announce. 0: no limit.
	SwarmCapacity int
	// Reconnect is what happens to a peer id that announces over another connection than before.
	Reconnect Reconnect
	// ForgetsFirstOnly: a connection that closes takes only the peer id that it announced first with it. The others stay as ghosts
	// until they time out. P2P Media Loader has a peer id for each stream on one socket.
	ForgetsFirstOnly bool
}

// Reconnect is what a tracker does with a peer id that it knows from another connection.
type Reconnect byte

// The ways there are.
const (
	// Moves: the peer is where it spoke last.
	Moves Reconnect = iota
	// StaysBehind: the announce is answered, but offers go on to the old connection, even when it is gone.
	StaysBehind
	// IsIgnored: nothing is said until the old connection is gone.
	IsIgnored
)
