// Package wire answers: how does one say and read WebTorrent signalling a hundred thousand times a second?
//
// Builders append messages to a buffer from parts that are JSON already. [Scan] finds the few members that matter without decoding
// the rest, which is mostly session descriptions; whatever is not as plain as all known trackers write it goes through
// encoding/json.
//
// Ids are made so that they tell what they stand for: an info hash its swarm, a peer id its viewer's place, an offer id when its
// announce was due. So a message is understood without a table to look it up in.
package wire
