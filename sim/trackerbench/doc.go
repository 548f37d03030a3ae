// Package trackerbench answers: how fast, how reliable and how dear is a WebTorrent tracker under a given load?
//
// # The model
//
// The load is open-loop: package load draws in advance, from a seed, when viewers arrive and leave and when each of them is due to
// announce, and nothing that the tracker does or fails to do changes that. Every latency counts from the moment something was due.
// A tracker that stalls for a second thus delays all that was due in that second, and the figures say so; a closed loop would have
// waited with it and seen one slow reply (coordinated omission). By how much the generator itself was late is a histogram of its
// own, and a round in which it was the bottleneck is reported as invalid.
//
// The due time travels inside the offer's id, which all known trackers pass on unchanged: so the delay of an offer, and of the answer
// to it, is known wherever it arrives. Responses carry no id at all; package meter says how they are matched.
//
// What must arrive is known from the ground truth (who is in which swarm) and from the tracker's profile: what does not is lost,
// whether the tracker noticed or not.
//
// # Limits
//
// One process and one core make the load; what that can do is measured along (Generator). The viewers are signalling only: they open no
// peer connections. The clock of both ends is one machine's: a tracker far away is measured with its network.
package trackerbench
