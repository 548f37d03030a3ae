// Package meter answers: what did the tracker owe, what came of it, and how late?
//
// The [Ledger] has every announce of the recent past, what of its offers must arrive, and what has. [Owed] matches responses, which carry
// nothing that says what they answer, to announces. [Truth] knows who is in which swarm, [Series] has what happened second by
// second, [Judge] says whether the generator can be believed.
//
// # Responses
//
// A tracker answers what comes over one connection about one swarm in order, so the n-th response is to the n-th announce: exact, as long as
// none is lost. If one is missing it shows only later, by there being fewer responses than announces; from when on cannot be
// seen. Nothing is recorded until the two are level again or the connection ends. Then, if some are missing, they are taken to be those that would have
// had to wait much longer than offers took at that time; what was matched that way is counted as ambiguous.
//
// # Limits
//
// An offer to a viewer that leaves in the same moment may be lost without anybody's fault; with leaving viewers a delivery
// share of a hair below 1 is therefore no proof of a loss.
package meter
